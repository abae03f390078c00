// The metrics of the local agent over HTTP: where lines of DogStatsD are posted, and where metrics are looked at.

import { type Answer, reads } from './answer'
import type { ApiIntake } from './api-metrics/api-intake'
import type { BodyReader } from './body-reader'
import type { DogstatsdListener } from './dogstatsd/dogstatsd-listener'
import type { MetricStore } from './dogstatsd/metric-store'
import { MAX_WINDOWS } from './dogstatsd/series'
import { reply } from './reply'
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

/** By path. */
export const METRIC_ROUTES: ReadonlyMap<string, Answer<MetricParts>> = new Map<string, Answer<MetricParts>>([
  [
    PROXY_PATH,
    async (request, response, _query, { metrics, bodies }) => {
      mustUse(request, 'POST')
      metrics.take(await bodies.read(request))
      reply(response, 200, 'text/plain', '')
    },
  ],
  ['/api/metrics', reads(seriesAnswer)],
  ['/api/metrics/events', listOf('events')],
  ['/api/metrics/checks', listOf('checks')],
  ['/api/metrics/rejected', listOf('rejected')],
])

function seriesAnswer(query: URLSearchParams, { metrics, dogstatsd, apiIntake }: MetricParts): object {
  const limit = wholeNumber(query, 'limit', DEFAULT_LIST_LIMIT)
  const windows = wholeNumber(query, 'windows', DEFAULT_WINDOWS, 0, MAX_WINDOWS)
  const part = query.get('name') ?? ''
  const { payloads, refusedPayloads } = apiIntake
  const { counters } = metrics
  const api = { ...counters.api, payloads, refusedPayloads }
  return {
    counters: { ...counters, api, listener: dogstatsd.counters },
    series: metrics.latest(limit, windows, (name) => name.includes(part)),
  }
}

function listOf(what: 'events' | 'checks' | 'rejected'): Answer<MetricParts> {
  return reads((query, { metrics }) => ({
    [what]: metrics[what].latest(wholeNumber(query, 'limit', DEFAULT_LIST_LIMIT)),
  }))
}
