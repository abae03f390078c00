// Sends finished spans to a Datadog Agent: `PUT /v0.4/traces`, msgpack, one keep-alive connection, one request at a time.
//
// Chunks are encoded when they come, so what waits is bytes and its limit is exact. A payload leaves on a timer, when it is
// large, or when asked. Only failures of the network are tried again, and while that goes on new chunks gather up to the limit;
// beyond it, and when a payload is given up, they are dropped, counted, and that is said once a minute. The program
// never waits for any of this, and its exit only for the last request.

import type { Agent as HttpAgent, IncomingMessage, RequestOptions } from 'node:http'
import { log } from '../base/log'
import type { Chunk } from '../trace/chunk'
import { containerHeaders } from './container-id'
import { type ProcessTags, TraceEncoder } from './encoder'
import type { Exporter } from './exporter'

/** A payload this large does not wait for the timer; a little less than the 2 MiB up to which its buffer has then grown. */
const FLUSH_BYTES = 2000 * 1024
/** No more is kept while the Agent cannot be reached. Agents accept 25 MB. */
const MAX_BYTES = 8 * 1024 * 1024
const TIMEOUT_MS = 2000
/** Waits before the second and third attempt. */
const RETRY_DELAYS_MS = [500, 2000]
/** The code of an exchange that took too long. */
const TIMED_OUT = 'TIMEOUT'
/** Replies are small; what exceeds this is not one. */
const MAX_REPLY_BYTES = 1024 * 1024

/** Failures of the way to the Agent: nothing arrived, so sending again loses and doubles nothing. */
const NETWORK_CODES = new Set(['EAI_AGAIN', 'ECONNREFUSED', 'ECONNRESET', 'ENOENT', 'ENOTFOUND', 'EPIPE', 'ETIMEDOUT'])

export interface AgentExporterParts extends ProcessTags {
  /** `http:`, `https:` or `unix:`. */
  readonly url: URL
  readonly flushIntervalMs: number
  readonly tracerVersion: string
  /** Passed on as `Datadog-External-Env`. */
  readonly externalEnv?: string | undefined
  /** Runs a function so that nothing it starts is traced. */
  mute<T>(fn: () => T): T
  /** Takes the Agent's rates. */
  onRates(rates: Readonly<Record<string, number>>): void
  /** Defaults to the constants of this file; for tests. */
  readonly limits?: {
    readonly maxBytes?: number
    readonly timeoutMs?: number
    readonly retryDelaysMs?: readonly number[]
  }
}

/** What became of the chunks. */
export interface ExporterCounts {
  readonly sentChunks: number
  readonly sentPayloads: number
  readonly droppedChunks: number
}

interface Payload {
  readonly bytes: Buffer
  readonly chunks: number
}

interface Reply {
  readonly status: number | undefined
  readonly body: string
  readonly headers: IncomingMessage['headers']
  /** Whether all of the request had left the process by then. */
  readonly isWritten: boolean
}

export class AgentExporter implements Exporter {
  readonly #parts: AgentExporterParts
  readonly #encoder: TraceEncoder
  readonly #maxBytes: number
  readonly #timeoutMs: number
  readonly #retryDelaysMs: readonly number[]
  #agent: HttpAgent | undefined
  #target: RequestOptions | undefined
  #ratesVersion: string | undefined
  #timer: NodeJS.Timeout | undefined
  /** The request under way, retries included. */
  #sending: Promise<void> | undefined
  /** Whether the last exchange took too long. */
  #hangs = false
  /** Cuts the wait before a retry short. */
  #hurry: (() => void) | undefined
  /** Flushes under way that do not wait to try again. */
  #lastChances = 0
  #isShut = false
  #sentChunks = 0
  #sentPayloads = 0
  #droppedChunks = 0
  /** Why the last payload was not taken, while none has been since: the reason that the buffer fills. */
  #lastFailure: string | undefined

