// redis 4 to 6: every command goes through the queue of its client, which knows neither the client nor the server.
//
// A client makes one queue and one socket while it is constructed (the socket first in 4.0), which is how they are told to belong
// together. The socket has the address, and the client's `connect`, which calls the socket's, the rest. The native channels that
// 5.12 brought are not used: they mask values and have no names of connections.

import { type AnyFunction, belongs, hiddenField, type Operation, type Patcher, pinsAreThere } from '../../src/plugin'
import { HeldMethods } from '../../src/plugin/clients'
import { COMMAND, describeCommands, type Place, type RedisOptions } from './command'

interface Exports<Prototype> {
  default: { new (...args: never[]): object; prototype: Prototype }
}

interface Queue {
  addCommand(args: readonly unknown[], options?: unknown): unknown
}

interface Connects {
  connect(): unknown
  readonly options?: { name?: string; pingInterval?: number }
  executeIsolated?(run: unknown): unknown
}

interface Connection extends Place {
  name?: string | undefined
  /** The client sends PING from time to time. */
  pings?: boolean
  client?: object
}

const DEFAULT_HOST = 'localhost'
const DEFAULT_PORT = 6379
const UNKNOWN: Connection = {}

const connections = hiddenField<Connection>()
/** The half of a client whose other half is still to be made. */
let queueAlone: object | undefined
let connectionAlone: Connection | undefined
/** The client whose socket is about to connect. */
let connecting: Connects | undefined

export function traceQueue(exports: Exports<Queue>, patcher: Patcher<RedisOptions>): void {
  const describe = describeCommands(patcher.options)
  const commands: Operation<Queue, [readonly unknown[], unknown]> = {
    ...COMMAND,
    start(queue, [args]) {
      const connection = connections.get(queue) ?? UNKNOWN
      const name = String(args[0])
      // The client's own: in a cluster, on the way to another node, and from its timer.
      if (
        connection.pings === true &&
        name === 'PING' &&
        args.length === 1 &&
        patcher.tracer.activeSpan === undefined
      ) {
        return undefined
      }
      return describe(name, args, 1, connection)
    },
    pinOn: (queue) => connections.get(queue)?.client,
  }
  patcher.trace(exports.default.prototype, 'addCommand', commands)
  construct(exports, patcher, (make, args) => {
    const queue = make(args)
    if (connectionAlone === undefined) queueAlone = queue
    else connections.set(queue, connectionAlone)
    connectionAlone = undefined
    return queue
  })
}

export function watchSocket(exports: Exports<{ connect(): unknown }>, patcher: Patcher): void {
  const quiet = muted(patcher)
  construct(exports, patcher, (make, args) => {
    // The first argument sends the handshake, the last has the address.
    const [initiate] = args
    const socket = make(typeof initiate === 'function' ? [quiet(initiate as AnyFunction), ...args.slice(1)] : args)
    const connection = placeOf((args.at(-1) ?? {}) as SocketOptions)
    connections.set(socket, connection)
    if (queueAlone === undefined) connectionAlone = connection
    else connections.set(queueAlone, connection)
    queueAlone = undefined
    return socket
  })
  patcher.wrap(exports.default.prototype, 'connect', (original) => {
    return {
      named(this: object, ...args: unknown[]) {
        const connection = connections.get(this)
        if (connection !== undefined && connecting !== undefined) {
          connection.name = connecting.options?.name
          connection.client = itself(connecting)
          connection.pings = Boolean(connecting.options?.pingInterval)
        }
        return Reflect.apply(original, this, args)
      },
    }.named
  })
}

export function watchClient({ default: Client }: Exports<Connects>, patcher: Patcher): void {
  patcher.wrap(Client.prototype, 'connect', (original) => {
    return {
      rooted(this: Connects, ...args: unknown[]) {
        connecting = this
        // A connection outlives the request that happens to open it.
        const result = patcher.run(undefined, original, this, args)
        connecting = undefined
        return result
      },
    }.rooted
  })
  if ('executeIsolated' in Client.prototype) lends(Client.prototype, 'executeIsolated', patcher)
  followViews(Client.prototype, patcher)
}

