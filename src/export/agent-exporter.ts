// Sends finished spans to a Datadog Agent: msgpack, one keep-alive connection, one request at a time.
//
// Chunks are encoded when they come, so what waits is bytes and its limit is exact. A payload leaves on a timer, when it is
// large, or when asked. Only failures of the network are tried again, and while that goes on new chunks gather up to the limit;
// beyond it, and when a payload is given up, they are dropped, counted, and that is said once a minute. The program
// never waits for any of this, and its exit only for the last request.
//
// Where the process counts its spans itself (stats/client-stats.ts), a payload holds either only chunks that are in those counts
// or only ones that are not: the Agent is told which by a header, and counts the others. So the change comes between two payloads.

import type { UnsentRequest } from '../base/exit-delivery'
import { later } from '../base/later'
import { kindOf, log } from '../base/log'
import { quietly } from '../base/quietly'
import type { Chunk } from '../trace/chunk'
import { AgentClient, type AgentRequest, isTaken } from './agent-client'
import { AgentInfo } from './agent-info'
import { type ChunkEncoder, MAP_PATH, TABLE_PATH } from './chunk-encoder'
import { Delivery } from './delivery'
import { TraceEncoder } from './encoder'
import { ExportCounts, type ExporterCounts } from './export-counts'
import type { Exporter } from './exporter'
import type { ProcessTags } from './process-tags'
import { type OnRates, RatesReply } from './rates-reply'
import type { ClientStats } from './stats/client-stats'
import type { StatsLimits } from './stats/stats-bucket'

/** A payload this large does not wait for the timer; a little less than the 4 MiB up to which its buffer has then grown. */
const FLUSH_BYTES = 4000 * 1024
/** No more is kept while the Agent cannot be reached. Agents accept 25 MB. */
const MAX_BYTES = 8 * 1024 * 1024

export interface AgentExporterParts extends ProcessTags, StatsLimits {
  /** `http:`, `https:` or `unix:`. */
  readonly url: URL
  readonly flushIntervalMs: number
  readonly tracerVersion: string
  /** Passed on as `Datadog-External-Env`. */
  readonly externalEnv?: string | undefined
  /** Of the traces. */
  readonly agentProtocolVersion?: '0.4' | '0.5'
  /** Whether this process counts its spans itself where the Agent lets it, and then keeps rejected ones to itself. */
  readonly statsComputation?: boolean
  /** Whether events go in their own form where the Agent knows it. */
  readonly nativeSpanEvents?: boolean
  /** Runs a function so that nothing it starts is traced. */
  mute<T>(fn: () => T): T
  readonly onRates: OnRates
  /** Defaults to the constants of this file and of `delivery.ts`; for tests. */
  readonly limits?: {
    readonly maxBytes?: number
    readonly timeoutMs?: number
    readonly retryDelaysMs?: readonly number[]
  }
}

interface Payload {
  readonly bytes: Buffer
  readonly path: string
  readonly chunks: number
  readonly spans: number
  readonly headers: Readonly<Record<string, string | number>>
}

export class AgentExporter implements Exporter {
  readonly #parts: AgentExporterParts
  readonly #client: AgentClient
  readonly #delivery: Delivery
  readonly #info: AgentInfo | undefined
  readonly #stats: ClientStats | undefined
  readonly #counts = new ExportCounts()
  readonly #rates: RatesReply
  readonly #maxBytes: number
  #encoder: ChunkEncoder
  /** Whether the Agent may know version 0.5. */
  #takesTable: boolean
  /** Whether the chunks of the payload that gathers are in the stats. */
  #isCounted = false
  #timer: NodeJS.Timeout | undefined
  /** The request under way, retries included. */
  #sending: Promise<void> | undefined
  /** What it carries; undefined as soon as it was given up or handed over. */
  #underWay: Payload | undefined
  #isShut = false

