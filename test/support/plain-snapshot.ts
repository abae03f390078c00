// Turns any value into a plain one that can be compared with the same value from another run: an error becomes its
// class, message and own keys, an instance its class and own properties. What differs from run to run though
// nobody changed it is left out: stacks, the insides of emitters and streams (sockets, counters), function bodies.
// Symbols and hidden properties are kept, because a mark left on a user's object is a difference.

import { EventEmitter } from 'node:events'

const maxDepth = 8

export function plainSnapshot(value: unknown): unknown {
  return snapshot(value, [])
}

/** What kind of thing a call gave back, without looking inside: `undefined`, `Promise`, `emitter Query`, `string`. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (value === globalThis) return 'globalThis'
  if (typeof value !== 'object' && typeof value !== 'function') return typeof value
  const traits = [
    value instanceof EventEmitter && 'emitter',
    typeof (value as { then?: unknown }).then === 'function' && !(value instanceof Promise) && 'thenable',
    Symbol.asyncIterator in value && 'async iterable',
  ]
  return [...traits.filter((trait) => trait !== false), className(value)].join(' ')
}

function snapshot(value: unknown, ancestors: readonly object[]): unknown {
  if (typeof value === 'function') return `[function ${value.name}/${value.length}]`
  if (typeof value !== 'object' || value === null) return value
  if (ancestors.includes(value)) return '[circular]'
  if (ancestors.length >= maxDepth) return `[deep ${className(value)}]`
  const inside = (item: unknown): unknown => snapshot(item, [...ancestors, value])
  if (value instanceof Date) return `[Date ${value.getTime()}]`
  if (value instanceof RegExp) return String(value)
  if (ArrayBuffer.isView(value))
    return `[${className(value)} ${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')}]`
  if (value instanceof Map) return { '[class]': className(value), entries: [...value].map(inside) }
  if (value instanceof Set) return { '[class]': className(value), values: [...value].map(inside) }
  if (value instanceof EventEmitter || value instanceof Promise) return `[${kindOf(value)}]`
  const own = Object.fromEntries(
    Reflect.ownKeys(value)
      .filter((key) => !(key === 'stack' && value instanceof Error) && !(key === 'length' && Array.isArray(value)))
      .filter((key) => !isOfNode(key))
      .map((key) => [String(key), ownProperty(value, key, inside)]),
  )
  if (value instanceof Error) return { '[error]': className(value), message: value.message, ...own }
  if (Array.isArray(value) && Object.keys(own).length === value.length) return Object.values(own)
  return className(value) === 'Object' ? own : { '[class]': className(value), ...own }
}

/** Where Node 20 keeps the store of an AsyncLocalStorage, dd's or anybody's, while there is one: its symbols are kResourceStore. */
function isOfNode(key: string | symbol): boolean {
  return typeof key === 'symbol' && key.description === 'kResourceStore'
}

function ownProperty(owner: object, key: PropertyKey, inside: (item: unknown) => unknown): unknown {
  const property = Object.getOwnPropertyDescriptor(owner, key)
  return property && 'value' in property ? inside(property.value) : '[accessor]'
}

function className(value: object): string {
  const prototype = Object.getPrototypeOf(value) as { constructor?: { name?: string } } | null
  return prototype === null ? 'null prototype' : (prototype.constructor?.name ?? 'unknown class')
}
