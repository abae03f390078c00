// Lets through at most so many per second: tokens that are there anew in each one-second window.
//
// The first question opens the first window, so a quiet program needs no timer. What is left of a fraction goes on to the next
// window: 0.5 lets one through every two seconds.

import { monotonicMs } from '../../base/clock'

const WINDOW_MS = 1000

export class RateLimiter {
  #tokens: number
  #windowBeganMs = Number.NEGATIVE_INFINITY
  #asked = 0
  #allowed = 0
  #askedBefore = 0
  #allowedBefore = 0

  /**
   * @param maxPerSecond 0 lets nothing through; for no limit make no limiter
   * @param nowMs the monotonic clock, in ms
   */
  constructor(
    readonly maxPerSecond: number,
    private readonly nowMs: () => number = monotonicMs,
  ) {
    this.#tokens = maxPerSecond > 0 ? Math.max(1, maxPerSecond) : 0
  }

  /** Takes a token; false if there is none. */
  allows(): boolean {
    this.#turnTo(this.nowMs())
    this.#asked++
    if (this.#tokens < 1) return false
    this.#tokens--
    this.#allowed++
    return true
  }

  /** The share of questions of this window and the one before that were answered with yes; 1 if there were none. */
  get effectiveRate(): number {
    const asked = this.#asked + this.#askedBefore
    return asked === 0 ? 1 : (this.#allowed + this.#allowedBefore) / asked
  }

  #turnTo(nowMs: number): void {
    const passedMs = nowMs - this.#windowBeganMs
    if (passedMs < WINDOW_MS) return
    const isFirst = this.#windowBeganMs === Number.NEGATIVE_INFINITY
    const windows = isFirst ? 1 : Math.floor(passedMs / WINDOW_MS)
    const isNext = windows === 1
    this.#askedBefore = isNext ? this.#asked : 0
    this.#allowedBefore = isNext ? this.#allowed : 0
    this.#asked = 0
    this.#allowed = 0
    this.#windowBeganMs = isFirst ? nowMs : this.#windowBeganMs + windows * WINDOW_MS
    if (!isFirst) this.#tokens = Math.min(Math.ceil(this.maxPerSecond), this.#left() + windows * this.maxPerSecond)
  }

  /** Whole tokens that nobody took are gone with their window. */
  #left(): number {
    return this.#tokens < 1 ? this.#tokens : this.#tokens % 1
  }
}
