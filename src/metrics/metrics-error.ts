// What goes wrong with metrics, as `onError` is told: never thrown where a metric is recorded. Timers throw it.

/**
 * `invalid`: a value, name or tag that no packet can carry; `too-long`: a line above the largest packet; `closed`: recorded after
 * `close()`; `socket`: the way to the server failed; `overflow`: too much waits for it; `api`: Datadog refused what was sent; `sink`: what
 * a collector sends to threw; `state`: a timer was stopped or sent that has not started, or was sent already.
 */
export type MetricsErrorCode = 'invalid' | 'too-long' | 'closed' | 'socket' | 'overflow' | 'api' | 'sink' | 'state'

export class MetricsError extends Error {
  override readonly name = 'MetricsError'

  constructor(
    readonly code: MetricsErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}