  constructor(parts: AgentExporterParts) {
    const { limits, statsComputation, nativeSpanEvents } = parts
    this.#parts = parts
    this.#client = new AgentClient({ ...parts, timeoutMs: limits?.timeoutMs })
    this.#delivery = new Delivery(this.#client, limits?.retryDelaysMs)
    this.#rates = new RatesReply((rates) => parts.onRates(rates))
    this.#maxBytes = limits?.maxBytes ?? MAX_BYTES
    this.#takesTable = parts.agentProtocolVersion === '0.5'
    this.#encoder = this.#takesTable ? tableEncoder(parts) : new TraceEncoder(parts)
    if (statsComputation === true || nativeSpanEvents === true) this.#info = new AgentInfo(this.#client)
    if (statsComputation !== true || this.#info === undefined) return
    const { ClientStats } = require('./stats/client-stats') as typeof import('./stats/client-stats')
    this.#stats = new ClientStats({ ...parts, client: this.#client, info: this.#info, counts: this.#counts })
  }

  get counts(): ExporterCounts {
    return this.#counts.snapshot()
  }

  export(chunk: Chunk): void {
    const { trace, spans } = chunk
    if (trace.priority !== undefined && trace.priority <= 0) {
      this.#counts.rejectedChunks++
      this.#counts.rejectedSpans += spans.length
    }
    if (this.#isShut) {
      this.#counts.dropped(1, spans.length, 'shut down')
      return
    }
    if (this.#encoder.chunks === 0) this.#beginPayload()
    const rest = this.#isCounted && this.#stats !== undefined ? this.#stats.take(chunk) : chunk
    if (rest === undefined) return
    try {
      if (!this.#encoder.add(rest, this.#maxBytes)) {
        this.#drop(1, rest.spans.length, this.#delivery.lastFailure ?? 'the buffer is full')
      }
    } catch (error) {
      this.#drop(1, rest.spans.length, `a span could not be encoded: ${kindOf(error)}`)
    }
    const { flushIntervalMs } = this.#parts
    if (flushIntervalMs === 0 || this.#encoder.bytes >= FLUSH_BYTES) this.#sendNext()
    else this.#wait()
  }

  async flush(lastChance = false): Promise<void> {
    if (lastChance) {
      this.#delivery.lastChances++
      this.#delivery.hurry()
    }
    // What is under way, then what waited behind it: chunks that come meanwhile are not this flush's affair.
    await this.#sending
    if (lastChance && this.#delivery.hangs) this.#giveUp()
    this.#sendNext()
    await this.#sending
    if (lastChance && this.#delivery.hangs) this.#giveUp()
    await this.#stats?.flush(lastChance)
    if (lastChance) this.#delivery.lastChances--
    // So that what follows a flush knows what the Agent can do.
    else await this.#info?.settled()
  }

  takeUnsent(): UnsentRequest[] {
    if (this.#delivery.hangs) {
      this.#giveUp()
      return []
    }
    const payloads: Payload[] = []
    // Written bytes arrive without us; anything less the Agent shall see cut off, and drop.
    if (this.#underWay !== undefined && this.#delivery.takeBack()) {
      payloads.push(this.#underWay)
      this.#underWay = undefined
    }
    if (this.#encoder.chunks > 0) payloads.push(this.#takePayload())
    const unsent: UnsentRequest[] = payloads.map((payload) => ({
      options: this.#client.options(requestOf(payload)),
      bytes: payload.bytes,
      settle: (why) => (why === undefined ? this.#sent(payload) : this.#drop(payload.chunks, payload.spans, why)),
    }))
    return this.#stats === undefined ? unsent : [...unsent, ...this.#stats.takeUnsent()]
  }

  async shutdown(): Promise<void> {
    this.#isShut = true
    // Its timer would not know that the Agent has just not answered.
    this.#stats?.stop()
    await this.flush(true)
    clearTimeout(this.#timer)
    this.#client.close()
  }

  /** What holds for a payload as a whole is settled before its first chunk. */
  #beginPayload(): void {
    if (this.#encoder.path === TABLE_PATH && !this.#takesTable) this.#encoder = new TraceEncoder(this.#parts)
    this.#isCounted = this.#stats?.isOn === true
    this.#encoder.hasNativeEvents = this.#parts.nativeSpanEvents === true && this.#info?.features?.spanEvents === true
  }

  /** Muted, so that the timer does not keep the request that started it in memory. */
  #wait(): void {
    const { flushIntervalMs: ms, mute } = this.#parts
    this.#timer ??= mute(() => later('sending spans', () => this.#sendNext(), ms))
  }

  /** An Agent that has just not answered would only hold up the end of the process once more. */
  #giveUp(): void {
    this.#stats?.giveUp()
    const { chunks, spans } = this.#encoder
    if (chunks === 0) return
    this.#encoder.take()
    this.#drop(chunks, spans, 'the process ends')
  }

  /** Takes the payload and sends it, unless one is on its way: then the next goes when that is done. */
  #sendNext(): void {
    // Also while one is on its way: a timer that has run must not be taken for one that will.
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#sending !== undefined || this.#encoder.chunks === 0) return
    const payload = this.#takePayload()
    this.#underWay = payload
    this.#sending = this.#sendMuted(payload).then(() => this.#afterSending())
  }

  /** Never rejects. */
  async #sendMuted(payload: Payload): Promise<void> {
    try {
      await this.#parts.mute(() => {
        this.#info?.refresh()
        return this.#send(payload)
      })
    } catch (fault) {
      this.#drop(payload.chunks, payload.spans, kindOf(fault))
    }
  }

  #afterSending(): void {
    this.#sending = undefined
    this.#underWay = undefined
    quietly('sending spans', () => {
      if (this.#encoder.bytes >= FLUSH_BYTES) this.#sendNext()
      else if (this.#encoder.chunks > 0) this.#wait()
    })
  }

  async #send(payload: Payload): Promise<void> {
    try {
      const reply = await this.#delivery.send(requestOf(payload))
      if (reply.status === 404 || reply.status === 415) {
        const older = this.#downgraded(payload)
        if (older !== undefined) {
          this.#underWay = older
          return await this.#send(older)
        }
      }
      if (!isTaken(reply.status)) {
        this.#drop(payload.chunks, payload.spans, `it answered ${reply.status}`)
        return
      }
      this.#sent(payload)
      // An answer can come early, while the socket still holds the bytes.
      if (reply.isWritten && payload.path === this.#encoder.path) this.#encoder.giveBack(payload.bytes)
      this.#rates.read(reply)
    } catch (error) {
      if (this.#underWay !== payload) return
      this.#drop(payload.chunks, payload.spans, (error as NodeJS.ErrnoException | null)?.code ?? kindOf(error))
    }
  }

  /** The same for an Agent that does not know the version, as is all that comes from now on. */
  #downgraded(payload: Payload): Payload | undefined {
    if (payload.path !== TABLE_PATH) return undefined
    log.once('agent protocol', 'the Agent does not take traces of version 0.5; they are sent as version 0.4')
    this.#takesTable = false
    const { downgradePayload } = require('./downgrade-payload') as typeof import('./downgrade-payload')
    return { ...payload, bytes: downgradePayload(payload.bytes), path: MAP_PATH }
  }

  #takePayload(): Payload {
    const { path, chunks, spans } = this.#encoder
    const headers = {
      'X-Datadog-Trace-Count': chunks,
      'Datadog-Client-Computed-Top-Level': 'true',
      'Datadog-Send-Real-Http-Status': 'true',
      ...this.#rates.headers,
      ...(this.#isCounted ? this.#stats?.takeHeaders() : undefined),
    }
    return { path, chunks, spans, headers, bytes: this.#encoder.take() }
  }

  #sent({ chunks, spans }: Payload): void {
    this.#counts.sentPayloads++
    this.#counts.sentChunks += chunks
    this.#counts.sentSpans += spans
  }

  #drop(chunks: number, spans: number, why: string): void {
    this.#counts.dropped(chunks, spans, why)
    log.atMostEveryMinute(
      'agent',
      () =>
        `traces cannot be sent to the Agent at ${this.#client.address} (${why}); ${this.#counts.droppedChunks} dropped so far`,
    )
  }
}

/** Loaded only where it is asked for. */
function tableEncoder(parts: ProcessTags): ChunkEncoder {
  const { TableEncoder } = require('./table-encoder') as typeof import('./table-encoder')
  return new TableEncoder(parts)
}

function requestOf({ path, bytes, headers }: Payload): AgentRequest {
  return { method: 'PUT', path, bytes, headers }
}
