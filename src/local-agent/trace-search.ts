// Finds the traces that match a query, and does not look twice at a trace that has not changed.
//
// The page asks again whenever something changes, for several views, always with the same query.

import { perRevision } from './per-revision'
import { Refusal } from './refusal'
import { matchesAnySpan } from './search/matches-span'
import { parseQuery } from './search/parse-query'
import { type Query, QueryError } from './search/query'
import type { StoredTrace, TraceStore } from './trace-store'

/** Queries whose matches are remembered: a few pages, and what was typed on the way. */
const MAX_QUERIES = 16

/** @throws a Refusal that says where the mistake is */
export function queryOf(parameters: URLSearchParams): Query {
  return readQuery(parameters.get('query') ?? '')
}

export class TraceSearch {
  readonly #matchers = new Map<string, (trace: StoredTrace) => boolean>()

  constructor(private readonly store: TraceStore) {}

  /** The latest change first; see `matchesAnySpan` for what matches. */
  find(parameters: URLSearchParams): StoredTrace[] {
    const text = parameters.get('query') ?? ''
    const all = this.store.latest(Number.POSITIVE_INFINITY)
    return text.trim() === '' ? all : all.filter(this.#matcher(text))
  }

  #matcher(text: string): (trace: StoredTrace) => boolean {
    const known = this.#matchers.get(text)
    this.#matchers.delete(text)
    const matcher = known ?? matcherOf(readQuery(text))
    this.#matchers.set(text, matcher)
    const [oldest] = this.#matchers.keys()
    if (this.#matchers.size > MAX_QUERIES) this.#matchers.delete(oldest!)
    return matcher
  }
}

function matcherOf(query: Query): (trace: StoredTrace) => boolean {
  return perRevision(({ spans }) => matchesAnySpan(query, spans.values()))
}

function readQuery(text: string): Query {
  const query = parseQuery(text)
  if (query instanceof QueryError) throw new Refusal(400, query.message, { at: query.at })
  return query
}