  constructor(parts: AgentExporterParts) {
    this.#parts = parts
    this.#encoder = new TraceEncoder(parts)
    this.#maxBytes = parts.limits?.maxBytes ?? MAX_BYTES
    this.#timeoutMs = parts.limits?.timeoutMs ?? TIMEOUT_MS
    this.#retryDelaysMs = parts.limits?.retryDelaysMs ?? RETRY_DELAYS_MS
  }

  get counts(): ExporterCounts {
    return { sentChunks: this.#sentChunks, sentPayloads: this.#sentPayloads, droppedChunks: this.#droppedChunks }
  }

  export(chunk: Chunk): void {
    if (this.#isShut) {
      this.#droppedChunks++
      return
    }
    try {
      if (!this.#encoder.add(chunk, this.#maxBytes)) this.#drop(1, this.#lastFailure ?? 'the buffer is full')
    } catch (error) {
      this.#drop(1, `a span could not be encoded: ${String(error)}`)
    }
    const { flushIntervalMs } = this.#parts
    if (flushIntervalMs === 0 || this.#encoder.bytes >= FLUSH_BYTES) this.#sendNext()
    // Muted, so that the timer does not keep the request that started it in memory.
    else this.#timer ??= this.#parts.mute(() => setTimeout(() => this.#sendNext(), flushIntervalMs).unref())
  }

  async flush(lastChance = false): Promise<void> {
    if (lastChance) {
      this.#lastChances++
      this.#hurry?.()
    }
    // What is under way, then what waited behind it: chunks that come meanwhile are not this flush's affair.
    await this.#sending
    if (lastChance && this.#hangs) this.#giveUp()
    this.#sendNext()
    await this.#sending
    if (lastChance) this.#lastChances--
  }

  async shutdown(): Promise<void> {
    this.#isShut = true
    await this.flush(true)
    clearTimeout(this.#timer)
    this.#agent?.destroy()
    this.#agent = undefined
  }

  /** An Agent that has just not answered would only hold up the end of the process once more. */
  #giveUp(): void {
    const { chunks } = this.#encoder
    if (chunks === 0) return
    this.#encoder.take()
    this.#drop(chunks, 'the process ends')
  }

  /** Takes the payload and sends it, unless one is on its way: then the next goes when that is done. */
  #sendNext(): void {
    if (this.#sending !== undefined) return
    clearTimeout(this.#timer)
    this.#timer = undefined
    const { chunks } = this.#encoder
    if (chunks === 0) return
    const payload = { bytes: this.#encoder.take(), chunks }
    this.#sending = this.#parts
      .mute(() => this.#sendWithRetries(payload))
      .finally(() => {
        this.#sending = undefined
        if (this.#encoder.bytes >= FLUSH_BYTES) this.#sendNext()
        else if (this.#encoder.chunks > 0) {
          this.#timer ??= this.#parts.mute(() =>
            setTimeout(() => this.#sendNext(), this.#parts.flushIntervalMs).unref(),
          )
        }
      })
  }

  async #sendWithRetries(payload: Payload): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      try {
        const { status, body, headers, isWritten } = await this.#request(payload)
        this.#hangs = false
        this.#lastFailure = undefined
        if (status === undefined || status < 200 || status >= 300)
          return this.#drop(payload.chunks, `it answered ${status}`)
        this.#sentChunks += payload.chunks
        this.#sentPayloads++
        // An answer can come early, while the socket still holds the bytes.
        if (isWritten) this.#encoder.giveBack(payload.bytes)
        this.#readRates(body, headers)
        return
      } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException
        this.#hangs = code === TIMED_OUT
        this.#lastFailure = code ?? message
        const delayMs = this.#retryDelaysMs[attempt]
        if (delayMs === undefined || this.#lastChances > 0 || code === undefined || !NETWORK_CODES.has(code)) {
          return this.#drop(payload.chunks, code ?? message)
        }
        await this.#wait(delayMs)
      }
    }
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer)
        this.#hurry = undefined
        resolve()
      }
      const timer = setTimeout(done, ms).unref()
      this.#hurry = done
    })
  }

