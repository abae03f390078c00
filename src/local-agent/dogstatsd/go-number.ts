// Numbers as the Agent reads them: it is written in Go, whose parser takes more than decimal digits (`0x1p4`, `1_000`, `inf`) and
// refuses what has no place in 64 bits.
// Source: Go, strconv.ParseFloat and strconv.ParseInt.

// None of these goes back over a long text.
const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i
const HEXADECIMAL = /^([+-])?0x([\da-f]*)(?:\.([\da-f]*))?p([+-]?\d+)$/i
const INFINITE = /^[+-]?inf(?:inity)?$/i
/** An underscore stands between two digits, or behind `0x`. */
const MISPLACED_UNDERSCORE = /(?<![\da-f]|0x)_|_(?![\da-f])/i
/** Without its zeros no longer than 64 bits can be. */
const WHOLE = /^([+-]?)0*(\d{1,19})$/

const MAX_INT64 = (1n << 63n) - 1n

/** A 64-bit float; NaN and the infinities are numbers too. Undefined for what is none. */
export function parseFloat64(text: string): number | undefined {
  if (DECIMAL.test(text)) return within(Number(text))
  if (/^nan$/i.test(text)) return Number.NaN
  if (INFINITE.test(text)) return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  if (text.includes('_')) return MISPLACED_UNDERSCORE.test(text) ? undefined : withoutUnderscores(text)
  const [, sign, whole = '', fraction = '', power] = HEXADECIMAL.exec(text) ?? []
  if (whole + fraction === '') return undefined
  const value = Number.parseInt(whole + fraction, 16) * 2 ** (Number(power) - 4 * fraction.length)
  return within(sign === '-' ? -value : value)
}

/** A whole number of 64 bits, rounded where a number cannot say it. */
export function parseInt64(text: string): number | undefined {
  const [, sign, digits] = WHOLE.exec(text) ?? []
  if (digits === undefined) return undefined
  const rounded = sign === '-' ? -Number(digits) || 0 : Number(digits)
  if (Number.isSafeInteger(rounded)) return rounded
  return BigInt(digits) <= (sign === '-' ? MAX_INT64 + 1n : MAX_INT64) ? rounded : undefined
}

/** What is too large for 64 bits is refused, unlike `inf`; what is too small is 0. */
function within(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined
}

function withoutUnderscores(text: string): number | undefined {
  // Letters count as digits in hexadecimal numbers only.
  if (!/^[+-]?0x/i.test(text) && /[a-f]_|_[a-f]/i.test(text)) return undefined
  return parseFloat64(text.replaceAll('_', ''))
}
