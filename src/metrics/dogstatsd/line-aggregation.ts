// Merges what is recorded in an interval, so that a series is one line and not one for each call: counts are summed, of gauges the last
// value is kept, of sets each value once, and the samples of histograms, distributions and timings share lines. A series is the kind,
// the name, the tags in any order and the cardinality.
//
// A call with a rate counts for the calls that the dice left out: a sum grows by `value / rate`, and is sent without a rate. Samples keep
// it, because the server weights each by it.

import { numberText, timeText } from '../number-text'
import { COUNT, GAUGE, KINDS, type Kind, SET, TIMING } from './dialect'
import type { MetricName } from './metric-name'
import type { WrittenTags } from './written-tags'

/** Samples of a series that are held at most where none are left out; they are sent then, before the interval is over. */
const SAMPLES_AT_ONCE = 1000

/** What of a line does not depend on the value. */
export interface LineFrame {
  readonly kind: Kind
  readonly name: MetricName
  readonly tags: WrittenTags
  /** `|card:low` */
  readonly cardinality: string
}

/** What is held of one series. */
export class HeldSeries implements LineFrame {
  /** Since it was sent. */
  calls = 0
  sum = 0
  last: number | bigint = 0
  values: Set<string> | undefined
  samples: number[] | undefined
  /** Samples that were offered since it was sent; `samples` has some of them. */
  offered = 0

  constructor(
    readonly key: string,
    readonly kind: Kind,
    readonly name: MetricName,
    readonly tags: WrittenTags,
    readonly cardinality: string,
    /** Of the samples; 1 for all else. */
    readonly rate: number,
  ) {
    if (kind === SET) this.values = new Set()
    else if (kind > COUNT) this.samples = []
  }
}

/** Takes what `calls` calls have become: values, which share lines where the protocol lets them. */
type TakeValues = (frame: LineFrame, values: readonly string[], rate: number, calls: number) => void

interface LineAggregationSettings {
  readonly maxContexts: number
  /** Whether samples are held as well. */
  readonly isExtended: boolean
  /** How many are sent of a series in an interval: more are chosen from at random, and the rate says how many there were. */
  readonly maxSamplesPerContext: number | undefined
  readonly random: () => number
  readonly take: TakeValues
  /** Called for each call that finds no room. */
  readonly onOverflow: () => void
}

export class LineAggregation {
  readonly #settings: LineAggregationSettings
  readonly #series = KINDS.map(() => new Map<string, HeldSeries>())
  /** The ways to series that names know. */
  #known: Map<WrittenTags, HeldSeries>[] = []
  #contexts = 0
  /** Series that were sent, by kind. */
  readonly flushed = KINDS.map(() => 0)

  constructor(settings: LineAggregationSettings) {
    this.#settings = settings
  }

  /** Series that are held, and of a set each value. */
  get contexts(): number {
    return this.#contexts
  }

  holds(kind: Kind): boolean {
    return kind <= COUNT || this.#settings.isExtended
  }

