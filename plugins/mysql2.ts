// MySQL by `mysql2`: every query and prepared statement of a connection, a pool or a cluster, with callbacks, promises or events.
//
// All that is asked of a server is a command, an emitter that may keep a callback as `onResult`, in the queue of its connection;
// `execute` adds two, of which the first is the driver's own. Callbacks and events of all commands are put back into their
// caller's context, for they run when the socket has something to say.
//
// Since 3.20 it publishes channels too. They lack the user, and subscribing to them puts listeners on each query without a
// callback, so that an error which nobody heard would no longer be noticed: these prototypes serve all versions instead.

import { type Bound, type CallStart, definePlugin, type Operation, type Patcher } from '../src/plugin'
import { DatabaseComment, duringCall, PoolWait, pinsBehind } from '../src/plugin/clients'
import { template, traceCluster, tracePool } from './mysql/pools'
import { connectionTags, type SqlConnection } from './sql-connection'

interface Connection {
  readonly config?: SqlConnection
  readonly _command?: Command | null
  readonly _commands: { toArray(): Command[] }
  addCommand(...args: unknown[]): unknown
  execute(...args: unknown[]): unknown
  _notifyError(...args: unknown[]): unknown
  /** Takes the place of `addCommand` when a connection is closed. */
  _addCommandClosedState?(...args: unknown[]): unknown
}

interface Command {
  readonly onResult?: unknown
  readonly sql?: unknown
  /** What a query was made of: its `sql` still without the values. */
  readonly _queryOptions?: { readonly sql?: unknown }
  /** Of one that prepares a statement: its text. */
  readonly query?: unknown
  readonly statement?: { readonly query?: unknown }
  emit(...args: unknown[]): unknown
  on(...args: unknown[]): unknown
  removeListener(...args: unknown[]): unknown
  listenerCount(event: string | symbol): number
}

function traceConnection({ prototype }: { prototype: Connection }, patcher: Patcher): void {
  const wait = PoolWait.of(patcher)
  const comments = DatabaseComment.of(patcher, template)
  const query = { ...template, name: 'mysql.query', activate: false }
  const tagsOf = ({ config }: Connection) => ({
    ...connectionTags('mysql', config),
    'mysql2.pool.wait_time': wait.take(),
  })

  const commands: Operation<Connection, [command: Command]> = {
    ...query,
    start(connection, [command]): CallStart | Bound {
      const caller: Bound = { bind: [command], callback: { of: command, key: 'onResult' } }
      const resource = textOf(command)
      if (comments !== undefined && typeof command.query === 'string') {
        const { database, host } = connection.config ?? {}
        duringCall(command, 'start', 'query', comments.addedTo(command.query, database, host))
      }
      if (typeof resource !== 'string') return caller
      return { ...caller, resource, tags: tagsOf(connection), until: { emitter: command, events: ['end'] } }
    },
    ...(comments && {
      // The text of a statement has been sent before. Errors show the text that a command has.
      before(span, [command]) {
        const { sql, _queryOptions } = command
        if (_queryOptions === undefined || typeof sql !== 'string') return
        duringCall(command, 'start', 'sql', comments.added(sql, span))
      },
    }),
  }
  const execute: Operation<Connection, [sql: string | { sql?: unknown } | null]> = {
    ...query,
    start(connection, [sql]): CallStart | undefined {
      const resource = typeof sql === 'string' ? sql : sql?.sql
      if (typeof resource !== 'string') return undefined
      return { resource, tags: tagsOf(connection), callback: 'last', until: { emitter: 'result', events: ['end'] } }
    },
  }
  pinsBehind(patcher, 'connection', prototype)
  patcher.trace(prototype, 'addCommand', commands)
  patcher.trace(prototype, 'execute', execute)
  if (prototype._addCommandClosedState !== undefined) {
    patcher.trace(prototype as Required<Connection>, '_addCommandClosedState', {
      ...commands,
      // A command without callback hears nothing of it.
      start: (connection, args) => (args[0].onResult ? commands.start(connection, args) : undefined),
    } satisfies typeof commands)
  }
  patcher.wrap(prototype, '_notifyError', (original) => {
    return {
      _notifyError(this: Connection, ...args: unknown[]) {
        // Commands without callback are dropped; only the connection says so.
        for (const command of patcher.guarded('_notifyError', () => lost(this)) ?? []) patcher.fail(command, args[0])
        return Reflect.apply(original, this, args)
      },
    }._notifyError
  })
}

/** A command of `execute` has `sql`, and its span already; one of a statement that was prepared by hand has not. */
function textOf({ sql, statement, _queryOptions }: Command): unknown {
  return _queryOptions === undefined ? sql === undefined && statement?.query : (_queryOptions.sql ?? sql)
}

function lost({ _command, _commands }: Connection): Command[] {
  return [_command, ..._commands.toArray()].filter(
    (command): command is Command => Boolean(command) && !command?.onResult,
  )
}

const npm = 'mysql2'
/** Until 3.11.4, and since. */
const [versions, later] = ['>=1.0.0 <3.11.5', '>=3.11.5 <4']

export default definePlugin({
  name: 'mysql2',
  hooks: [
    { module: npm, versions, file: 'lib/connection.js', patch: traceConnection },
    { module: npm, versions: later, file: 'lib/base/connection.js', patch: traceConnection },
    { module: npm, versions, file: 'lib/pool.js', patch: tracePool },
    { module: npm, versions: later, file: 'lib/base/pool.js', patch: tracePool },
    { module: npm, versions: '>=1.0.0 <4', file: 'lib/pool_cluster.js', patch: traceCluster },
    {
      module: npm,
      versions: '>=1.0.0 <4',
      file: 'lib/commands/command.js',
      patch: ({ prototype }: { prototype: Command }, patcher: Patcher) => patcher.bindEvents(prototype),
    },
  ],
})
