// All series by their names, bounded in number and in memory: the one that had nothing new for longest goes first.

import { ownText } from '../own-text'
import type { Sample } from './gathered'
import { Series, type SeriesName, WINDOW_S } from './series'

export interface MetricLimits {
  readonly maxSeries: number
  readonly maxBytes: number
}

/** More than a page can show, and what a program with a few careless tags makes in an hour. */
export const MAX_SERIES = 10_000

/** Estimated. */
export const MAX_METRIC_BYTES = 64 * 1024 * 1024

/** A hundred times what Datadog stores: 200 characters of name, and tags of as many. */
export const MAX_NAME_LENGTH = 65_536

/** What a series takes in memory without its texts and windows. */
const SERIES_BYTES = 600

/** Its name, its tags and the key, and each may have two bytes a character. */
const NAME_COPIES = 4

interface Entry {
  readonly series: Series
  bytes: number
  /** When it was touched last, in windows. */
  window: number
}

export class SeriesTable {
  /** Series put out to make room. */
  evicted = 0
  bytes = 0
  /** The one whose window changed last at the end. */
  readonly #byName = new Map<string, Entry>()

  constructor(readonly limits: MetricLimits) {}

  get size(): number {
    return this.#byName.size
  }

  /**
   * Adds the values of a line.
   * @param isKept whether the samples have a place in a window
   * @returns false if the name is too long
   */
  add(of: SeriesName, samples: readonly Sample[], isKept: boolean, nowS: number): boolean {
    const key = `${of.source}\n${of.type}\n${of.name}\n${of.host}\n${of.tags.join('\n')}`
    if (key.length > MAX_NAME_LENGTH) return false
    const entry = this.#entry(key, of, Math.floor(nowS / WINDOW_S))
    entry.series.lines++
    for (const sample of samples) {
      const taken = entry.series.add(sample, isKept)
      entry.bytes += taken
      this.bytes += taken
    }
    while (this.#byName.size > this.limits.maxSeries || this.bytes > this.limits.maxBytes) this.#evictOldest()
    return true
  }

  /** The one whose window changed last first. */
  latest(limit: number, isWanted: (name: string) => boolean): Series[] {
    const all = [...this.#byName.values()].map(({ series }) => series)
    return all
      .filter(({ of }) => isWanted(of.name))
      .slice(-limit)
      .reverse()
  }

  #entry(key: string, of: SeriesName, window: number): Entry {
    const known = this.#byName.get(key)
    if (known === undefined) {
      const own = { ...of, name: ownText(of.name), host: ownText(of.host), tags: of.tags.map(ownText) }
      const entry = { series: new Series(own), bytes: SERIES_BYTES + key.length * NAME_COPIES, window }
      this.#byName.set(key, entry)
      this.bytes += entry.bytes
      return entry
    }
    if (known.window !== window) {
      known.window = window
      this.#byName.delete(key)
      this.#byName.set(key, known)
    }
    return known
  }

  #evictOldest(): void {
    const [oldest] = this.#byName
    if (oldest === undefined) return
    this.#byName.delete(oldest[0])
    this.bytes -= oldest[1].bytes
    this.evicted++
  }
}