/** A busy pool runs what it is given when somebody else has given a client up. */
export function bindPool({ RedisClientPool }: Record<string, { prototype: Pool }>, patcher: Patcher): void {
  if (RedisClientPool === undefined) return
  patcher.bind(RedisClientPool.prototype, 'execute')
  lends(RedisClientPool.prototype, 'execute', patcher)
  followViews(RedisClientPool.prototype, patcher)
}

/** The clients that are handed to a function belong to whom they come from. */
function lends<Lender extends object>(prototype: Lender, method: keyof Lender & string, patcher: Patcher): void {
  patcher.wrap(prototype, method, (original) => {
    return {
      lend(this: object, ...args: unknown[]) {
        const [run] = args
        if (pinsAreThere() && typeof run === 'function') {
          args[0] = (client: object) => {
            belongs(itself(client), itself(this))
            return run(client)
          }
        }
        return Reflect.apply(original, this, args)
      },
    }.lend
  })
}

/** Since 5 a program holds views of a client, which all know the one behind them. */
function itself(view: object): object {
  return (view as { readonly _self?: object })._self ?? view
}

function followViews(prototype: object, patcher: Patcher): void {
  patcher.whenPinned((target) =>
    Object.prototype.isPrototypeOf.call(prototype, target) && itself(target) !== target ? itself(target) : undefined,
  )
}

/** Clusters and sentinels send by clients of their own. */
export function holdCommands({ default: Class }: Exports<object>, patcher: Patcher): void {
  // What is given to `use` may be anything of the program's.
  const methods = new HeldMethods(patcher, ['redis'], { except: ['use'] })
  patcher.whenPinned((target) => {
    if (!Object.prototype.isPrototypeOf.call(Class.prototype, target)) return undefined
    const self = itself(target)
    methods.hold(Object.getPrototypeOf(self) as object)
    return self
  })
}

interface Pool {
  execute(run: unknown): unknown
}

/** Looking for the nodes of a cluster, or for a master, is the client's own affair. */
export function muteSlots({ default: Slots }: Exports<Searches>, patcher: Patcher): void {
  mute(Slots.prototype, ['connect', 'rediscover'], patcher)
}

export function muteSentinel(
  exports: Exports<Searches> & { RedisSentinelInternal?: { prototype: Searches } },
  patcher: Patcher,
): void {
  mute(exports.default.prototype, ['connect'], patcher)
  holdCommands(exports, patcher)
  // What looks again after a master was lost; 5.x does not export it.
  if (exports.RedisSentinelInternal !== undefined) mute(exports.RedisSentinelInternal.prototype, ['observe'], patcher)
}

interface Searches {
  connect(): unknown
  rediscover(): unknown
  observe(): unknown
}

function mute(target: Searches, methods: readonly (keyof Searches)[], patcher: Patcher): void {
  for (const method of methods) patcher.wrap(target, method, muted(patcher))
}

function muted(patcher: Patcher): (original: AnyFunction) => AnyFunction {
  return patcher.tracing({ ...COMMAND, start: () => ({ mute: [] }) })
}

interface SocketOptions {
  readonly host?: string
  readonly port?: number
  readonly path?: string
}

function placeOf({ host = DEFAULT_HOST, port = DEFAULT_PORT, path }: SocketOptions): Connection {
  return path === undefined ? { host, port } : {}
}

/** Replaces the exported class by a function that constructs the same and is told of it. */
function construct(
  exports: Exports<object>,
  patcher: Patcher,
  constructing: (make: (args: unknown[]) => object, args: unknown[]) => object,
): void {
  patcher.wrap(exports, 'default', (original) => {
    return function (...args: unknown[]) {
      return constructing((given) => Reflect.construct(original, given, new.target ?? original) as object, args)
    }
  })
}
