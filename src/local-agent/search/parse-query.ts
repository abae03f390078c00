// Reads a query in Datadog's search syntax.
//
//   service:web @http.status_code:>=500 duration:>100ms -resource_name:*health*
//   (env:prod OR env:test) AND NOT status:ok      @http.status_code:[400 TO 499]      "a text"      service:(web OR shop)
//
// `AND` binds stronger than `OR` and may be left out; operators are in upper case. `\` takes the special meaning from the
// character behind it, and so do quotes. `[` and `]` include their bounds, `{` and `}` do not, `*` is no bound.
// Source: docs.datadoghq.com/tracing/trace_explorer/query_syntax and docs.datadoghq.com/logs/explorer/search_syntax.
// Other than there, case does not matter, a `:` inside a value needs no escape, and a free word is found inside of longer ones.

import { durationOf, numberOf } from './quantity'
import { type Bound, MAX_DEPTH, MAX_QUERY_LENGTH, MAX_TERMS, type Query, QueryError, type ValueTest } from './query'
import { readRange } from './read-range'
import { type Field, fieldOf } from './span-fields'
import { askedId } from './span-ids'
import { boundOf, TermReader, type TermText } from './term-reader'
import { anywhere, isStar } from './text-pattern'

/** Returns the error instead of throwing it: a text that somebody is still typing is mostly one. */
export function parseQuery(text: string): Query | QueryError {
  try {
    if (text.length > MAX_QUERY_LENGTH) {
      throw new QueryError(`a query may have ${MAX_QUERY_LENGTH} characters`, MAX_QUERY_LENGTH)
    }
    return new QueryParser(text).parse()
  } catch (error) {
    if (error instanceof QueryError) return error
    throw error
  }
}

class QueryParser {
  readonly #reader: TermReader
  #terms = 0

  constructor(text: string) {
    this.#reader = new TermReader(text)
  }

  parse(): Query {
    this.#reader.skipSpace()
    if (this.#reader.isAtEnd) return { kind: 'everything' }
    const query = this.#alternatives(0, undefined)
    if (!this.#reader.isAtEnd) throw new QueryError('this ) closes nothing', this.#reader.at)
    return query
  }

  /** @param field inside `field:( … )`, where words are values */
  #alternatives(depth: number, field: Field | undefined): Query {
    if (depth > MAX_DEPTH) throw new QueryError(`more than ${MAX_DEPTH} levels of nesting`, this.#reader.at)
    const parts = [this.#conjunction(depth, field)]
    while (this.#reader.takeOperator('OR', '||')) parts.push(this.#conjunction(depth, field))
    return parts.length === 1 ? parts[0]! : { kind: 'or', parts }
  }

  #conjunction(depth: number, field: Field | undefined): Query {
    const reader = this.#reader
    const parts = [this.#operand(depth, field)]
    for (;;) {
      reader.skipSpace()
      if (
        !reader.takeOperator('AND', '&&') &&
        (reader.isAtEnd || reader.startsWith(')') || reader.isOperator('OR', '||'))
      )
        break
      parts.push(this.#operand(depth, field))
    }
    return parts.length === 1 ? parts[0]! : { kind: 'and', parts }
  }

  #operand(depth: number, field: Field | undefined): Query {
    const reader = this.#reader
    reader.skipSpace()
    const at = reader.at
    for (const names of [
      ['OR', '||'],
      ['AND', '&&'],
    ] as const) {
      if (reader.isOperator(...names)) throw new QueryError(`${names[0]} stands between two terms`, at)
    }
    if (reader.isAtEnd) throw new QueryError('a term is missing here', at)
    if (reader.startsWith(')')) throw new QueryError('a term is missing before this )', at)
    if (reader.startsWith('-') || reader.isOperator('NOT')) {
      if (depth > MAX_DEPTH) throw new QueryError(`more than ${MAX_DEPTH} levels of nesting`, at)
      reader.skip(reader.startsWith('-') ? 1 : 'NOT'.length)
      if (reader.isAtSpace && reader.charAt(at) === '-') throw new QueryError('a term follows - without a space', at)
      return { kind: 'not', part: this.#operand(depth + 1, field) }
    }
    if (reader.startsWith('(')) return this.#parenthesis(depth, field)
    if (++this.#terms > MAX_TERMS) throw new QueryError(`a query may have ${MAX_TERMS} terms`, at)
    return field === undefined ? this.#term(depth) : { kind: 'field', field, test: this.#value(field) }
  }

  #parenthesis(depth: number, field: Field | undefined): Query {
    const reader = this.#reader
    const at = reader.at
    reader.skip(1)
    const query = this.#alternatives(depth + 1, field)
    if (reader.isAtEnd) throw new QueryError('this ( is not closed', at)
    reader.skip(1)
    return query
  }

  #term(depth: number): Query {
    const reader = this.#reader
    const at = reader.at
    const term = reader.text(true)
    if (reader.next !== ':') {
      return { kind: 'word', pattern: anywhere(term.pattern), ids: askedId(term.raw)?.ids ?? [] }
    }
    reader.skip(1)
    if (term.raw === '' || term.raw === '@') throw new QueryError('a field is missing before this :', reader.at - 1)
    if (term.hasWildcard && term.raw !== '*') throw new QueryError('the name of a field has no wildcards', at)
    const field = fieldOf(term.raw)
    if (reader.isAtEnd || reader.isAtSpace || reader.startsWith(')')) {
      throw new QueryError(`a value is missing behind ${term.raw}:`, reader.at)
    }
    if (reader.startsWith('(')) return this.#parenthesis(depth, field)
    return { kind: 'field', field, test: this.#value(field) }
  }

  #value(field: Field): ValueTest {
    const reader = this.#reader
    const isDuration = field.kind === 'reserved' && field.name === 'duration'
    if (reader.startsWith('[') || reader.startsWith('{')) return readRange(reader, isDuration)
    // The longest first: `>` alone would leave `=500`.
    for (const operator of ['>=', '<=', '>', '<']) {
      if (!reader.startsWith(operator)) continue
      reader.skip(operator.length)
      const bound: Bound = { number: boundOf(reader.text(false), isDuration), isIncluded: operator.length > 1 }
      const from = operator.startsWith('>')
      return { kind: 'range', from: from ? bound : LEAST, to: from ? MOST : bound }
    }
    return testOf(field, reader.text(false), isDuration)
  }
}

const LEAST: Bound = { number: Number.NEGATIVE_INFINITY, isIncluded: true }
const MOST: Bound = { number: Number.POSITIVE_INFINITY, isIncluded: true }

function testOf(field: Field, { pattern, raw, isQuoted, hasWildcard }: TermText, isDuration: boolean): ValueTest {
  if (isStar(pattern)) return { kind: 'exists' }
  if (hasWildcard) return { kind: 'text', pattern }
  if (field.kind === 'reserved' && field.name.endsWith('_id')) {
    const asked = askedId(raw)
    if (asked !== undefined) return { kind: 'id', ...asked }
  }
  const number = isDuration ? durationOf(raw) : isQuoted ? undefined : numberOf(raw)
  return number === undefined ? { kind: 'text', pattern } : { kind: 'number', pattern, number }
}
