// The values of a histogram, distribution or timing: how many, their sum, the smallest and the largest exactly, and quantiles within 1 %.
//
// Bins whose width grows with the value stand for the values themselves, so that a million of them take no more than a thousand.
// Source: "DDSketch: a fast and fully-mergeable quantile sketch", VLDB 2019.

const RELATIVE_ACCURACY = 0.01
const GAMMA = (1 + RELATIVE_ACCURACY) / (1 - RELATIVE_ACCURACY)
const BINS_PER_LN = 1 / Math.log(GAMMA)

/** Nine decades on each side of zero; beyond, new values share the nearest bin. */
export const MAX_BINS = 2048

/** What a bin takes in memory. */
const BIN_BYTES = 96

/** Values that were gathered elsewhere: each stands for those near it. Undefined is what nobody knows. */
export interface Distribution {
  readonly values: readonly { readonly value: number; readonly weight: number }[]
  readonly sum: number | undefined
  readonly min: number | undefined
  readonly max: number | undefined
}

interface Bin {
  count: number
  /** Tells values that are few and far between exactly. */
  sum: number
}

export class ValueSketch {
  count = 0
  sum = 0
  min = Number.POSITIVE_INFINITY
  max = Number.NEGATIVE_INFINITY
  /** By index; those of negative values apart. */
  readonly #above = new Map<number, Bin>()
  readonly #below = new Map<number, Bin>()
  #zeros = 0

  /**
   * @param weight how many values this one stands for, by its sample rate
   * @returns the memory it took, in bytes
   */
  add(value: number, weight: number): number {
    this.count += weight
    this.sum += value * weight
    if (value < this.min) this.min = value
    if (value > this.max) this.max = value
    if (value === 0) {
      this.#zeros += weight
      return 0
    }
    const bins = value > 0 ? this.#above : this.#below
    const isFull = this.#above.size + this.#below.size >= MAX_BINS
    const exact = Math.ceil(Math.log(Math.abs(value)) * BINS_PER_LN)
    const index = isFull && !bins.has(exact) ? nearest(bins, exact) : exact
    const bin = bins.get(index)
    if (bin === undefined) {
      bins.set(index, { count: weight, sum: value * weight })
      return BIN_BYTES
    }
    bin.count += weight
    bin.sum += value * weight
    return 0
  }

  /**
   * Adds values of which only the distribution is known, with what is known of them exactly.
   * @returns the memory it took, in bytes
   */
  addDistribution({ values, sum, min, max }: Distribution): number {
    const before = { sum: this.sum, min: this.min, max: this.max }
    let taken = 0
    for (const { value, weight } of values) taken += this.add(value, weight)
    if (sum !== undefined) this.sum = before.sum + sum
    if (min !== undefined) this.min = Math.min(before.min, min)
    if (max !== undefined) this.max = Math.max(before.max, max)
    return taken
  }

  /** @param fraction from 0 to 1; undefined without values */
  quantile(fraction: number): number | undefined {
    if (this.count === 0) return undefined
    let rank = fraction * (this.count - 1)
    const zeros: Bin = { count: this.#zeros, sum: 0 }
    for (const { count, sum } of [...ordered(this.#below, -1), zeros, ...ordered(this.#above, 1)]) {
      rank -= count
      // Rounding may leave a sum outside.
      if (rank < 0) return Math.min(this.max, Math.max(this.min, sum / count))
    }
    return this.max
  }
}

function ordered(bins: ReadonlyMap<number, Bin>, sign: 1 | -1): Bin[] {
  return [...bins].sort(([a], [b]) => sign * (a - b)).map(([, bin]) => bin)
}

function nearest(bins: ReadonlyMap<number, Bin>, index: number): number {
  let found = index
  let distance = Number.POSITIVE_INFINITY
  for (const each of bins.keys()) {
    if (Math.abs(each - index) < distance) {
      found = each
      distance = Math.abs(each - index)
    }
  }
  return found
}
