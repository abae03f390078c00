// Queries as text: a term that finds a given value, and where the mistake in a text is.

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

/** Two lines for a terminal: the query, and a mark under what stands at `at`. */
export function pointAt(query: string, at: number): [line: string, mark: string] {
  // One column per character, tabs and line ends too.
  const line = query.replace(/\s/g, ' ')
  return [line, `${' '.repeat(Math.max(0, Math.min(at, line.length)))}^`]
}

function quoted(value: string): string {
  if (value !== '' && !SPECIAL.test(value) && !OPERATOR.test(value)) return value
  return `"${value.replace(/["\\]/g, '\\$&')}"`
}
