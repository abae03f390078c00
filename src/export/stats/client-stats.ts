// Counts the spans of this process in the Agent's place, so that rejected traces need not be sent: `PUT /v0.6/stats`.
//
// Only where the Agent allows it (`/info`), and from the next payload on after it has said so; until then, and with other Agents,
// everything is sent and counted there. A rejected chunk is counted and then costs no more: nothing of it is encoded, unless a
// rule wants single spans of it, or it has an error and was rejected by the Agent's rate, because of those the Agent keeps some.
// Source: datadog-agent, pkg/trace/api (headers), pkg/trace/agent (errors of rejected traces); facts of `client_drop_p0s`.

import { wallMs } from '../../base/clock'
import type { UnsentRequest } from '../../base/exit-delivery'
import { later } from '../../base/later'
import { describe, kindOf, log } from '../../base/log'
import type { Chunk, FinishedSpan } from '../../trace/chunk'
import { isSpanKept } from '../../trace/sampling/is-span-kept'
import { type AgentClient, isTaken } from '../agent-client'
import type { AgentFeatures, AgentInfo } from '../agent-info'
import { Delivery } from '../delivery'
import type { ExportCounts } from '../export-counts'
import { BUCKET_US, Concentrator } from './concentrator'
import { SpanReader } from './span-reader'
import type { StatsBucket, StatsLimits } from './stats-bucket'
import { encodeStats, STATS_PATH, type StatsSource } from './stats-payload'
import { TraceFilter } from './trace-filter'

/** After the end of a bucket: spans that end with it are still being sent. */
const SETTLE_MS = 500
/** The priority of single spans on the wire: the program's own wish. */
const KEPT_BY_PROGRAM = 2

export interface ClientStatsParts extends StatsSource, StatsLimits {
  readonly client: AgentClient
  readonly info: AgentInfo
  readonly counts: ExportCounts
  /** Runs a function so that nothing it starts is traced. */
  mute<T>(fn: () => T): T
  /** For tests. */
  readonly nowMs?: () => number
}

export class ClientStats {
  readonly #parts: ClientStatsParts
  readonly #nowMs: () => number
  readonly #concentrator: Concentrator
  readonly #delivery: Delivery
  /** What the reader and the filter go by. */
  #features: AgentFeatures | undefined
  /** None while the Agent counts. */
  #reader: SpanReader | undefined
  #filter: TraceFilter | undefined
  #timer: NodeJS.Timeout | undefined
  #sending: Promise<void> | undefined
  #sequence = 0
  /** Rejected chunks and spans not sent since the last payload. */
  #withheldChunks = 0
  #withheldSpans = 0

  constructor(parts: ClientStatsParts) {
    this.#parts = parts
    this.#nowMs = parts.nowMs ?? wallMs
    this.#concentrator = new Concentrator(parts)
    this.#delivery = new Delivery(parts.client)
  }

