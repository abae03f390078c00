// Sees a value settle without changing what its owner sees.
//
// A native promise is chained, never branched: the caller gets the follower, so a rejection nobody handles is reported
// once, as it would have been. Any other thenable is returned as it is and only its `then` is watched, because
// calling `then` may be what starts the work (query builders) and a new object would lose its other methods.

import { types } from 'node:util'
import { mimic } from './mimic'

type Outcome = (error: unknown, value: unknown, failed: boolean) => void
type Settle = (value: unknown) => unknown
type Then = (this: unknown, resolved?: Settle | null, rejected?: Settle | null) => unknown

/** Whether `value` will settle some day. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false
  try {
    return typeof (value as { then?: unknown }).then === 'function'
  } catch {
    return false
  }
}

/** Calls `outcome` once when `thenable` settles; returns what the caller is to have in its place. */
export function whenSettled(thenable: PromiseLike<unknown>, outcome: Outcome): PromiseLike<unknown> {
  if (isPlainPromise(thenable)) {
    const follower = thenable.then(
      (value) => {
        outcome(undefined, value, false)
        return value
      },
      (error) => {
        outcome(error, undefined, true)
        throw error
      },
    )
    // What a library has put on its promise, as `child` by a promisified `exec`, belongs to the caller.
    for (const key of Object.keys(thenable)) {
      if (key !== 'then') Object.defineProperty(follower, key, Object.getOwnPropertyDescriptor(thenable, key)!)
    }
    return follower
  }
  watchThen(thenable, outcome)
  return thenable
}

/** Whether it is a native promise and of no class of its own. `await` does not ask such a one for its `then`. */
function isPlainPromise(thenable: PromiseLike<unknown>): boolean {
  if (thenable instanceof Promise) return thenable.constructor === Promise
  // Another context of `vm`, where test runners run programs, has a Promise of its own, right above its Object.
  if (!types.isPromise(thenable)) return false
  const prototype = Object.getPrototypeOf(thenable)
  return !Object.hasOwn(thenable, 'constructor') && Object.getPrototypeOf(Object.getPrototypeOf(prototype)) === null
}

/**
 * The same for a thenable whose work has begun, and that hands its methods on to a promise inside: they become those of the
 * follower, so that the end is seen even if the program drops it, or only catches.
 */
export function whenInnerSettled(thenable: PromiseLike<unknown>, outcome: Outcome): PromiseLike<unknown> {
  if (thenable instanceof Promise || !Object.hasOwn(thenable, 'then')) return whenSettled(thenable, outcome)
  const inner = thenable.then()
  if (!isThenable(inner)) throw new TypeError('its then gives no promise')
  const follower = whenSettled(inner, outcome) as unknown as Record<string, (...args: unknown[]) => unknown>
  for (const name of ['then', 'catch', 'finally']) {
    const own = Object.getOwnPropertyDescriptor(thenable, name)
    if (typeof own?.value !== 'function' || typeof follower[name] !== 'function') continue
    const handedOn = (...args: unknown[]) => follower[name]?.(...args)
    Object.defineProperty(thenable, name, { ...own, value: mimic(handedOn, own.value) })
  }
  return thenable
}

function watchThen(thenable: PromiseLike<unknown>, outcome: Outcome): void {
  const original = thenable.then as Then
  let told = false
  const tell: Outcome = (error, value, failed) => {
    if (told) return
    told = true
    outcome(error, value, failed)
  }
  const watched: Then = function watched(resolved, rejected) {
    return original.call(
      this,
      (value) => {
        tell(undefined, value, false)
        return typeof resolved === 'function' ? resolved(value) : value
      },
      (error) => {
        tell(error, undefined, true)
        if (typeof rejected === 'function') return rejected(error)
        throw error
      },
    )
  }
  try {
    Object.defineProperty(thenable, 'then', { value: watched, configurable: true, writable: true, enumerable: false })
  } catch {
    // A frozen thenable cannot be watched: the work counts as done when it was handed over.
    tell(undefined, undefined, false)
  }
}
