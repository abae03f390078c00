// Gathers metrics in the process and posts them to Datadog's API, without an Agent. What `tracer.metrics` is.
//
// Calls are added up by roll-up interval (buckets.ts); a flush posts the intervals that are over (flush-cycle.ts), in this thread or
// another one; the end of the process posts all that is left, however it comes to it.

import { wallMs } from '../../base/clock'
import { randomFraction } from '../../base/id'
import type { ServiceStatus } from '../dogstatsd/service-check-line'
import { type DurationLike, milliseconds } from '../duration'
import { ErrorReporter } from '../error-reporter'
import { MetricsError, type MetricsErrorCode } from '../metrics-error'
import { Reservoir } from '../reservoir'
import { TagSet } from '../tag-set'
import { Timer } from '../timer'
import { type ApiCheckOptions, type ApiEventOptions, checkItem, type EventDefaults, eventItem } from './api-event'
import { type ApiCounts, ApiStats } from './api-stats'
import { type CallOptions, type HistogramOptions, type NotRecorded, SAMPLE_BYTES, UNIQUE_BYTES } from './buckets'
import { type DogStatsApiOptions, settingsOf } from './dog-stats-options'
import { DogStatsRun } from './dog-stats-run'
import type { Cell, SeriesKind } from './series'
import type { SeriesTransport } from './series-transport'

/** What tests and experts give the constructor. */
export interface DogStatsApiParts {
  /** In place of posting to Datadog's API. */
  readonly transport?: SeriesTransport | undefined
  /** Runs a function so that nothing it starts is traced. */
  readonly mute?: (<T>(fn: () => T) => T) | undefined
  /** From 0 up to, but not including, 1. */
  readonly random?: (() => number) | undefined
  /** Milliseconds since the epoch. */
  readonly now?: (() => number) | undefined
  /** A clock for timers, in milliseconds. */
  readonly timerNow?: (() => number) | undefined
}

export class DogStatsApi {
  readonly #parts: DogStatsApiParts
  readonly #stats = new ApiStats(({ code, message }) => this.#tell(code, message))
  readonly #random: () => number
  readonly #nowMs: () => number
  #errors = new ErrorReporter(undefined)
  /** Between `start` and `stop`. */
  #run: DogStatsRun | undefined

  constructor(parts: DogStatsApiParts = {}) {
    this.#parts = parts
    this.#random = parts.random ?? randomFraction
    this.#nowMs = parts.now ?? wallMs
  }

