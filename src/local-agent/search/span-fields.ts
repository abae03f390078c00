// The fields that a query can ask for, and where a span has them.
//
// The names are Datadog's: reserved ones stand alone, tags have `@` before them. There is only one kind of tag in a span,
// so a name that is not reserved is a tag with and without `@`. `@service` is the tag `service` if the span has one, which
// lets a query reach tags whose names are reserved.

/** A span, as the store holds it or as the page got it: there, integers beyond 2^53 are text. */
export interface SearchableSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentId: string
  readonly service: string
  readonly name: string
  readonly resource: string
  readonly type: string
  /** Nanoseconds. */
  readonly duration: bigint | number | string
  readonly error: number
  readonly meta: Readonly<Record<string, string>>
  readonly metrics: Readonly<Record<string, number>>
}

type Value = string | number | undefined

const RESERVED = {
  service: (span: SearchableSpan): Value => span.service,
  operation_name: (span: SearchableSpan): Value => span.name,
  resource_name: (span: SearchableSpan): Value => span.resource,
  type: (span: SearchableSpan): Value => span.type,
  status: (span: SearchableSpan): Value => (span.error ? 'error' : 'ok'),
  env: (span: SearchableSpan): Value => tagOf(span, 'env'),
  version: (span: SearchableSpan): Value => tagOf(span, 'version'),
  duration: (span: SearchableSpan): Value => Number(span.duration),
  trace_id: (span: SearchableSpan): Value => span.traceId,
  span_id: (span: SearchableSpan): Value => span.spanId,
  parent_id: (span: SearchableSpan): Value => span.parentId,
}

type ReservedName = keyof typeof RESERVED

export const RESERVED_NAMES = Object.keys(RESERVED) as readonly ReservedName[]

const ALIASES: ReadonlyMap<string, ReservedName> = new Map([
  ...RESERVED_NAMES.map((name) => [name, name] as const),
  ['name', 'operation_name'],
  ['operation', 'operation_name'],
  ['resource', 'resource_name'],
])

export type Field =
  | { readonly kind: 'reserved'; readonly name: ReservedName }
  /** A tag, and what to look at in a span that has no such tag. */
  | { readonly kind: 'tag'; readonly key: string; readonly otherwise: ReservedName | undefined }
  /** `*:value`: every field and every tag. */
  | { readonly kind: 'any' }

/** @param name as it stands before the colon */
export function fieldOf(name: string): Field {
  if (name === '*') return { kind: 'any' }
  const key = name.startsWith('@') ? name.slice(1) : name
  const reserved = ALIASES.get(key)
  // A span's duration is Datadog's `@duration`.
  const isReserved = reserved !== undefined && (key === name || reserved === 'duration')
  return isReserved ? { kind: 'reserved', name: reserved } : { kind: 'tag', key, otherwise: reserved }
}

export function fieldValue(span: SearchableSpan, field: Exclude<Field, { kind: 'any' }>): Value {
  if (field.kind === 'reserved') return RESERVED[field.name](span)
  const tag = tagOf(span, field.key)
  return tag === undefined && field.otherwise !== undefined ? RESERVED[field.otherwise](span) : tag
}

/** All that `*:value` looks at. */
export function* fieldValues(span: SearchableSpan): Generator<string | number> {
  for (const name of RESERVED_NAMES) {
    const value = RESERVED[name](span)
    if (value !== undefined) yield value
  }
  for (const key in span.meta) yield span.meta[key]!
  for (const key in span.metrics) yield span.metrics[key]!
}

/** Tags come from outside: one may be called `constructor`. */
function tagOf({ meta, metrics }: SearchableSpan, key: string): Value {
  if (Object.hasOwn(meta, key)) return meta[key]
  return Object.hasOwn(metrics, key) ? metrics[key] : undefined
}
