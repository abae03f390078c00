// Reads single values of a decoded payload: what has the wrong type is undefined, never an exception.
//
// An integer comes as a number, as a bigint (64 bits in MessagePack) or as decimal text (beyond 2^53 in JSON).

import { ownText } from './own-text'

type Scalar = string | number | bigint | boolean

/** A map of the payload. Binary values and extension types are objects too, but not maps. */
export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}

// Made once: they would be made anew for each id.
const BEYOND_UINT64 = 1n << 64n
const MIN_INT64 = -(1n << 63n)

export function uint64(value: unknown): bigint | undefined {
  const integer = wholeNumber(value)
  if (integer === undefined || integer >= BEYOND_UINT64 || integer < MIN_INT64) return undefined
  // Some encoders write an id whose top bit is set as a negative number.
  return BigInt.asUintN(64, integer)
}

export function int64(value: unknown): bigint | undefined {
  const integer = wholeNumber(value)
  return integer !== undefined && BigInt.asIntN(64, integer) === integer ? integer : undefined
}

export function finite(value: unknown): number | undefined {
  const number = typeof value === 'bigint' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined
}

/** A text of at most `maxLength` characters, the rest cut as the Agent does; '' for what is no text. */
export function text(value: unknown, maxLength: number): string {
  if (typeof value !== 'string') return ''
  if (value.length <= maxLength) return value
  return `${ownText(value.slice(0, maxLength))}...`
}

export function scalar(value: unknown): Scalar | undefined {
  return ['string', 'number', 'bigint', 'boolean'].includes(typeof value) ? (value as Scalar) : undefined
}

/** The entries of a map that `read` understands; no entries for what is no map. */
export function entries<T>(raw: unknown, read: (value: unknown) => T | undefined): [string, T][] {
  const understood: [string, T][] = []
  if (!isMap(raw)) return understood
  for (const key of Object.keys(raw)) {
    const value = read(raw[key])
    if (value !== undefined) understood.push([key, value])
  }
  return understood
}

function wholeNumber(value: unknown): bigint | undefined {
  if (typeof value === 'bigint') return value
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : undefined
  return typeof value === 'string' && /^-?\d{1,20}$/.test(value) ? BigInt(value) : undefined
}
