// What a query means once it is read: a tree that says of one span whether it matches, and the error of a text that is none.
//
// Nothing here is of Node: the page, the command line and the agent read queries with the same code.

import type { Field } from './span-fields'
import type { TextPattern } from './text-pattern'

export type Query =
  /** The empty query. */
  | { readonly kind: 'everything' }
  | { readonly kind: 'and'; readonly parts: readonly Query[] }
  | { readonly kind: 'or'; readonly parts: readonly Query[] }
  | { readonly kind: 'not'; readonly part: Query }
  /** A free word: somewhere in the span. `ids` are the ids it may stand for, in decimal. */
  | { readonly kind: 'word'; readonly pattern: TextPattern; readonly ids: readonly string[] }
  | { readonly kind: 'field'; readonly field: Field; readonly test: ValueTest }

export type ValueTest =
  /** `@key:*`: the span has one. */
  | { readonly kind: 'exists' }
  | { readonly kind: 'text'; readonly pattern: TextPattern }
  /** A number is found as text and as number: `1.50` finds the metric 1.5. */
  | { readonly kind: 'number'; readonly pattern: TextPattern; readonly number: number }
  | { readonly kind: 'range'; readonly from: Bound; readonly to: Bound }
  | { readonly kind: 'id'; readonly ids: readonly string[]; readonly high: string }

export interface Bound {
  readonly number: number
  readonly isIncluded: boolean
}

/** Longer than any address of a page may be when it is encoded. */
export const MAX_QUERY_LENGTH = 4000

/** Each term costs a look at each span. */
export const MAX_TERMS = 100

/** `*` and `?` in one term: as often may a value be looked through, at most. */
export const MAX_WILDCARDS = 50

/** Parentheses and negations inside each other. */
export const MAX_DEPTH = 50

export class QueryError extends Error {
  /** @param at where in the text, in UTF-16 units from its beginning */
  constructor(
    message: string,
    readonly at: number,
  ) {
    super(message)
  }
}
