// What could be typed next: fields, and values of the field before the cursor.

import { termOf } from './query-text'
import { RESERVED_NAMES } from './span-fields'

interface Known {
  /** Keys of tags, without `@`, the most frequent first. */
  readonly keys: readonly string[]
  /** Values by field, as in a query. */
  readonly values: ReadonlyMap<string, readonly string[]>
}

export interface Suggestions {
  /** The part of the text that a suggestion takes the place of. */
  readonly from: number
  readonly to: number
  readonly terms: readonly string[]
}

const MAX_SUGGESTIONS = 10

/** @param cursor in UTF-16 units from the beginning of `text` */
export function suggestTerms(text: string, cursor: number, { keys, values }: Known): Suggestions {
  const start = wordStart(text, cursor)
  const from = text[start] === '-' ? start + 1 : start
  const word = text.slice(from, cursor)
  const colon = word.indexOf(':')
  const begun = (colon < 0 ? word : word.slice(colon + 1)).replace(/["\\]/g, '').toLowerCase()
  const field = word.slice(0, Math.max(colon, 0))
  const all =
    colon < 0
      ? [...RESERVED_NAMES, ...keys.map((key) => `@${key}`)].map((name) => ({ name, term: fieldTerm(name) }))
      : (values.get(field) ?? []).map((name) => ({ name, term: termOf(field, name) }))
  const isBegun = ({ name }: { name: string }) =>
    name.replace(/^@/, '').toLowerCase().startsWith(begun.replace(/^@/, ''))
  const holds = ({ name }: { name: string }) => name.toLowerCase().includes(begun)
  const found = [...all.filter(isBegun), ...all.filter((one) => !isBegun(one) && holds(one))]
  return { from, to: cursor, terms: found.slice(0, MAX_SUGGESTIONS).map(({ term }) => term) }
}

/** A term without its value. */
function fieldTerm(name: string): string {
  return termOf(name, 'x').slice(0, -1)
}

/** Where the word before the cursor begins; spaces inside quotes do not end one. */
function wordStart(text: string, cursor: number): number {
  let start = 0
  let inQuotes = false
  for (let at = 0; at < cursor; at++) {
    const character = text[at]!
    if (character === '\\') at++
    else if (character === '"') inQuotes = !inQuotes
    else if (!inQuotes && /[\s()]/.test(character)) start = at + 1
  }
  return start
}
