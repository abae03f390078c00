// What a test asks for, whether a span is that, and what to say when none is.

import { inspect } from 'node:util'
import type { SpanKind } from '../trace/span-options'
import { type RecordedNode, type RecordedSpan, treeOf } from './recorded-span'

/** A span that has all that is named here. Texts must be equal, or fit a pattern. */
export interface SpanQuery {
  name?: string | RegExp
  service?: string | RegExp
  resource?: string | RegExp
  type?: string | RegExp
  kind?: SpanKind
  error?: boolean
  traceId?: string
  /** The span right above; null: a root. */
  childOf?: { readonly spanId: string } | null
  /** By name, among texts and numbers alike: `{ 'http.status_code': 200 }` finds '200' too. Undefined: there is no such tag. */
  tags?: Readonly<Record<string, string | number | boolean | RegExp | undefined>>
}

const FIELDS: ReadonlySet<string> = new Set<keyof SpanQuery>([
  'name',
  'service',
  'resource',
  'type',
  'kind',
  'error',
  'traceId',
  'childOf',
  'tags',
])

/** No span is what was asked for; the message shows all that there are. */
export class NoSpanError extends Error {
  override readonly name = 'NoSpanError'
}

/** @internal Throws a TypeError for what is no query: a misspelt field would match every span. */
export function checkQuery(query: string | SpanQuery): SpanQuery {
  if (typeof query === 'string') return { name: query }
  const known = [...FIELDS].join(', ')
  if (typeof query !== 'object' || query === null) {
    throw new TypeError(`a query is a span's name or an object with some of ${known}; not ${inspect(query)}`)
  }
  for (const field of Object.keys(query)) {
    if (!FIELDS.has(field)) throw new TypeError(`a query has no field ${field}; there are: ${known}`)
  }
  return query
}

/** @internal */
export function matches(span: RecordedSpan, query: SpanQuery): boolean {
  const { name, service, resource, type, kind, error, traceId, childOf, tags = {} } = query
  return (
    fits(span.name, name) &&
    fits(span.service, service) &&
    fits(span.resource, resource) &&
    fits(span.type, type) &&
    (kind === undefined || span.kind === kind) &&
    (error === undefined || span.error === error) &&
    (traceId === undefined || span.traceId === traceId) &&
    (childOf === undefined || span.parentId === childOf?.spanId) &&
    Object.entries(tags).every(([key, wanted]) => {
      const value = tagOf(span, key)
      return wanted === undefined ? value === undefined : value !== undefined && fits(String(value), wanted)
    })
  )
}

/** @internal What to throw when `spans` have nothing that fits. */
export function noSpan(what: string, query: SpanQuery, spans: readonly RecordedSpan[]): NoSpanError {
  const there =
    spans.length === 0 ? 'none is finished' : `there are:\n${treeText(spans, Object.keys(query.tags ?? {}))}`
  return new NoSpanError(`${what} ${inspect(query, { depth: 2, breakLength: Number.POSITIVE_INFINITY })}; ${there}`)
}

/** @internal The spans as a tree, a line for each; with the values of the tags named. */
export function treeText(spans: readonly RecordedSpan[], tags: readonly string[] = []): string {
  const lines: string[] = []
  const draw = (nodes: readonly RecordedNode[], indent: string): void => {
    for (const [i, node] of nodes.entries()) {
      const isLast = i === nodes.length - 1
      const { name, resource, service, kind } = node
      const asked = tags.map((key) => `${key}=${inspect(tagOf(node, key))}`)
      const marks = [service, ...(kind === undefined ? [] : [kind]), ...(node.error ? ['error'] : []), ...asked]
      lines.push(`${indent}${isLast ? '└─' : '├─'} ${name}  ${resource}  (${marks.join(', ')})`)
      draw(node.children, `${indent}${isLast ? '   ' : '│  '}`)
    }
  }
  draw(treeOf(spans), '')
  return lines.join('\n')
}

function tagOf(span: RecordedSpan, key: string): string | number | undefined {
  if (Object.hasOwn(span.tags, key)) return span.tags[key]
  return Object.hasOwn(span.metrics, key) ? span.metrics[key] : undefined
}

function fits(text: string, wanted: string | number | boolean | RegExp | undefined): boolean {
  if (wanted === undefined) return true
  // `search` is not led astray by the state of a global pattern.
  return wanted instanceof RegExp ? text.search(wanted) >= 0 : text === String(wanted)
}
