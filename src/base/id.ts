// Random ids, and their text forms.
//
// A 64-bit id lives as two signed 32-bit halves: V8 keeps those as plain machine integers, so that a span's ids cost
// neither a BigInt nor an object. Text is made only where a header, a log or the user asks for it.

/** Ids drawn per refill: a system call for each id would cost more than the span. */
const POOL_IDS = 1024

let pool: Int32Array | undefined
let next = 0

/** A random signed 32-bit integer. */
export function randomInt32(): number {
  if (pool === undefined || next === pool.length) {
    pool ??= new Int32Array(POOL_IDS * 2)
    crypto.getRandomValues(pool)
    next = 0
  }
  return pool[next++]!
}

/** The high half of a new span id: 63 bits are used, the sign bit stays clear, as in every Datadog tracer. */
export function randomIdHigh(): number {
  return randomInt32() & 0x7fffffff
}

/** The low half of a new id; never 0, so that no id is. */
export function randomIdLow(): number {
  return randomInt32() || 1
}

/** Eight lower-case hex digits of one half. */
export function hex32(half: number): string {
  return (half >>> 0).toString(16).padStart(8, '0')
}

/** Sixteen lower-case hex digits. */
export function hex64(high: number, low: number): string {
  return hex32(high) + hex32(low)
}

/** The unsigned decimal text that Datadog's headers and logs carry. */
export function decimal64(high: number, low: number): string {
  const unsignedHigh = high >>> 0
  // Below 2^53 a number is exact.
  if (unsignedHigh < 0x200000) return String(unsignedHigh * 0x100000000 + (low >>> 0))
  return ((BigInt(unsignedHigh) << 32n) | BigInt(low >>> 0)).toString()
}

/** Two halves of a parsed id. */
export interface IdHalves {
  readonly high: number
  readonly low: number
}

const UINT64_LIMIT = 1n << 64n

/** Reads unsigned decimal text below 2^64; anything else is undefined. */
export function parseDecimal64(text: string): IdHalves | undefined {
  if (!/^\d{1,20}$/.test(text)) return undefined
  const value = BigInt(text)
  if (value >= UINT64_LIMIT) return undefined
  return { high: Number(value >> 32n) | 0, low: Number(value & 0xffffffffn) | 0 }
}

/** Reads exactly sixteen hex digits; anything else is undefined. */
export function parseHex64(text: string): IdHalves | undefined {
  if (!/^[0-9a-f]{16}$/i.test(text)) return undefined
  return { high: Number.parseInt(text.slice(0, 8), 16) | 0, low: Number.parseInt(text.slice(8), 16) | 0 }
}

/** A random UUID, version 4. */
export function uuid(): string {
  const [a, b, c, d] = [randomInt32(), randomInt32(), randomInt32(), randomInt32()]
  const hex = hex32(a) + hex32((b & 0xffff0fff) | 0x4000) + hex32((c & 0x3fffffff) | 0x80000000) + hex32(d)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
