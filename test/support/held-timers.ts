// Timers that go off when a test says so: a deadline passes neither too early on a slow machine nor is it waited for.

/** A delay that nothing else has. */
const HELD_MS = 86_399_999

export class HeldTimers {
  /** What is given this delay is held; all other timers are real. */
  readonly ms = HELD_MS
  readonly #steps = new Map<unknown, () => void>()

  /** For the tests of a suite. Call it inside a `describe`. */
  static declare(): HeldTimers {
    const held = new HeldTimers()
    const { setTimeout, clearTimeout } = globalThis
    before(() => {
      globalThis.setTimeout = ((step: () => void, ms?: number, ...args: []) => {
        const timer = setTimeout(step, ms, ...args)
        if (ms === HELD_MS) held.#steps.set(timer, step)
        return timer
      }) as typeof setTimeout
      globalThis.clearTimeout = (timer) => {
        held.#steps.delete(timer)
        clearTimeout(timer)
      }
    })
    afterEach(() => {
      for (const timer of held.#steps.keys()) globalThis.clearTimeout(timer as NodeJS.Timeout)
    })
    after(() => Object.assign(globalThis, { setTimeout, clearTimeout }))
    return held
  }

  /** How many are running. */
  get count(): number {
    return this.#steps.size
  }

  /** All that are running go off. */
  goOff(): void {
    const steps = [...this.#steps]
    for (const [timer, step] of steps) {
      clearTimeout(timer as NodeJS.Timeout)
      step()
    }
  }
}
