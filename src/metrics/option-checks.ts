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
export function checkWhole(name: string, value: unknown, min: number, max: number): void {
  if (!Number.isInteger(value) || (value as number) < min || (value as number) > max) {
    throw new TypeError(`${name} is a whole number from ${min} to ${max}, not ${String(value)}`)
  }
}
