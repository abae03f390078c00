// Replaces one method of an object and knows how to put it back: the only place that changes somebody else's object.
//
// The replacement looks like the original (name, length, own properties) and the property keeps its attributes. An inherited
// method is shadowed by a property that does not enumerate, and undoing deletes it again.

import { mimic } from '../base/mimic'
import type { AnyFunction } from '../trace/run-in-span'

/** Throws a TypeError that says what is missing; otherwise returns the function that undoes the change. */
export function replaceMethod(
  target: object,
  method: string | symbol,
  make: (original: AnyFunction) => AnyFunction,
): () => void {
  const found = findProperty(target, method)
  if (found?.get !== undefined) throw new TypeError(`${String(method)} is an accessor, which cannot be replaced`)
  const original: unknown = found?.value
  if (typeof original !== 'function') throw new TypeError(`there is no method ${String(method)}`)
  const own = Object.getOwnPropertyDescriptor(target, method)
  if (own === undefined ? !Object.isExtensible(target) : !own.configurable && !own.writable) {
    throw new TypeError(`${String(method)} is read-only and cannot be replaced`)
  }
  const replacement = mimic(make(original as AnyFunction), original)
  const attributes = own ?? { configurable: true, enumerable: false, writable: true }
  Object.defineProperty(target, method, { ...attributes, value: replacement })
  return () => {
    // Somebody else has wrapped it since: taking ours out would undo theirs too.
    if ((target as Record<PropertyKey, unknown>)[method] !== replacement) return
    if (own === undefined) delete (target as Record<PropertyKey, unknown>)[method]
    else Object.defineProperty(target, method, own)
  }
}

/** The property that a look-up would find, without calling an accessor. */
function findProperty(target: object | null, key: PropertyKey): PropertyDescriptor | undefined {
  if (target === null) return undefined
  return (
    Object.getOwnPropertyDescriptor(target, key) ?? findProperty(Object.getPrototypeOf(target) as object | null, key)
  )
}
