// Runs a program of tasks without `dd`, and with a copy of it in which one function after another fails, in as few processes as that
// can be done in: one that a fault has spoilt is replaced.

import { strict as assert } from 'node:assert'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type FakeAgent, startAgent } from '../agent'
import type { PackageSet } from '../npm-packages'
import { createProgramFolder } from '../program-folder'
import { type Finished, runNode } from '../spawn'
import { type Failing, UNFIT } from './fault'
import { FLOOR, SILENT } from './floor'
import { type FaultyTree, makeFaultyTree, type Parser, type Place } from './instrument'
import type { Plan, Round } from './program'

const FAULT = join(__dirname, 'fault.js')
const TIMEOUT_MS = 240_000

/** What must be in the set of packages besides the libraries. */
export const PARSER = { acorn: '8.18.0' }

export interface FaultRun {
  /** What is wrong, in words. */
  readonly wrong: readonly string[]
  /** The functions that have failed. */
  readonly failed: readonly Place[]
  readonly rounds: readonly Round[]
}

interface Wanted {
  readonly tasks: string
  readonly set: PackageSet
  readonly env?: Readonly<Record<string, string>>
  /** The processes at a time, where they do not share a server. Default: 1. */
  readonly parts?: number
  /** Which functions fail. */
  picks(place: Place): boolean
  hows?(place: Place): readonly Failing[]
}

interface Line extends Partial<Round> {
  readonly results?: Record<string, string>
  readonly unhandled?: readonly string[]
  readonly begin?: number
}

export function faultyTree(set: PackageSet): FaultyTree {
  const tree = makeFaultyTree(set.require('acorn') as Parser)
  const names = new Set(tree.places.map(titleOf))
  const floor = Object.values(FLOOR).flatMap((files) =>
    Object.entries(files).flatMap(([file, names]) => names.map((name) => `${file} ${name}`)),
  )
  // One that is gone would let its name be taken by another.
  assert.deepEqual(
    [...floor, ...SILENT].filter((title) => !names.has(title)),
    [],
  )
  return tree
}

export function isFloor({ file, name, isStandIn }: Place): boolean {
  return isStandIn || Object.values(FLOOR).some((files) => files[file]?.includes(name) === true)
}

export function titleOf({ file, name }: Place): string {
  return `${file} ${name}`
}

export async function runFaults(
  tree: FaultyTree,
  { tasks, set, env = {}, parts = 1, picks, hows }: Wanted,
): Promise<FaultRun> {
  const program = { file: join(__dirname, 'program.js'), timeoutMs: TIMEOUT_MS }
  const args = [join(__dirname, `${tasks}-tasks.js`), set.folder]
  const plain = await runNode({ ...program, args, env })
  const [first] = linesOf(plain)
  const expected = first?.results
  assert.ok(plain.code === 0 && expected !== undefined, plain.stderr + plain.stdout)
  assert.deepEqual(first?.unhandled, [])
  assert.deepEqual(
    Object.entries(expected).filter(([, result]) => result === 'it hangs'),
    [],
  )

  const agent = await startAgent()
  const scratch = createProgramFolder()
  const cases = tree.places
    .filter((place) => !isFloor(place) && picks(place))
    .flatMap((place) => (hows?.(place) ?? (['error'] as const)).map((how) => ({ id: place.id, how })))
  const wrong: string[] = []
  const rounds: Round[] = []
  const runPart = async (part: number): Promise<void> => {
    const planFile = join(scratch.path, `plan-${part}.json`)
    for (let skip = 0, isDone = false; !isDone; ) {
      const plan = { folder: tree.folder, places: tree.places, cases, expected, skip, part, parts }
      writeFileSync(planFile, JSON.stringify(plan satisfies Plan))
      const run = await runNode({
        ...program,
        args: [...args, planFile],
        execArgv: ['--require', FAULT, '--require', join(tree.folder, 'src', 'init.js')],
        env: { DD_SERVICE: 'shop', DD_TRACE_AGENT_URL: agent.url, ...EVERYTHING, ...env },
      })
      const lines = linesOf(run)
      assert.deepEqual(lines[0]?.results, expected, run.stderr)
      assert.deepEqual(lines[0]?.unhandled, [])
      rounds.push(...(lines.filter(({ wrong }) => wrong !== undefined) as Round[]))
      const last = lines.findLast(({ begin }) => begin !== undefined)?.begin
      isDone = run.code === 0
      if (run.code !== 0 && run.code !== UNFIT) {
        const { id, how } = cases[last ?? 0] ?? {}
        wrong.push(
          `${titleOf(tree.places[id ?? 0]!)} (${how}): ended with ${run.code ?? run.signal}: ${run.stderr.slice(-800)}`,
        )
        if (last === undefined) isDone = true
      }
      skip = (last ?? 0) + 1
    }
  }
  try {
    await Promise.all(Array.from({ length: parts }, (_, part) => runPart(part)))
    // What the last process has sent may still be on its way from the Agent's thread.
    await agent.waitForSpans(() => missing(rounds, tree, agent).length === 0).catch(() => {})
    wrong.push(...rounds.flatMap((round) => faultsOf(round, tree.places[round.id]!)), ...missing(rounds, tree, agent))
    wrong.push(...agent.violations)
  } finally {
    scratch.remove()
    await agent.close()
  }
  const failed = new Set(rounds.filter(({ times }) => times > 0).map(({ id }) => tree.places[id]!))
  return { wrong, failed: [...failed], rounds }
}

