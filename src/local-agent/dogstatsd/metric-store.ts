// The metrics, events and service checks that the local agent remembers, in memory and bounded.
//
// It takes lines of DogStatsD as the Agent's aggregator does, and the points of the API as Datadog's intake does. Whatever is not taken is
// counted, and the last such lines are kept with the reason: what an account would lose without a word is said here.

import { wallMs } from '../../base/clock'
import { ownText } from '../own-text'
import { BoundedList } from './bounded-list'
import type { Sample } from './gathered'
import type { EventLine, Line, MetricLine, MetricType, ServiceCheckLine } from './line'
import { parseDatagram } from './parse-datagram'
import type { SeriesName, SeriesType, ShownSeries } from './series'
import { MAX_METRIC_BYTES, MAX_NAME_LENGTH, MAX_SERIES, type MetricLimits, SeriesTable } from './series-table'
import { meaningOf } from './tag-meaning'

/** Of events, and of service checks: a thousand of the longest that an Agent reads, or fewer of the longest that the API does. */
export const MAX_NOTES = 1000
const MAX_NOTE_BYTES = 16 * 1024 * 1024
/** What one takes in memory without its texts, and each tag. */
const NOTE_BYTES = 500
const TAG_BYTES = 50
export const MAX_REJECTED = 100
/** Bytes of a rejected line that are kept. */
const MAX_REJECTED_BYTES = 200

/** Datadog drops points that are older, or further ahead, without a word. Source: "Submit metrics" of its API. */
export const MAX_AGE_S = 3600
export const MAX_AHEAD_S = 600

const TYPE_NAMES = {
  c: 'count',
  g: 'gauge',
  ms: 'timing',
  h: 'histogram',
  s: 'set',
  d: 'distribution',
} as const satisfies Record<MetricType, SeriesType>

export type Received<T> = Omit<T, 'kind'> & {
  /** Milliseconds since the Unix epoch. */
  readonly receivedAt: number
  readonly source: SeriesName['source']
}

export interface Rejected {
  readonly receivedAt: number
  /** The beginning of the line. */
  readonly line: string
  readonly reason: string
}

export class MetricStore {
  readonly events = new BoundedList<Received<EventLine>>(MAX_NOTES, MAX_NOTE_BYTES)
  readonly checks = new BoundedList<Received<ServiceCheckLine>>(MAX_NOTES, MAX_NOTE_BYTES)
  readonly rejected = new BoundedList<Rejected>(MAX_REJECTED, MAX_NOTE_BYTES)
  /** Lines that were understood, by what they are. */
  readonly #lines = { count: 0, gauge: 0, timing: 0, histogram: 0, set: 0, distribution: 0, event: 0, check: 0 }
  readonly #api = { points: 0, events: 0, checks: 0 }
  readonly #otlp = { points: 0 }
  readonly #series: SeriesTable
  readonly #now: () => number
  readonly #listeners = new Set<() => void>()
  #values = 0
  #rejectedLines = 0
  #rejectedValues = 0
  #ignoredFields = 0
  #outOfRange = 0

  /** @param options.now milliseconds since the Unix epoch */
  constructor(options: Partial<MetricLimits> & { readonly now?: () => number } = {}) {
    const { maxSeries = MAX_SERIES, maxBytes = MAX_METRIC_BYTES, now = wallMs } = options
    this.#series = new SeriesTable({ maxSeries, maxBytes })
    this.#now = now
  }

