// The values of a histogram within one roll-up interval: smallest, largest, sum and count of all, and a sample of at most a thousand, in
// which each value is as likely as any other (Vitter's algorithm R), however many there were.

/** As many as Datadog's own clients keep. */
const MAX_SAMPLES = 1000

export class Reservoir {
  min = Number.POSITIVE_INFINITY
  max = Number.NEGATIVE_INFINITY
  sum = 0
  /** Of the calls that these values stand for: with a sample rate more than were added. */
  count = 0
  readonly samples: number[] = []
  #added = 0

  /**
   * @param weight how many calls the value stands for
   * @param random gives a number from 0 up to, but not including, 1
   * @returns whether the sample grew
   */
  add(value: number, weight: number, random: () => number): boolean {
    if (value < this.min) this.min = value
    if (value > this.max) this.max = value
    this.sum += value * weight
    this.count += weight
    if (this.#added++ < MAX_SAMPLES) {
      this.samples.push(value)
      return true
    }
    const at = Math.floor(random() * this.#added)
    if (at < MAX_SAMPLES) this.samples[at] = value
    return false
  }
}
