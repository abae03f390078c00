// Replaces one method of an object and knows how to put it back: the only place that changes somebody else's object.
//
// The replacement looks like the original (name, length, own properties) and the property keeps its attributes. An inherited
// method is shadowed by a property that does not enumerate, and undoing deletes it again.

import { mimic } from '../base/mimic'
import type { AnyFunction } from '../trace/run-in-span'

/** Throws a TypeError that says what is missing; otherwise returns the function that undoes the change. */
export function replaceMethod(
  target: object,
  method: string,
  make: (original: AnyFunction) => AnyFunction,
): () => void {
  const own = Object.getOwnPropertyDescriptor(target, method)
  const original = (target as Record<string, unknown>)[method]
  if (typeof original !== 'function') throw new TypeError(`there is no method ${method}`)
  if (own !== undefined && !own.configurable && !own.writable) throw new TypeError(`${method} cannot be replaced`)
  const replacement = mimic(make(original as AnyFunction), original)
  Object.defineProperty(target, method, {
    value: replacement,
    configurable: own?.configurable ?? true,
    enumerable: own?.enumerable ?? false,
    writable: true,
  })
  return () => {
    // Somebody else has wrapped it since: taking ours out would undo theirs too.
    if ((target as Record<string, unknown>)[method] !== replacement) return
    if (own === undefined) delete (target as Record<string, unknown>)[method]
    else Object.defineProperty(target, method, own)
  }
}