  /** Whether this process counts: to be asked before the first chunk of a payload. */
  get isOn(): boolean {
    const { features } = this.#parts.info
    if (features !== this.#features) this.#follow(features)
    return this.#reader !== undefined
  }

  /** Counts a chunk; returns what of it is to be sent. Only while `isOn`. */
  take(chunk: Chunk): Chunk | undefined {
    try {
      if (this.#reader !== undefined && this.#filter?.drops(chunk) === false) {
        this.#concentrator.add(chunk, this.#reader, this.#nowMs() * 1000)
        if (!this.#concentrator.isEmpty) this.#wait()
      }
    } catch (error) {
      log.once('stats', `a trace could not be counted (${kindOf(error)})`)
    }
    const { priority = 1 } = chunk.trace
    if (priority > 0 || (priority === 0 && chunk.spans.some(hasError))) return chunk
    const kept = chunk.spans.filter(isSpanKept)
    this.#withhold(chunk.spans.length - kept.length, kept.length === 0)
    return kept.length === 0 ? undefined : { trace: chunk.trace, spans: kept, priority: KEPT_BY_PROGRAM }
  }

  /** Of the next payload of counted chunks. */
  takeHeaders(): Record<string, string | number> {
    const headers = {
      'Datadog-Client-Computed-Stats': 'yes',
      'Datadog-Client-Dropped-P0-Traces': this.#withheldChunks,
      'Datadog-Client-Dropped-P0-Spans': this.#withheldSpans,
    }
    this.#withheldChunks = this.#withheldSpans = 0
    return headers
  }

  /** Sends all that was counted. */
  async flush(lastChance = false): Promise<void> {
    if (lastChance) {
      this.#delivery.lastChances++
      this.#delivery.hurry()
    }
    await this.#sending
    this.#sendUntil(Number.POSITIVE_INFINITY)
    await this.#sending
    if (lastChance) this.#delivery.lastChances--
  }

  /** As `Exporter.takeUnsent`. */
  takeUnsent(): UnsentRequest[] {
    const buckets = this.#takeUntil(Number.POSITIVE_INFINITY)
    if (buckets.length === 0) return []
    const request = this.#request(buckets)
    return [{ options: this.#parts.client.options(request), bytes: request.bytes, settle: (why) => this.#settle(why) }]
  }

  /** Drops all that was counted: nobody will take it any more. */
  giveUp(): void {
    if (this.#takeUntil(Number.POSITIVE_INFINITY).length > 0) this.#settle('the process ends')
  }

  /** Lets go of everything. */
  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#reader = undefined
  }

  #follow(features: AgentFeatures | undefined): void {
    this.#features = features
    this.#reader = undefined
    if (features?.clientDropsRejected !== true || !features.endpoints.has(STATS_PATH)) return
    try {
      this.#filter = new TraceFilter(features, this.#parts)
      this.#reader = new SpanReader(this.#parts, features)
    } catch (error) {
      log.once(
        'stats filter',
        `the Agent's filters cannot be followed (${describe(error)}); it counts the spans itself`,
      )
    }
  }

  #withhold(spans: number, isWhole: boolean): void {
    const { counts } = this.#parts
    this.#withheldSpans += spans
    counts.withheldSpans += spans
    if (!isWhole) return
    this.#withheldChunks++
    counts.withheldChunks++
  }

  /** Until shortly after the end of this bucket. Muted, so that the timer does not keep the request that started it in memory. */
  #wait(): void {
    if (this.#timer !== undefined) return
    const bucketMs = BUCKET_US / 1000
    const waitMs = bucketMs - (this.#nowMs() % bucketMs) + SETTLE_MS
    this.#timer = this.#parts.mute(() =>
      later(
        'sending stats',
        () => {
          this.#timer = undefined
          this.#sendUntil(this.#nowMs() * 1000 - BUCKET_US)
          if (!this.#concentrator.isEmpty) this.#wait()
        },
        waitMs,
      ),
    )
  }

  /** Sends the buckets that began before `us`, unless others are on their way: then these go with the next. */
  #sendUntil(us: number): void {
    if (this.#sending !== undefined) return
    const buckets = this.#takeUntil(us)
    if (buckets.length === 0) return
    const { info } = this.#parts
    this.#sending = this.#parts
      .mute(() => {
        info.refresh()
        return this.#delivery.send(this.#request(buckets))
      })
      .then(
        ({ status }) => this.#settle(isTaken(status) ? undefined : `it answered ${status}`),
        (error: NodeJS.ErrnoException) => this.#settle(error.code ?? error.message),
      )
      .finally(() => {
        this.#sending = undefined
      })
  }

  #takeUntil(us: number): StatsBucket[] {
    this.#reader?.forget()
    return this.#concentrator.takeUntil(us)
  }

  #request(buckets: readonly StatsBucket[]): { method: 'PUT'; path: string; bytes: Buffer } {
    return { method: 'PUT', path: STATS_PATH, bytes: encodeStats(this.#parts, buckets, ++this.#sequence) }
  }

  #settle(why: string | undefined): void {
    const { counts, client } = this.#parts
    if (why === undefined) {
      counts.sentStatsPayloads++
      return
    }
    counts.droppedStatsPayloads++
    log.atMostEveryMinute(
      'agent stats',
      () =>
        `stats cannot be sent to the Agent at ${client.address} (${why}); ${counts.droppedStatsPayloads} payloads dropped so far`,
    )
  }
}

function hasError({ error }: FinishedSpan): boolean {
  return error === 1
}
