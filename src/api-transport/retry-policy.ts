// Whether and when a request is sent again: what an answer means, how long to wait, and when to stop, so that a server in trouble is not
// asked more often than it can bear.

import { wallMs } from '../base/clock'
import type { EndpointRules } from './api-endpoints'
import { type ApiReply, ExchangeError } from './exchange'

/** What became of a request: `again` may be sent again, `unknown` may have arrived and would be counted twice. */
export type Verdict = 'taken' | 'refused' | 'too-large' | 'again' | 'unknown'

const FIRST_DELAY_MS = 1000
/** Waits within one flush; what asks for more is left to the flushes after that. */
export const MAX_WAIT_MS = 60_000
/** Retries in hand; each costs one, and each success gives one back. */
const BUDGET = 10
/** A reset above it is a time, not a duration. Source: dd-trace-py, pull request 17170. */
const MAX_DURATION_S = 1e9

export function verdictOf(result: ApiReply | ExchangeError, { isIdempotent }: EndpointRules): Verdict {
  if (result instanceof ExchangeError) return isIdempotent || !result.mayHaveArrived ? 'again' : 'unknown'
  const { status } = result
  if (status >= 200 && status < 300) return 'taken'
  if (status === 413) return 'too-large'
  // They say that nothing was done.
  if (status === 429 || status === 503) return 'again'
  if (status === 408 || status >= 500) return isIdempotent ? 'again' : 'unknown'
  return 'refused'
}

export class RetryPolicy {
  readonly #random: () => number
  #budget = BUDGET

  /** @param random from 0 up to, but not including, 1 */
  constructor(random: () => number) {
    this.#random = random
  }

  succeeded(): void {
    if (this.#budget < BUDGET) this.#budget++
  }

  /** Whether there is a retry in hand; if so, it is taken. How many one request may have is the caller's affair. */
  takeRetry(): boolean {
    if (this.#budget < 1) return false
    this.#budget--
    return true
  }

  /** What the server asks for, a little more so that not all come back at once; undefined if it says nothing. */
  askedDelayMs(result: ApiReply | ExchangeError): number | undefined {
    if (result instanceof ExchangeError) return undefined
    const { status, headers } = result
    // All answers of a limited endpoint tell of its next period, which is no reason to wait for it after another failure.
    const asked =
      retryAfterMs(headers['retry-after']) ?? (status === 429 ? resetMs(headers['x-ratelimit-reset']) : undefined)
    return asked === undefined ? undefined : Math.max(0, asked) * (1 + this.#random() / 10)
  }

  /** A second, two, four …, of which the upper half is left to chance. */
  delayMs(attempts: number): number {
    return FIRST_DELAY_MS * 2 ** (attempts - 1) * (0.5 + this.#random() / 2)
  }
}

/** Source: RFC 9110, section 10.2.3: seconds, or a date. */
function retryAfterMs(value: string | string[] | undefined): number | undefined {
  if (typeof value !== 'string') return undefined
  const seconds = secondsIn(value)
  if (seconds !== undefined) return seconds * 1000
  const atMs = Date.parse(value)
  return Number.isNaN(atMs) ? undefined : atMs - wallMs()
}

function resetMs(value: string | string[] | undefined): number | undefined {
  const seconds = secondsIn(value)
  return seconds && seconds * 1000 - (seconds > MAX_DURATION_S ? wallMs() : 0)
}

function secondsIn(value: string | string[] | undefined): number | undefined {
  return typeof value === 'string' && /^\d+(?:\.\d+)?$/.test(value) ? Number(value) : undefined
}
