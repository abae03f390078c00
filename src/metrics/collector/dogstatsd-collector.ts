// Collects metrics where many small ones belong together, as those of a request or a job do, and sends them as one line per series:
// "50 queries in this request" instead of "a query" fifty times.
//
// It collects until `flush()`, which empties it, and goes on; after `end()` it passes on what still comes. The series and their order are
// those of dogstatsd-collector, with what that lacks: a flush empties, a bad series does not stop the others, base tags make no doubles.

/// <reference lib="esnext.disposable" preserve="true" />

import { wallMs } from '../../base/clock'
import { Collection } from '../../base/collection'
import { describe } from '../../base/log'
import { isThenable, whenSettled } from '../../base/settle'
import { type DurationLike, millisecondsSince } from '../duration'
import { MetricsError, type MetricsErrorCode } from '../metrics-error'
import { checkOneOf } from '../option-checks'
import type { Tags } from '../tag-set'
import { CollectedSeries } from './collected-series'
import { Collecting, type CollectorOptions } from './collecting'
import { type CollectOptions, refuseOtherOptions, refuseOtherTypes } from './collector-call'
import type { CollectorCounts } from './collector-stats'
import { ownStore } from './collector-store'
import type { CollectedTags, CollectorTags } from './collector-tags'
import type { MetricKind, MetricSink, MetricValue } from './metric-sink'

export interface RunOptions {
  /** Tags of every series inside, before those of the collector. */
  readonly baseTags?: Tags | undefined
  /**
   * What becomes of it inside of another run, or of a request. `fold`, the default: it becomes part of what that collects. `isolate`: it is
   * sent by itself when it ends.
   */
  readonly nested?: 'fold' | 'isolate' | undefined
}

/** How a collector is made by those of the same sink. */
export interface Place {
  readonly tags: CollectorTags
  /** What a flush becomes part of, while that collects. */
  readonly outer?: DogstatsdCollector | undefined
  /** It collects nothing itself, but finds the collector of whoever calls. */
  readonly finds?: boolean
}

export class DogstatsdCollector {
  /** @internal Among those at work. */
  older: DogstatsdCollector | undefined = undefined
  /** @internal */
  newer: DogstatsdCollector | undefined = undefined
  readonly #shared: Collecting
  readonly #tags: CollectorTags
  readonly #outer: DogstatsdCollector | undefined
  readonly #finds: boolean
  /** Of a request or a job. */
  readonly #hasPlace: boolean
  #isOpen: boolean
  #series: CollectedSeries | undefined

  /**
   * @param sink where it sends: a `DogStatsd`, or anything with its methods
   * @throws TypeError for something else, and for options that do not fit
   */
  constructor(sink: MetricSink, options?: CollectorOptions)
  /** @internal */
  constructor(shared: Collecting, place: Place)
  constructor(sink: MetricSink | Collecting, given: CollectorOptions | Place = {}) {
    const isWithin = sink instanceof Collecting
    this.#shared = isWithin ? sink : new Collecting(sink, given as CollectorOptions, ownStore)
    const { tags, outer, finds = false } = isWithin ? (given as Place) : { tags: this.#shared.tags }
    this.#tags = tags
    this.#outer = outer
    this.#finds = finds
    this.#hasPlace = isWithin && !finds
    this.#isOpen = !finds
  }

  /** @internal The collector of the request or job that the running code belongs to, made now if it has none yet. */
  static of(shared: Collecting): DogstatsdCollector | undefined {
    for (let collection = shared.store.active(); collection !== undefined; collection = collection.outer) {
      const found = collection.collector as DogstatsdCollector | undefined
      if (found === undefined) return collection.isOver ? undefined : DogstatsdCollector.#begin(collection, shared)
      // After its end it passes on what comes late, to what it is part of or to the sink.
      if (found.#shared.sink === shared.sink) return found
    }
    return undefined
  }

  /** Only the collectors of the tracer's requests are not there from the beginning. */
  static #begin(collection: Collection, shared: Collecting): DogstatsdCollector {
    const collector = new DogstatsdCollector(shared, { tags: shared.tags })
    collection.collector = collector
    shared.begun(collector)
    return collector
  }

  /** Adds `value`, default 1, to a sum. */
  increment(name: string, value: number | bigint = 1, options?: CollectOptions): void {
    this.#record('increment', name, value, options)
  }

  /** Takes `value`, default 1, from a sum. */
  decrement(name: string, value: number | bigint = 1, options?: CollectOptions): void {
    // Not -0.
    this.#record(
      'increment',
      name,
      typeof value === 'number' ? 0 - value : typeof value === 'bigint' ? -value : value,
      options,
    )
  }

  /** Adds `value` to the one sample that is sent of the series; with `histograms: 'samples'` each value is one. */
  histogram(name: string, value: number | bigint, options?: CollectOptions): void {
    this.#record('histogram', name, value, options)
  }

  /** The last value is sent. */
  gauge(name: string, value: number | bigint, options?: CollectOptions): void {
    this.#record('gauge', name, value, options)
  }

  /** Each different value is sent once. */
  set(name: string, value: string | number | bigint, options?: CollectOptions): void {
    this.#record('set', name, value, options)
  }

