// The client of the Datadog Agent, and of StatsD and Telegraf where they understand what is said: tagged metrics, events and service
// checks, gathered into packets.

/// <reference lib="esnext.disposable" preserve="true" />

import { type ClientCounts, ClientStats } from '../client-stats'
import { type DurationLike, millisecondsSince } from '../duration'
import { TagSet, type Tags } from '../tag-set'
import { Timer } from '../timer'
import { type ClientScope, openScope, scopeWithin } from './client-scope'
import { COUNT, DISTRIBUTION, GAUGE, HISTOGRAM, notInDialect, SET, TIMING } from './dialect'
import type { DogStatsdOptions, DogStatsdScope } from './dogstatsd-options'
import type { EventOptions } from './event-line'
import type { MetricOptions, PointOptions } from './metric-options'
import type { MetricRecorder } from './metric-recorder'
import type { ServiceCheckOptions, ServiceStatus } from './service-check-line'

/** A name, or several: each is recorded. */
export type Names = string | readonly string[]

export interface TimerOptions extends MetricOptions {
  /** What each time is recorded as. Default: `timing`. */
  readonly as?: 'timing' | 'histogram' | 'distribution' | undefined
}

const TIMER_KINDS = { timing: TIMING, histogram: HISTOGRAM, distribution: DISTRIBUTION } as const

export class DogStatsd {
  /** Undefined if nothing is to be recorded. */
  readonly #scope: ClientScope | undefined
  readonly #recorder: MetricRecorder | undefined

  /**
   * Options that are left out are read from the environment.
   * @throws TypeError for options of a wrong kind, and those that mean nothing in the dialect
   */
  constructor(options?: DogStatsdOptions)
  /** @internal */
  constructor(scope: ClientScope)
  constructor(given: DogStatsdOptions | ClientScope = {}) {
    this.#scope = 'recorder' in given ? given : openScope(given)
    this.#recorder = this.#scope?.recorder
  }

  /** Adds `value` to a count; default: 1. */
  increment(name: Names, value: number | bigint = 1, options?: PointOptions): void {
    this.#recorder?.record(COUNT, name, value, options)
  }

  /** Takes `value` from a count; default: 1. */
  decrement(name: Names, value: number | bigint = 1, options?: PointOptions): void {
    const isNumber = typeof value === 'number' || typeof value === 'bigint'
    this.#recorder?.record(COUNT, name, isNumber ? -value : value, options)
  }

  /** Adds `value`, which may be negative, to a count. */
  count(name: Names, value: number | bigint, options?: PointOptions): void {
    this.#recorder?.record(COUNT, name, value, options)
  }

  /** Sets a value. */
  gauge(name: Names, value: number | bigint, options?: PointOptions): void {
    this.#recorder?.record(GAUGE, name, value, options)
  }

  /**
   * Changes the value that the server has.
   * @throws TypeError in the dialect `datadog`: the Agent has no such thing, and would take the change for the value
   */
  gaugeDelta(name: Names, change: number | bigint, options?: MetricOptions): void {
    this.#recorder?.record(GAUGE, name, change, options, true)
  }

  /** Records a sample, of which the Agent makes average, count, median, maximum and 95th percentile. */
  histogram(name: Names, value: number | bigint, options?: MetricOptions): void {
    this.#recorder?.record(HISTOGRAM, name, value, options)
  }

  /** Records a sample, of which Datadog makes percentiles over all hosts. */
  distribution(name: Names, value: number | bigint, options?: MetricOptions): void {
    this.#recorder?.record(DISTRIBUTION, name, value, options)
  }

  /**
   * Records how long something took.
   * @param duration milliseconds; a span of time such as `Temporal.Duration`; or the Date when it began
   */
  timing(name: Names, duration: number | bigint | DurationLike | Date, options?: MetricOptions): void {
    if (this.#scope === undefined) return
    const { recorder, wallNow } = this.#scope
    recorder.record(TIMING, name, millisecondsSince(duration, wallNow), options)
  }

  /** Adds `value` to a set, of which the server counts the different ones. */
  set(name: Names, value: string | number | bigint, options?: MetricOptions): void {
    this.#recorder?.record(SET, name, value, options)
  }

  /**
   * Measures and records times under `name`: `timer(fn)`, `@timer`, `using`, or `start()` and `stop()`.
   * @throws TypeError for what the dialect cannot record them as
   */
  timer(name: Names, options: TimerOptions = {}): Timer {
    const { as = 'timing' } = options
    const kind = TIMER_KINDS[as]
    if (kind === undefined) throw new TypeError(`as is timing, histogram or distribution, not ${String(as)}`)
    const dialect = this.#scope?.core.dialect
    if (dialect !== undefined && dialect.knows[kind] !== true) throw notInDialect(`${as}s`, dialect)
    return new Timer((ms) => this.#recorder?.record(kind, name, ms, options), this.#scope?.now)
  }

  /**
   * Sends an event.
   * @param text default: the title. One that is too long for a packet is cut
   * @throws TypeError without a title, for an unknown priority or alert type, and in dialects without events
   */
  event(title: string, text?: string, options?: EventOptions): void {
    this.#recorder?.event(title, text, options)
  }

  /**
   * Tells how a service is.
   * @throws TypeError without a name, for an unknown status, and in dialects without service checks
   */
  serviceCheck(name: string, status: ServiceStatus, options?: ServiceCheckOptions): void {
    this.#recorder?.serviceCheck(name, status, options)
  }

  /** Tags for many calls: cleaned and joined once. */
  tagSet(tags: Tags): TagSet {
    return TagSet.of(tags)
  }

  /**
   * A client with more tags, a longer prefix or another cardinality, which sends by the same way. It costs little, and need not be closed.
   * @throws TypeError for options of a wrong kind
   */
  child(scope: DogStatsdScope): DogStatsd {
    return this.#scope === undefined ? this : new DogStatsd(scopeWithin(this.#scope, scope))
  }

  /** What was recorded so far, with all children, and what became of it. */
  stats(): ClientCounts {
    return (this.#scope?.core.stats ?? new ClientStats()).counts
  }

  /**
   * Sends what waits. Resolves when all of it was sent or dropped.
   * @param timeoutMs how long it waits at most; default: 2000
   */
  async flush(timeoutMs?: number): Promise<void> {
    await this.#scope?.core.sender.flush(timeoutMs)
  }

  /**
   * Sends what waits, within `timeoutMs` (default: 2000), and lets go of the socket, for all children as well. What is recorded afterwards is
   * counted as dropped. A child only sends what waits.
   */
  async close(timeoutMs?: number): Promise<void> {
    if (this.#scope === undefined) return
    const { core, isChild } = this.#scope
    await (isChild ? core.sender.flush(timeoutMs) : core.sender.close(timeoutMs))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}
