// What a histogram says of its values: the aggregates and percentiles, and the endings of the names under which they are sent.

import type { Reservoir } from '../reservoir'

export const AGGREGATES = ['min', 'max', 'sum', 'count', 'avg', 'median'] as const
export type Aggregate = (typeof AGGREGATES)[number]

export interface HistogramShape {
  readonly aggregates: readonly Aggregate[]
  /** Between 0 and 1: 0.95. */
  readonly percentiles: readonly number[]
}

/** Those of Datadog's clients in other languages. */
export const DEFAULT_SHAPE: HistogramShape = {
  aggregates: ['min', 'max', 'count', 'avg'],
  percentiles: [0.75, 0.85, 0.95, 0.99],
}

export interface HistogramPart {
  /** `max`, `95percentile` */
  readonly ending: string
  readonly isCount: boolean
  value(values: Reservoir, sorted: Float64Array): number
}

/** In the order in which they are sent. */
export function histogramParts({ aggregates, percentiles }: HistogramShape): HistogramPart[] {
  return [
    ...aggregates.map((aggregate) => ({
      ending: aggregate,
      isCount: aggregate === 'count',
      value: VALUES[aggregate],
    })),
    ...percentiles.map((part) => ({
      ending: `${percentText(part)}percentile`,
      isCount: false,
      value: (_: Reservoir, sorted: Float64Array) => percentile(sorted, part),
    })),
  ]
}

export function sortedSamples(values: Reservoir): Float64Array {
  return Float64Array.from(values.samples).sort()
}

const VALUES: Readonly<Record<Aggregate, HistogramPart['value']>> = {
  min: ({ min }) => min,
  max: ({ max }) => max,
  sum: ({ sum }) => sum,
  count: ({ count }) => count,
  avg: ({ sum, count }) => sum / count,
  median: (_, sorted) => median(sorted),
}

function median(sorted: Float64Array): number {
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? 0
  // Halved first: the sum of two large numbers is infinite.
  return sorted.length % 2 === 1 ? upper : (sorted[middle - 1] ?? 0) / 2 + upper / 2
}

/** The value at the place `part * n`, rounded half up as Datadog's first clients did, counted from one. */
function percentile(sorted: Float64Array, part: number): number {
  return sorted[Math.max(0, Math.round(part * sorted.length) - 1)] ?? 0
}

/** 0.29 is `29` and 0.999 `99.9`: the product with 100 is 28.999999999999996 and would be cut to 28. */
function percentText(part: number): string {
  return String(Math.round(part * 1e6) / 1e4)
}
