// The local agent: listens where the Datadog Agent listens, keeps the traces it is sent in memory, and shows them.
//
// It needs no account and talks to nobody: a program with any Datadog tracer delivers here, a browser looks at
// http://localhost:8126. Metrics come by DogStatsD, and by the addresses of Datadog's API. Everything it holds is bounded and gone when it ends.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ApiIntake } from './api-metrics/api-intake'
import { BodyReader } from './body-reader'
import { DogstatsdListener } from './dogstatsd/dogstatsd-listener'
import { MetricStore } from './dogstatsd/metric-store'
import { Intake } from './intake'
import { HEARTBEAT_INTERVAL_MS, LiveStream } from './live-stream'
import { answer, type Parts } from './routes'
import { isLoopback } from './same-machine'
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

  const metrics = new MetricStore()
  // Before there are requests that need it.
  const dogstatsd = await DogstatsdListener.open({
    host,
    port: options.dogstatsdPort,
    socketPath: options.dogstatsdSocket,
    take: (packet) => metrics.take(packet),
  })
  const timeouts = { keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS }
  const server = createServer(timeouts, (request, response) => void answer(parts, request, response))
  try {
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen({ port, host }, resolve))
  } catch (error) {
    await dogstatsd.close()
    throw error
  }
  const { port: ownPort } = server.address() as AddressInfo

  const store = new TraceStore(options)
  const bodies = new BodyReader()
  const intake = new Intake(store, bodies)
  const apiIntake = new ApiIntake(metrics, bodies)
  const status = (): object => ({
    version,
    payloads: intake.payloads,
    refusedPayloads: intake.refusedPayloads,
    malformedSpans: intake.malformedSpans,
    traces: store.traces,
    spans: store.spans,
    bytes: store.bytes,
    evictedTraces: store.evictedTraces,
    droppedSpans: store.droppedSpans,
    liveReaders: live.readers,
    ...store.limits,
  })
  const live: LiveStream = new LiveStream(store, status, heartbeatIntervalMs)
  if (options.onTrace) store.subscribe(options.onTrace)
  const files = viewerFiles()
  const parts: Parts = {
    version,
    port: ownPort,
    store,
    intake,
    live,
    status,
    files,
    metrics,
    apiIntake,
    bodies,
    dogstatsd,
  }

  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${ownPort}`,
    port: ownPort,
    store,
    metrics,
    dogstatsd,
    close: async () => {
      live.close()
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await Promise.all([closed, dogstatsd.close()])
    },
  }
}
