// A fake Datadog Agent for the tests: a real HTTP server on loopback (and a unix socket if asked) that takes
// `/v0.4/traces`, decodes real MessagePack and keeps what it got, so assertions are about bytes that left the process.
// Its manners can be changed at run time, to see what the tracer does with a slow, silent or broken Agent. It keeps a
// list of everything a strict Agent would have objected to; a test ends with `assert.deepEqual(agent.violations, [])`.

import { once } from 'node:events'
import type { IncomingHttpHeaders } from 'node:http'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { FromListener, ListenerData, ToListener } from './agent-listener'
import { cleanEnv } from './clean-env'
import { decodeStats, type ReceivedStats } from './decode-stats'
import { decodeTable } from './decode-table'
import { decodeTraces } from './decode-traces'
import { freePort } from './free-port'
import { outline, type ReceivedSpan } from './received-span'
import { chunkViolations, headerViolations } from './strict-intake'

export { byStart, childrenOf, find, outline, type ReceivedSpan, type SpanNode, tree } from './received-span'

/** `hang` never answers, `close` cuts the connection, `garbage` is a 200 whose body is not JSON. */
export type AgentMode = 'ok' | 'hang' | 'close' | 'garbage' | { slowMs: number } | { status: number }

interface ReceivedRequest {
  method: string
  url: string
  headers: IncomingHttpHeaders
  body: Buffer
  /** What the body says, whatever was answered. */
  chunks: ReceivedSpan[][]
  /** The status that was answered; undefined while there is none, and for ever after `hang` and `close`. */
  status?: number
}

interface Waiter {
  done: () => boolean
  resolve: () => void
  reject: (error: Error) => void
  timer: NodeJS.Timeout
}

/** `port` reopens a port that was used before, to play an Agent that comes back. */
export async function startAgent(options: { port?: number; socketPath?: string } = {}): Promise<FakeAgent> {
  const workerData: ListenerData = { ...options, port: options.port ?? 0 }
  const worker = new Worker(join(__dirname, 'agent-listener.js'), { workerData, env: cleanEnv(), execArgv: [] })
  const [message] = (await once(worker, 'message')) as [FromListener]
  if (message.kind !== 'listening') throw new Error(`the fake Agent began with a ${message.kind}`)
  // A test that forgets to close the agent must not keep mocha from ending.
  worker.unref()
  return new FakeAgent(worker, message.port, options.socketPath)
}

/** The URL of an Agent that is not there: connections are refused. */
export async function absentAgentUrl(): Promise<string> {
  return `http://127.0.0.1:${await freePort()}`
}

export class FakeAgent {
  readonly url: string
  readonly socketUrl: string | undefined
  mode: AgentMode = 'ok'
  /** The sampling rates of every reply; undefined leaves the field out. */
  rates: Record<string, number> | undefined = { 'service:,env:': 1 }
  /** What `/info` says; undefined is an Agent that has neither that nor an address for stats. */
  info: Readonly<Record<string, unknown>> | undefined
  /** `Datadog-Agent-State` of every reply. */
  state: string | undefined
  /** Whether it takes traces of version 0.5. */
  takesTable = false
  /** The stats that were taken. */
  readonly stats: ReceivedStats[] = []
  /** Every request, whatever was answered. */
  readonly requests: ReceivedRequest[] = []
  /** The chunks of the requests that were answered with 200. */
  readonly chunks: ReceivedSpan[][] = []
  readonly violations: string[] = []
  readonly #worker: Worker
  readonly #gone = new Set<number>()
  readonly #waiters = new Set<Waiter>()
  readonly #spanIds = new Set<string>()

  constructor(
    worker: Worker,
    readonly port: number,
    socketPath: string | undefined,
  ) {
    this.url = `http://127.0.0.1:${port}`
    this.socketUrl = socketPath && `unix://${socketPath}`
    this.#worker = worker
    worker.on('message', (message: FromListener) => {
      if (message.kind === 'request') this.#receive(message)
      else if (message.kind === 'gone') this.#gone.add(message.id)
    })
  }

  spans(): ReceivedSpan[] {
    return this.chunks.flat()
  }

  /**
   * All spans so far, as soon as there are so many, or as soon as `until` is content with them. An `until` that throws,
   * as `find` does, is not content yet.
   */
  async waitForSpans(until: number | ((spans: ReceivedSpan[]) => boolean), timeoutMs = 5000): Promise<ReceivedSpan[]> {
    const isContent = typeof until === 'number' ? (spans: ReceivedSpan[]) => spans.length >= until : until
    const done = (): boolean => {
      try {
        return isContent(this.spans())
      } catch {
        return false
      }
    }
    await this.#wait(done, timeoutMs, typeof until === 'number' ? `${until} spans` : 'the spans')
    return this.spans()
  }

