// MongoDB by its driver `mongodb`: every command that a program sends, and `bulkWrite` above the commands it becomes.
//
// Versions before 4 send through the functions of one file, later ones through a method of the connection. Up to 6.5 commands wait
// for a server and for a connection with callbacks, which somebody else calls.

import { definePlugin, type Patcher, tags } from '../../src/plugin'
import { type Command, described, failIfRefused, filtersOf, type Options, ofCommand } from './command'

interface Connection {
  readonly address?: string
  command(...args: unknown[]): unknown
}

interface Namespace {
  readonly db: string
  readonly collection?: string
}

/** Before 4: a server, or a connection that stands in for it. */
interface Server {
  readonly description?: { readonly address?: string }
  readonly name?: string
}

type Send = (server: Server, ns: unknown, ...rest: unknown[]) => void
type Messages = Record<'command' | 'query' | 'insert' | 'update' | 'remove' | 'getMore' | 'killCursors', Send>

const template = { name: 'mongodb.query', type: 'mongodb', kind: 'client', system: 'mongodb' } as const
const commands = { ...template, activate: false } as const

interface Collection {
  readonly namespace: string
  bulkWrite(...args: unknown[]): unknown
}

/** `callback`: the last argument, where commands end with one; a function in its place is a class of replies since. */
function traceConnection(callback: 'last' | undefined) {
  return ({ Connection }: { Connection: { prototype: Connection } }, patcher: Patcher<Options>): void => {
    const { options } = patcher
    patcher.trace<Connection, [ns: Namespace, command: Command, ...rest: unknown[]]>(Connection.prototype, 'command', {
      ...commands,
      start: (connection, [{ db, collection = '$cmd' }, command]) =>
        ofCommand(options, `${db}.${collection}`, command, connection.address, callback),
      finish(span, reply, [, command]) {
        if ('insert' in command || 'update' in command || 'delete' in command) failIfRefused(span, reply)
      },
    })
  }
}

function traceMessages(messages: Messages, patcher: Patcher<Options>): void {
  const { options } = patcher
  for (const method of ['command', 'query'] as const) {
    patcher.trace<Messages, [server: Server, ns: unknown, command: Command]>(messages, method, {
      ...commands,
      start: (_, [server, ns, command]) => ofCommand(options, String(ns), command, addressOf(server), 'last'),
    })
  }
  for (const method of ['insert', 'update', 'remove'] as const) {
    patcher.trace<Messages, [server: Server, ns: unknown, changes: unknown]>(messages, method, {
      ...commands,
      start: (_, [server, ns, changes]) =>
        described(
          options,
          method,
          String(ns),
          method === 'insert' ? undefined : filtersOf(changes),
          addressOf(server),
          'last',
        ),
      finish: failIfRefused,
    })
  }
  patcher.trace<Messages, [server: Server, ns: unknown]>(messages, 'getMore', {
    ...commands,
    start: (_, [server, ns]) => described(options, 'getMore', String(ns), undefined, addressOf(server), 'last'),
  })
}

function addressOf({ description, name }: Server): string | undefined {
  return description?.address ?? name
}

/** What a file exports: the class itself (before 4), or an object that holds it. */
type Exports<Type> = { prototype: Type } | Record<string, { prototype: Type }>

function prototypeIn<Type>(exports: Exports<Type>, name: string): Type {
  return ((exports as Record<string, { prototype: Type }>)[name] ?? (exports as { prototype: Type })).prototype
}

/** `callback` as in commands: what later versions are given as one, mongoose does so, they never call. */
function traceBulkWrites(callback: 'last' | undefined) {
  return (exports: Exports<Collection>, patcher: Patcher<Options>): void =>
    patcher.trace<Collection>(prototypeIn(exports, 'Collection'), 'bulkWrite', {
      ...template,
      start: ({ namespace }) => ({
        resource: `bulkWrite ${namespace}`,
        callback,
        tags: { [tags.DB_NAME]: namespace },
      }),
    })
}

/** Runs the callback of a method where it was given. */
function bound(name: string, method: string) {
  return (exports: Exports<Record<string, unknown>>, patcher: Patcher<Options>): void =>
    patcher.bind(prototypeIn(exports, name), method)
}

const MODULE = 'mongodb'

export default definePlugin({
  name: 'mongodb',
  hooks: [
    { module: MODULE, versions: '>=6.4 <8', file: 'lib/cmap/connection.js', patch: traceConnection(undefined) },
    { module: MODULE, versions: '>=4 <6.4', file: 'lib/cmap/connection.js', patch: traceConnection('last') },
    { module: MODULE, versions: '>=3.3 <4', file: 'lib/core/wireprotocol/index.js', patch: traceMessages },
    { module: MODULE, versions: '>=5 <8', file: 'lib/collection.js', patch: traceBulkWrites(undefined) },
    { module: MODULE, versions: '>=3.3 <5', file: 'lib/collection.js', patch: traceBulkWrites('last') },
    {
      module: MODULE,
      versions: '>=3.3 <4',
      file: 'lib/core/sdam/topology.js',
      patch: bound('Topology', 'selectServer'),
    },
    { module: MODULE, versions: '>=4 <6.6', file: 'lib/sdam/topology.js', patch: bound('Topology', 'selectServer') },
    {
      module: MODULE,
      versions: '>=3.3 <6.4',
      file: 'lib/cmap/connection_pool.js',
      patch: bound('ConnectionPool', 'checkOut'),
    },
    // A program's own callback, for what has no span.
    {
      module: MODULE,
      versions: '>=4 <5',
      file: 'lib/cursor/abstract_cursor.js',
      patch: bound('AbstractCursor', 'close'),
    },
  ],
})
