// Memcached by `memcached`: every command, of which a lookup of many keys sends one per server.
//
// A command is handed over as a function that makes it. It is made early, and once, because only then its callback is known.

import { type CallStart, definePlugin, type Patcher, type PluginOptions, tags } from '../src/plugin'

interface Query {
  readonly type: string
  readonly command: string
  readonly key?: unknown
  callback?: unknown
}

interface Client {
  readonly servers: readonly string[]
  readonly HashRing: { get(key: unknown): string | undefined }
  command(...args: unknown[]): unknown
}

interface Options extends PluginOptions {
  /** Shows commands with their keys, without the values. */
  readonly memcachedCommandEnabled?: boolean
}

type CommandArgs = [make: (redundancy?: unknown) => Query, server?: string, callback?: unknown]

/** A key has at most 250 bytes, but there may be many. */
export const MAX_COMMAND_LENGTH = 1000
const HOST_AND_PORT = /^(.+):(\d+)$/

function startOf(client: Client, args: CommandArgs, { memcachedCommandEnabled }: Options): CallStart {
  const [make, server] = args
  const query = make()
  // The callback becomes an argument more, where the runtime finds it, and goes back into the command from there.
  args[2] = query.callback
  args[0] = (redundancy) => {
    if (redundancy !== undefined) return make(redundancy)
    query.callback = args[2]
    return query
  }
  const { servers, HashRing } = client
  const address = server ?? (servers.length === 1 ? servers[0] : HashRing.get(query.key))
  const [, host, port] = HOST_AND_PORT.exec(address ?? '') ?? []
  return {
    resource: query.type,
    callback: typeof query.callback === 'function' ? 'last' : undefined,
    tags: {
      'memcached.command': memcachedCommandEnabled === true ? withoutValue(query.command) : undefined,
      [tags.OUT_HOST]: host,
      [tags.DESTINATION_PORT]: port === undefined ? undefined : Number(port),
    },
  }
}

/** The value stands in the second line. */
function withoutValue(command: string): string {
  return command.slice(0, MAX_COMMAND_LENGTH).split('\r\n', 1)[0] ?? ''
}

export default definePlugin({
  name: 'memcached',
  hooks: [
    {
      module: 'memcached',
      versions: '>=2.2 <3',
      file: 'lib/memcached.js',
      patch(Client: { prototype: Client }, patcher: Patcher<Options>) {
        patcher.trace<Client, CommandArgs>(Client.prototype, 'command', {
          name: 'memcached.command',
          type: 'memcached',
          kind: 'client',
          system: 'memcached',
          start: (client, args) => startOf(client, args, patcher.options),
        })
      },
    },
  ],
})
