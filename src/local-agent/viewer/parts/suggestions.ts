// What the search box suggests, and how facets add a term to a query and take it out. The facets are what the traces that were found
// have, so no suggestion leads to nothing.

import { suggestTerms } from '../../search/suggest-terms'
import type { Facet } from '../wire'

export interface Suggestion {
  readonly term: string
  /** How many traces have it. */
  readonly note: string
  /** The part of the query whose place it takes. */
  readonly from: number
  readonly to: number
}

export function suggest(query: string, caret: number, facets: readonly Facet[]): Suggestion[] {
  const keys = facets.filter(({ field }) => field.startsWith('@')).map(({ field }) => field.slice(1))
  const values = new Map(facets.map(({ field, values: list }) => [field, list.map(({ value }) => value)]))
  const notes = new Map(
    facets.flatMap(({ field, label, values: list }) => [
      [`${field}:`, label === field ? '' : label] as const,
      ...list.map(({ query: term, count }) => [term, String(count)] as const),
    ]),
  )
  const { from, to, terms } = suggestTerms(query, caret, { keys, values })
  const typed = query.slice(from, to)
  return terms.filter((term) => term !== typed).map((term) => ({ term, note: notes.get(term) ?? '', from, to }))
}

/** Whether nothing of the next term is there yet. */
export function isBetweenTerms(query: string, caret: number): boolean {
  const { from, to } = suggestTerms(query, caret, { keys: [], values: new Map() })
  return from === to
}

/** A field wants a value next, anything else is a whole term. */
export const isField = ({ term }: Suggestion): boolean => term.endsWith(':')

/** Puts a suggestion into its place. */
export function complete(query: string, suggestion: Suggestion): { query: string; at: number } {
  const { term, from, to } = suggestion
  const put = isField(suggestion) ? term : `${term} `
  const rest = query.slice(to).replace(/^[^\s)]*\s?/, '')
  return { query: query.slice(0, from) + put + rest, at: from + put.length }
}

const terms = (query: string): string[] => query.match(/(?:"(?:\\.|[^"\\])*"|[^\s"])+/g) ?? []

export const hasTerm = (query: string, wanted: string): boolean => terms(query).includes(wanted)

/** Adds a term, or takes it out if it is there. */
export function toggleTerm(query: string, wanted: string): string {
  const all = terms(query)
  const others = all.filter((one) => one !== wanted)
  return (others.length < all.length ? others : [...all, wanted]).join(' ')
}
