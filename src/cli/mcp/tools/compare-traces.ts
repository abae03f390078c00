// `compare_traces`: what is different in the second of two traces.

import type { ComparedRow, ComparisonTotals } from '../../../local-agent/analysis/compare-traces'
import type { SummaryAnswer } from '../../agent-answers'
import { counted } from '../../counted'
import { fitting, short } from '../answer-text'
import { microsText, millis } from '../figures'
import { findTrace } from '../find-trace'
import { schema, type Tool, text } from '../tool'
import { dataOf as summaryData } from './search-traces'

interface Comparison {
  readonly a: SummaryAnswer
  readonly b: SummaryAnswer
  readonly rows: readonly ComparedRow[]
  readonly totals: ComparisonTotals
}

export const compareTraces: Tool = {
  name: 'compare_traces',
  title: 'Compare two traces',
  description:
    'What is different between two traces: spans that are only in one of them, and those that became slower or faster, the largest difference ' +
    'first. Call it to see what a change of the code did, or why one request is slower than another of its kind.',
  inputSchema: schema(
    {
      a: { type: 'string', description: 'Id of the trace before, or at least 4 digits of its beginning or end.' },
      b: { type: 'string', description: 'Id of the trace after.' },
    },
    'a',
    'b',
  ),
  async run(client, given, signal) {
    const [a, b] = [
      await findTrace(client, text(given, 'a'), signal),
      await findTrace(client, text(given, 'b'), signal),
    ]
    const compared = await client.get<Comparison>('/api/compare', { a, b }, signal)
    const { totals, rows } = compared
    const different = rows.filter(({ change }) => change !== 'same').sort((x, y) => differenceOf(y) - differenceOf(x))
    const heading = [
      `a: ${a} ${compared.a.title.slice(0, 100)}, ${microsText(totals.durationA)}, ${counted(totals.spansA, 'span')}, ${counted(totals.errorsA, 'error')}`,
      `b: ${b} ${compared.b.title.slice(0, 100)}, ${microsText(totals.durationB)}, ${counted(totals.spansB, 'span')}, ${counted(totals.errorsB, 'error')}`,
      `${totals.slower} slower, ${totals.faster} faster, ${totals.added} only in b, ${totals.removed} only in a, ${totals.same} the same` +
        `${different.length > 0 ? '; the largest difference first:' : '.'}`,
    ]
    const { text: answer, shown } = fitting(heading, different, lineOf, (count) => {
      return `… ${different.length - count} smaller differences are left out. get_trace shows each trace whole.`
    })
    return {
      text: answer,
      structured: { a: summaryData(compared.a), b: summaryData(compared.b), totals, differences: shown.map(dataOf) },
    }
  },
}

function differenceOf({ durationA, durationB }: ComparedRow): number {
  return Math.abs(durationB - durationA)
}

function lineOf({ change, path, service, resource, name, countA, countB, durationA, durationB }: ComparedRow): string {
  const above = path.slice(0, -1).slice(-3).join(' > ')
  const what = `${name}${resource === name ? '' : ` ${short(resource, 120)}`} (${service})${above && ` under ${above}`}`
  const times = countA === countB ? '' : ` ×${countA} → ×${countB}`
  if (change === 'added') return `- only in b: ${what} ×${countB}, ${microsText(durationB)}`
  if (change === 'removed') return `- only in a: ${what} ×${countA}, ${microsText(durationA)}`
  return `- ${change}: ${what}${times}, ${microsText(durationA)} → ${microsText(durationB)}`
}

function dataOf({ durationA, durationB, resource, ...row }: ComparedRow): object {
  return { ...row, resource: short(resource, 200), a_ms: millis(durationA), b_ms: millis(durationB) }
}
