// Makes everything that a program calls on objects of certain classes be those objects', for the pins that are on them. A class is
// looked at when one of its objects is pinned for the first time: without pins nothing of it is wrapped.

import { EventEmitter } from 'node:events'
import { Duplex, PassThrough, Readable, Stream, Transform, Writable } from 'node:stream'
import { belongs } from '../trace/pin'
import type { AnyFunction } from '../trace/run-in-span'
import { calledBy, runHeld } from './held-pin'
import type { Patcher } from './patcher'

/** Node's own, which everybody shares. */
const OF_NODE: ReadonlySet<object> = new Set(
  [EventEmitter, Stream, Readable, Writable, Duplex, Transform, PassThrough].map((one) => one.prototype as object),
)
const NATIVE = /\[native code\]\s*\}$/

/** Whether this is the prototype of a class, and neither JavaScript's nor Node's: that of a generator has no class. */
function isOfLibrary(prototype: object | null): prototype is object {
  if (prototype === null || OF_NODE.has(prototype) || !Object.hasOwn(prototype, 'constructor')) return false
  const made: unknown = prototype.constructor
  return typeof made === 'function' && !NATIVE.test(Function.prototype.toString.call(made))
}

interface HeldOptions {
  /** What an object belongs to, where the library says so. */
  wholeOf?(object: object): object | undefined
  /** Methods that call functions of the program, which ask others too. */
  readonly except?: readonly string[]
}

export class HeldMethods {
  readonly #known = new WeakSet<object>()

  /** @param plugins those whose spans are meant */
  constructor(
    private readonly patcher: Patcher,
    private readonly plugins: readonly string[],
    private readonly options: HeldOptions = {},
  ) {}

  /** Sees to the methods of a class and of those of the library that it extends, once for each. */
  hold(prototype: object | null): void {
    const { except = [] } = this.options
    for (let each = prototype; isOfLibrary(each); each = Object.getPrototypeOf(each) as object | null) {
      if (this.#known.has(each)) return
      this.#known.add(each)
      for (const name of Reflect.ownKeys(each)) {
        const { value, writable } = Object.getOwnPropertyDescriptor(each, name) as PropertyDescriptor
        if (typeof value !== 'function' || !writable || name === 'constructor' || except.includes(String(name)))
          continue
        this.patcher.wrap(each, name as never, (original) => this.#holding(original))
      }
    }
  }

  #holding(original: AnyFunction): AnyFunction {
    const { patcher, plugins } = this
    const methods = this
    return {
      held(this: object, ...args: unknown[]) {
        const scope = patcher.tracer.scopeOrNothing
        if (scope === undefined) return Reflect.apply(original, this, args)
        patcher.guarded('whole', () => methods.join(this))
        const object = calledBy(scope.active(), this)
        const result: unknown = runHeld(scope, { object, plugins }, original, this, args)
        patcher.guarded('held', () => methods.#own(result, object))
        return result
      },
    }.held
  }

  /** Notes what an object belongs to, and that in turn. */
  join(object: object): void {
    const whole = this.options.wholeOf?.(object)
    if (whole === undefined) return
    belongs(object, whole)
    this.join(whole)
  }

  /** A cursor, a collection: what is asked of it later is asked of whom it comes from. */
  #own(result: unknown, whole: object): void {
    if (typeof result !== 'object' || result === null || result === whole || 'then' in result) return
    const prototype = Object.getPrototypeOf(result) as object | null
    if (!isOfLibrary(prototype)) return
    this.join(result)
    belongs(result, whole)
    this.hold(prototype)
  }
}
