// The metrics of the local agent over HTTP: where they are posted, and where they are looked at.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ApiIntake } from './api-metrics/api-intake'
import type { BodyReader } from './body-reader'
import type { DogstatsdListener } from './dogstatsd/dogstatsd-listener'
import type { MetricStore } from './dogstatsd/metric-store'
import { MAX_WINDOWS } from './dogstatsd/series'
import { reply, replyJson } from './reply'
import { mustUse, wholeNumber } from './request'

/** A minute. */
const DEFAULT_WINDOWS = 6
const DEFAULT_LIST_LIMIT = 100

/** Where tracers post lines of DogStatsD when they cannot send UDP. Source: datadog-agent, pkg/trace/api/dogstatsd.go. */
export const PROXY_PATH = '/dogstatsd/v2/proxy'

export interface MetricParts {
  readonly metrics: MetricStore
  readonly apiIntake: ApiIntake
  readonly bodies: BodyReader
  readonly dogstatsd: DogstatsdListener
}

type Answer = (
  parts: MetricParts,
  request: IncomingMessage,
  response: ServerResponse,
  query: URLSearchParams,
) => void | Promise<void>

const ROUTES: ReadonlyMap<string, Answer> = new Map<string, Answer>([
  [
    PROXY_PATH,
    async ({ metrics, bodies }, request, response) => {
      mustUse(request, 'POST')
      metrics.take(await bodies.read(request))
      reply(response, 200, 'text/plain', '')
    },
  ],
  [
    '/api/metrics',
    ({ metrics, dogstatsd, apiIntake }, request, response, query) => {
      mustUse(request, 'GET')
      const limit = wholeNumber(query, 'limit', DEFAULT_LIST_LIMIT)
      const windows = wholeNumber(query, 'windows', DEFAULT_WINDOWS, 0, MAX_WINDOWS)
      const part = query.get('name') ?? ''
      const { payloads, refusedPayloads } = apiIntake
      const { counters } = metrics
      const api = { ...counters.api, payloads, refusedPayloads }
      replyJson(response, 200, {
        counters: { ...counters, api, listener: dogstatsd.counters },
        series: metrics.latest(limit, windows, (name) => name.includes(part)),
      })
    },
  ],
  ['/api/metrics/events', listOf('events')],
  ['/api/metrics/checks', listOf('checks')],
  ['/api/metrics/rejected', listOf('rejected')],
])

/** Answers a request about metrics; false if it is about something else. */
export async function answerMetrics(
  parts: MetricParts,
  path: string,
  query: string | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  if (parts.apiIntake.has(path)) {
    await parts.apiIntake.take(path, request, response)
    return true
  }
  const answer = ROUTES.get(path)
  await answer?.(parts, request, response, new URLSearchParams(query))
  return answer !== undefined
}

function listOf(what: 'events' | 'checks' | 'rejected'): Answer {
  return ({ metrics }, request, response, query) => {
    mustUse(request, 'GET')
    replyJson(response, 200, { [what]: metrics[what].latest(wholeNumber(query, 'limit', DEFAULT_LIST_LIMIT)) })
  }
}
