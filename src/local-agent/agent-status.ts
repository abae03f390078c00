// What the local agent says of itself: what came in by each way and what of it was refused, what each store holds and may hold, and where it listens.
//
// What was always at the top stays there, for pages and programs of other versions.

import { monotonicMs } from '../base/clock'
import type { ApiIntake } from './api-metrics/api-intake'
import type { DogstatsdListener } from './dogstatsd/dogstatsd-listener'
import type { MetricStore } from './dogstatsd/metric-store'
import type { LogStore } from './logs/log-store'
import type { OtlpIntake } from './otlp/otlp-intake'
import type { OtlpPort } from './otlp/otlp-port'
import type { RunStore } from './runs/run-store'
import type { StatsStore } from './stats/stats-store'
import type { TraceIntake } from './trace-intake'
import type { TraceStore } from './trace-store'

interface StatusParts {
  readonly version: string
  readonly port: number
  readonly store: TraceStore
  readonly intake: TraceIntake
  readonly metrics: MetricStore
  readonly apiIntake: ApiIntake
  readonly dogstatsd: DogstatsdListener
  readonly otlp: OtlpIntake
  readonly otlpPort: OtlpPort
  readonly stats: StatsStore
  readonly logs: LogStore
  readonly runs: RunStore | undefined
}

/** @param live readers of the live stream */
export function agentStatus(parts: StatusParts, live: { readonly readers: number }): () => object {
  const { version, port, store, intake, metrics, apiIntake, dogstatsd, otlp, otlpPort, stats, logs, runs } = parts
  const startedAt = monotonicMs()
  return () => {
    const { payloads, refusedPayloads, malformedSpans } = intake
    const { traces, spans, bytes, evictedTraces, droppedSpans, limits } = store
    const { received, rejectedLines, rejectedValues, ignoredFields, outOfRange, api, ...metricFigures } =
      metrics.counters
    const { series, evictedSeries, bytes: metricBytes, maxSeries, maxBytes } = metricFigures
    const { rss, heapUsed, external, arrayBuffers } = process.memoryUsage()
    return {
      version,
      payloads,
      refusedPayloads,
      malformedSpans,
      traces,
      spans,
      bytes,
      evictedTraces,
      droppedSpans,
      liveReaders: live.readers,
      ...limits,
      uptimeMs: Math.round(monotonicMs() - startedAt),
      memory: { rss, heapUsed, external, arrayBuffers },
      ports: { http: port, otlp: otlpPort.port, dogstatsd: dogstatsd.port, dogstatsdSocket: dogstatsd.socketPath },
      problems: [...dogstatsd.problems, otlpPort.problem, runs?.problem].filter((problem) => problem !== undefined),
      intake: {
        traces: { payloads, spans: intake.spans, refusedPayloads, malformedSpans },
        otlp: otlp.counters,
        stats: stats.counters,
        dogstatsd: { ...dogstatsd.counters, received, rejectedLines, rejectedValues, ignoredFields, outOfRange },
        api: { payloads: apiIntake.payloads, refusedPayloads: apiIntake.refusedPayloads, ...api },
      },
      stores: {
        traces: { traces, spans, bytes, evictedTraces, droppedSpans, ...limits },
        metrics: { series, bytes: metricBytes, evictedSeries, maxSeries, maxBytes },
        logs: logs.counters,
        runs: runs?.counters,
      },
    }
  }
}
