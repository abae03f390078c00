// Connections by Node's own `net`, those of TLS and HTTP among them: a span from the call until there is one. Off by default.
//
// What happens on a connection belongs to whoever asked for it, so the span is not made active.

import type { Socket } from 'node:net'
import { type CallStart, definePlugin, type Operation, type Patcher, tags } from '../src/plugin'

interface Target {
  readonly host?: unknown
  readonly port?: unknown
  readonly path?: unknown
}

const connections: Operation<Socket, unknown[]> = {
  name: 'tcp.connect',
  kind: 'client',
  activate: false,

  start(socket, args): CallStart | undefined {
    const target = targetOf(args)
    const until = { emitter: socket, events: ['connect', 'close'] }
    if (target.path) {
      const path = String(target.path)
      return { name: 'ipc.connect', resource: path, tags: { 'ipc.path': path }, until }
    }
    if (target.port === undefined) return undefined
    const host = String(target.host || 'localhost')
    const port = Number(target.port)
    return {
      resource: `${host}:${port}`,
      tags: { 'tcp.remote.host': host, 'tcp.remote.port': port, [tags.OUT_HOST]: host, [tags.DESTINATION_PORT]: port },
      until,
    }
  },

  finish(span, socket) {
    const { localAddress, localPort, remoteFamily } = (socket ?? {}) as Partial<Socket>
    if (localAddress === undefined || localPort === undefined) return
    span.put('tcp.local.address', localAddress)
    span.put('tcp.local.port', localPort)
    if (remoteFamily !== undefined) span.put('tcp.family', remoteFamily)
  },
}

/** Options, a port and a host, or a path; Node itself hands on what it has made of them as a list. */
function targetOf([first, second]: unknown[]): Target {
  if (Array.isArray(first)) return (first as Target[])[0] ?? {}
  if (typeof first === 'object' && first !== null) return first
  const isPath = typeof first === 'string' && !(Number(first) >= 0)
  return isPath ? { path: first } : { port: first, host: typeof second === 'string' ? second : undefined }
}

export default definePlugin({
  name: 'net',
  hooks: [
    {
      module: 'net',
      patch: ({ Socket: { prototype } }: { Socket: { prototype: Socket } }, patcher: Patcher) =>
        patcher.trace(prototype, 'connect', connections),
    },
  ],
})
