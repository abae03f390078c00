// Arguments of calls: what cannot be meant is refused before anything is sent, by a TypeError that says what would be right. What Datadog
// may judge is left to Datadog, whose words are better than a guess.

export type Id = string | number | bigint

/** Seconds since the epoch, or a Date. */
export type Time = number | Date

/** One, or a list. */
export type OneOrMore = string | readonly string[]

/** An id as a segment of a path. An absent one must never get there: it would name another endpoint. */
export function segment(name: string, id: Id): string {
  const text = typeof id === 'number' || typeof id === 'bigint' ? String(id) : id
  if (typeof text !== 'string' || text === '' || text === '.' || text === '..' || text === 'NaN') {
    throw new TypeError(`${name} is a text or a number that is not empty, not ${shown(id)}`)
  }
  return encodeURIComponent(text)
}

/** Whether an id is one of the older endpoints, which have numbers; those of the newer ones have letters. */
export function isNumeric(id: Id): boolean {
  return typeof id !== 'string' || /^\d+$/.test(id)
}

/** A whole number, for a place where JSON has a number of more digits than JavaScript's. */
export function wholeId(name: string, id: Id): bigint {
  if (/^\d+$/.test(String(id)) && (typeof id !== 'number' || Number.isSafeInteger(id))) return BigInt(id)
  throw new TypeError(`${name} is a whole number, as text if it has more than 15 digits, not ${shown(id)}`)
}

export function text(name: string, value: unknown): string {
  if (typeof value !== 'string') throw new TypeError(`${name} is a text, not ${shown(value)}`)
  return value
}

export function list(name: string, value: unknown): string[] {
  const all = typeof value === 'string' ? [value] : value
  if (!Array.isArray(all) || all.some((one) => typeof one !== 'string')) {
    throw new TypeError(`${name} is a text or a list of texts, not ${shown(value)}`)
  }
  return all
}

/** As a parameter of a query. */
export function commaList(name: string, value: unknown): string | undefined {
  return value === undefined ? undefined : list(name, value).join(',')
}

export function object<T>(name: string, value: T): T {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new TypeError(`${name} is an object, not ${shown(value)}`)
  }
  return value
}

export function array<T>(name: string, value: readonly T[]): readonly T[] {
  if (!Array.isArray(value)) throw new TypeError(`${name} is a list, not ${shown(value)}`)
  return value
}

/** @param known names of options; others are mistakes */
export function checked<T extends object>(options: T, known: readonly (keyof T & string)[]): T {
  for (const name of Object.keys(object('options', options))) {
    if (!known.includes(name as keyof T & string)) {
      throw new TypeError(`there is no option ${name}; there is ${known.join(', ')}`)
    }
  }
  return options
}

/** Whole seconds since the epoch. */
export function seconds(name: string, time: Time): number {
  const value = time instanceof Date ? time.getTime() / 1000 : time
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    throw new TypeError(`${name} is seconds since the epoch, or a Date, not ${shown(time)}`)
  }
  return Math.trunc(value)
}

export function maybeSeconds(name: string, time: Time | undefined): number | undefined {
  return time === undefined ? undefined : seconds(name, time)
}

/** What was given, short enough for a message. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return value === '' ? 'an empty one' : 'a text'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
}
