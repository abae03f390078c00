// Two traces side by side: what is only in one of them, and what became slower or faster.
//
// Spans are matched from the top down by service, operation and resource, numbers in it left aside, so `/users/17` meets
// `/users/18`. Equal siblings are one row with a count: a query that now runs fifty times instead of once is a row that says
// so. A row is slower or faster if the time of its spans together differs by a tenth and by at least 0.1 ms.

import type { ReceivedSpan } from '../received-span'
import type { StoredTrace } from '../trace-store'
import { summarize, type TraceSummary } from '../trace-summary'
import { generalText } from './general-text'
import { traceColumns, wholeNanoseconds } from './trace-columns'

export interface Comparison {
  readonly a: TraceSummary
  readonly b: TraceSummary
  /** In reading order. */
  readonly rows: readonly ComparedRow[]
  readonly totals: ComparisonTotals
}

export type Change = 'same' | 'added' | 'removed' | 'slower' | 'faster'

export interface ComparedRow {
  /** Names of the rows above, the nearest last, at most MAX_PATH; then its own. */
  readonly path: readonly string[]
  readonly depth: number
  readonly service: string
  readonly name: string
  readonly resource: string
  readonly change: Change
  readonly countA: number
  readonly countB: number
  /** Microseconds, of all spans of the row together. */
  readonly durationA: number
  readonly durationB: number
}

export interface ComparisonTotals extends Readonly<Record<Change, number>> {
  readonly durationA: number
  readonly durationB: number
  readonly spansA: number
  readonly spansB: number
  readonly errorsA: number
  readonly errorsB: number
  /** Rows that are not in `rows`. */
  readonly omittedRows: number
}

export const MAX_ROWS = 5000
export const MAX_PATH = 16

const LEAST_SHARE = 0.1
const LEAST_US = 100

interface Group {
  readonly span: ReceivedSpan
  readonly above: Group | undefined
  readonly depth: number
  /** In the order of their first span. */
  readonly children: Map<string, Group>
  readonly count: [a: number, b: number]
  readonly duration: [a: number, b: number]
}

export function compareTraces(a: StoredTrace, b: StoredTrace): Comparison {
  const top = new Map<string, Group>()
  for (const [side, trace] of [a, b].entries()) addTrace(top, trace, side as 0 | 1)
  const changes: Record<Change, number> = { same: 0, added: 0, removed: 0, slower: 0, faster: 0 }
  const rows: ComparedRow[] = []
  let omittedRows = 0
  const next = [...top.values()].reverse()
  for (let group = next.pop(); group !== undefined; group = next.pop()) {
    const change = changeOf(group)
    changes[change]++
    if (rows.length < MAX_ROWS) rows.push(rowOf(group, change))
    else omittedRows++
    for (const child of [...group.children.values()].reverse()) next.push(child)
  }
  const [summaryA, summaryB] = [summarize(a), summarize(b)]
  const totals = {
    ...changes,
    durationA: Number(summaryA.duration) / 1e3,
    durationB: Number(summaryB.duration) / 1e3,
    spansA: summaryA.spanCount,
    spansB: summaryB.spanCount,
    errorsA: summaryA.errorCount,
    errorsB: summaryB.errorCount,
    omittedRows,
  }
  return { a: summaryA, b: summaryB, rows, totals }
}

/** Rows of `b` that `a` has not come behind those that it has. */
function addTrace(top: Map<string, Group>, trace: StoredTrace, side: 0 | 1): void {
  const { spans, parent, duration } = traceColumns(trace)
  const groups: Group[] = []
  for (const [row, span] of spans.entries()) {
    const above = parent[row]! < 0 ? undefined : groups[parent[row]!]
    const siblings = above?.children ?? top
    const key = [span.service, span.name, generalText(span.resource)].join('\0')
    const depth = above === undefined ? 0 : above.depth + 1
    const group = siblings.get(key) ?? { span, above, depth, children: new Map(), count: [0, 0], duration: [0, 0] }
    if (group.count[0] + group.count[1] === 0) siblings.set(key, group)
    group.count[side]++
    group.duration[side] += duration[row]!
    groups.push(group)
  }
}

function changeOf({ count: [countA, countB], duration: [a, b] }: Group): Change {
  if (countA === 0) return 'added'
  if (countB === 0) return 'removed'
  const difference = Math.abs(a - b)
  if (difference < LEAST_US || difference < LEAST_SHARE * Math.max(Math.min(a, b), 1)) return 'same'
  return a < b ? 'slower' : 'faster'
}

function rowOf(group: Group, change: Change): ComparedRow {
  const path: string[] = []
  for (let each: Group | undefined = group; each !== undefined && path.length <= MAX_PATH; each = each.above) {
    path.push(each.span.name)
  }
  const { service, name, resource } = group.span
  return {
    path: path.reverse(),
    depth: group.depth,
    service,
    name,
    resource,
    change,
    countA: group.count[0],
    countB: group.count[1],
    durationA: wholeNanoseconds(group.duration[0]),
    durationB: wholeNanoseconds(group.duration[1]),
  }
}
