// What the span of a query tells, and what it is told at the end.

import { type CallStart, type Span, tags } from '../../src/plugin'
import { cutText, MAX_RESOURCE_CHARACTERS, MAX_TAG_CHARACTERS } from '../cut-text'

export interface Client {
  _execute?(...args: unknown[]): unknown
  _innerExecute?(...args: unknown[]): unknown
  batch(...args: unknown[]): unknown
  eachRow(...args: unknown[]): unknown
  readonly keyspace?: string
  readonly options?: { readonly contactPoints?: unknown }
}

/** Since 4.0 an object with methods, before that a plain one. */
export interface ExecutionOptions {
  getKeyspace?(): string | undefined
  readonly keyspace?: string
}

type Query = string | { readonly query?: unknown } | null | undefined

/** What queries, batches and pages have in common. Nothing below is traced, so nothing runs inside. */
export const template = {
  name: 'cassandra.query',
  type: 'cassandra',
  kind: 'client',
  system: 'cassandra',
  peerTags: ['db.cassandra.contact.points'],
  activate: false,
} as const

export function keyspaceOf(options: ExecutionOptions | null | undefined): string | undefined {
  return options?.getKeyspace?.() ?? options?.keyspace
}

export function describe(client: Client, query: unknown, keyspace: string | undefined): CallStart | undefined {
  if (typeof query !== 'string') return undefined
  const points = client.options?.contactPoints
  return {
    resource: cutText(query, MAX_RESOURCE_CHARACTERS),
    tags: {
      [tags.DB_TYPE]: 'cassandra',
      'cassandra.query': cutText(query, MAX_TAG_CHARACTERS),
      'cassandra.keyspace': keyspace || client.keyspace || undefined,
      'db.cassandra.contact.points': Array.isArray(points) ? points.join(',') : undefined,
    },
    callback: 'last',
  }
}

/** `query1; query2;`, no further than a tag holds. */
export function textOfBatch(given: unknown): string | undefined {
  if (!Array.isArray(given)) return undefined
  let text = ''
  for (const item of given as Query[]) {
    const query = typeof item === 'object' ? item?.query : item
    if (typeof query !== 'string') continue
    text += `${text && ' '}${query}${query.endsWith(';') ? '' : ';'}`
    if (text.length > MAX_TAG_CHARACTERS) break
  }
  return text
}

/** `host:port` of the node that has answered, or failed last; none where no node could be reached. */
export function noteCoordinator(span: Span, result: unknown, _args: unknown, error: unknown): void {
  const { info } = (result ?? {}) as { info?: { queriedHost?: unknown } }
  const address = info?.queriedHost ?? (error as { coordinator?: unknown } | undefined)?.coordinator
  if (typeof address !== 'string') return
  const colon = address.lastIndexOf(':')
  span.put(tags.OUT_HOST, address.slice(0, colon).replace(/^\[|\]$/g, ''))
  span.put(tags.DESTINATION_PORT, Number(address.slice(colon + 1)))
}
