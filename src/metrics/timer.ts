// Measures how long something takes and records it: around a function, as a decorator, in a block with `using`, or by hand.
//
// A timer can be called: it then gives back a function like the one it got, of which each call is measured by itself, so that calls may
// overlap. What `start`, `stop` and `send` measure by hand is the timer's own state.

import { monotonicMs } from '../base/clock'
import { mimic } from '../base/mimic'
import { isThenable, whenSettled } from '../base/settle'
import { MetricsError } from './metrics-error'

/** Any function: its own parameters and result stay as they are. */
type AnyCallable = (this: never, ...args: never[]) => unknown

export interface Timer {
  /**
   * Gives a function with the same name, length, properties and `this`, each call of which is recorded when it returns or throws, or when
   * the promise it returned settles. As a decorator of a method, in the standard (TC39) or the legacy TypeScript way, does that to the method.
   */
  <F extends AnyCallable>(fn: F, context?: ClassMethodDecoratorContext): F
  (target: object, key: string | symbol, descriptor: PropertyDescriptor): PropertyDescriptor
  /** What was measured at the last `stop`, in milliseconds with fractions; undefined before. */
  readonly ms: number | undefined
  /** Begins to measure, anew where it has before. */
  start(): Timer
  /**
   * Measures from the last `start` until now.
   * @param options.send whether to record it; default: true
   * @throws MetricsError `state` before `start`, or where it would be recorded twice
   */
  stop(options?: { readonly send?: boolean }): Timer
  /**
   * Records what `stop` measured.
   * @throws MetricsError `state` before `stop`, and the second time
   */
  send(): Timer
  /** At the end of `using timer = client.timer('name')`: records the time since `start`, or since the timer was made; nothing after a `stop`. */
  [Symbol.dispose](): void
}

/** Takes a time in milliseconds. */
type RecordMs = (ms: number) => void

/** Makes its instances functions: that of the constructor, with the prototype of the class. */
class Callable {
  constructor(call: AnyCallable) {
    // biome-ignore lint/correctness/noConstructorReturn: the one way to an object of a class that can be called
    return Object.setPrototypeOf(call, new.target.prototype)
  }
}
Object.setPrototypeOf(Callable.prototype, Function.prototype)

class CallableTimer extends Callable {
  readonly #record: RecordMs
  readonly #now: () => number
  readonly #madeAtMs: number
  #startedAtMs: number | undefined
  #ms: number | undefined
  #isSent = false

  constructor(record: RecordMs, now: () => number = monotonicMs) {
    super((...given: unknown[]) => timedOrDecorated(given, record, now))
    this.#record = record
    this.#now = now
    this.#madeAtMs = now()
  }

  get ms(): number | undefined {
    return this.#ms
  }

  start(): this {
    this.#ms = undefined
    this.#isSent = false
    this.#startedAtMs = this.#now()
    return this
  }

  stop(options?: { readonly send?: boolean }): this {
    if (this.#startedAtMs === undefined) throw new MetricsError('state', 'Timer has not started.')
    this.#ms = this.#now() - this.#startedAtMs
    return options?.send === false ? this : this.send()
  }

  send(): this {
    if (this.#ms === undefined) throw new MetricsError('state', 'No data recorded.')
    if (this.#isSent) throw new MetricsError('state', 'Already sent data.')
    this.#isSent = true
    this.#record(this.#ms)
    return this
  }

  [Symbol.dispose](): void {
    if (this.#ms !== undefined) return
    this.#startedAtMs ??= this.#madeAtMs
    this.stop()
  }
}

/**
 * What `client.timer(name)` gives.
 * @param record is called with each time
 * @param now a clock in milliseconds; default: the monotonic one
 */
export const Timer = CallableTimer as unknown as new (record: RecordMs, now?: () => number) => Timer

function timedOrDecorated(given: readonly unknown[], record: RecordMs, now: () => number): unknown {
  const [target, , descriptor] = given
  // The legacy decorator gets the class's prototype, the name and the descriptor; the standard one the method itself.
  if (given.length === 3 && typeof descriptor === 'object' && descriptor !== null) {
    const { value } = descriptor as PropertyDescriptor
    return { ...descriptor, value: timed(value, record, now) }
  }
  return timed(target, record, now)
}

/** @throws TypeError where `fn` is no function */
export function timed(fn: unknown, record: RecordMs, now: () => number = monotonicMs): AnyCallable {
  if (typeof fn !== 'function') throw new TypeError('a timer wraps a function or decorates a method: timer(fn), @timer')
  function timing(this: unknown, ...args: unknown[]): unknown {
    const startedAtMs = now()
    const target = new.target
    let result: unknown
    try {
      const call = fn as AnyCallable
      result = target === undefined ? Reflect.apply(call, this, args) : Reflect.construct(call, args, target)
    } catch (error) {
      record(now() - startedAtMs)
      throw error
    }
    if (isThenable(result)) return whenSettled(result, () => record(now() - startedAtMs))
    record(now() - startedAtMs)
    return result
  }
  return mimic(timing, fn) as AnyCallable
}
