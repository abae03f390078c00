// Findings as a person reads them: a heading for each thing looked at, a mark and a sentence for each finding.

import type { Paint } from '../paint'
import type { Finding, Severity } from './finding'

const HEADINGS: readonly [about: Finding['about'], heading: string][] = [
  ['settings', 'Settings'],
  ['agent', 'Agent'],
  ['program', 'Program'],
  ['library', 'Libraries'],
  ['spans', 'Traces'],
]

const MARKS: Readonly<Record<Severity, string>> = { good: '✓', note: '·', wrong: '✗' }
/** What is wrong first. */
const ORDER: readonly Severity[] = ['wrong', 'good', 'note']

export function printFindings(findings: readonly Finding[], paint: Paint): string[] {
  const lines: string[] = []
  for (const [about, heading] of HEADINGS) {
    const those = findings.filter((finding) => finding.about === about)
    if (those.length === 0) continue
    lines.push('', paint.bold(heading))
    for (const severity of ORDER) {
      for (const { text, advice } of those.filter((finding) => finding.severity === severity)) {
        const line = `  ${MARKS[severity]} ${text}`
        lines.push(severity === 'wrong' ? paint.error(line) : severity === 'note' ? paint.soft(line) : line)
        if (advice !== undefined) lines.push(`    ${advice}`)
      }
    }
  }
  const wrong = findings.filter(({ severity }) => severity === 'wrong').length
  lines.push(
    '',
    wrong === 0 ? 'Nothing is wrong.' : paint.bold(`${wrong} ${wrong === 1 ? 'thing is' : 'things are'} wrong.`),
  )
  return lines
}
