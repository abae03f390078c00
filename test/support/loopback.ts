// Servers on loopback ports that the system picks, and conversations with them as bytes, so that what a program puts on the wire
// can be compared to the letter.

import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** Starts `server` on a free port and gives the port. */
export async function listen(server: Server, host = '127.0.0.1'): Promise<number> {
  server.listen(0, host)
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

/** Closes `server` and whatever is still connected to it. */
export async function shut(server: Server & { closeAllConnections?(): void }): Promise<void> {
  if (!server.listening) return
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections?.()
  await closed
}

/**
 * A port that refuses connections until it is released: it is the near end of a connection, so that nobody else can be given it
 * meanwhile.
 */
export async function holdRefusingPort(): Promise<{ port: number; release(): Promise<void> }> {
  const server = createServer((far) => void far.on('error', () => {}).resume())
  const socket = connect(await listen(server), '127.0.0.1')
  await once(socket, 'connect')
  const release = () => {
    socket.destroy()
    return shut(server)
  }
  return { port: socket.localPort!, release }
}

/** A connection whose answers are text. */
export class Dialogue {
  received = ''
  readonly #checks = new Set<() => void>()

  constructor(readonly socket: Socket) {
    const check = () => {
      for (const look of this.#checks) look()
    }
    socket.setEncoding('latin1').on('data', (text: string) => {
      this.received += text
      check()
    })
    // Refused and broken connections are told by `close`, as everything is that ends.
    socket.on('error', () => {}).on('close', check)
  }

  static open(port: number): Dialogue {
    return new Dialogue(connect(port, '127.0.0.1'))
  }

  /** Everything the other side has sent, as soon as it matches; without a pattern, when it has hung up. */
  async answer(pattern?: RegExp): Promise<string> {
    await new Promise<void>((resolve) => {
      const look = () => {
        if (!this.socket.closed && !pattern?.test(this.received)) return
        this.#checks.delete(look)
        resolve()
      }
      this.#checks.add(look)
      look()
    })
    return timeless(this.received)
  }

  say(text: string): this {
    this.socket.write(text, 'latin1')
    return this
  }
}

/** An HTTP request as text; each header is a line. */
export function requestText(line: string, headers: readonly string[] = [], body = ''): string {
  const length = body === '' ? [] : [`content-length: ${body.length}`]
  return [`${line} HTTP/1.1`, 'host: shop.example', ...headers, ...length, '', body].join('\r\n')
}

/** What is said to `port` on a connection of its own; gives the answer. */
export function ask(port: number, line: string, headers: readonly string[] = [], body = ''): Promise<string> {
  return Dialogue.open(port)
    .say(requestText(line, ['connection: close', ...headers], body))
    .answer()
}

/** Without what changes from second to second. */
function timeless(text: string): string {
  return text.replace(/^date: .*$/gim, 'date: then')
}