  /**
   * @param value a text of a set, else a number
   * @returns false where there is no room, or no sum can hold it: the call is then sent by itself
   */
  add(
    kind: Kind,
    name: MetricName,
    tags: WrittenTags,
    value: number | bigint | string,
    rate = 1,
    cardinality = tags.writer.cardinality,
  ): boolean {
    const isUsual = cardinality === tags.writer.cardinality && (rate === 1 || kind <= COUNT)
    const series =
      (isUsual ? name.series[kind]?.get(tags) : undefined) ?? this.#find(kind, name, tags, rate, cardinality, isUsual)
    if (series === undefined) return false
    if (kind === GAUGE) series.last = value as number | bigint
    else if (kind === SET) {
      if (!this.#addToSet(series, value as string)) return false
    } else {
      const number = Number(value)
      if (typeof value === 'bigint' && !Number.isSafeInteger(number)) return false
      const sum = series.sum + number / rate
      if (!Number.isFinite(sum)) return false
      series.sum = sum
      series.calls++
      if (kind !== COUNT) this.#addSample(series, number)
      return true
    }
    series.calls++
    return true
  }

  /** Sends one gauge, because what comes now changes its value. */
  releaseGauge(name: MetricName, tags: WrittenTags, cardinality = tags.writer.cardinality): void {
    const gauges = this.#series[GAUGE]
    const series = gauges?.get(keyOf(name, tags, 1, cardinality))
    if (series === undefined) return
    gauges?.delete(series.key)
    for (const known of this.#known) {
      for (const [key, value] of known) if (value === series) known.delete(key)
    }
    this.#contexts--
    this.#send(series)
  }

  /** Sends all. */
  flush(): void {
    for (const known of this.#known) known.clear()
    this.#known = []
    this.#contexts = 0
    for (const all of this.#series) {
      if (all.size === 0) continue
      const held = [...all.values()]
      all.clear()
      for (const series of held) this.#send(series)
    }
  }

  #find(
    kind: Kind,
    name: MetricName,
    tags: WrittenTags,
    callRate: number,
    cardinality: string,
    isUsual: boolean,
  ): HeldSeries | undefined {
    const rate = kind <= COUNT ? 1 : callRate
    const key = keyOf(name, tags, rate, cardinality)
    const all = this.#series[kind] as Map<string, HeldSeries>
    let series = all.get(key)
    if (series === undefined) {
      if (this.#isFull()) return undefined
      // Of a set, its values count.
      if (kind !== SET) this.#contexts++
      series = new HeldSeries(key, kind, name, tags, cardinality, rate)
      all.set(key, series)
    }
    if (isUsual) this.#remember(kind, name, tags, series)
    return series
  }

  #remember(kind: Kind, name: MetricName, tags: WrittenTags, series: HeldSeries): void {
    let known = name.series[kind]
    if (known === undefined) {
      known = new Map()
      name.series[kind] = known
    }
    if (known.size === 0) this.#known.push(known)
    known.set(tags, series)
  }

  #addToSet({ values }: HeldSeries, value: string): boolean {
    if (values === undefined || values.has(value)) return true
    if (this.#isFull()) return false
    this.#contexts++
    values.add(value)
    return true
  }

  #isFull(): boolean {
    const { maxContexts, onOverflow } = this.#settings
    if (this.#contexts < maxContexts) return false
    onOverflow()
    return true
  }

  #addSample(series: HeldSeries, value: number): void {
    const { samples } = series
    if (samples === undefined) return
    const { maxSamplesPerContext, random } = this.#settings
    series.offered++
    if (maxSamplesPerContext === undefined) {
      samples.push(value)
      if (samples.length < SAMPLES_AT_ONCE) return
      this.#send(series)
      series.calls = series.offered = 0
      series.samples = []
    } else if (samples.length < maxSamplesPerContext) samples.push(value)
    else {
      // Each of all that were offered is as likely to be kept as any other (Vitter's algorithm R).
      const at = Math.floor(random() * series.offered)
      if (at < maxSamplesPerContext) samples[at] = value
    }
  }

  #send(series: HeldSeries): void {
    const { kind, calls, rate, samples, offered, values } = series
    if (calls === 0) return
    const { take } = this.#settings
    this.flushed[kind] = (this.flushed[kind] ?? 0) + 1
    if (values !== undefined) take(series, [...values], 1, calls)
    else if (samples !== undefined) {
      const text = kind === TIMING ? timeText : numberText
      take(series, samples.map(text), rate * (samples.length / offered), calls)
    } else take(series, [numberText(kind === COUNT ? series.sum : series.last)], 1, calls)
  }
}

/** Neither names nor tags have a newline. */
function keyOf({ start }: MetricName, { key }: WrittenTags, rate: number, cardinality: string): string {
  return `${start}\n${key}\n${cardinality}\n${rate}`
}
