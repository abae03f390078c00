// Leads a call to its series: name, kind, host, device and tags, in any order and spelling of the tags. The first call under a spelling
// cleans and sorts; from then on it is found by the spelling itself.

import { cleanField } from '../clean-text'
import { TagPaths } from '../tag-paths'
import { TagSet, type Tags } from '../tag-set'
import { type HistogramPart, type HistogramShape, histogramParts } from './histogram'
import { Series, type SeriesKind } from './series'

/** Datadog's limit, with what a histogram adds to a name. */
const MAX_NAME_LENGTH = 200
/** What Datadog keeps of a name; anything else becomes `_` there, and two names that differ only in that would overwrite each other. */
const NOT_IN_NAME = /[^\w.]/g
/** Steps of paths per series; past it they are found anew, because programs with endless tags have endless paths. */
const STEPS_PER_SERIES = 8

/** What of the options of a call belongs to the series. */
export interface SeriesOptions extends Partial<HistogramShape> {
  readonly tags?: Tags | undefined
  readonly host?: string | undefined
  readonly device?: string | undefined
}

export interface SeriesIndexSettings {
  readonly prefix: string
  readonly tags: TagSet
  readonly host: string
  readonly device: string
  readonly maxSeries: number
  readonly shape: HistogramShape
}

/** Why there is no series: the name cannot be sent, or there are too many. */
export type NoSeries = 'no-name' | 'long-name' | 'bad-options' | 'overflow'

/** The series of one name, one kind and one place. */
interface Named {
  readonly paths: TagPaths<Series>
  /** By host, then by device, for the calls that name one. */
  places: Map<string | undefined, Map<string | undefined, TagPaths<Series>>> | undefined
}

export class SeriesIndex {
  readonly #settings: SeriesIndexSettings
  readonly #all = new Map<string, Series>()
  readonly #parts: readonly HistogramPart[]
  #named: Readonly<Record<SeriesKind, Map<string, Named>>> = noNames()
  #steps = 0

  constructor(settings: SeriesIndexSettings) {
    this.#settings = settings
    this.#parts = histogramParts(settings.shape)
  }

  get size(): number {
    return this.#all.size
  }

  all(): IterableIterator<Series> {
    return this.#all.values()
  }

  find(kind: SeriesKind, name: string, options: SeriesOptions | undefined): Series | NoSeries {
    const named = this.#named[kind].get(name)
    if (named !== undefined) {
      let series: Series | undefined
      if (options === undefined) series = named.paths.find(undefined)
      else if (options.host === undefined && options.device === undefined) series = named.paths.find(options.tags)
      else series = named.places?.get(options.host)?.get(options.device)?.find(options.tags)
      if (series !== undefined && !series.isForgotten) return series
    }
    try {
      return this.#make(kind, name, options ?? {})
    } catch {
      // Tags that cannot be made a text.
      return 'bad-options'
    }
  }

  forget(series: Series): void {
    series.isForgotten = true
    this.#all.delete(series.key)
  }

  #make(kind: SeriesKind, name: string, options: SeriesOptions): Series | NoSeries {
    const { prefix, tags, maxSeries } = this.#settings
    if (typeof name !== 'string' || name === '') return 'no-name'
    const metric = prefix + name.replace(NOT_IN_NAME, '_')
    const parts = kind === 'histogram' ? this.#partsOf(options) : []
    const longest = parts.reduce((length, { ending }) => Math.max(length, ending.length + 1), 0)
    if (metric.length + longest > MAX_NAME_LENGTH) return 'long-name'
    const host = cleanField(options.host ?? this.#settings.host)
    const device = cleanField(options.device ?? this.#settings.device)
    const own = TagSet.of(options.tags).over(tags)
    const key = [kind, metric, host, device, own.key].join('\n')
    let series = this.#all.get(key)
    if (series === undefined) {
      if (this.#all.size >= maxSeries) return 'overflow'
      series = new Series(key, kind, metric, host, device, own.list, parts)
      this.#all.set(key, series)
    }
    this.#lead(kind, name, options, series)
    return series
  }

  #partsOf({ aggregates, percentiles }: SeriesOptions): readonly HistogramPart[] {
    const { shape } = this.#settings
    if (aggregates === undefined && percentiles === undefined) return this.#parts
    return histogramParts({
      aggregates: aggregates ?? shape.aggregates,
      percentiles: percentiles ?? shape.percentiles,
    })
  }

  /** Remembers the way to `series`. */
  #lead(kind: SeriesKind, name: string, { host, device, tags }: SeriesOptions, series: Series): void {
    if (this.#steps > STEPS_PER_SERIES * this.#settings.maxSeries) {
      this.#named = noNames()
      this.#steps = 0
    }
    let named = this.#named[kind].get(name)
    if (named === undefined) {
      named = { paths: new TagPaths(), places: undefined }
      this.#named[kind].set(name, named)
      this.#steps++
    }
    let { paths } = named
    if (host !== undefined || device !== undefined) {
      named.places ??= new Map()
      const devices = named.places.get(host) ?? new Map<string | undefined, TagPaths<Series>>()
      named.places.set(host, devices)
      paths = devices.get(device) ?? new TagPaths()
      devices.set(device, paths)
      this.#steps += 2
    }
    this.#steps += paths.add(tags, series)
  }
}

function noNames(): Record<SeriesKind, Map<string, Named>> {
  return { gauge: new Map(), count: new Map(), set: new Map(), histogram: new Map(), distribution: new Map() }
}
