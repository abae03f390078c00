// A WebSocket to a program, by the `ws` that the program itself brings.

import { once } from 'node:events'
import { createRequire } from 'node:module'
import type { Asker } from '../asker'
import type { ProgramHome } from '../program-home'

const ANSWER_TIMEOUT_MS = 10_000

interface Socket extends NodeJS.EventEmitter {
  send(text: string): void
  close(): void
}

export class WebSocketTalk {
  readonly heard: string[] = []
  readonly #socket: Socket

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('message', (data) => this.heard.push(String(data)))
  }

  static async open(asker: Asker, home: ProgramHome, path: string): Promise<WebSocketTalk> {
    const WebSocket = createRequire(home.file('program.js'))('ws') as new (url: string, options: object) => Socket
    // An upgrade is no request to Node's server, and so has no span.
    const headers = asker.headersFor(`GET ${path}`, 101, { unseen: true })
    const socket = new WebSocket(`ws://127.0.0.1:${asker.port}${path}`, { headers })
    const talk = new WebSocketTalk(socket)
    await once(socket, 'open', { signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) })
    return talk
  }

  say(text: string): void {
    this.#socket.send(text)
  }

  /** Waits until all that was heard matches. */
  async hears(wanted: RegExp): Promise<void> {
    const signal = AbortSignal.timeout(ANSWER_TIMEOUT_MS)
    while (!wanted.test(this.heard.join('\n'))) await once(this.#socket, 'message', { signal })
  }

  async close(): Promise<void> {
    this.#socket.close()
    await once(this.#socket, 'close', { signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) })
  }
}
