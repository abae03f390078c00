// What becomes of the samples of a series, in a window of ten seconds and in all: one class for each kind of metric.

import { type Distribution, ValueSketch } from './value-sketch'

/** One value of a line, or one point of the API. */
export interface Sample {
  readonly value: number
  /** The value of a set. */
  readonly text: string
  /** How many times it counts, by its sample rate. */
  readonly weight: number
  /** Seconds since the Unix epoch. */
  readonly second: number
  /** In place of `value` and `weight`, where a whole distribution was sent. */
  readonly distribution?: Distribution
}

/** What is shown: `value` of counts, gauges, rates and sets, the others of histograms, distributions and timings. */
export interface Shown {
  readonly value?: number | undefined
  /** A set has more values than were counted. */
  readonly isMore?: boolean
  readonly count?: number
  readonly sum?: number
  readonly min?: number
  readonly max?: number
  readonly avg?: number
  readonly median?: number | undefined
  readonly p95?: number | undefined
  readonly p99?: number | undefined
}

export interface Gathered {
  /** Returns how many bytes of memory it took. */
  add(sample: Sample): number
  shown(): Shown
}

/** A count: the sum, scaled up where clients sampled. */
export class Sum implements Gathered {
  #sum = 0

  add({ value, weight }: Sample): number {
    this.#sum += value * weight
    return 0
  }

  shown(): Shown {
    return { value: this.#sum }
  }
}

/** A gauge: the value of the latest time, the last of them. */
export class Last implements Gathered {
  #value: number | undefined
  #second = Number.NEGATIVE_INFINITY

  add({ value, second }: Sample): number {
    if (second >= this.#second) {
      this.#value = value
      this.#second = second
    }
    return 0
  }

  shown(): Shown {
    return { value: this.#value }
  }
}

/** Values of a set beyond which no new ones are counted. */
export const MAX_UNIQUE = 1000

/** What a member of a set takes in memory without its text. */
const MEMBER_BYTES = 64

/** A set: how many different values. */
export class Unique implements Gathered {
  readonly #texts = new Set<string>()
  #isFull = false

  add({ text }: Sample): number {
    if (this.#texts.has(text)) return 0
    if (this.#texts.size === MAX_UNIQUE) {
      this.#isFull = true
      return 0
    }
    this.#texts.add(text)
    return MEMBER_BYTES + text.length * 2
  }

  shown(): Shown {
    return { value: this.#texts.size, ...(this.#isFull && { isMore: true }) }
  }
}

/** A histogram, a distribution, a timing: what the Agent makes of one, and two more quantiles. */
export class Summary implements Gathered {
  readonly #sketch = new ValueSketch()

  add({ value, weight, distribution }: Sample): number {
    return distribution ? this.#sketch.addDistribution(distribution) : this.#sketch.add(value, weight)
  }

  shown(): Shown {
    const { count, sum, min, max } = this.#sketch
    if (count === 0) return { count }
    const quantile = (fraction: number) => this.#sketch.quantile(fraction)
    return { count, sum, min, max, avg: sum / count, median: quantile(0.5), p95: quantile(0.95), p99: quantile(0.99) }
  }
}

const POINT_BYTES = 40

/** Points of the API: of two for one second the last stays, so that a payload may come twice. */
export class Points implements Gathered {
  readonly #bySecond = new Map<number, number>()

  constructor(private readonly type: 'count' | 'rate' | 'gauge') {}

  add({ value, second }: Sample): number {
    const isNew = !this.#bySecond.has(second)
    this.#bySecond.set(second, value)
    return isNew ? POINT_BYTES : 0
  }

  /** The value of a second; 0 without one. */
  at(second: number): number {
    return this.#bySecond.get(second) ?? 0
  }

  shown(): Shown {
    const seconds = [...this.#bySecond.keys()]
    const values = [...this.#bySecond.values()]
    const sum = values.reduce((total, value) => total + value, 0)
    if (this.type === 'count') return { value: sum }
    return { value: this.type === 'rate' ? sum / values.length : this.#bySecond.get(Math.max(...seconds)) }
  }
}
