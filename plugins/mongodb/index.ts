// MongoDB by its driver `mongodb`: every command that a program sends, and `bulkWrite` above the commands it becomes.
//
// Versions before 4 send through the functions of one file, later ones through a method of the connection. Up to 6.5 commands wait
// for a server and for a connection with callbacks, which somebody else calls.

import { type AnyFunction, belongs, definePlugin, type Patcher, tags } from '../../src/plugin'
import { DatabaseComment, HeldMethods } from '../../src/plugin/clients'
import { type Command, commented, describeCommand, failIfRefused, filtersOf, type Options, startOf } from './command'

interface Connection {
  readonly address?: string
  readonly description?: WireVersion | null
  command(...args: unknown[]): unknown
}

interface WireVersion {
  readonly maxWireVersion?: number
}

interface Namespace {
  readonly db: string
  readonly collection?: string
}

/** Before 4: a server, or a connection that stands in for it. */
interface Server {
  readonly description?: WireVersion & { readonly address?: string }
  readonly name?: string
}

type Send = (server: Server, ns: unknown, ...rest: unknown[]) => void
type Messages = Record<'command' | 'query' | 'insert' | 'update' | 'remove' | 'getMore' | 'killCursors', Send>

const template = {
  name: 'mongodb.query',
  type: 'mongodb',
  kind: 'client',
  system: 'mongodb',
  // The name of the database without the collection's.
  peerTags: [`${tags.DB_NAME}.`],
  pinBelow: ['mongodb', 'mongoose'],
} as const
const commands = { ...template, activate: false } as const

interface Collection {
  readonly namespace: string
  bulkWrite(...args: unknown[]): unknown
}

/** `callback`: the last argument, where commands end with one; a function in its place is a class of replies since. */
function traceConnection(callback: 'last' | undefined) {
  return ({ Connection }: { Connection: { prototype: Connection } }, patcher: Patcher<Options>): void => {
    const { options } = patcher
    const comments = DatabaseComment.of(patcher, template)
    patcher.trace<Connection, [ns: Namespace, command: Command, ...rest: unknown[]]>(Connection.prototype, 'command', {
      ...commands,
      start: (connection, [{ db, collection = '$cmd' }, command]) =>
        describeCommand(options, `${db}.${collection}`, command, connection.address, callback),
      ...(comments && {
        before(span, args, { description }) {
          args[1] = commented(args[1], comments, span, description?.maxWireVersion)
        },
      }),
      finish(span, reply, [, command]) {
        if ('insert' in command || 'update' in command || 'delete' in command) failIfRefused(span, reply)
      },
    })
  }
}

function traceMessages(messages: Messages, patcher: Patcher<Options>): void {
  const { options } = patcher
  const comments = DatabaseComment.of(patcher, template)
  for (const method of ['command', 'query'] as const) {
    patcher.trace<Messages, [server: Server, ns: unknown, command: Command]>(messages, method, {
      ...commands,
      start: (_, [server, ns, command]) => describeCommand(options, String(ns), command, addressOf(server), 'last'),
      ...(comments && {
        before(span, args) {
          const [{ description }, , command] = args
          const changed = commented(command, comments, span, description?.maxWireVersion)
          const { comment } = changed
          // What the driver writes into a cursor's command, it looks for when it closes the cursor.
          const get = (_: Command, key: string | symbol) => (key === 'comment' ? comment : Reflect.get(command, key))
          args[2] = method === 'query' ? new Proxy(command, { get }) : changed
        },
      }),
    })
  }
  for (const method of ['insert', 'update', 'remove'] as const) {
    patcher.trace<Messages, [server: Server, ns: unknown, changes: unknown]>(messages, method, {
      ...commands,
      start: (_, [server, ns, changes]) =>
        startOf(
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
    start: (_, [server, ns]) => startOf(options, 'getMore', String(ns), undefined, addressOf(server), 'last'),
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
  return (exports: Exports<Collection>, patcher: Patcher<Options>): void => {
    holds('Collection')(exports, patcher)
    patcher.trace<Collection>(prototypeIn(exports, 'Collection'), 'bulkWrite', {
      ...template,
      start: ({ namespace }) => ({
        resource: `bulkWrite ${namespace}`,
        callback,
        tags: { [tags.DB_NAME]: namespace },
      }),
    })
  }
}

/** Of a client's objects: what they say that they are parts of, by version. */
interface Part {
  readonly client?: object
  readonly s?: { readonly db?: object; readonly client?: object }
}

const holders = new WeakMap<Patcher<Options>, Holders>()

/** The classes whose objects programs hold, while commands are sent by connections that nobody sees. */
class Holders {
  readonly #prototypes = new Set<object>()
  readonly #methods: HeldMethods

  constructor(patcher: Patcher<Options>) {
    // Cursors are made by collections, which they do not name.
    const wholeOf = ({ client, s }: Part) => s && (s.db ?? s.client ?? client)
    // A connection outlives the call that happens to open it.
    const except = ['connect']
    this.#methods = new HeldMethods(patcher, ['mongodb'], { wholeOf, except })
    patcher.whenPinned((target) => {
      const { client } = target as Part
      // One of Mongoose's connections has a client of the driver's.
      if (this.#isOurs(target) || (client !== undefined && this.#isOurs(client))) {
        for (const prototype of this.#prototypes) this.#methods.hold(prototype)
        this.#methods.join(target)
      }
      return undefined
    })
  }

  add(prototype: object): void {
    this.#prototypes.add(prototype)
  }

  #isOurs(object: object): boolean {
    return [...this.#prototypes].some((prototype) => Object.prototype.isPrototypeOf.call(prototype, object))
  }
}

function holds(name: string) {
  return (exports: Exports<object>, patcher: Patcher<Options>): void => {
    const all = holders.get(patcher) ?? new Holders(patcher)
    holders.set(patcher, all)
    all.add(prototypeIn(exports, name))
  }
}

/** Before 4 a database does not know its client. */
function followDatabases(exports: { prototype: { db: AnyFunction } }, patcher: Patcher<Options>): void {
  holds('MongoClient')(exports, patcher)
  patcher.wrap(exports.prototype, 'db', (original) => {
    return {
      db(this: object, ...args: unknown[]) {
        const db = Reflect.apply(original, this, args) as object
        belongs(db, this)
        return db
      },
    }.db
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
    { module: MODULE, versions: '>=3.3 <8', file: 'lib/db.js', patch: holds('Db') },
    { module: MODULE, versions: '>=4 <8', file: 'lib/mongo_client.js', patch: holds('MongoClient') },
    { module: MODULE, versions: '>=3.3 <4', file: 'lib/mongo_client.js', patch: followDatabases },
    // A program's own callback, for what has no span.
    {
      module: MODULE,
      versions: '>=4 <5',
      file: 'lib/cursor/abstract_cursor.js',
      patch: bound('AbstractCursor', 'close'),
    },
  ],
})
