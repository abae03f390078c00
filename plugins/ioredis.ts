// Redis by `ioredis`: every command of a client, a pipeline or a cluster, once, however often it is sent.
//
// A command is an object that is settled by its own `resolve` and `reject`. It may wait in a queue until there is a connection, and
// be sent again, to another node of a cluster or after a connection was lost. The native channels of 5.11 mask values, so they are
// not used.

import {
  type AnyFunction,
  belongs,
  definePlugin,
  type Hook,
  hiddenField,
  type Operation,
  type Patcher,
  pinsAreThere,
  type Span,
  tags,
} from '../src/plugin'
import { pinsOfParts } from '../src/plugin/clients'
import { COMMAND, describeCommands, type RedisOptions } from './redis/command'
import { OwnCommands } from './redis/own-commands'

interface Client {
  sendCommand(command: Command, ...rest: unknown[]): unknown
  connect(callback?: unknown): unknown
  _readyCheck(callback: unknown): unknown
  readonly options?: ClientOptions
}

interface ClientOptions {
  readonly host?: string
  readonly port?: number
  readonly path?: string | null
  readonly connectionName?: string | null
  readonly enableAutoPipelining?: boolean
  /** Those of a cluster's nodes. */
  readonly redisOptions?: ClientOptions
}

interface Command {
  readonly name: string
  readonly args: readonly unknown[]
  resolve(value: unknown): unknown
  reject(error: unknown): unknown
}

type Methods = Record<string, unknown>

/** On every command that was seen: its span, or null for one that has none. */
const spans = hiddenField<Span | null>()
/** On a command that an automatic pipeline sends later, with those of others: the span that was active when it was asked for. */
const parents = hiddenField<Span | null>()
/** On a command that was seen while there are pins: the client, cluster or pipeline that it was given to first. */
const takers = hiddenField<object>()
const own = new OwnCommands()

function commandsOf(patcher: Patcher<RedisOptions>): Operation<Client, [Command, ...unknown[]]> {
  const describe = describeCommands(patcher.options)
  return {
    ...COMMAND,
    start({ options = {} }, [command]) {
      const { host, port } = typeof options.path === 'string' ? ({} as ClientOptions) : options
      const known = spans.get(command)
      // The cluster has opened the span; only the node knows where it goes.
      if (known != null && host !== undefined) {
        known.put(tags.OUT_HOST, host)
        if (port !== undefined) known.put(tags.DESTINATION_PORT, port)
      }
      if (known !== undefined) return undefined
      spans.set(command, null)
      if (own.areSent || isOwn(command)) return undefined
      const name = options.connectionName ?? options.redisOptions?.connectionName ?? undefined
      const start = describe(command.name, command.args, 0, { host, port, name })
      return start && { ...start, deferred: command, parent: parents.get(command) }
    },
    before: (span, [command]) => spans.set(command, span),
    pinOn(client, [command]) {
      const taker = takers.get(command) ?? client
      takers.set(command, taker)
      return taker
    },
  }
}

/** ASKING goes before a command that a cluster sends elsewhere; 5.x looks up its own version before it tells the server. */
function isOwn({ name, args }: Command): boolean {
  return name === 'asking' || (name === 'client' && args[0] === 'SETINFO')
}

function traceClient(Redis: { prototype: Client }, patcher: Patcher<RedisOptions>): void {
  patcher.trace(Redis.prototype, 'sendCommand', commandsOf(patcher))
  ownCommandsIn('_readyCheck')(Redis, patcher)
  connectOutsideOfTraces(Redis.prototype, patcher)
}

function traceCluster(Cluster: { prototype: Client & Methods }, patcher: Patcher<RedisOptions>): void {
  const { prototype } = Cluster
  patcher.trace(prototype, 'sendCommand', commandsOf(patcher))
  ownCommandsIn('getInfoFromNode', 'readyCheck', '_readyCheck')(Cluster, patcher)
  patcher.wrap(prototype, 'nodes', (original) => {
    return {
      nodes(this: object, ...args: unknown[]) {
        const nodes = Reflect.apply(original, this, args) as readonly object[]
        patcher.guarded('nodes', () => {
          for (const node of nodes) belongs(node, this)
        })
        return nodes
      },
    }.nodes
  })
  // What waits for the nodes to be known.
  if ('delayUntilReady' in prototype) patcher.bind(prototype, 'delayUntilReady')
  connectOutsideOfTraces(prototype, patcher)
}

/** A connection outlives the request that happens to open it; the callback is still that request's. */
function connectOutsideOfTraces(target: Client, patcher: Patcher): void {
  patcher.wrap(target, 'connect', (original) => {
    return {
      rooted(this: Client, ...args: unknown[]) {
        return patcher.run(undefined, original, this, args)
      },
    }.rooted
  })
  patcher.bind(target, 'connect')
}

/** What makes the handlers of a connection's events; these send the handshake, and what had to wait for it. */
function watchHandlers(handlers: Methods, patcher: Patcher): void {
  for (const name of ['connectHandler', 'readyHandler']) {
    patcher.wrap(handlers, name, (original) => (self: unknown) => own.during(original(self) as AnyFunction))
  }
}

function watchPipeline(Pipeline: { prototype: Pipeline }, patcher: Patcher): void {
  pinsOfParts(patcher, Pipeline.prototype, ({ redis }) => redis)
  patcher.wrap(Pipeline.prototype, 'sendCommand', (original) => {
    return {
      noted(this: Pipeline, command: Command) {
        if (pinsAreThere()) {
          takers.set(command, this)
          if (this.redis !== undefined) belongs(this, this.redis)
        }
        if (this.redis?.options?.enableAutoPipelining === true) parents.set(command, patcher.tracer.activeSpan ?? null)
        return Reflect.apply(original, this, [command])
      },
    }.noted
  })
}

interface Pipeline {
  sendCommand(command: Command): unknown
  readonly redis?: Client
}

/** Methods in which a client sends only what it needs for itself, where its version has them. */
function ownCommandsIn(...methods: readonly string[]) {
  return ({ prototype }: { prototype: object }, patcher: Patcher): void => {
    for (const method of methods) {
      if (method in prototype) patcher.wrap(prototype as Methods, method, (original) => own.during(original))
    }
  }
}

/** A class that is exported as such or, by what was TypeScript, as `default`. */
function ofClass<Class>(patch: (exported: Class, patcher: Patcher<RedisOptions>) => void) {
  return (exports: Class & { default?: Class }, patcher: Patcher<RedisOptions>): void =>
    patch(exports.default ?? exports, patcher)
}

function hook(file: string, patch: Hook['patch'], versions = '>=4.0.0 <7'): Hook {
  return { module: 'ioredis', versions, file: `built/${file}.js`, patch }
}

export default definePlugin({
  name: 'ioredis',
  hooks: [
    hook('Redis', ofClass(traceClient), '>=5.0.0 <7'),
    hook('redis/index', ofClass(traceClient), '>=4.11.0 <5'),
    hook('redis', ofClass(traceClient), '>=4.0.0 <4.11.0'),
    hook('Pipeline', ofClass(watchPipeline), '>=5.0.0 <7'),
    hook('pipeline', ofClass(watchPipeline), '>=4.0.0 <5'),
    hook('redis/event_handler', watchHandlers),
    hook('cluster/index', ofClass(traceCluster)),
    hook('cluster/ConnectionPool', ofClass(ownCommandsIn('findOrCreate'))),
    hook(
      'connectors/SentinelConnector/index',
      ofClass(ownCommandsIn('resolveMaster', 'resolveSlave', 'updateSentinels')),
    ),
  ],
})
