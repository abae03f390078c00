// How many traces have which values of the fields that people filter by.
//
// Counted as the search does: a trace counts for each value that one of its spans has. A duration counts for every step that
// the longest span of the trace reaches, because that is what `duration:>=10ms` finds.

import { TRACE_ID_HIGH } from '../../base/tags'
import { termOf } from '../search/query-text'
import { fieldOf, fieldValue, type SearchableSpan } from '../search/span-fields'
import type { StoredTrace } from '../trace-store'

export interface Facet {
  /** As in a query. */
  readonly field: string
  readonly label: string
  readonly values: readonly FacetValue[]
}

interface FacetValue {
  readonly value: string
  readonly count: number
  /** The query that finds such traces. */
  readonly query: string
}

const FIELDS = [
  ['status', 'Status'],
  ['service', 'Service'],
  ['operation_name', 'Operation'],
  ['resource_name', 'Resource'],
  ['type', 'Type'],
  ['env', 'Environment'],
  ['version', 'Version'],
  ['@span.kind', 'Kind'],
  ['@component', 'Component'],
  ['@http.method', 'HTTP method'],
  ['@http.status_code', 'HTTP status'],
  ['@http.route', 'HTTP route'],
  ['@error.type', 'Error type'],
  ['@db.type', 'Database'],
  ['@db.system', 'Database system'],
  ['@peer.service', 'Peer'],
  ['@out.host', 'Remote host'],
].map(([name = '', label = '']) => ({ name, label, field: fieldOf(name) }))

const MAX_VALUES = 20

/** Keys of tags, for what the search box suggests. */
const MAX_KEYS = 200

const DURATION_STEPS: readonly (readonly [text: string, ns: number])[] = [
  ['1ms', 1e6],
  ['5ms', 5e6],
  ['10ms', 1e7],
  ['50ms', 5e7],
  ['100ms', 1e8],
  ['500ms', 5e8],
  ['1s', 1e9],
  ['5s', 5e9],
  ['10s', 1e10],
]

/** What one trace adds; computed once, as long as the trace does not change. */
interface TraceFacets {
  /** By position in FIELDS. */
  readonly values: readonly ReadonlySet<string>[]
  readonly keys: ReadonlySet<string>
  /** Nanoseconds. */
  readonly longest: number
}

export function traceFacets({ spans }: Pick<StoredTrace, 'spans'>): TraceFacets {
  const values = FIELDS.map(() => new Set<string>())
  const keys = new Set<string>()
  let longest = 0
  for (const span of spans.values()) {
    for (let index = 0; index < FIELDS.length; index++) {
      const value = textOf(span, FIELDS[index]!.field)
      if (value !== '') values[index]!.add(value)
    }
    for (const key in span.meta) keys.add(key)
    for (const key in span.metrics) keys.add(key)
    longest = Math.max(longest, Number(span.duration))
  }
  return { values, keys, longest }
}

export function facets(traces: Iterable<TraceFacets>): { facets: Facet[]; keys: string[] } {
  const counts = FIELDS.map(() => new Map<string, number>())
  const keyCounts = new Map<string, number>()
  const reached = DURATION_STEPS.map(() => 0)
  for (const { values, keys, longest } of traces) {
    for (let index = 0; index < counts.length; index++) {
      for (const value of values[index]!) add(counts[index]!, value)
    }
    for (const key of keys) add(keyCounts, key)
    for (let step = 0; step < DURATION_STEPS.length && longest >= DURATION_STEPS[step]![1]; step++) reached[step]!++
  }
  const found = FIELDS.map(({ name, label }, index) => ({
    field: name,
    label,
    values: top(counts[index]!, MAX_VALUES).map(([value, count]) => ({ value, count, query: termOf(name, value) })),
  }))
  const durations = DURATION_STEPS.flatMap(([text], step) => {
    const count = reached[step]!
    return count > 0 ? [{ value: `>=${text}`, count, query: termOf('duration', `>=${text}`) }] : []
  })
  return {
    facets: [...found, { field: 'duration', label: 'Duration', values: durations }].filter(
      ({ values }) => values.length > 0,
    ),
    keys: top(keyCounts, MAX_KEYS)
      .map(([key]) => key)
      .filter((key) => key !== TRACE_ID_HIGH),
  }
}

function textOf(span: SearchableSpan, field: (typeof FIELDS)[number]['field']): string {
  return field.kind === 'any' ? '' : String(fieldValue(span, field) ?? '')
}

function add(counts: Map<string, number>, value: string): void {
  counts.set(value, (counts.get(value) ?? 0) + 1)
}

/** The most frequent first. */
function top(counts: ReadonlyMap<string, number>, limit: number): [string, number][] {
  return [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).slice(0, limit)
}
