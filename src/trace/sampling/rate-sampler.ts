// Keeps a fixed share of the traces, the same ones in every service and every language.
//
// The rule is Knuth's multiplicative hash, shared by all Datadog tracers: with x = id × 1111111111111111111 mod 2^64, keep
// if x ≤ rate × 2^64. The product is made of 16- and 32-bit pieces: no BigInt on this path.

import type { Span } from '../span'
import type { Sampler } from './sampler'

// 1111111111111111111 in two halves.
const FACTOR_HIGH = 0x0f6b75ab
const FACTOR_LOW = 0x2bc471c7
const FACTOR_LOW_TOP = FACTOR_LOW >>> 16
const FACTOR_LOW_BOTTOM = FACTOR_LOW & 0xffff

const TWO_32 = 0x100000000
const TWO_64 = TWO_32 * TWO_32

export class RateSampler implements Sampler {
  readonly rate: number
  /** The rate as services tell each other. */
  readonly rateText: string
  readonly #thresholdHigh: number
  readonly #thresholdLow: number

  /** @param rate share of the traces to keep, 0 to 1. Throws a RangeError for anything else. */
  constructor(rate: number) {
    if (typeof rate !== 'number' || !(rate >= 0 && rate <= 1)) {
      throw new RangeError(
        `a sample rate is a number from 0 to 1, not ${typeof rate === 'number' ? rate : typeof rate}`,
      )
    }
    this.rate = rate
    this.rateText = rateText(rate)
    const threshold = Math.floor(rate * TWO_64)
    this.#thresholdHigh = Math.floor(threshold / TWO_32)
    this.#thresholdLow = threshold - this.#thresholdHigh * TWO_32
  }

  sample(root: Span): boolean {
    return this.keeps(root.trace.idHigh, root.trace.idLow)
  }

  /** Whether the trace with these low 64 bits of its id is kept. */
  keeps(idHigh: number, idLow: number): boolean {
    if (this.rate === 1) return true
    if (this.rate === 0) return false
    const top = idLow >>> 16
    const bottom = idLow & 0xffff
    // The low halves multiplied in full, by 16-bit limbs: every partial sum stays below 2^53.
    const lowest = bottom * FACTOR_LOW_BOTTOM
    const middle = top * FACTOR_LOW_BOTTOM + bottom * FACTOR_LOW_TOP + Math.floor(lowest / 0x10000)
    const carry = top * FACTOR_LOW_TOP + Math.floor(middle / 0x10000)
    const low = (middle % 0x10000) * 0x10000 + (lowest & 0xffff)
    const high = (carry + Math.imul(idHigh, FACTOR_LOW) + Math.imul(idLow, FACTOR_HIGH)) >>> 0
    return high < this.#thresholdHigh || (high === this.#thresholdHigh && low <= this.#thresholdLow)
  }
}

/** At most six decimals and no trailing zeros (Datadog's `_dd.p.ksr`). */
export function rateText(rate: number): string {
  return String(Number(rate.toFixed(6)))
}
