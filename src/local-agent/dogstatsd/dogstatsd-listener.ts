// Listens where DogStatsD clients send: a UDP port, and a Unix socket if asked for, with the limits of the Agent. A port that is taken is no
// reason to fail, because a real Agent may have it; `problems` says so.
// Source: datadog-agent, comp/dogstatsd/listeners (udp.go, uds_stream.go, uds_common.go).

import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { FrameReader } from './frame-reader'
import { claimSocketPath } from './socket-path'

/** The Agent's `dogstatsd_buffer_size`: a longer datagram is cut, a longer frame ends its connection. */
export const BUFFER_BYTES = 8192

/** What waits in the system while the agent draws breath: as much as Linux gives by default, more where it is allowed. */
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024

/** One for each process of this machine that could send. */
const MAX_CONNECTIONS = 1000

interface ListenerOptions {
  readonly host: string
  /** 0 takes any free port; undefined listens on none. */
  readonly port?: number | undefined
  /** Of a Unix stream socket; undefined listens on none. */
  readonly socketPath?: string | undefined
  /** Called with each packet: lines with newlines between them. */
  readonly take: (packet: Buffer) => void
}

export class DogstatsdListener {
  /** What it does not listen on, and why. */
  readonly problems: string[] = []
  readonly #counters = { datagrams: 0, cutDatagrams: 0, frames: 0, connections: 0, brokenConnections: 0, bytes: 0 }
  readonly #connections = new Set<Socket>()
  #udp: UdpSocket | undefined
  #unix: Server | undefined

  private constructor(private readonly options: ListenerOptions) {}

  /** Never rejects. */
  static async open(options: ListenerOptions): Promise<DogstatsdListener> {
    const listener = new DogstatsdListener(options)
    const { host, port, socketPath } = options
    if (port !== undefined) {
      await listener.#bind(host, port).catch((error: NodeJS.ErrnoException) => {
        const reason = error.code === 'EADDRINUSE' ? ' is taken' : `: ${error.message}`
        listener.problems.push(`UDP port ${port}${reason}`)
      })
    }
    if (socketPath !== undefined) {
      await listener.#listen(socketPath).catch((error: Error) => listener.problems.push(error.message))
    }
    return listener
  }

  /** The UDP port; undefined if it listens on none. */
  get port(): number | undefined {
    return this.#udp?.address().port
  }

  /** The Unix socket; undefined if it listens on none. */
  get socketPath(): string | undefined {
    return this.#unix && this.options.socketPath
  }

  get counters() {
    return { ...this.#counters }
  }

  async close(): Promise<void> {
    const [udp, unix] = [this.#udp, this.#unix]
    this.#udp = this.#unix = undefined
    for (const connection of this.#connections) connection.destroy()
    await Promise.all([
      udp && new Promise<void>((resolve) => udp.close(resolve)),
      unix && new Promise((resolve) => unix.close(resolve)),
    ])
  }

  async #bind(address: string, port: number): Promise<void> {
    const udp = createSocket(address.includes(':') ? 'udp6' : 'udp4')
    try {
      udp.bind({ address, port })
      await once(udp, 'listening')
    } catch (error) {
      udp.close()
      throw error
    }
    try {
      udp.setRecvBufferSize(RECEIVE_BUFFER_BYTES)
    } catch {
      // The system gives what it gives.
    }
    // A packet that cannot be read is as good as one that never came.
    udp.on('error', () => {})
    udp.on('message', (datagram) => {
      this.#counters.datagrams++
      if (datagram.length > BUFFER_BYTES) this.#counters.cutDatagrams++
      this.#take(datagram.length > BUFFER_BYTES ? datagram.subarray(0, BUFFER_BYTES) : datagram)
    })
    this.#udp = udp
  }

  async #listen(path: string): Promise<void> {
    await claimSocketPath(path)
    const server = createServer((connection) => this.#connected(connection))
    server.maxConnections = MAX_CONNECTIONS
    server.listen(path)
    await once(server, 'listening')
    server.on('error', () => {})
    this.#unix = server
  }

  #connected(connection: Socket): void {
    this.#counters.connections++
    this.#connections.add(connection)
    const frames = new FrameReader(BUFFER_BYTES, (packet) => {
      this.#counters.frames++
      this.#take(packet)
    })
    let isBroken = false
    connection.on('data', (chunk) => {
      isBroken = frames.push(chunk) !== undefined
      if (isBroken) connection.destroy()
    })
    connection.on('error', () => {})
    connection.once('close', () => {
      if (isBroken || frames.pendingBytes > 0) this.#counters.brokenConnections++
      this.#connections.delete(connection)
    })
  }

  #take(packet: Buffer): void {
    this.#counters.bytes += packet.length
    this.options.take(packet)
  }
}
