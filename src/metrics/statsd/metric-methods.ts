// The calls that StatsD clients and their pipelines have in common. Each makes a line, and every line goes through one door, `take`:
// a client sends it, a pipeline keeps it. What no packet can carry is counted and told, never thrown.

import { cleanField, cleanName } from '../clean-text'
import type { ClientStats } from '../client-stats'
import { type DurationLike, milliseconds } from '../duration'
import type { ErrorReporter } from '../error-reporter'
import { MetricsError } from '../metrics-error'
import { millisecondsText, numberText } from '../number-text'
import { Timer } from '../timer'

export interface CallOptions {
  /** The part of the calls that is recorded, from 0 (none) to 1 (all); the server multiplies. Default: that of the client. */
  readonly rate?: number | undefined
}

interface GaugeOptions extends CallOptions {
  /** Whether the value is added to what the server has, instead of taking its place. */
  readonly delta?: boolean | undefined
}

/** What a client and its pipelines share. */
export interface Recording {
  /** Empty, or with a dot at its end. */
  readonly prefix: string
  readonly rate: number
  readonly random: () => number
  /** A clock for timers, in milliseconds. */
  readonly now: () => number
  readonly stats: ClientStats
  readonly errors: ErrorReporter
}

export abstract class MetricMethods {
  readonly #recording: Recording

  protected constructor(recording: Recording) {
    this.#recording = recording
  }

  /** The one door. A line may be two with a newline between them, which must stay together. */
  protected abstract take(line: string): void

  /** Adds `count` to a counter; default: 1. */
  incr(name: string, count: number | bigint = 1, options?: CallOptions): void {
    if (this.#isNumber(name, count)) this.#record(name, numberText(count), '|c', options)
  }

  /** Takes `count` from a counter; default: 1. */
  decr(name: string, count: number | bigint = 1, options?: CallOptions): void {
    if (this.#isNumber(name, count)) this.#record(name, numberText(-count), '|c', options)
  }

  /**
   * Sets a value, or changes it by `value` with `delta`. A server takes a number with a sign for a change: a negative one is therefore sent
   * as two lines in one packet, 0 first, and both without the rate.
   */
  gauge(name: string, value: number | bigint, options?: GaugeOptions): void {
    if (!this.#isNumber(name, value)) return
    const text = numberText(value)
    if (options?.delta === true) this.#record(name, value < 0 ? text : `+${text}`, '|g', options)
    else if (value < 0) this.#record(name, text, '|g', options, true)
    else this.#record(name, text, '|g', options)
  }

  /** Adds `value` to a set, of which the server counts the different ones. */
  set(name: string, value: string | number | bigint, options?: CallOptions): void {
    if (typeof value === 'string') {
      // A colon would begin another value, for the servers of this protocol.
      if (value === '') this.#refuse(name, 'an empty value of a set')
      else this.#record(name, cleanField(value).replaceAll(':', '_'), '|s', options)
    } else if (this.#isNumber(name, value)) this.#record(name, numberText(value), '|s', options)
  }

  /** Records how long something took: milliseconds, or a span of time such as `Temporal.Duration`. */
  timing(name: string, duration: number | bigint | DurationLike, options?: CallOptions): void {
    const ms = milliseconds(duration)
    if (!this.#isNumber(name, ms)) return
    if (ms < 0) this.#refuse(name, 'a time below zero')
    else this.#record(name, typeof ms === 'bigint' ? numberText(ms) : millisecondsText(ms), '|ms', options)
  }

  /** Measures and records times under `name`: `timer(fn)`, `@timer`, `using`, or `start()` and `stop()`. */
  timer(name: string, options?: CallOptions): Timer {
    return new Timer((ms) => this.timing(name, ms, options), this.#recording.now)
  }

  #record(name: string, value: string, type: string, options: CallOptions | undefined, isZeroFirst = false): void {
    const { stats, prefix } = this.#recording
    if (typeof name !== 'string' || name === '') {
      this.#refuse(name, 'it has no name')
      return
    }
    const rate = this.#rateOf(options)
    if (rate < 1 && (rate <= 0 || this.#recording.random() > rate)) {
      stats.sampledOut++
      return
    }
    stats.recorded++
    const start = `${prefix}${cleanName(name)}:`
    if (isZeroFirst) this.take(`${start}0|g\n${start}${value}|g`)
    else this.take(start + value + type + (rate < 1 ? `|@${numberText(rate)}` : ''))
  }

  #rateOf(options: CallOptions | undefined): number {
    const { rate, errors } = this.#recording
    if (options === undefined) return rate
    if (typeof options !== 'object') throw new TypeError('options are an object: { rate: 0.5 }')
    const given = options?.rate ?? rate
    if (typeof given === 'number' && !Number.isNaN(given)) return given
    errors.report('invalid', () => new MetricsError('invalid', 'a rate that is no number was not heeded'))
    return rate
  }

  #isNumber(name: unknown, value: unknown): value is number | bigint {
    if (typeof value === 'number' ? Number.isFinite(value) : typeof value === 'bigint') return true
    this.#refuse(name, typeof value === 'number' ? `the value ${value}` : `a value that is no number (${typeof value})`)
    return false
  }

  #refuse(name: unknown, what: string): void {
    const { stats, errors } = this.#recording
    stats.recorded++
    stats.droppedInvalid++
    const metric = typeof name === 'string' && name !== '' ? name : 'a metric'
    errors.report('invalid', () => new MetricsError('invalid', `${metric} was not sent: ${what}`))
  }
}
