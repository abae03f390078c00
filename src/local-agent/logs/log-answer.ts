// The logs of the local agent over HTTP: those that a query finds, of one trace or span if that is asked for.

import { Refusal } from '../refusal'
import { wholeNumber } from '../request'
import { QueryError } from '../search/query'
import { isOfTrace, logTest } from './log-query'
import type { LogStore } from './log-store'

const DEFAULT_LIMIT = 100
const MAX_LIMIT = 5000

/** The latest first. */
export function logsAnswer(logs: LogStore, query: URLSearchParams): object {
  const test = logTest(query.get('query') ?? '')
  if (test instanceof QueryError) throw new Refusal(400, test.message, { at: test.at })
  const [trace, span] = [query.get('trace'), query.get('span')]
  const ofTrace = trace === null ? () => true : isOfTrace(trace)
  const before = wholeNumber(query, 'before', Number.POSITIVE_INFINITY)
  const limit = wholeNumber(query, 'limit', DEFAULT_LIMIT, 1, MAX_LIMIT)
  const found = logs.latest({
    limit,
    before,
    isWanted: (log) => ofTrace(log) && (span === null || log.spanId === span) && test(log),
  })
  return { logs: found, counters: logs.counters }
}
