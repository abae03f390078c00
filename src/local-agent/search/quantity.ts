// Numbers of a query, and durations with their units.
//
// Where a duration has no unit it is in nanoseconds, as in Datadog's search.

const NS_OF_UNIT: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  min: 60e9,
  h: 3600e9,
}

const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?$/

const MAX_DIGITS = 40

/** undefined for what is no number. */
export function numberOf(text: string): number | undefined {
  if (text.length > MAX_DIGITS || !NUMBER.test(text)) return undefined
  const number = Number(text)
  return Number.isFinite(number) ? number : undefined
}

/** In nanoseconds; undefined for what is no duration. */
export function durationOf(text: string): number | undefined {
  if (text.length > MAX_DIGITS) return undefined
  const unit = /[a-zµμ]+$/i.exec(text)?.[0] ?? ''
  const number = numberOf(text.slice(0, text.length - unit.length))
  if (number === undefined || unit === '') return number
  const ns = Object.hasOwn(NS_OF_UNIT, unit.toLowerCase()) ? NS_OF_UNIT[unit.toLowerCase()] : undefined
  return ns === undefined ? undefined : number * ns
}
