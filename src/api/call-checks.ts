// Arguments of calls: what cannot be meant is refused before anything is sent, by a TypeError that says what would be right. What Datadog
// may judge is left to Datadog, whose words are better than a guess.

export type Id = string | number | bigint

/** Seconds since the epoch, or a Date. */
export type Time = number | Date

/** One, or a list. */
export type OneOrMore = string | readonly string[]

/** An id as a segment of a path. An absent one must never get there: it would name another endpoint. */
export function segment(name: string, id: Id): string {
  if (typeof id === 'bigint') return String(id)
  if (typeof id === 'number') {
    if (Number.isSafeInteger(id)) return String(id)
    throw new TypeError(`${name} is a whole number, as text if it has more than 15 digits, not ${id}`)
  }
  mustBe(typeof id === 'string' && !/^\.{0,2}$/.test(id), name, 'a text or a number that is not empty', id)
  try {
    return encodeURIComponent(id)
  } catch {
    throw new TypeError(`${name} is a text of whole characters`)
  }
}

/** Whether an id is one of the older endpoints, which have numbers; those of the newer ones have letters. */
export function isNumeric(id: Id): boolean {
  return typeof id !== 'string' || /^\d+$/.test(id)
}

/** A whole number, for a place where JSON has a number of more digits than JavaScript's. */
function wholeId(name: string, id: Id): bigint {
  const isWhole = typeof id === 'string' ? /^\d+$/.test(id) : typeof id === 'bigint' || Number.isSafeInteger(id)
  if (isWhole && BigInt(id) >= 0n) return BigInt(id)
  throw mistake(name, 'a whole number, as text if it has more than 15 digits', id)
}

export function text(name: string, value: unknown): string {
  mustBe(typeof value === 'string', name, 'a text', value)
  return value as string
}

export function list(name: string, value: unknown): string[] {
  const all = typeof value === 'string' ? [value] : value
  const isRight = Array.isArray(all) && all.every((one) => typeof one === 'string')
  mustBe(isRight, name, 'a text or a list of texts', value)
  return all as string[]
}

export function object<T>(name: string, value: T): T {
  mustBe(typeof value === 'object' && value !== null && !Array.isArray(value), name, 'an object', value)
  return value
}

export function array<T>(name: string, value: readonly T[]): readonly T[] {
  mustBe(Array.isArray(value), name, 'a list', value)
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

type Form = (name: string, value: never) => unknown

/** Options whose values the API has in another form. */
const FORMS: ReadonlyMap<string, Form> = new Map<string, Form>([
  ['tags', list],
  ['monitorTags', list],
  ['sources', list],
  ['groupStates', list],
  ['start', seconds],
  ['end', seconds],
  ['timestamp', seconds],
  ['dateHappened', seconds],
  ['relatedEventId', wholeId],
])

/**
 * Options by the names that the API has for them, `groupStates` as `group_states`, in its forms. In a query a list is joined by commas.
 * @param known as in `checked`; left out where any may be sent
 */
export function named<T extends object>(options: T, known?: readonly (keyof T & string)[]): Record<string, unknown> {
  const given = known === undefined ? object('options', options) : checked(options, known)
  const members = Object.entries(given).filter(([, value]) => value !== undefined)
  return Object.fromEntries(
    members.map(([name, value]) => {
      const form = FORMS.get(name)
      return [
        name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
        form === undefined ? value : form(name, value as never),
      ]
    }),
  )
}

/** As seconds this is in the year 5138, as milliseconds 1973. */
export const FIRST_MS = 1e11

/** Whole seconds since the epoch. */
export function seconds(name: string, time: Time): number {
  const value = wholeSeconds(name, time)
  if (value <= FIRST_MS) return value
  throw new TypeError(`${name} is seconds since the epoch, or a Date, not milliseconds`)
}

/** The same for points: one with a wrong time must not stop the others. */
export function wholeSeconds(name: string, time: Time): number {
  const value = time instanceof Date ? time.getTime() / 1000 : time
  mustBe(Number.isFinite(value), name, 'seconds since the epoch, or a Date', time)
  return Math.trunc(value)
}

export function maybeSeconds(name: string, time: Time | undefined): number | undefined {
  return time === undefined ? undefined : seconds(name, time)
}

/** @throws TypeError unless `isRight`, which says what is right */
export function mustBe(isRight: boolean, name: string, what: string, value: unknown): void {
  if (!isRight) throw mistake(name, what, value)
}

function mistake(name: string, what: string, value: unknown): TypeError {
  return new TypeError(`${name} is ${what}, not ${shown(value)}`)
}

/** What was given, short enough for a message. */
function shown(value: unknown): string {
  if (typeof value === 'string') return value === '' ? 'an empty one' : 'a text'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
}
