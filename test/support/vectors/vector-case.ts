// What every area's vectors come down to: cases with a title, each of which passes, fails, or is left out for a reason; and how they are
// counted and printed.

/** Thrown while a case is played: it is not followed, with the reason. */
export class NotFollowed extends Error {}

export interface Verdict {
  readonly result: 'passed' | 'failed' | 'skipped'
  /** Of a failure or a skip. */
  readonly reason?: string
}

export interface VectorCase {
  readonly title: string
  /** Never rejects: what goes wrong fails the case. */
  play(): Promise<Verdict>
}

/** @param play resolves with what is wrong, in words; undefined where nothing is */
export async function verdictOf(play: () => Promise<string | undefined>): Promise<Verdict> {
  try {
    const reason = await play()
    return reason === undefined ? { result: 'passed' } : { result: 'failed', reason }
  } catch (error) {
    if (error instanceof NotFollowed) return { result: 'skipped', reason: error.message }
    return { result: 'failed', reason: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}

/** Plays cases one after the other and prints what failed and what was left out; returns whether nothing failed. */
export async function runCases(cases: readonly VectorCase[], print: (line: string) => void): Promise<boolean> {
  const counts = { passed: 0, failed: 0, skipped: 0 }
  for (const { title, play } of cases) {
    const { result, reason } = await play()
    counts[result]++
    if (result !== 'passed') print(`${result} ${title}: ${reason}`)
  }
  print(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
  return counts.failed === 0
}
