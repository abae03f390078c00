// Who called whom in one trace: what the service map is made of.
//
// A span is a client's if its kind says so or, without a kind, its type (`sql`, `http`). The calling service is that of the
// nearest span above which is no client's, because tracers give clients services of their own (`web-postgres`). Three cases:
// - a span that serves, below a client's span or one of another service, is a call to its own service;
// - a client's span with nothing of that kind below it called what is not traced: a database, a cache, a queue, a remote host.
//   It is named by the client's own service or, where that is the caller's, by peer.service or the host;
// - of clients inside each other (a search client and its HTTP request), the outermost counts.

import { BASE_SERVICE, DB_TYPE, HTTP_URL, OUT_HOST, PEER_SERVICE, SPAN_KIND } from '../../base/tags'
import type { ReceivedSpan } from '../received-span'
import type { StoredTrace } from '../trace-store'
import { type TraceColumns, traceColumns } from './trace-columns'

export interface TraceCall {
  /** '' for what came from outside. */
  readonly from: string
  readonly to: string
  /** Whether `to` is not traced. */
  readonly isExternal: boolean
  /** Of `to`: the span's type of a service; 'db', 'cache', 'queue' or 'remote' of what is not traced. */
  readonly type: string
  /** Microseconds. */
  readonly duration: number
  readonly error: 0 | 1
}

const CACHES = new Set(['redis', 'memcached', 'cache'])
const DATABASES = new Set(['sql', 'db', 'mongodb', 'cassandra', 'elasticsearch', 'opensearch', 'dynamodb'])
const CLIENT_TYPES = new Set([...CACHES, ...DATABASES, 'http'])

/** Where tracers name the other side, the most telling first. */
const PEERS = [PEER_SERVICE, OUT_HOST, 'peer.hostname', 'server.address', 'network.destination.name']

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i

export function traceCalls(trace: StoredTrace): TraceCall[] {
  const columns = traceColumns(trace)
  const { spans, parent, duration } = columns
  const isClient = spans.map(isClientSpan)
  const caller = callers(columns, isClient)
  const serves = spans.map((_, row) => !isClient[row] && isEntry(columns, isClient, caller, row))
  /** Whether a client's span leads to a service that is traced. Children come after their parents. */
  const isAnswered = new Uint8Array(spans.length)
  for (let row = spans.length - 1; row > 0; row--) {
    const above = parent[row]!
    if (above >= 0 && (serves[row] || (isClient[row] && isAnswered[row]))) isAnswered[above] = 1
  }
  const calls: TraceCall[] = []
  for (const [row, span] of spans.entries()) {
    const above = parent[row]!
    const measured = { duration: duration[row]!, error: span.error }
    if (serves[row]) {
      const from = above < 0 ? '' : caller[above]!
      calls.push({ from, to: span.service, isExternal: false, type: span.type || 'custom', ...measured })
    } else if (isClient[row] && !isAnswered[row] && !(above >= 0 && isClient[above])) {
      const from = caller[row]!
      const type = externalType(span)
      const to = span.service === from ? peerOf(span, type) : span.service
      if (to !== '') calls.push({ from, to, isExternal: true, type, ...measured })
    }
  }
  return calls
}

/** By row: the service on whose behalf it runs. */
function callers({ spans, parent }: TraceColumns, isClient: readonly boolean[]): string[] {
  const caller: string[] = []
  for (const [row, span] of spans.entries()) {
    const above = parent[row]!
    if (!isClient[row]) caller.push(span.service)
    else caller.push(above < 0 ? span.meta[BASE_SERVICE] || span.service : caller[above]!)
  }
  return caller
}

function isEntry(
  { spans, parent }: TraceColumns,
  isClient: readonly boolean[],
  caller: readonly string[],
  row: number,
): boolean {
  const above = parent[row]!
  if (above < 0) return true
  const { service, meta } = spans[row]!
  if (isClient[above]) {
    const isOwn = service === caller[above] || service === spans[above]!.service
    return !isOwn || meta[SPAN_KIND] === 'server' || meta[SPAN_KIND] === 'consumer'
  }
  return service !== spans[above]!.service
}

function isClientSpan({ type, meta }: ReceivedSpan): boolean {
  const kind = meta[SPAN_KIND]
  return kind === undefined ? CLIENT_TYPES.has(type) : kind === 'client' || kind === 'producer'
}

function externalType({ type, meta }: ReceivedSpan): string {
  if (CACHES.has(type)) return 'cache'
  if (DATABASES.has(type) || meta[DB_TYPE] || meta['db.system'] || meta['db.system.name']) return 'db'
  return type === 'queue' || meta[SPAN_KIND] === 'producer' || meta['messaging.system'] ? 'queue' : 'remote'
}

/** Where several things run on this machine, the host alone would make them one. */
function peerOf({ type, meta }: ReceivedSpan, external: string): string {
  const tag = PEERS.find((name) => meta[name])
  const peer = tag === undefined ? hostOf(meta[HTTP_URL] ?? '') : meta[tag]!
  const system = meta['db.system'] || meta['db.system.name'] || meta[DB_TYPE] || meta['messaging.system'] || type
  if (tag === PEER_SERVICE || external === 'remote' || system === '' || (peer !== '' && !LOOPBACK.test(peer)))
    return peer
  return peer === '' ? system : `${system} (${peer})`
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : ''
}
