// The local agent: listens where the Datadog Agent listens, keeps the traces it is sent in memory, and shows them.
//
// It needs no account and talks to nobody: a program with any Datadog tracer delivers here, a browser looks at
// http://localhost:8126. Everything it holds is bounded and gone when it ends.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
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
  /** Called after each payload, for every trace it changed. */
  readonly onTrace?: TraceListener
}

export interface LocalAgent {
  readonly url: string
  readonly port: number
  readonly store: TraceStore
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

  const timeouts = { keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS }
  const server = createServer(timeouts, (request, response) => void answer(parts, request, response))
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen({ port, host }, resolve))
  const listening = server.address() as AddressInfo

  const store = new TraceStore(options)
  const intake = new Intake(store)
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
  const parts: Parts = { version, port: listening.port, store, intake, live, status, files: viewerFiles() }

  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${listening.port}`,
    port: listening.port,
    store,
    close: () =>
      new Promise((resolve) => {
        live.close()
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
