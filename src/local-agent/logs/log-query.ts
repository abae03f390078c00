// Which logs a query finds: the search syntax of traces, read as that of logs. `level`, `stream`, `message` and all attributes are fields, with or
// without `@`; an attribute inside another one is reached with a dot; `status:error` finds errors; a free word is looked for everywhere.

import { matchesSpan } from '../search/matches-span'
import { parseQuery } from '../search/parse-query'
import { QueryError } from '../search/query'
import type { SearchableSpan } from '../search/span-fields'
import type { Log } from './log'
import type { LogStore } from './log-store'

/** Values of one log. */
const MAX_FIELDS = 500
const MAX_DEPTH = 8

/** Of one span. */
const MAX_SPAN_LOGS = 200

type LogTest = (log: Log) => boolean

/** The test, or what is wrong with the query. */
export function logTest(text: string): LogTest | QueryError {
  const query = parseQuery(text)
  if (query instanceof QueryError) return query
  return query.kind === 'everything' ? () => true : (log) => matchesSpan(query, searchable(log))
}

/** Whether it is of this trace: 32 hex digits, or the low half as decimal digits. */
export function isOfTrace(id: string): LogTest {
  const hex = /^\d{1,20}$/.test(id) ? BigInt(id).toString(16).padStart(16, '0') : id.toLowerCase()
  const low = hex.slice(-16)
  const high = hex.length === 32 ? hex.slice(0, 16) : NO_HALF
  return ({ traceId }) => {
    if (traceId === undefined || !traceId.endsWith(low)) return false
    // A half that one side does not know is no difference.
    const other = traceId.slice(0, 16)
    return other === high || other === NO_HALF || high === NO_HALF
  }
}

/** What was written while a span was open, the earliest first. */
export function logsOfSpan(logs: LogStore, traceId: string, spanId: string): Log[] {
  const ofTrace = isOfTrace(traceId)
  return logs.latest({ limit: MAX_SPAN_LOGS, isWanted: (log) => log.spanId === spanId && ofTrace(log) }).reverse()
}

const NO_HALF = '0'.repeat(16)

function searchable(log: Log): SearchableSpan {
  const { traceId, spanId = '0', service, message, level, stream } = log
  const meta: Record<string, string> = Object.create(null)
  const metrics: Record<string, number> = Object.create(null)
  flatten(log.attributes, '', meta, metrics, 0)
  Object.assign(meta, { level, message, stream })
  const low = traceId === undefined ? '0' : String(BigInt(`0x${traceId.slice(16)}`))
  const error = level === 'error' || level === 'fatal' ? 1 : 0
  return {
    traceId: low,
    spanId,
    parentId: '0',
    service,
    name: '',
    resource: '',
    type: '',
    duration: 0,
    error,
    meta,
    metrics,
  }
}

function flatten(
  value: unknown,
  path: string,
  meta: Record<string, string>,
  metrics: Record<string, number>,
  depth: number,
): void {
  if (typeof value === 'number') metrics[path] = value
  else if (typeof value !== 'object') meta[path] = String(value)
  else if (value !== null && depth < MAX_DEPTH) {
    for (const [key, inner] of Object.entries(value).slice(0, MAX_FIELDS)) {
      flatten(inner, path === '' ? key : `${path}.${key}`, meta, metrics, depth + 1)
    }
  }
}
