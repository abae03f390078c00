// What a client tells Datadog about itself every ten seconds, through its own transport: what it was given, sent and dropped. Datadog shows
// it under `datadog.dogstatsd.client.*`, and does not bill it.
//
// Source: Datadog's page on high throughput of DogStatsD, section on the telemetry of clients, and the names in datadog-go 5.9.0.

import { later } from '../../base/later'
import type { ClientStats } from '../client-stats'
import type { PacketListener } from '../transport/transport'
import { COUNT, KIND_NAMES, KINDS, type Kind, TYPES } from './dialect'

const PREFIX = 'datadog.dogstatsd.client.'

/** What the calls of a client and its children were, since it was made. */
export class CallCounts {
  readonly metrics = KINDS.map(() => 0)
  events = 0
  serviceChecks = 0

  add(kind: Kind): void {
    this.metrics[kind] = (this.metrics[kind] as number) + 1
  }
}

interface TelemetrySettings {
  /** 0: after each packet. */
  readonly intervalMs: number
  readonly calls: CallCounts
  readonly stats: ClientStats
  /** Series that aggregation has sent since the client was made, by kind; undefined without aggregation. */
  readonly flushedSeries: readonly number[] | undefined
  /** How a line ends: the tags of the client, with one more if it is given. */
  readonly endWith: (tag?: string) => string
  readonly send: (lines: readonly string[]) => void
}

type Reason = 'queue' | 'writer'

export class Telemetry implements PacketListener {
  readonly #settings: TelemetrySettings
  readonly #packetsDropped = { queue: 0, writer: 0 }
  readonly #bytesDropped = { queue: 0, writer: 0 }
  /** What each line has told so far. */
  readonly #told = new Map<string, number>()
  readonly #ends = new Map<string, string>()
  #timer: NodeJS.Timeout | undefined

  constructor(settings: TelemetrySettings) {
    this.#settings = settings
  }

  sent(): void {}

  dropped(reason: Reason, packets: number, bytes: number): void {
    this.#packetsDropped[reason] += packets
    this.#bytesDropped[reason] += bytes
  }

  failed(): void {}

  /** A client that sends nothing has nothing to tell, and keeps no timer. */
  afterPacket(): void {
    const { intervalMs } = this.#settings
    if (intervalMs === 0) this.tell()
    else this.#timer ??= later('telling of metrics', () => this.tell(), intervalMs)
  }

  /** Tells what has come since the last time. */
  tell(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#settings.send([...this.#lines()])
  }

  /** Tells what was not told yet, for the last time. */
  stop(): void {
    if (this.#timer !== undefined) this.tell()
  }

  *#lines(): Generator<string> {
    const { calls, stats, flushedSeries } = this.#settings
    const { queue: packetsQueue, writer: packetsWriter } = this.#packetsDropped
    const { queue: bytesQueue, writer: bytesWriter } = this.#bytesDropped
    yield this.#line('metrics', sum(calls.metrics))
    yield* this.#linesByType('metrics_by_type', calls.metrics)
    yield this.#line('events', calls.events)
    yield this.#line('service_checks', calls.serviceChecks)
    yield this.#line('metric_dropped_on_receive', stats.droppedInvalid + stats.droppedTooLong + stats.droppedClosed)
    yield this.#line('bytes_sent', stats.bytesSent)
    yield this.#line('bytes_dropped', bytesQueue + bytesWriter)
    yield this.#line('bytes_dropped_queue', bytesQueue)
    yield this.#line('bytes_dropped_writer', bytesWriter)
    yield this.#line('packets_sent', stats.packetsSent)
    yield this.#line('packets_dropped', packetsQueue + packetsWriter)
    yield this.#line('packets_dropped_queue', packetsQueue)
    yield this.#line('packets_dropped_writer', packetsWriter)
    if (flushedSeries === undefined) return
    yield this.#line('aggregated_context', sum(flushedSeries))
    yield* this.#linesByType('aggregated_context_by_type', flushedSeries)
  }

  /** Types that the program does not use have no lines. */
  *#linesByType(name: string, counts: readonly number[]): Generator<string> {
    for (const kind of KINDS) {
      if (counts[kind] !== 0) yield this.#line(name, counts[kind] ?? 0, `metrics_type:${KIND_NAMES[kind]}`)
    }
  }

  #line(name: string, total: number, tag = ''): string {
    const key = name + tag
    const told = this.#told.get(key) ?? 0
    this.#told.set(key, total)
    return `${PREFIX}${name}:${total - told}${TYPES[COUNT]}${this.#end(tag)}`
  }

  #end(tag: string): string {
    let end = this.#ends.get(tag)
    if (end === undefined) {
      end = this.#settings.endWith(tag)
      this.#ends.set(tag, end)
    }
    return end
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, number) => all + number, 0)
}
