// Counters of OTLP that count from the start of their process: what came since the last time, for each of them.
//
// A process that starts again begins at 0, with a new start time; one that forgets to say so shows itself in a value that is smaller. Of a counter
// that is seen for the first time only what it counted since the agent runs is news. Bounded: the one that was silent for longest is forgotten.

import { type ExponentialShape, reshaped } from './exponential-shape'

/** As many as the metric store has series. */
export const MAX_CUMULATIVE = 10_000

/** Estimated. */
export const MAX_CUMULATIVE_BYTES = 32 * 1024 * 1024

const ENTRY_BYTES = 200
const NUMBER_BYTES = 8

interface CumulativePoint {
  /** Nanoseconds since the Unix epoch: when it began to count, and when this was. */
  readonly start: bigint
  readonly time: bigint
  /** One for a sum; of a histogram the count, the sum and the buckets. */
  readonly values: readonly number[]
  /** Of an exponential histogram, whose buckets change as values come. */
  readonly shape?: ExponentialShape
}

export class CumulativeValues {
  bytes = 0
  readonly #byKey = new Map<string, CumulativePoint>()

  /** @param since nanoseconds since the Unix epoch: when the agent began */
  constructor(private readonly since: bigint) {}

  get size(): number {
    return this.#byKey.size
  }

  /**
   * What came since the last time.
   * @returns undefined where there is nothing to compare with, or where it is older than what is known
   */
  difference(key: string, point: CumulativePoint): number[] | undefined {
    const last = this.#byKey.get(key)
    if (last !== undefined && point.time <= last.time) return undefined
    this.#put(key, point, last)
    if (last === undefined) return point.start >= this.since ? [...point.values] : undefined
    const known = point.shape === undefined ? last.values : reshaped(last, point.shape)
    const isReset =
      point.start > last.start ||
      known?.length !== point.values.length ||
      // Of a histogram the second is the sum, which may shrink.
      point.values.some((value, at) => at !== 1 && value < known[at]!)
    return isReset ? [...point.values] : point.values.map((value, at) => value - known[at]!)
  }

  #put(key: string, point: CumulativePoint, last: CumulativePoint | undefined): void {
    this.bytes += bytesOf(key, point) - (last === undefined ? 0 : bytesOf(key, last))
    this.#byKey.delete(key)
    this.#byKey.set(key, point)
    while (this.#byKey.size > MAX_CUMULATIVE || this.bytes > MAX_CUMULATIVE_BYTES) {
      const [oldest] = this.#byKey
      if (oldest === undefined) return
      this.#byKey.delete(oldest[0])
      this.bytes -= bytesOf(...oldest)
    }
  }
}

function bytesOf(key: string, { values }: CumulativePoint): number {
  return ENTRY_BYTES + key.length * 2 + values.length * NUMBER_BYTES
}