  get counters() {
    const lines = { ...this.#lines }
    return {
      /** Lines of DogStatsD: those that were understood, and those that were not. */
      received: Object.values(lines).reduce((sum, count) => sum + count, this.#rejectedLines),
      rejectedLines: this.#rejectedLines,
      lines,
      /** Of the metrics: a line may hold several. */
      values: this.#values,
      /** NaN and infinite values in lines that were understood. */
      rejectedValues: this.#rejectedValues,
      /** Fields of events and service checks with values that the Agent passes over. */
      ignoredFields: this.#ignoredFields,
      /** Values with a time that Datadog would not keep. */
      outOfRange: this.#outOfRange,
      api: { ...this.#api },
      otlp: { ...this.#otlp },
      series: this.#series.size,
      evictedSeries: this.#series.evicted,
      bytes: this.#series.bytes,
      ...this.#series.limits,
    }
  }

  /** Calls `listener` with each value, event and service check. */
  subscribe(listener: () => void): void {
    this.#listeners.add(listener)
  }

  /** Takes lines with newlines between them. */
  take(datagram: Buffer): void {
    parseDatagram(datagram, (line, bytes) => this.#takeLine(line, bytes))
  }

  /** Series whose windows changed last first, with so many of their last windows. */
  latest(limit: number, windows: number, isWanted: (name: string) => boolean = () => true): ShownSeries[] {
    return this.#series.latest(limit, isWanted).map((series) => series.shown(windows))
  }

  /** Takes points of the API. */
  addPoints(of: SeriesName, points: readonly { readonly value: number; readonly second: number }[]): void {
    for (const { value, second } of points) {
      this.#api.points++
      this.#add(of, [{ value, text: '', weight: 1, second }], second)
    }
  }

  /**
   * Takes a point of OTLP.
   * @returns false if its name and tags are too long
   */
  addOtlp(of: Omit<SeriesName, 'source'>, point: Pick<Sample, 'value' | 'second' | 'distribution'>): boolean {
    this.#otlp.points++
    return this.#add({ ...of, source: 'otlp' }, [{ text: '', weight: 1, ...point }], point.second)
  }

  addEvent(event: Omit<EventLine, 'kind'>, source: SeriesName['source']): void {
    if (source === 'api') this.#api.events++
    this.#ignoredFields += event.ignored.length
    this.events.add({ ...event, ...this.#received(event, source) }, bytesOf(event))
  }

  addCheck(check: Omit<ServiceCheckLine, 'kind'>, source: SeriesName['source']): void {
    if (source === 'api') this.#api.checks++
    this.#ignoredFields += check.ignored.length
    this.checks.add({ ...check, ...this.#received(check, source) }, bytesOf(check))
  }

  #tell(): void {
    for (const listener of this.#listeners) listener()
  }

  #received(note: { tags: readonly string[]; hostname: string | undefined }, source: SeriesName['source']) {
    const { host, tags } = meaningOf(note.tags)
    this.#tell()
    return { tags, hostname: note.hostname || host || undefined, receivedAt: this.#now(), source }
  }

  #takeLine(line: Line, bytes: Buffer): void {
    let refusal: string | undefined
    if (line.kind === 'metric') refusal = this.#takeMetric(line)
    else if (line.kind === 'rejected') refusal = line.reason
    else {
      this.#lines[line.kind]++
      const { kind, ...note } = line
      if (kind === 'event') this.addEvent(note as Omit<EventLine, 'kind'>, 'dogstatsd')
      else this.addCheck(note as Omit<ServiceCheckLine, 'kind'>, 'dogstatsd')
    }
    if (refusal === undefined) return
    this.#rejectedLines++
    const beginning = ownText(bytes.toString('utf8', 0, MAX_REJECTED_BYTES))
    this.rejected.add({ receivedAt: this.#now(), line: beginning, reason: refusal }, NOTE_BYTES)
  }

  /** Returns why it is not taken, if it is not. */
  #takeMetric({ name, type, values, setValue, rate, tags, timestamp }: MetricLine): string | undefined {
    if (timestamp !== undefined && type !== 'c' && type !== 'g') return 'only counts and gauges may have a timestamp'
    const weight = weightOf(type, rate)
    if (!(weight > 0 && weight < Number.POSITIVE_INFINITY)) return 'the rate is not above 0'
    const second = timestamp ?? Math.floor(this.#now() / 1000)
    const samples: Sample[] = []
    if (setValue !== undefined) samples.push({ value: 0, text: ownText(setValue), weight, second })
    for (const value of values) {
      if (Number.isFinite(value)) samples.push({ value, text: '', weight, second })
    }
    const typeName = TYPE_NAMES[type]
    if (
      samples.length > 0 &&
      !this.#add({ source: 'dogstatsd', type: typeName, name, ...meaningOf(tags) }, samples, second)
    ) {
      return `name and tags have more than ${MAX_NAME_LENGTH} characters`
    }
    this.#lines[typeName]++
    this.#values += samples.length
    this.#rejectedValues += setValue === undefined ? values.length - samples.length : 0
    return undefined
  }

  #add(of: SeriesName, samples: readonly Sample[], second: number): boolean {
    const nowS = this.#now() / 1000
    const isKept = second >= nowS - MAX_AGE_S && second <= nowS + MAX_AHEAD_S
    if (!isKept) this.#outOfRange += samples.length
    this.#tell()
    return this.#series.add(of, samples, isKept, nowS)
  }
}

/** How many times a value counts. Gauges and sets have no rate; where the Agent would divide by 0, a histogram takes it for 1. */
function weightOf(type: MetricType, rate: number): number {
  if (type === 'g' || type === 's') return 1
  return rate === 0 && type !== 'c' ? 1 : 1 / rate
}

/** Its texts may have two bytes a character. */
function bytesOf(note: Omit<EventLine, 'kind'> | Omit<ServiceCheckLine, 'kind'>): number {
  let bytes = NOTE_BYTES
  for (const value of Object.values(note)) {
    if (typeof value === 'string') bytes += value.length * 2
    else if (Array.isArray(value)) for (const text of value as string[]) bytes += TAG_BYTES + text.length * 2
  }
  return bytes
}
