// A set of durations, and what is said of it: exact percentiles and a histogram.
//
// The store holds every span, so nothing is estimated: durations are sorted, and a percentile is the smallest duration that
// so many percent of all do not exceed (nearest rank).

export interface Percentiles {
  /** Microseconds. */
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly max: number
}

export interface HistogramBucket {
  /** Microseconds, included. */
  readonly from: number
  /** Microseconds, not included. */
  readonly to: number
  readonly count: number
}

/** Six steps that look even on a logarithmic axis. */
const STEPS = [1, 1.5, 2, 3, 5, 7]

const MAX_DECADES = 17

/** Where buckets begin: 0, 1 µs, 1.5 µs, 2 µs … */
const EDGES = [
  0,
  ...Array.from({ length: MAX_DECADES }, (_, decade) => STEPS.map((step) => Number(`${step}e${decade}`))).flat(),
]

/** @param sorted ascending, microseconds; all is 0 without any */
export function percentiles(sorted: Float64Array): Percentiles {
  const rank = (share: number) => sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0
  return { p50: rank(0.5), p95: rank(0.95), p99: rank(0.99), max: rank(1) }
}

/** Buckets from the shortest to the longest duration without gaps; at most a hundred, mostly less than ten. */
export function histogram(sorted: Float64Array): HistogramBucket[] {
  const buckets: HistogramBucket[] = []
  let at = 0
  for (let index = 0; index < EDGES.length && at < sorted.length; index++) {
    const from = EDGES[index]!
    const to = EDGES[index + 1] ?? Number.MAX_VALUE
    const first = at
    while (at < sorted.length && sorted[at]! < to) at++
    if (at > first || buckets.length > 0) buckets.push({ from, to, count: at - first })
  }
  return buckets
}

/** A list that becomes sorted once all is in it. */
export function sortedDurations(durations: readonly number[]): Float64Array {
  return Float64Array.from(durations).sort()
}
