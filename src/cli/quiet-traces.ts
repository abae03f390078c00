// Decides when a trace is worth looking at: its parts come in several payloads, from several services, so it waits until
// nothing has come for a while. One that goes on after that is taken again, whole.

/** Longer than the flush interval that `dog run` sets (200 ms), so that parts of one request arrive together. */
export const QUIET_MS = 300

interface Timers {
  setTimeout(callback: () => void, delayMs: number): NodeJS.Timeout
  clearTimeout(timer: NodeJS.Timeout): void
}

interface Waiting<T> {
  /** As it was when it changed last. */
  readonly trace: T
  readonly timer: NodeJS.Timeout
}

export class QuietTraces<T extends { readonly id: string }> {
  readonly #waiting = new Map<string, Waiting<T>>()

  constructor(
    private readonly take: (trace: T) => void,
    private readonly timers: Timers = globalThis,
  ) {}

  changed(trace: T): void {
    this.#forget(trace.id)
    const timer = this.timers.setTimeout(() => {
      this.#waiting.delete(trace.id)
      this.take(trace)
    }, QUIET_MS)
    this.#waiting.set(trace.id, { trace, timer })
  }

  /** Takes what still waits. */
  flush(): void {
    for (const { trace } of [...this.#waiting.values()]) {
      this.#forget(trace.id)
      this.take(trace)
    }
  }

  /** Takes nothing of what still waits. */
  stop(): void {
    for (const id of [...this.#waiting.keys()]) this.#forget(id)
  }

  #forget(id: string): void {
    const waiting = this.#waiting.get(id)
    if (waiting !== undefined) this.timers.clearTimeout(waiting.timer)
    this.#waiting.delete(id)
  }
}
