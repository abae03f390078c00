// What a collector holds until it is flushed: series by kind, name and tags, each with its sum, its last value, its different values, or
// all of them.

import type { CollectedTags } from './collector-tags'
import type { MetricKind, MetricValue } from './metric-sink'

/** `kept`: one more thing to be sent; `merged`: into one that is there; `full`: there is no place for it. */
type Added = 'kept' | 'merged' | 'full'

type TakeSeries = (kind: MetricKind, name: string, value: MetricValue, tags: CollectedTags) => void

/** Of one series that keeps its values. */
export const MAX_VALUES = 1000

interface Series {
  readonly tags: CollectedTags
  /** The sum, or the last value. */
  value: MetricValue
  /** All values, or all different ones. */
  readonly values: MetricValue[] | Set<MetricValue> | undefined
}

/** The series of one kind and name, by the key of their tags. */
interface Named {
  readonly kind: MetricKind
  readonly name: string
  readonly byTags: Map<string, Series>
}

export class CollectedSeries {
  readonly #maxSeries: number
  readonly #sumsHistograms: boolean
  readonly #kinds = new Map<MetricKind, Map<string, Named>>()
  /** In the order in which they came. */
  readonly #named: Named[] = []
  #size = 0

  constructor(maxSeries: number, sumsHistograms: boolean) {
    this.#maxSeries = maxSeries
    this.#sumsHistograms = sumsHistograms
  }

  add(kind: MetricKind, name: string, value: MetricValue, tags: CollectedTags): Added {
    const known = this.#kinds.get(kind)?.get(name)
    const series = known?.byTags.get(tags.key)
    if (series !== undefined) return merge(kind, series, value)
    if (this.#size >= this.#maxSeries) return 'full'
    this.#size++
    const { byTags } = known ?? this.#begin(kind, name)
    byTags.set(tags.key, { tags, value, values: this.#valuesOf(kind, value) })
    return 'kept'
  }

  /** Histograms first, then all others; by names, and in these by tags, in the order in which they were first recorded. */
  forEach(take: TakeSeries): void {
    for (const isHistogram of [true, false]) {
      for (const { kind, name, byTags } of this.#named) {
        if ((kind === 'histogram') !== isHistogram) continue
        for (const { tags, value, values } of byTags.values()) {
          if (values === undefined) take(kind, name, value, tags)
          else for (const each of values) take(kind, name, each, tags)
        }
      }
    }
  }

  #begin(kind: MetricKind, name: string): Named {
    const named = { kind, name, byTags: new Map<string, Series>() }
    this.#named.push(named)
    const names = this.#kinds.get(kind)
    if (names === undefined) this.#kinds.set(kind, new Map([[name, named]]))
    else names.set(name, named)
    return named
  }

  #valuesOf(kind: MetricKind, value: MetricValue): Series['values'] {
    if (kind === 'set') return new Set([value])
    const keepsAll = kind === 'distribution' || kind === 'timing' || (kind === 'histogram' && !this.#sumsHistograms)
    return keepsAll ? [value] : undefined
  }
}

function merge(kind: MetricKind, series: Series, value: MetricValue): Added {
  const { values } = series
  if (values === undefined) {
    series.value = kind === 'gauge' ? value : sum(series.value, value)
    return 'merged'
  }
  if (values instanceof Set) {
    if (values.has(value)) return 'merged'
    if (values.size >= MAX_VALUES) return 'full'
    values.add(value)
  } else if (values.push(value) > MAX_VALUES) {
    values.pop()
    return 'full'
  }
  return 'kept'
}

/** Exact where both are bigints. */
function sum(one: MetricValue, other: MetricValue): number | bigint {
  return typeof one === 'bigint' && typeof other === 'bigint' ? one + other : Number(one) + Number(other)
}
