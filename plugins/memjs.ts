// Memcached by `memjs`: every command for a key, and `flush`.
//
// All ways to ask, old and new, with a callback or for a promise, end in one method, which is given the bytes of the command.

import { definePlugin, type Operation, type Patcher, tags } from '../src/plugin'

interface Server {
  readonly host?: string
  readonly port?: number
}

interface Client {
  readonly servers: readonly Server[]
  server(key: unknown): Server | null
  perform(...args: unknown[]): unknown
  flush(...args: unknown[]): unknown
}

interface Response {
  readonly header?: { readonly status?: number }
}

/** The commands of the binary protocol by their number, which is a request's second byte. `prepend` sends what `append` does. */
const COMMANDS: Readonly<Record<number, string>> = {
  0: 'get',
  1: 'set',
  2: 'add',
  3: 'replace',
  4: 'delete',
  5: 'increment',
  6: 'decrement',
  14: 'append',
  28: 'touch',
}

/** Where a reply's status says that a command failed: not found and exists already are answers. */
const ERRORS: Readonly<Record<number, string>> = {
  3: 'value too large',
  4: 'invalid arguments',
  5: 'item not stored',
  6: 'increment or decrement of a value that is no number',
  129: 'unknown command',
  130: 'out of memory',
}
const LAST_ANSWER = 2

const template = { name: 'memcached.command', type: 'memcached', kind: 'client', system: 'memcached' } as const

const commands: Operation<Client, [key: unknown, request: Buffer, ...rest: unknown[]]> = {
  ...template,
  start(client, args) {
    // What follows the callback is the count of an attempt that repeats the first.
    if (typeof args[args.length - 1] !== 'function') return undefined
    const { host, port } = client.server(args[0]) ?? {}
    return {
      resource: COMMANDS[args[1][1] ?? -1] ?? 'command',
      callback: 'last',
      tags: { [tags.OUT_HOST]: host, [tags.DESTINATION_PORT]: port },
    }
  },
  finish(span, response) {
    const status = (response as Response | null | undefined)?.header?.status ?? 0
    if (status > LAST_ANSWER) span.setError({ message: ERRORS[status] ?? `status ${status}`, code: status })
  },
}

const flushes: Operation<Client, unknown[]> = {
  ...template,
  // Without a callback it calls itself with one.
  start: (_, [callback]) => (typeof callback === 'function' ? { resource: 'flush', callback: 'last' } : undefined),
}

export default definePlugin({
  name: 'memjs',
  hooks: [
    {
      module: 'memjs',
      versions: '>=1 <2',
      file: 'lib/memjs/memjs.js',
      patch({ Client }: { Client: { prototype: Client } }, patcher: Patcher) {
        patcher.trace(Client.prototype, 'perform', commands)
        patcher.trace(Client.prototype, 'flush', flushes)
      },
    },
  ],
})
