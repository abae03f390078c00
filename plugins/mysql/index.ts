// MySQL by `mysql`: every query of a connection, a pool or a cluster.
//
// All that is asked of a server is a sequence, an emitter that may keep a callback, in the queue of its connection. Those that are
// queries get a span. The others, such as the handshake or a pool's pings, get none; but as they run when the socket has
// something to say, in whatever context that was made, callbacks and events of all are put back into their caller's.

import { type Bound, type CallStart, definePlugin, type Operation, type Patcher } from '../../src/plugin'
import { DatabaseComment, duringCall, PoolWait } from '../../src/plugin/clients'
import { connectionTags, type SqlConnection } from '../sql-connection'
import { template, traceCluster, tracePool } from './pools'

interface Protocol {
  readonly _config?: SqlConnection
  readonly _connection: object
  _enqueue(...args: unknown[]): unknown
}

interface Sequence {
  readonly sql?: unknown
  emit(...args: unknown[]): unknown
  on(...args: unknown[]): unknown
  removeListener(...args: unknown[]): unknown
  listenerCount(event: string | symbol): number
}

interface Connection {
  query(...args: unknown[]): unknown
}

/** The text that the query being put together was asked with: a sequence has the values filled in, which are nobody's business. */
let asked: unknown

function traceText({ prototype }: { prototype: Connection }, patcher: Patcher): void {
  patcher.wrap(prototype, 'query', (original) => {
    return {
      query(this: unknown, ...args: unknown[]) {
        const before = asked
        asked = patcher.guarded('query', () => textOf(args[0]))
        try {
          return Reflect.apply(original, this, args)
        } finally {
          asked = before
        }
      },
    }.query
  })
}

function textOf(sql: unknown): unknown {
  return typeof sql === 'string' ? sql : (sql as { sql?: unknown } | null | undefined)?.sql
}

function traceSequences({ prototype }: { prototype: Protocol }, patcher: Patcher): void {
  const wait = PoolWait.of(patcher)
  const comments = DatabaseComment.of(patcher, template)
  const operation: Operation<Protocol, [sequence: Sequence]> = {
    ...template,
    name: 'mysql.query',
    activate: false,
    start({ _config }, [sequence]): CallStart | Bound {
      const caller: Bound = { bind: [sequence], callback: { of: sequence, key: '_callback' } }
      if (typeof sequence.sql !== 'string') return caller
      return {
        ...caller,
        resource: typeof asked === 'string' ? asked : sequence.sql,
        tags: { ...connectionTags('mysql', _config), 'mysql.pool.wait_time': wait.take() },
        until: { emitter: sequence, events: ['end'] },
      }
    },
    pinOn: ({ _connection }) => _connection,
    ...(comments && {
      // Its errors show the text that it has.
      before: (span, [sequence]) => duringCall(sequence, 'start', 'sql', comments.added(String(sequence.sql), span)),
    }),
  }
  patcher.trace(prototype, '_enqueue', operation)
}

const hook = { module: 'mysql', versions: '>=2.0.0 <3' }

export default definePlugin({
  name: 'mysql',
  hooks: [
    { ...hook, file: 'lib/Connection.js', patch: traceText },
    { ...hook, file: 'lib/protocol/Protocol.js', patch: traceSequences },
    {
      ...hook,
      file: 'lib/protocol/sequences/Sequence.js',
      patch: ({ prototype }: { prototype: Sequence }, patcher: Patcher) => patcher.bindEvents(prototype),
    },
    { ...hook, file: 'lib/Pool.js', patch: tracePool },
    { ...hook, file: 'lib/PoolCluster.js', patch: traceCluster },
  ],
})
