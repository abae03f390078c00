// Leaves Datadog alone after too many timeouts, so that a program that asks it in the middle of its own work is not held up by each call.

import { HttpBackoff } from './errors'

interface BackoffSettings {
  /** Timeouts in a row after which nothing is sent any more. */
  readonly maxTimeouts: number
  /** For how long, in seconds. */
  readonly backoffPeriod: number
  /** A clock, in seconds. */
  readonly now: () => number
}

export class Backoff {
  readonly #settings: BackoffSettings
  #timeouts = 0
  /** When the first call was refused. */
  #since: number | undefined

  constructor(settings: BackoffSettings) {
    this.#settings = settings
  }

  /** @throws HttpBackoff while nothing may be sent */
  enter(): void {
    const { maxTimeouts, backoffPeriod, now } = this.#settings
    if (this.#since === undefined) {
      if (this.#timeouts < maxTimeouts) return
      this.#since = now()
    }
    const left = backoffPeriod - (now() - this.#since)
    if (left > 0) {
      throw new HttpBackoff(
        `${this.#timeouts} timeouts in a row: nothing is sent for another ${Math.ceil(left)} seconds`,
      )
    }
    this.#since = undefined
    this.#timeouts = 0
  }

  timedOut(): void {
    this.#timeouts++
  }

  /** A whole answer was read, perhaps of a call that was under way before: whoever answers need not be left alone. */
  answered(): void {
    this.#timeouts = 0
    this.#since = undefined
  }
}
