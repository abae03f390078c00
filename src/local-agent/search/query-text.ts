// Queries as text: a term that finds a given value, and where the mistake in a text is.

import type { QueryError } from './query'

/** Also what begins a range, a comparison or a negation, so that a value is never taken for one. */
const SPECIAL = /^-|[\s"\\*?:()[\]{}<>=~]/

/** What a duration is compared with is a value of its own: `>=100ms`. */
const COMPARED = /^[<>]=?[\d.]+[a-zµ]*$/

const OPERATOR = /^(?:AND|OR|NOT|TO|&&|\|\|)$/

/**
 * The term that finds spans whose `field` is `value`, whatever characters both have.
 *
 * @param field as in a query, `@` before it if it is a tag
 */
export function termOf(field: string, value: string): string {
  if (field === 'duration' && COMPARED.test(value)) return `${field}:${value}`
  return `${field.replace(/^-|[\s"\\*?:()]/g, '\\$&')}:${quoted(value)}`
}

/** Two lines for a terminal: the query, and a mark under the mistake. */
export function pointAt(query: string, { message, at }: QueryError): string {
  // One column per character, tabs and line ends too.
  const line = query.replace(/\s/g, ' ')
  return `${line}\n${' '.repeat(Math.min(at, line.length))}^ ${message}`
}

function quoted(value: string): string {
  if (value !== '' && !SPECIAL.test(value) && !OPERATOR.test(value)) return value
  return `"${value.replace(/["\\]/g, '\\$&')}"`
}
