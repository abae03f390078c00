// Tells the program's `onError` of trouble with metrics, at most once in ten seconds for each kind: a server that is away would otherwise
// be told of with every call. Without `onError` it is a warning on stderr, once a minute.

import { monotonicMs } from '../base/clock'
import { describe, log } from '../base/log'
import type { MetricsError, MetricsErrorCode } from './metrics-error'

/** Called with what went wrong; what it throws is logged. */
export type OnError = (error: MetricsError) => void

const QUIET_MS = 10_000

export class ErrorReporter {
  readonly #onError: OnError | undefined
  readonly #now: () => number
  readonly #saidAtMs = new Map<MetricsErrorCode, number>()

  constructor(onError: OnError | undefined, now: () => number = monotonicMs) {
    this.#onError = onError
    this.#now = now
  }

  /** @param make is called only if the error is told */
  report(code: MetricsErrorCode, make: () => MetricsError): void {
    const saidAtMs = this.#saidAtMs.get(code)
    const nowMs = this.#now()
    if (saidAtMs !== undefined && nowMs - saidAtMs < QUIET_MS) return
    this.#saidAtMs.set(code, nowMs)
    const error = make()
    if (this.#onError === undefined) log.atMostEveryMinute(`metrics ${code}`, () => `metrics: ${error.message}`)
    else {
      try {
        this.#onError(error)
      } catch (thrown) {
        log.once('metrics onError', `onError of the metrics failed (${describe(thrown)})`)
      }
    }
  }
}
