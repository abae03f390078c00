// Servers that keep what comes over UDP, TCP and Unix sockets, and can be killed and started again in the same place.

import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { EventEmitter, once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'

const WAIT_MS = 10_000

/** Waits until `isThere` holds, asked again with each event `received`. */
class Receiving extends EventEmitter {
  async until(isThere: () => boolean): Promise<void> {
    const signal = AbortSignal.timeout(WAIT_MS)
    while (!isThere()) await once(this, 'received', { signal })
  }
}

export class UdpServer extends Receiving {
  readonly packets: string[] = []
  #socket: UdpSocket | undefined
  port = 0

  static async start(address = '127.0.0.1', port = 0): Promise<UdpServer> {
    const server = new UdpServer()
    await server.start(address, port)
    return server
  }

  async start(address = '127.0.0.1', port = this.port): Promise<void> {
    const socket = createSocket({ type: address.includes(':') ? 'udp6' : 'udp4', recvBufferSize: 1 << 22 })
    socket.on('message', (packet) => {
      this.packets.push(packet.toString())
      this.emit('received')
    })
    socket.bind(port, address)
    await once(socket, 'listening')
    this.#socket = socket
    this.port = socket.address().port
  }

  /** Resolves with all packets when there are `count`. */
  async got(count: number): Promise<string[]> {
    await this.until(() => this.packets.length >= count)
    return this.packets
  }

  async stop(): Promise<void> {
    const socket = this.#socket
    this.#socket = undefined
    if (socket === undefined) return
    socket.close()
    await once(socket, 'close')
  }
}

export class StreamServer extends Receiving {
  /** What each connection has sent, in the order in which they came. */
  readonly received: Buffer[] = []
  #server: Server | undefined
  readonly #sockets = new Set<Socket>()
  #place: { port: number; host: string } | { path: string }
  /** Whether connections are read. */
  isReading = true

  private constructor(place: { port: number; host: string } | { path: string }) {
    super()
    this.#place = place
  }

  static async tcp(): Promise<StreamServer & { readonly port: number }> {
    const server = new StreamServer({ port: 0, host: '127.0.0.1' })
    await server.start()
    return server as StreamServer & { readonly port: number }
  }

  static async unix(path: string): Promise<StreamServer> {
    const server = new StreamServer({ path })
    await server.start()
    return server
  }

  get port(): number | undefined {
    return 'port' in this.#place ? this.#place.port : undefined
  }

  /** Open connections. */
  get connections(): number {
    return this.#sockets.size
  }

  /** All that was received. */
  get text(): string {
    return Buffer.concat(this.received).toString()
  }

  /** In the same place as before. */
  async start(): Promise<void> {
    const server = createServer((socket) => this.#take(socket))
    server.listen(this.#place)
    await once(server, 'listening')
    const address = server.address()
    if (typeof address === 'object' && address !== null) this.#place = { port: address.port, host: '127.0.0.1' }
    this.#server = server
  }

  /** Resolves when all connections together have sent what matches. */
  async got(pattern: RegExp | string): Promise<string> {
    await this.until(() => (typeof pattern === 'string' ? this.text.includes(pattern) : pattern.test(this.text)))
    return this.text
  }

  /** Breaks off all connections. */
  hangUp(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy()
  }

  /** Ends all connections as a server does that has no more to say. */
  endAll(): void {
    for (const socket of this.#sockets) socket.end()
  }

  async stop(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (server === undefined) return
    for (const socket of this.#sockets) socket.destroy()
    server.close()
    await once(server, 'close')
  }

  #take(socket: Socket): void {
    const at = this.received.push(Buffer.alloc(0)) - 1
    this.#sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => {
      this.#sockets.delete(socket)
      this.emit('received')
    })
    const chunks: Buffer[] = []
    if (this.isReading) {
      socket.on('data', (chunk) => {
        chunks.push(chunk)
        this.received[at] = Buffer.concat(chunks)
        this.emit('received')
      })
    }
    this.emit('received')
  }
}
