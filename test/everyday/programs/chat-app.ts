// A chat on socket.io, by WebSocket and by long polling.

import { once } from 'node:events'
import { createRequire } from 'node:module'
import type { ServerProgram } from '../program'

interface ChatSocket extends NodeJS.EventEmitter {
  timeout(ms: number): { emitWithAck(event: string, ...args: unknown[]): Promise<unknown> }
  disconnect(): void
}

const ANSWER_TIMEOUT_MS = 10_000

export const chatApp: ServerProgram = {
  name: 'chat-app',
  about: 'chat on socket.io and Express: WebSocket and long polling',
  packages: { 'socket.io': '4.8.4', 'socket.io-client': '4.8.4', express: '5.3.0' },
  app: 'chat-app',
  service: 'chat-app',
  start: (home) => ({ args: ['server.js'], env: { PORT: String(home.port) } }),
  async ask(asker, home) {
    const { io } = createRequire(home.file('server.js'))('socket.io-client') as {
      io(url: string, options: object): ChatSocket
    }
    await asker.send('GET /', { route: '/' })
    await asker.send('GET /socket.io/socket.io.js', { headers: { 'accept-encoding': 'gzip' } })
    await asker.send('GET /socket.io/?EIO=3&transport=polling')
    await asker.send('GET /socket.io/?EIO=4&transport=polling&sid=nobody')
    await asker.send('GET /socket.io/?EIO=4&transport=pigeon')
    const said: unknown[] = []
    const signal = AbortSignal.timeout(ANSWER_TIMEOUT_MS)
    for (const transports of [['websocket'], ['polling']]) {
      const socket = io(`http://127.0.0.1:${home.port}`, { transports, forceNew: true, reconnection: false })
      const heard = once(socket, 'said', { signal })
      said.push(await once(socket, 'welcome', { signal }))
      said.push(await socket.timeout(ANSWER_TIMEOUT_MS).emitWithAck('say', `hello by ${transports[0]}`), await heard)
      socket.disconnect()
    }
    asker.note('what is said', said)
  },
  // The client's own requests bring no trace.
  besides: /^(web|express)\.request (GET|POST)|^express.middleware /,
  varies: { bodies: [] },
}
