// What is wrong with an option, said at once where it is given.

/** @throws TypeError */
export function check(name: string, value: unknown, kind: 'string' | 'function'): void {
  if (typeof value !== kind) throw new TypeError(`${name} is a ${kind}, not ${value === null ? 'null' : typeof value}`)
}

/** @throws TypeError */
export function checkOneOf(name: string, value: unknown, known: readonly string[]): void {
  if (!known.includes(value as string)) {
    throw new TypeError(`${name} is one of ${known.join(', ')}, not ${String(value)}`)
  }
}

/** @throws TypeError */
export function checkWhole(name: string, value: unknown, min: number, max = Number.POSITIVE_INFINITY): void {
  if (!Number.isInteger(value) || (value as number) < min || (value as number) > max) {
    const end = max === Number.POSITIVE_INFINITY ? '' : ` to ${max}`
    throw new TypeError(`${name} is a whole number from ${min}${end}, not ${String(value)}`)
  }
}

/** The part of the calls that is recorded. @throws TypeError */
export function checkRate(rate: unknown): void {
  if (typeof rate !== 'number' || !(rate >= 0 && rate <= 1)) throw new TypeError('rate is a number from 0 to 1')
}

/**
 * What an event or a check cannot do without.
 * @throws TypeError
 */
export function checkGiven(name: 'title' | 'name', what: string, value: unknown): void {
  if (typeof value === 'string' && value !== '') return
  throw new TypeError(`${name} is required: ${what} has one that is not empty`)
}
