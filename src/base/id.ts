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

/** A random number from 0 up to, but not including, 1. */
export function randomFraction(): number {
  return (randomInt32() >>> 0) / 0x100000000
}

/** The high half of a new span id: 63 bits are used, the sign bit stays clear, as in every Datadog tracer. */
export function randomIdHigh(): number {
  return randomInt32() & 0x7fffffff
}

/** The low half of a new id; never 0, so that no id is. */
export function randomIdLow(): number {
  return randomInt32() || 1
}

/** The codes of the hex digits. */
const DIGITS = Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0))

/** Eight lower-case hex digits of one half. Digit by digit, which takes an eighth of the time of `toString(16)` and padding. */
export function hex32(half: number): string {
  return String.fromCharCode(
    DIGITS[half >>> 28]!,
    DIGITS[(half >>> 24) & 15]!,
    DIGITS[(half >>> 20) & 15]!,
    DIGITS[(half >>> 16) & 15]!,
    DIGITS[(half >>> 12) & 15]!,
    DIGITS[(half >>> 8) & 15]!,
    DIGITS[(half >>> 4) & 15]!,
    DIGITS[half & 15]!,
  )
}

/** Sixteen lower-case hex digits. */
export function hex64(high: number, low: number): string {
  return hex32(high) + hex32(low)
}

/** The unsigned decimal text that Datadog's headers and logs carry. */
export function decimal64(high: number, low: number): string {
  const unsignedHigh = high >>> 0
  // Below 2^53 a number is exact. Above it BigInt makes the text twice as fast as arithmetic with numbers does.
  if (unsignedHigh < 0x200000) return String(unsignedHigh * 0x100000000 + (low >>> 0))
  return ((BigInt(unsignedHigh) << 32n) | BigInt(low >>> 0)).toString()
}

/** Two halves of a parsed id. */
export interface IdHalves {
  readonly high: number
  readonly low: number
}

/**
 * Reads unsigned decimal text below 2^64; anything else is undefined. Without BigInt, which takes three times as long: the
 * digits become two numbers, and these the halves by steps that stay below 2^53.
 */
export function parseDecimal64(text: string): IdHalves | undefined {
  const { length } = text
  if (length === 0 || length > 20) return undefined
  const cut = Math.max(0, length - 9)
  const first = digits(text, 0, cut)
  const last = digits(text, cut, length)
  if (first === undefined || last === undefined) return undefined
  const top = Math.floor(first / 0x10000)
  const lowest = (first - top * 0x10000) * 1e9 + last
  const carry = Math.floor(lowest / 0x10000)
  const rest = top * 1e9 + carry
  const high = Math.floor(rest / 0x10000)
  if (high > 0xffffffff) return undefined
  return { high: high | 0, low: ((rest - high * 0x10000) * 0x10000 + (lowest - carry * 0x10000)) | 0 }
}

function digits(text: string, from: number, to: number): number | undefined {
  let value = 0
  for (let i = from; i < to; i++) {
    const digit = text.charCodeAt(i) - 48
    if (digit < 0 || digit > 9) return undefined
    value = value * 10 + digit
  }
  return value
}

/** Reads exactly sixteen hex digits; anything else is undefined. */
export function parseHex64(text: string): IdHalves | undefined {
  if (!/^[0-9a-f]{16}$/i.test(text)) return undefined
  return { high: hex32At(text, 0), low: hex32At(text, 8) }
}

/** Reads the eight characters from `at` on, which are known to be hex digits. */
export function hex32At(text: string, at: number): number {
  let half = 0
  for (let i = at; i < at + 8; i++) {
    const code = text.charCodeAt(i)
    // A letter of either case has its place in the alphabet in the lower bits.
    half = (half << 4) | (code < 58 ? code - 48 : (code & 15) + 9)
  }
  return half
}

/** A random UUID, version 4. */
export function uuid(): string {
  const [a, b, c, d] = [randomInt32(), randomInt32(), randomInt32(), randomInt32()]
  const hex = hex32(a) + hex32((b & 0xffff0fff) | 0x4000) + hex32((c & 0x3fffffff) | 0x80000000) + hex32(d)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
