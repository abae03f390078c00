// What the collectors of one sink share: where they send, their bounds and counters, and which of them are at work, so that nothing that
// they hold is lost when the process ends.

import { LinkedList } from '../../base/linked-list'
import { ErrorReporter, type OnError } from '../error-reporter'
import { check, checkOneOf, checkWhole } from '../option-checks'
import { TagSet, type Tags } from '../tag-set'
import { beginsToCollect, hasCollected } from '../waiting-clients'
import { CollectorStats } from './collector-stats'
import type { CollectorStore } from './collector-store'
import { CollectorTags } from './collector-tags'
import type { DogstatsdCollector } from './dogstatsd-collector'
import { type MetricSink, refuseOtherSinks } from './metric-sink'

export interface CollectorOptions {
  /** Tags of every series. A tag of a call takes the place of one of these with the same key. */
  readonly baseTags?: Tags | undefined
  /** How many series are collected until a flush; what is recorded in further ones is sent at once. Default: 1000. */
  readonly maxSeries?: number | undefined
  /** `sum`, the default: one sample per series, the sum of its values. `samples`: every value. */
  readonly histograms?: 'sum' | 'samples' | undefined
  /** Told of what could not be sent, at most once in ten seconds for each kind of trouble. Default: a warning on stderr. */
  readonly onError?: OnError | undefined
}

/** Requests and jobs at once; past it the oldest one sends what it has, and collects no more. */
export const MAX_OPEN = 10_000
/** Different base tags that are remembered. */
const MAX_BASES = 1000

export class Collecting {
  readonly maxSeries: number
  readonly sumsHistograms: boolean
  readonly errors: ErrorReporter
  readonly stats = new CollectorStats()
  readonly tags: CollectorTags
  readonly #open = new LinkedList<DogstatsdCollector>()
  readonly #bases = new Map<string, CollectorTags>()

  /**
   * @param store where the collector of a request or job is found
   * @throws TypeError for what is no sink, and for options that do not fit
   */
  constructor(
    readonly sink: MetricSink,
    { baseTags, maxSeries = 1000, histograms = 'sum', onError }: CollectorOptions,
    readonly store: CollectorStore,
  ) {
    refuseOtherSinks(sink)
    checkWhole('maxSeries', maxSeries, 1, 1_000_000)
    checkOneOf('histograms', histograms, ['sum', 'samples'])
    if (onError !== undefined) check('onError', onError, 'function')
    this.maxSeries = maxSeries
    this.sumsHistograms = histograms === 'sum'
    this.errors = new ErrorReporter(onError)
    this.tags = new CollectorTags(TagSet.of(baseTags))
  }

  /** Those of a job: `tags` before `base`. */
  tagsOver(base: CollectorTags, tags: Tags | undefined): CollectorTags {
    if (tags === undefined) return base
    const set = TagSet.of(tags).over(base.base)
    let found = this.#bases.get(set.key)
    if (found === undefined) {
      if (this.#bases.size >= MAX_BASES) this.#bases.clear()
      found = new CollectorTags(set)
      this.#bases.set(set.key, found)
    }
    return found
  }

  begun(collector: DogstatsdCollector): void {
    if (this.#open.size === 0) beginsToCollect(this)
    this.#open.add(collector)
    if (this.#open.size <= MAX_OPEN) return
    this.#open.oldest?.end()
  }

  ended(collector: DogstatsdCollector): void {
    if (this.#open.delete(collector) && this.#open.size === 0) hasCollected(this)
  }

  /** The inner ones first, which become part of the outer ones. */
  flush(): void {
    for (const collector of this.#open.toArray().reverse()) collector.flush()
  }

  end(): void {
    for (const collector of this.#open.toArray().reverse()) collector.end()
  }
}
