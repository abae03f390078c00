// Decides when a trace is worth printing: its parts come in several payloads, from several services, so it waits until
// nothing has come for a while. A trace that goes on after that is printed again, whole.

import type { StoredTrace } from '../local-agent/trace-store'

/** Longer than the flush interval that `dog run` sets (200 ms), so that parts of one request arrive together. */
export const QUIET_MS = 300

export interface Timers {
  setTimeout(callback: () => void, delayMs: number): NodeJS.Timeout
  clearTimeout(timer: NodeJS.Timeout): void
}

export class TracePrinter {
  readonly #waiting = new Map<StoredTrace, NodeJS.Timeout>()

  constructor(
    private readonly print: (trace: StoredTrace) => void,
    private readonly timers: Timers = globalThis,
  ) {}

  changed(trace: StoredTrace): void {
    this.#forget(trace)
    const timer = this.timers.setTimeout(() => {
      this.#waiting.delete(trace)
      this.print(trace)
    }, QUIET_MS)
    this.#waiting.set(trace, timer)
  }

  /** Prints what still waits. */
  flush(): void {
    for (const trace of [...this.#waiting.keys()]) {
      this.#forget(trace)
      this.print(trace)
    }
  }

  #forget(trace: StoredTrace): void {
    const timer = this.#waiting.get(trace)
    if (timer !== undefined) this.timers.clearTimeout(timer)
    this.#waiting.delete(trace)
  }
}
