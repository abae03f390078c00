// The local agent: listens where the Datadog Agent listens, keeps the traces it is sent in memory, and shows them.
//
// It needs no account and talks to nobody: a program with any Datadog tracer delivers here, a browser looks at
// http://localhost:8126. Metrics come by DogStatsD, and by the addresses of Datadog's API; traces, metrics and logs of OpenTelemetry
// by OTLP. Everything it holds is bounded, and gone when it ends unless a file is given to keep it in.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { wallMs } from '../base/clock'
import { agentStatus } from './agent-status'
import { ApiIntake } from './api-metrics/api-intake'
import { BodyReader } from './body-reader'
import { DogstatsdListener } from './dogstatsd/dogstatsd-listener'
import { MetricStore } from './dogstatsd/metric-store'
import { HEARTBEAT_INTERVAL_MS, LiveStream } from './live-stream'
import { LogStore } from './logs/log-store'
import { CumulativeValues } from './otlp/cumulative-values'
import { OtlpIntake } from './otlp/otlp-intake'
import { OtlpMetrics } from './otlp/otlp-metrics'
import { OtlpPort } from './otlp/otlp-port'
import { answer, answerOtlp, type Parts } from './routes'
import { RunStore, type RunStoreOptions } from './runs/run-store'
import { RunViews } from './runs/run-views'
import { isLoopback } from './same-machine'
import { StatsStore } from './stats/stats-store'
import { TraceIntake } from './trace-intake'
import { TraceRoutes } from './trace-routes'
import { type StoreLimits, type TraceListener, TraceStore } from './trace-store'
import { viewerFiles } from './viewer-files'

export interface LocalAgentOptions extends Partial<StoreLimits> {
  /** 0 takes any free port. */
  readonly port?: number
  readonly host?: string
  /** What `/info` says. */
  readonly version?: string
  readonly heartbeatIntervalMs?: number
  /** UDP port for DogStatsD, the Agent's is 8125; 0 takes any free one, undefined none. */
  readonly dogstatsdPort?: number | undefined
  /** Path of a Unix stream socket for DogStatsD; undefined: none. */
  readonly dogstatsdSocket?: string | undefined
  /** A second port for OTLP, the usual one is 4318; 0 takes any free one, undefined none. The first port takes OTLP too. */
  readonly otlpPort?: number | undefined
  /** A file to keep runs in; undefined: none. Without SQLite in Node, or where the file is no good, the agent does not start. */
  readonly runs?: RunStoreOptions | undefined
  /** Called after each payload, for every trace it changed. */
  readonly onTrace?: TraceListener
}

export interface LocalAgent {
  readonly url: string
  readonly port: number
  readonly store: TraceStore
  readonly metrics: MetricStore
  /** What it listens on for metrics, and what it could not have. */
  readonly dogstatsd: DogstatsdListener
  /** Takes what a program writes. */
  readonly logs: LogStore
  readonly otlpPort: OtlpPort
  /** Undefined where runs are not kept. */
  readonly runs: RunStore | undefined
  /** Ends all connections at once. */
  close(): Promise<void>
}

/** Longer than any tracer's flush interval, so that its one connection is not cut while it sends. */
const KEEP_ALIVE_TIMEOUT_MS = 70_000

/** A body that takes longer is not sent from this machine in earnest. */
const REQUEST_TIMEOUT_MS = 30_000

export async function startLocalAgent(options: LocalAgentOptions = {}): Promise<LocalAgent> {
  const { port = 8126, host = '127.0.0.1', version = '', heartbeatIntervalMs = HEARTBEAT_INTERVAL_MS } = options
  if (!isLoopback(host)) throw new Error(`the local agent serves this machine only, so it cannot listen on ${host}`)

  const since = wallMs()
  const store = new TraceStore(options)
  const metrics = new MetricStore()
  const logs = new LogStore()
  const runs = options.runs && (await RunStore.open(options.runs, since, store.limits))
  // Before there are requests that need it.
  const dogstatsd = await DogstatsdListener.open({
    host,
    port: options.dogstatsdPort,
    socketPath: options.dogstatsdSocket,
    take: (packet) => metrics.take(packet),
  })
  const timeouts = { keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS }
  // Requests come as soon as a port is open, and wait until all is there.
  let begin: (parts: Parts) => void = () => {}
  const ready = new Promise<Parts>((resolve) => {
    begin = resolve
  })
  const server = createServer(
    timeouts,
    (request, response) => void ready.then((parts) => answer(parts, request, response)),
  )
  try {
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen({ port, host }, resolve))
  } catch (error) {
    await Promise.all([dogstatsd.close(), runs?.close()])
    throw error
  }
  const { port: ownPort } = server.address() as AddressInfo
  const otlpPort = await OtlpPort.open({
    host,
    port: options.otlpPort,
    timeouts,
    answer: (request, response) => void ready.then((parts) => answerOtlp(parts, request, response)),
  })

  const bodies = new BodyReader()
  const intake = new TraceIntake(store, bodies)
  const apiIntake = new ApiIntake(metrics, bodies)
  const stats = new StatsStore(bodies)
  const nowNs = () => BigInt(wallMs()) * 1_000_000n
  const otlpMetrics = new OtlpMetrics(metrics, new CumulativeValues(nowNs()), nowNs)
  const otlp = new OtlpIntake({ traces: store, metrics: otlpMetrics, logs }, bodies)
  const live: LiveStream = new LiveStream(store, () => status(), heartbeatIntervalMs)
  const status = agentStatus(
    { version, port: ownPort, store, intake, metrics, apiIntake, dogstatsd, otlp, otlpPort, stats, logs, runs },
    live,
  )
  live.notifyOf(
    'log',
    (listener) => logs.subscribe(listener),
    () => ({ received: logs.received }),
  )
  live.notifyOf(
    'metric',
    (listener) => metrics.subscribe(listener),
    () => ({ series: metrics.counters.series }),
  )
  runs?.keep({ traces: store, logs, metrics })
  if (options.onTrace) store.subscribe(options.onTrace)
  begin({
    version,
    port: ownPort,
    since,
    traces: new TraceRoutes({ store, bodies, logs }),
    intake,
    live,
    status,
    files: viewerFiles(),
    metrics,
    apiIntake,
    bodies,
    dogstatsd,
    otlp,
    stats,
    logs,
    runs,
    runViews: runs && new RunViews(runs, bodies, store.limits),
  })

  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${ownPort}`,
    port: ownPort,
    store,
    metrics,
    dogstatsd,
    logs,
    otlpPort,
    runs,
    close: async () => {
      live.close()
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await Promise.all([closed, dogstatsd.close(), otlpPort.close()])
      await runs?.close()
    },
  }
}