  /** Counts requests of every kind of answer: for the modes in which no span is taken. */
  async waitForRequests(count: number, timeoutMs = 5000): Promise<ReceivedRequest[]> {
    await this.#wait(() => this.requests.length >= count, timeoutMs, `${count} requests`)
    return this.requests
  }

  /** Forgets what was received, so tests can share an agent. */
  clear(): void {
    for (const list of [this.requests, this.chunks, this.violations, this.stats]) list.length = 0
    this.#spanIds.clear()
  }

  /** Cuts all connections, those of `hang` too. */
  async close(): Promise<void> {
    for (const waiter of this.#waiters) this.#settle(waiter, new Error('the fake Agent was closed'))
    await this.#worker.terminate()
  }

  #receive({ id, method, url, headers, body }: FromListener & { kind: 'request' }): void {
    const isTable = this.takesTable && url === '/v0.5/traces'
    const isTraces = /^(PUT|POST)$/.test(method) && (url === '/v0.4/traces' || isTable)
    const request: ReceivedRequest = { method, url, headers, body: Buffer.from(body), chunks: [] }
    this.requests.push(request)
    if (isTraces) {
      const { chunks, violations } = isTable ? decodeTable(request.body) : decodeTraces(request.body)
      request.chunks = chunks
      this.violations.push(...violations, ...headerViolations(headers, chunks.length), ...chunkViolations(chunks))
    }
    const { mode } = this
    if (typeof mode === 'object' && 'slowMs' in mode)
      setTimeout(() => this.#answer(id, request, isTraces), mode.slowMs).unref()
    else if (mode === 'close') this.#tell({ kind: 'destroy', id })
    else if (typeof mode === 'object') this.#reply(id, request, mode.status, '{}')
    else if (mode !== 'hang') this.#answer(id, request, isTraces)
    this.#notify()
  }

  #answer(id: number, request: ReceivedRequest, isTraces: boolean): void {
    // Who has hung up meanwhile will send the same spans again: they count when they are answered.
    if (this.#gone.has(id)) return
    if (this.info !== undefined && request.url === '/info') {
      this.#reply(id, request, 200, JSON.stringify(this.info))
      return
    }
    if (this.info !== undefined && request.url === '/v0.6/stats') {
      this.stats.push(decodeStats(request.body))
      this.#reply(id, request, 200, '{}')
      return
    }
    if (!isTraces) {
      this.#reply(id, request, 404, 'no such endpoint\n')
      return
    }
    for (const span of request.chunks.flat()) {
      const key = `${span.trace_id}/${span.span_id}`
      if (this.#spanIds.has(key)) this.violations.push(`span "${span.name}" (${key}) was sent twice`)
      this.#spanIds.add(key)
    }
    this.chunks.push(...request.chunks)
    this.#reply(id, request, 200, this.mode === 'garbage' ? '<html>' : JSON.stringify({ rate_by_service: this.rates }))
    this.#notify()
  }

  #reply(id: number, request: ReceivedRequest, status: number, body: string): void {
    request.status = status
    const state: Record<string, string> = this.state === undefined ? {} : { 'datadog-agent-state': this.state }
    this.#tell({ kind: 'reply', id, status, headers: { 'content-type': 'application/json', ...state }, body })
  }

  #tell(message: ToListener): void {
    this.#worker.postMessage(message)
  }

  async #wait(done: () => boolean, timeoutMs: number, wanted: string): Promise<void> {
    if (done()) return
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => this.#settle(waiter, this.#timeout(wanted, timeoutMs)), timeoutMs)
      const waiter: Waiter = { done, resolve, reject, timer }
      this.#waiters.add(waiter)
    })
  }

  #notify(): void {
    for (const waiter of this.#waiters) {
      if (waiter.done()) this.#settle(waiter)
    }
  }

  #settle(waiter: Waiter, error?: Error): void {
    clearTimeout(waiter.timer)
    this.#waiters.delete(waiter)
    if (error) waiter.reject(error)
    else waiter.resolve()
  }

  #timeout(wanted: string, timeoutMs: number): Error {
    const seen = this.requests.map(({ method, url, status, chunks }) => {
      const answer = status ?? 'no answer'
      return `  ${method} ${url} -> ${answer}, ${chunks.flat().length} spans`
    })
    return new Error(
      [
        `waited ${timeoutMs} ms in vain for ${wanted}; taken so far:`,
        outline(this.spans()),
        `requests: ${seen.length}`,
        ...seen,
        ...(this.violations.length > 0 ? ['violations:', ...this.violations.map((violation) => `  ${violation}`)] : []),
      ].join('\n'),
    )
  }
}
