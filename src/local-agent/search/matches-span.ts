// Whether a span matches a query, and whether a trace does.
//
// A trace matches if one of its spans matches the whole query, as "any span" in Datadog's trace explorer. So `-service:db`
// finds traces with a span that is not of `db`, not traces without `db`.

import { TRACE_ID_HIGH } from '../../base/tags'
import { numberOf } from './quantity'
import type { Query, ValueTest } from './query'
import { type Field, fieldValue, fieldValues, type SearchableSpan } from './span-fields'
import { hexOf } from './span-ids'
import { matchesText, type TextPattern } from './text-pattern'

export function matchesAnySpan(query: Query, spans: Iterable<SearchableSpan>): boolean {
  for (const span of spans) {
    if (matchesSpan(query, span)) return true
  }
  return false
}

export function matchesSpan(query: Query, span: SearchableSpan): boolean {
  switch (query.kind) {
    case 'everything':
      return true
    case 'and':
      return query.parts.every((part) => matchesSpan(part, span))
    case 'or':
      return query.parts.some((part) => matchesSpan(part, span))
    case 'not':
      return !matchesSpan(query.part, span)
    case 'word':
      return matchesWord(query.pattern, span) || query.ids.includes(span.spanId) || query.ids.includes(span.traceId)
    case 'field':
      return matchesField(query.field, query.test, span)
  }
}

/** Names, ids, keys and values of tags, and `key=value`. */
function matchesWord(pattern: TextPattern, span: SearchableSpan): boolean {
  const { name, service, resource, type, spanId, traceId, meta, metrics } = span
  if ([name, service, resource, type, spanId, traceId].some((text) => matchesText(pattern, text))) return true
  const isInPair = mayCrossKeys(pattern)
  for (const key in meta) {
    if (matchesTag(pattern, key, meta[key]!, isInPair)) return true
  }
  for (const key in metrics) {
    if (matchesTag(pattern, key, String(metrics[key]), isInPair)) return true
  }
  return false
}

function matchesTag(pattern: TextPattern, key: string, value: string, isInPair: boolean): boolean {
  if (isInPair) return matchesText(pattern, `${key}=${value}`)
  return matchesText(pattern, key) || matchesText(pattern, value)
}

/** Whether `key=value` can match where neither of them does: with `=`, or a wildcard of its own (a free word has a star at each end). */
function mayCrossKeys({ pieces }: TextPattern): boolean {
  return pieces.length !== 3 || pieces.some((piece) => piece.length > 1 || piece[0]!.includes('='))
}

function matchesField(field: Field, test: ValueTest, span: SearchableSpan): boolean {
  if (field.kind === 'any') {
    for (const value of fieldValues(span)) {
      if (matchesValue(test, value)) return true
    }
    return false
  }
  const value = fieldValue(span, field)
  if (value === undefined) return false
  if (field.kind === 'reserved' && field.name.endsWith('_id')) {
    return matchesId(test, String(value), field.name === 'trace_id' ? (span.meta[TRACE_ID_HIGH] ?? '') : '')
  }
  return matchesValue(test, value)
}

function matchesValue(test: ValueTest, value: string | number): boolean {
  switch (test.kind) {
    case 'exists':
      return value !== ''
    case 'text':
      return matchesText(test.pattern, String(value))
    case 'number':
      return value === test.number || matchesText(test.pattern, String(value))
    case 'range': {
      // Tags like http.status_code are text.
      const number = typeof value === 'number' ? value : (numberOf(value) ?? Number.NaN)
      const { from, to } = test
      const isAbove = from.isIncluded ? number >= from.number : number > from.number
      return isAbove && (to.isIncluded ? number <= to.number : number < to.number)
    }
    case 'id':
      return test.ids.includes(String(value))
  }
}

/** @param high of the trace id, as far as this span knows it */
function matchesId(test: ValueTest, id: string, high: string): boolean {
  if (test.kind === 'id') return test.ids.includes(id) && (test.high === '' || high === '' || test.high === high)
  if (test.kind !== 'text') return matchesValue(test, id)
  const hex = hexOf(id)
  return [id, hex, high + hex].some((text) => matchesText(test.pattern, text))
}