/** Plugins that are off unless they are asked for: two of them are the witnesses. */
const EVERYTHING = {
  DD_TRACE_FS_ENABLED: 'true',
  DD_TRACE_DNS_ENABLED: 'true',
  DD_TRACE_NET_ENABLED: 'true',
  DD_TRACE_CHILD_PROCESS_ENABLED: 'true',
  DD_TRACE_CONSOLE_ENABLED: 'true',
}

function linesOf({ stdout }: Finished): Line[] {
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Line)
}

/** Said of each library that is patched anew, and at each start, whatever fails. */
const USUAL = /was loaded before dd and is patched in place|traces service shop; to the Agent/

function faultsOf({ how, task, times, wrong, said }: Round, place: Place): string[] {
  const title = `${titleOf(place)} (${how}) in ${task}`
  const found = wrong.map((what) => `${title}: ${what}`)
  const lines = said.filter((line) => !USUAL.test(line))
  if (new Set(lines).size < lines.length) found.push(`${title}: said more than once: ${lines.join('\n')}`)
  // Garbage may be taken for what it is not.
  if (times > 0 && how !== 'garbage' && lines.length === 0 && !SILENT.includes(titleOf(place))) {
    found.push(`${title}: nothing was said`)
  }
  return found
}

/** The spans of other plugins that should have come while a function failed, or after it. */
function missing(rounds: readonly Round[], { places }: FaultyTree, agent: FakeAgent): string[] {
  const spans = agent.spans()
  const parents = new Map<string, Set<string>>()
  for (const { parent_id: parent, name } of spans) {
    parents.set(String(parent), (parents.get(String(parent)) ?? new Set()).add(name))
  }
  const seen = new Map<string, Set<string>[]>()
  for (const { name, resource, span_id: id } of spans) {
    if (name !== 'witness') continue
    seen.set(resource, [...(seen.get(resource) ?? []), parents.get(String(id)) ?? new Set()])
  }
  const found: string[] = []
  const numbers = new Set(rounds.map(({ round }) => round))
  for (const number of numbers) {
    const of = rounds.filter(({ round }) => round === number)
    const { file } = places[of[0]!.id]!
    const wanted = ['fs.operation', 'dns.lookup'].filter((name) => !file.startsWith(`plugins/${name.split('.')[0]}`))
    const came = seen.get(`round ${number}`) ?? []
    // The list of plugins fails for one of them.
    const isWhole = (names: Set<string>) =>
      file === 'plugins/index.ts' ? names.size > 0 : wanted.every((name) => names.has(name))
    if (came.length !== of.length || !came.every(isWhole)) {
      const parts = came.map((names) => [...names].join('+')).join()
      found.push(
        `${titleOf(places[of[0]!.id]!)}: of ${of.length} traces of other plugins came ${came.length} with ${parts}`,
      )
    }
  }
  return found
}