  /** Every value is sent. */
  distribution(name: string, value: number | bigint, options?: CollectOptions): void {
    this.#record('distribution', name, value, options)
  }

  /** Every time is sent: milliseconds; a span of time such as `Temporal.Duration`; or the Date when it began. */
  timing(name: string, duration: number | bigint | DurationLike | Date, options?: CollectOptions): void {
    this.#record('timing', name, millisecondsSince(duration, wallMs), options)
  }

  /** Sends what was collected, and begins anew. Never throws. */
  flush(): void {
    if (this.#finds) {
      DogstatsdCollector.of(this.#shared)?.flush()
      return
    }
    // First, because the sink may record something.
    const series = this.#series
    this.#series = undefined
    series?.forEach((kind, name, value, tags) => {
      this.#shared.stats.waiting--
      this.#pass(kind, name, value, tags)
    })
  }

  /** Sends what was collected; what is recorded from now on is sent at once. Never throws. */
  end(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.flush()
    this.#shared.ended(this)
  }

  /** At the end of a block with `using`: `end()`. */
  [Symbol.dispose](): void {
    this.end()
  }

  /**
   * Runs `fn` with a collector of its own, which ends when `fn` returns or throws, or when the promise it returned settles; returns what `fn`
   * does. Where this is `tracer.collector`, that is the collector of the run for everything that `fn` starts.
   */
  run<T>(fn: (collector: DogstatsdCollector) => T, { baseTags, nested = 'fold' }: RunOptions = {}): T {
    if (typeof fn !== 'function') throw new TypeError(`collector.run(fn, options): fn is a function, not ${typeof fn}`)
    checkOneOf('nested', nested, ['fold', 'isolate'])
    const shared = this.#shared
    const around = this.#hasPlace ? this : DogstatsdCollector.of(shared)
    const outer = nested === 'fold' ? around : undefined
    const collector = new DogstatsdCollector(shared, { tags: shared.tagsOver(this.#tags, baseTags), outer })
    const collection = new Collection(collector, undefined, shared.store.active())
    const end = () => {
      collection.isOver = true
      collector.end()
    }
    shared.begun(collector)
    let result: T
    try {
      result = shared.store.run(collection, () => fn(collector))
    } catch (error) {
      end()
      throw error
    }
    if (isThenable(result)) return whenSettled(result, end) as T
    end()
    return result
  }

  /** What was recorded, and what became of it, by this collector and by all that came of it: its runs, and all requests of a tracer. */
  stats(): CollectorCounts {
    return this.#shared.stats.counts
  }

  #record(kind: MetricKind, name: string, value: unknown, options: CollectOptions | undefined): void {
    const active = this.#finds ? DogstatsdCollector.of(this.#shared) : undefined
    if (active !== undefined) {
      active.#record(kind, name, value, options)
      return
    }
    refuseOtherOptions(options)
    refuseOtherTypes(kind, name, value)
    this.#shared.stats.recorded++
    if (typeof value === 'number' && !Number.isFinite(value)) {
      this.#refuse(name, `the value ${value}`)
      return
    }
    let tags: CollectedTags
    try {
      tags = this.#tags.of(options?.tags)
    } catch (error) {
      this.#refuse(name, `its tags cannot be read: ${describe(error)}`)
      return
    }
    this.#put(kind, name, kind === 'set' ? String(value) : value, tags)
  }

  /** Keeps it, or sends it where it cannot be kept. */
  #put(kind: MetricKind, name: string, value: MetricValue, tags: CollectedTags): void {
    const { stats, maxSeries, sumsHistograms } = this.#shared
    if (!this.#isOpen) {
      if (this.#outer === undefined) stats.passedThrough++
      this.#pass(kind, name, value, tags)
      return
    }
    this.#series ??= new CollectedSeries(maxSeries, sumsHistograms)
    const added = this.#series.add(kind, name, value, tags)
    if (added === 'kept') stats.waiting++
    else if (added === 'merged') stats.merged++
    else {
      stats.overflowed++
      this.#tell(
        'overflow',
        `a collector holds no more than ${maxSeries} series, and 1000 values of one: the rest is sent at once`,
      )
      this.#pass(kind, name, value, tags)
    }
  }

  /** To the collector around, or to the sink. */
  #pass(kind: MetricKind, name: string, value: MetricValue, tags: CollectedTags): void {
    const outer = this.#outer
    if (outer !== undefined) {
      outer.#put(kind, name, value, outer.#tags.of(tags.options.tags))
      return
    }
    const { sink, stats } = this.#shared
    try {
      // What is recorded as a kind is of its type.
      sink[kind](name, value as never, tags.options)
      stats.sent++
    } catch (error) {
      stats.failed++
      this.#tell('sink', `${String(name)} was not sent (${describe(error)})`, { cause: error })
    }
  }

  #refuse(name: unknown, reason: string): void {
    this.#shared.stats.droppedInvalid++
    this.#tell('invalid', `${String(name)} was not sent: ${reason}`)
  }

  #tell(code: MetricsErrorCode, message: string, options?: ErrorOptions): void {
    this.#shared.errors.report(code, () => new MetricsError(code, message, options))
  }
}