  #request({ bytes, chunks }: Payload): Promise<Reply> {
    const { request } = this.#connect()
    return new Promise((resolve, reject) => {
      const outgoing = request({ ...this.#target, headers: this.#headers(bytes.length, chunks) })
      // A hanging Agent must not hold up the exit: the whole exchange has one deadline.
      const deadline = setTimeout(() => {
        outgoing.destroy(Object.assign(new Error(`no answer within ${this.#timeoutMs} ms`), { code: TIMED_OUT }))
      }, this.#timeoutMs).unref()
      const fail = (error: Error) => {
        clearTimeout(deadline)
        reject(error)
      }
      outgoing.on('error', fail)
      outgoing.on('response', (response) => {
        let body = ''
        response.setEncoding('utf8')
        response.on('data', (part: string) => {
          if (body.length < MAX_REPLY_BYTES) body += part
        })
        response.on('error', fail)
        response.on('end', () => {
          clearTimeout(deadline)
          resolve({
            status: response.statusCode,
            body,
            headers: response.headers,
            isWritten: outgoing.writableFinished,
          })
        })
      })
      outgoing.end(bytes)
    })
  }

  /** Loads the client of the URL's protocol at the first request. */
  #connect(): { request: (options: RequestOptions) => import('node:http').ClientRequest } {
    const { url } = this.#parts
    const client =
      url.protocol === 'https:'
        ? (require('node:https') as typeof import('node:https'))
        : (require('node:http') as typeof import('node:http'))
    this.#agent ??= new client.Agent({ keepAlive: true, maxSockets: 1 })
    this.#target ??= {
      method: 'PUT',
      agent: this.#agent,
      ...(url.protocol === 'unix:'
        ? { socketPath: decodeURIComponent(url.pathname), path: '/v0.4/traces' }
        : {
            protocol: url.protocol,
            hostname: url.hostname.replace(/^\[|\]$/g, ''),
            port: url.port,
            path: `${url.pathname.replace(/\/$/, '')}/v0.4/traces`,
          }),
    }
    return client
  }

  /** Source: datadog-agent, pkg/trace/api: the headers of its trace endpoints. */
  #headers(bytes: number, chunks: number): Record<string, string | number> {
    this.#fixedHeaders ??= {
      'Content-Type': 'application/msgpack',
      'Datadog-Meta-Lang': 'nodejs',
      'Datadog-Meta-Lang-Version': process.version,
      'Datadog-Meta-Lang-Interpreter': 'v8',
      'Datadog-Meta-Tracer-Version': this.#parts.tracerVersion,
      'Datadog-Client-Computed-Top-Level': 'yes',
      'Datadog-Send-Real-Http-Status': 'true',
      ...(this.#parts.externalEnv === undefined ? {} : { 'Datadog-External-Env': this.#parts.externalEnv }),
      ...containerHeaders(),
    }
    const headers: Record<string, string | number> = {
      ...this.#fixedHeaders,
      'Content-Length': bytes,
      'X-Datadog-Trace-Count': chunks,
    }
    if (this.#ratesVersion !== undefined) headers['Datadog-Rates-Payload-Version'] = this.#ratesVersion
    return headers
  }
  #fixedHeaders: Record<string, string> | undefined

  /** A reply without rates (legal: `{}`, or the text OK of an old Agent) leaves the ones known in force. */
  #readRates(body: string, headers: IncomingMessage['headers']): void {
    try {
      const { rate_by_service: rates } = JSON.parse(body) as { rate_by_service?: Record<string, number> }
      if (typeof rates !== 'object' || rates === null) return
      this.#parts.onRates(rates)
      const version = headers['datadog-rates-payload-version']
      if (typeof version === 'string') this.#ratesVersion = version
    } catch {
      log.debug('the Agent answered without rates')
    }
  }

  #drop(chunks: number, why: string): void {
    this.#droppedChunks += chunks
    const { url } = this.#parts
    log.atMostEveryMinute(
      'agent',
      () =>
        `traces cannot be sent to the Agent at ${url.protocol}//${url.host || url.pathname} (${why}); ${this.#droppedChunks} dropped so far`,
    )
  }
}
