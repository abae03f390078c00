// A log record with `dd` in it, in place of the program's own, which stays as it is.

import type { Patcher } from '../src/plugin'

/** What to log instead of `record`; undefined to leave it: it has a `dd` of its own, or takes none. */
export function withContext(record: unknown, patcher: Patcher): object | undefined {
  if (typeof record !== 'object' || record === null || Array.isArray(record)) return undefined
  if (Object.hasOwn(record, 'dd') || !Object.isExtensible(record)) return undefined
  const dd = patcher.tracer.logFields()
  if (dd === undefined) return undefined
  const prototype: unknown = Object.getPrototypeOf(record)
  return prototype === Object.prototype || prototype === null ? { ...record, dd } : viewOf(record, dd)
}

/** An Error, or another object of some class: a copy would not be one. What a format sets reaches the record, as without `dd`. */
function viewOf(record: object, dd: object): object {
  let isShown = true
  // A record that was frozen meanwhile can have no more members.
  const shows = (key: string | symbol, target: object) =>
    key === 'dd' && isShown && !Object.hasOwn(target, 'dd') && Object.isExtensible(target)
  return new Proxy(record, {
    // Without the receiver: accessors of a class may read private fields, which only the record itself has.
    get: (target, key) => (shows(key, target) ? dd : (Reflect.get(target, key) as unknown)),
    set: (target, key, value) => Reflect.set(target, key, value),
    has: (target, key) => shows(key, target) || Reflect.has(target, key),
    ownKeys: (target) => [...Reflect.ownKeys(target), ...(shows('dd', target) ? ['dd'] : [])],
    getOwnPropertyDescriptor: (target, key) =>
      shows(key, target)
        ? { value: dd, configurable: true, enumerable: true, writable: true }
        : Reflect.getOwnPropertyDescriptor(target, key),
    deleteProperty(target, key) {
      if (key === 'dd') isShown = false
      return Reflect.deleteProperty(target, key)
    },
  })
}
