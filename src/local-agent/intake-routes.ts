// What comes to the local agent beside traces and DogStatsD: OTLP, the statistics of tracers and logs; where they are posted, and where they are looked at.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { isOfTrace, logTest } from './logs/log-query'
import type { LogStore } from './logs/log-store'
import type { OtlpIntake } from './otlp/otlp-intake'
import { Refusal } from './refusal'
import { replyJson } from './reply'
import { mustUse, wholeNumber } from './request'
import { QueryError } from './search/query'
import { STATS_PATH, type StatsStore } from './stats/stats-store'

const DEFAULT_LIMIT = 100
const MAX_LIMIT = 5000

export interface IntakeParts {
  readonly otlp: OtlpIntake
  readonly stats: StatsStore
  readonly logs: LogStore
}

type Answer = (
  parts: IntakeParts,
  request: IncomingMessage,
  response: ServerResponse,
  query: URLSearchParams,
) => void | Promise<void>

const ROUTES: ReadonlyMap<string, Answer> = new Map<string, Answer>([
  [
    STATS_PATH,
    async ({ stats }, request, response) => {
      mustUse(request, 'PUT', 'POST')
      await stats.take(request, response)
    },
  ],
  [
    '/api/stats',
    ({ stats }, request, response, query) => {
      mustUse(request, 'GET')
      const limit = wholeNumber(query, 'limit', DEFAULT_LIMIT)
      replyJson(response, 200, { counters: stats.counters, stats: stats.latest(limit) })
    },
  ],
  [
    '/api/logs',
    ({ logs }, request, response, query) => {
      mustUse(request, 'GET')
      replyJson(response, 200, { logs: logsOf(logs, query), counters: logs.counters })
    },
  ],
  [
    // Clients of the API ask whether their key is valid. Here any is.
    '/api/v1/validate',
    (_parts, request, response) => {
      mustUse(request, 'GET')
      replyJson(response, 200, { valid: true })
    },
  ],
])

/** Answers a request about these; false if it is about something else. */
export async function answerIntake(
  parts: IntakeParts,
  path: string,
  query: string | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  if (parts.otlp.has(path)) {
    await parts.otlp.take(path, request, response)
    return true
  }
  const answer = ROUTES.get(path)
  await answer?.(parts, request, response, new URLSearchParams(query))
  return answer !== undefined
}

/** The latest first. */
function logsOf(logs: LogStore, query: URLSearchParams): object[] {
  const test = logTest(query.get('query') ?? '')
  if (test instanceof QueryError) throw new Refusal(400, test.message, { at: test.at })
  const [trace, span] = [query.get('trace'), query.get('span')]
  const ofTrace = trace === null ? () => true : isOfTrace(trace)
  const before = wholeNumber(query, 'before', Number.POSITIVE_INFINITY)
  const limit = wholeNumber(query, 'limit', DEFAULT_LIMIT, 1, MAX_LIMIT)
  return logs.latest({
    limit,
    before,
    isWanted: (log) => ofTrace(log) && (span === null || log.spanId === span) && test(log),
  })
}
