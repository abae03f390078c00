// The buckets of a histogram of OTLP as values: so many near here, so many near there. With explicit bounds the values of a bucket are taken to be
// spread evenly over it, as Datadog does; the buckets of an exponential histogram are narrow enough for one value each.
// Source: OpenTelemetry's data model of metrics, "Histogram" and "ExponentialHistogram".

import type { Distribution } from '../dogstatsd/value-sketch'

type Values = Distribution['values']

/** Of one point; OpenTelemetry's kits make 16, or 160 where they are exponential. */
export const MAX_BUCKETS = 2000

/** Into which the values of a bucket are spread, where they are few enough to be wide. */
const STEPS = 10
const FEW_BUCKETS = 200

/** The smallest and the largest value, where they are known. */
interface Range {
  readonly min: number | undefined
  readonly max: number | undefined
}

/**
 * @param counts one more than `bounds`; the bucket of a bound holds what is above the bound before, up to this one
 */
export function explicitValues(counts: readonly number[], bounds: readonly number[], range: Range): Values {
  const values: { value: number; weight: number }[] = []
  const { min, max } = range
  counts.forEach((count, at) => {
    if (!(count > 0)) return
    // Without a smallest value the first bucket begins at 0, which nearly all that is measured does.
    const [before, bound] = [bounds[at - 1], bounds[at]]
    const low = before ?? min ?? Math.min(0, bound ?? 0)
    const high = bound ?? max ?? low
    const from = Math.max(low, min ?? low)
    const to = Math.min(high, max ?? high)
    const steps = to > from && counts.length <= FEW_BUCKETS ? Math.min(STEPS, count) : 1
    for (let step = 0; step < steps; step++) {
      values.push({ value: from + ((to - from) * (step + 0.5)) / steps, weight: count / steps })
    }
  })
  return values.filter(({ value }) => Number.isFinite(value))
}

export interface Buckets {
  /** The index of the first. */
  readonly offset: number
  readonly counts: readonly number[]
}

/** A bucket with the index i holds what is above base^i, up to base^(i + 1); the base is 2^(2^-scale). */
export function exponentialValues(
  scale: number,
  zeros: number,
  positive: Buckets,
  negative: Buckets,
  { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY }: Range,
): Values {
  const values: { value: number; weight: number }[] = []
  const add = ({ offset, counts }: Buckets, sign: 1 | -1) =>
    counts.forEach((count, at) => {
      const value = sign * 2 ** ((offset + at + 0.5) * 2 ** -scale)
      const inside = Math.min(Math.max(value, min), max)
      if (count > 0 && Number.isFinite(inside)) values.push({ value: inside, weight: count })
    })
  add(negative, -1)
  if (zeros > 0) values.push({ value: 0, weight: zeros })
  add(positive, 1)
  return values
}