  /**
   * Begins to record. Calls before that are counted, and no more.
   * @throws TypeError for an option that is wrong, without a key, and where it has started already
   */
  start(options: DogStatsApiOptions = {}): void {
    if (this.#run !== undefined) throw new TypeError('it has started already: stop() comes before another start()')
    if (options.disabled === true) return
    const settings = settingsOf(options)
    this.#errors = new ErrorReporter(settings.onError)
    this.#run = new DogStatsRun(settings, { ...this.#parts, stats: this.#stats, nowMs: this.#nowMs })
  }

  /** Sets a value; the last one of an interval counts. */
  gauge(name: string, value: number | bigint, options?: CallOptions): void {
    const number = numberOf(value)
    const cell = this.#cell('gauge', name, number, options)
    if (cell !== undefined) cell.value = number
  }

  /** Adds `value` to a count; default: 1. */
  increment(name: string, value: number | bigint = 1, options?: CallOptions): void {
    const number = numberOf(value)
    const cell = this.#cell('count', name, number, options)
    if (cell !== undefined) cell.value += options === undefined ? number : number * weightOf(options)
  }

  /** Takes `value` from a count; default: 1. */
  decrement(name: string, value: number | bigint = 1, options?: CallOptions): void {
    this.increment(name, -numberOf(value), options)
  }

  /**
   * Adds a value to a histogram, of which the aggregates and percentiles are sent.
   * @param options.aggregates and `options.percentiles`: those of the first call for a series hold
   */
  histogram(name: string, value: number | bigint, options?: HistogramOptions): void {
    const number = numberOf(value)
    const cell = this.#cell('histogram', name, number, options)
    if (cell === undefined) return
    cell.histogram ??= new Reservoir()
    const hasGrown = cell.histogram.add(number, options === undefined ? 1 : weightOf(options), this.#random)
    if (hasGrown) this.#run?.buckets.grow(SAMPLE_BYTES)
  }

  /**
   * Adds a value to a distribution, of which Datadog itself works out percentiles over all hosts. The rate of the options is not heeded:
   * the API has no place for it.
   */
  distribution(name: string, value: number | bigint, options?: CallOptions): void {
    const number = numberOf(value)
    const cell = this.#cell(
      'distribution',
      name,
      number,
      options?.rate === undefined ? options : { ...options, rate: 1 },
    )
    if (cell === undefined) return
    cell.values ??= []
    cell.values.push(number)
    this.#run?.buckets.grow(SAMPLE_BYTES)
  }

  /** Adds a value to a set; the number of different ones within an interval is sent. */
  set(name: string, value: string | number | bigint, options?: CallOptions): void {
    const text = typeof value === 'string' || Number.isFinite(numberOf(value)) ? String(value) : ''
    const cell = this.#cell('set', name, text === '' ? Number.NaN : 0, options)
    if (cell === undefined) return
    cell.unique ??= new Set()
    if (cell.unique.has(text)) return
    cell.unique.add(text)
    this.#run?.buckets.grow(UNIQUE_BYTES + text.length)
  }

  /** Records how long something took as a histogram: milliseconds, or a span of time such as `Temporal.Duration`. */
  timing(name: string, duration: number | bigint | DurationLike, options?: HistogramOptions): void {
    this.histogram(name, milliseconds(duration) as number, options)
  }

  /** Measures times and records them as a histogram of **seconds**: `timed(name)(fn)`, `@timed(name)`, `using`, or `start()` and `stop()`. */
  timed(name: string, options?: HistogramOptions): Timer {
    return new Timer((ms) => this.histogram(name, ms / 1000, options), this.#parts.timerNow)
  }

  /** The same as `timed`. */
  timer(name: string, options?: HistogramOptions): Timer {
    return this.timed(name, options)
  }

  /**
   * Sends an event with the next flush.
   * @param text default: the title
   * @throws TypeError without a title
   */
  event(title: string, text?: string, options: ApiEventOptions = {}): void {
    this.#queue('events', (defaults) => eventItem(title, text, options, defaults))
  }

  /**
   * Sends a service check with the next flush.
   * @throws TypeError without a name, or for a status that there is not
   */
  serviceCheck(name: string, status: ServiceStatus, options: ApiCheckOptions = {}): void {
    this.#queue('checks', (defaults) => checkItem(name, status, options, defaults))
  }

  /**
   * Sends the intervals that are over, and all events and checks; keeps the process for as long as that takes. Never rejects: what goes
   * wrong is told to `onError`, and what was not sent goes with the next flush.
   * @param timestamp seconds since the epoch, or a Date: sends the intervals before its own. Infinity sends the one that runs as well. Default: now
   * @returns whether Datadog has taken all of it
   */
  async flush(timestamp: number | Date = this.#nowMs() / 1000): Promise<boolean> {
    return this.#run?.flush(timestamp instanceof Date ? timestamp.getTime() / 1000 : timestamp) ?? true
  }

  /** Sends everything, the interval that runs included, and stops recording. Never rejects. */
  async stop(): Promise<void> {
    const run = this.#run
    this.#run = undefined
    await run?.stop()
  }

  stats(): ApiCounts {
    return this.#stats.counts(this.#run?.buckets.seriesCount ?? 0)
  }

  /** The cell that a call is to be added to; undefined if it is not recorded, which is then counted and told. */
  #cell(kind: SeriesKind, name: string, value: number, options: CallOptions | undefined): Cell | undefined {
    const stats = this.#stats
    const rate = options?.rate
    if (rate !== undefined && rate < 1 && (rate <= 0 || this.#random() > rate)) {
      stats.sampledOut++
      return undefined
    }
    stats.recorded++
    const run = this.#run
    if (run === undefined) {
      stats.closed++
      return undefined
    }
    let cell: Cell | NotRecorded
    if (!Number.isFinite(value)) cell = 'no-value'
    // A list of tags or a time in their place would be recorded as something else than was meant.
    else if (options !== undefined && (typeof options !== 'object' || Array.isArray(options))) cell = 'bad-options'
    else cell = run.buckets.cell(kind, name, options ?? undefined)
    if (typeof cell !== 'string') return cell
    this.#refuse(cell, name)
    return undefined
  }

  #queue(kind: 'events' | 'checks', make: (defaults: EventDefaults) => object): void {
    const { host = '', tags = TagSet.EMPTY } = this.#run?.settings ?? {}
    // Made in any case: what is wrong is said while nothing is sent, too.
    const item = make({ host, tags, nowMs: this.#nowMs() })
    this.#stats.recorded++
    if (this.#run === undefined) this.#stats.closed++
    else if (this.#run.due.add(kind, item)) this.#stats.begun()
    else this.#refuse('no-room', kind)
  }

  #refuse(why: NotRecorded, name: unknown): void {
    this.#stats.refused(why)
    const [code, what] = REASONS[why]
    this.#tell(code, `${typeof name === 'string' && name !== '' ? name : 'a metric'} was not recorded: ${what}`)
  }

  #tell(code: MetricsErrorCode, message: string): void {
    this.#errors.report(code, () => new MetricsError(code, message))
  }
}

const REASONS: Readonly<Record<NotRecorded, readonly [MetricsErrorCode, string]>> = {
  'no-value': ['invalid', 'its value is not a finite number, or is empty'],
  'no-name': ['invalid', 'it has no name'],
  'long-name': ['too-long', 'a name has 200 characters at most'],
  'bad-options': ['invalid', 'its options are an object such as { tags: [] }, whose tags can be written'],
  'no-time': ['invalid', 'its timestamp is no time'],
  late: ['invalid', 'its timestamp is out of the time for which points are taken'],
  overflow: ['overflow', 'there are as many series as maxSeries allows'],
  'no-room': ['overflow', 'too much waits to be sent'],
}

/** NaN for what is neither a number nor a bigint. */
function numberOf(value: unknown): number {
  if (typeof value === 'number') return value
  return typeof value === 'bigint' ? Number(value) : Number.NaN
}

/** How many calls one stands for. */
function weightOf(options: CallOptions): number {
  const rate = options?.rate
  return rate !== undefined && rate < 1 ? 1 / rate : 1
}
