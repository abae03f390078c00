// Decides when a trace is worth printing: its parts come in several payloads, from several services, so it waits until
// nothing has come for a while. A trace that goes on after that is printed again, whole.

/** Longer than the flush interval that `dog run` sets (200 ms), so that parts of one request arrive together. */
export const QUIET_MS = 300

export interface Timers {
  setTimeout(callback: () => void, delayMs: number): NodeJS.Timeout
  clearTimeout(timer: NodeJS.Timeout): void
}

interface Waiting<T> {
  /** As it was when it changed last. */
  readonly trace: T
  readonly timer: NodeJS.Timeout
}

export class TracePrinter<T extends { readonly id: string }> {
  readonly #waiting = new Map<string, Waiting<T>>()

  constructor(
    private readonly print: (trace: T) => void,
    private readonly timers: Timers = globalThis,
  ) {}

  changed(trace: T): void {
    this.#forget(trace.id)
    const timer = this.timers.setTimeout(() => {
      this.#waiting.delete(trace.id)
      this.print(trace)
    }, QUIET_MS)
    this.#waiting.set(trace.id, { trace, timer })
  }

  /** Prints what still waits. */
  flush(): void {
    for (const { trace } of [...this.#waiting.values()]) {
      this.#forget(trace.id)
      this.print(trace)
    }
  }

  /** Prints nothing of what still waits. */
  stop(): void {
    for (const id of [...this.#waiting.keys()]) this.#forget(id)
  }

  #forget(id: string): void {
    const waiting = this.#waiting.get(id)
    if (waiting !== undefined) this.timers.clearTimeout(waiting.timer)
    this.#waiting.delete(id)
  }
}
