// UDP through one connected socket: the system then looks nothing up per packet, tells when nobody listens, and takes packets at once, even
// in an `exit` handler. Where the server has moved, or the network has failed, another socket takes its place.

import { createSocket, type Socket } from 'node:dgram'
import type { LookupAddress } from 'node:dns'
import { isIP } from 'node:net'
import { later } from '../../base/later'
import { check, checkWhole } from '../option-checks'
import type { Packet, QueueLimits } from './packet-queue'
import { QueuedTransport } from './queued-transport'
import { ServerAddress, type ServerAddressOptions } from './server-address'

export interface UdpTransportOptions extends QueueLimits, ServerAddressOptions {
  readonly port: number
  /** What the system is to hold of packets that the network has not taken, in bytes; it may give less. Default: the system's. */
  readonly sendBufferBytes?: number | undefined
}

/** Packets that the system holds for the socket; beyond it they wait in the queue, where the oldest can be dropped. */
const MAX_IN_SYSTEM = 64

/** Until an old socket is closed: what the system still holds for it may go. */
const LINGER_MS = 1000

/** Nobody listens at the address. Windows says it in its own way. */
const REFUSED = new Set(['ECONNREFUSED', 'ECONNRESET'])

/** What says nothing against the address nor the socket. */
const HARMLESS = new Set(['EMSGSIZE', 'ENOBUFS', 'EAGAIN', 'EPERM'])

export class UdpTransport extends QueuedTransport {
  readonly kind = 'udp'
  readonly maxPacketBytes = 1432
  readonly #options: UdpTransportOptions
  readonly #address: ServerAddress
  /** Connected. */
  #socket: Socket | undefined
  /** On its way to be connected. */
  #opening: Socket | undefined
  /** The address of the socket; none where another socket is wanted. */
  #connectedTo: string | undefined
  /** Of the packet that the system took last, which is what the next refusal is about. */
  #lastLines = 0

  /** @throws TypeError for options of a wrong kind */
  constructor(options: UdpTransportOptions) {
    super(options)
    const { host, port, sendBufferBytes } = options
    check('host', host, 'string')
    checkWhole('port', port, 1, 65_535)
    if (sendBufferBytes !== undefined) checkWhole('sendBufferBytes', sendBufferBytes, 1, 0x7fffffff)
    this.#options = options
    this.#address = new ServerAddress(options, {
      found: (address) => this.#connectTo(address),
      notFound: (error) => this.#tell(error),
    })
    this.#address.find()
  }

  protected override async letGo(timeoutMs: number): Promise<void> {
    await this.settle(timeoutMs)
    this.#address.stop()
    this.#opening?.close()
    this.#socket?.close()
    this.#socket = this.#opening = undefined
  }

  protected override canWrite(): boolean {
    return this.#socket !== undefined && this.#socket.getSendQueueCount() < MAX_IN_SYSTEM
  }

  protected override write(packet: Packet): void {
    this.#writeTo(this.#socket!, packet)
  }

  #writeTo(socket: Socket, packet: Packet, isAgain = false): void {
    const done = (error?: NodeJS.ErrnoException | null): void => {
      if (!error) {
        this.#lastLines = packet.lines
        this.wrote(packet)
      } else if (REFUSED.has(error.code ?? '') && !isAgain && socket === this.#socket) {
        // The answer to an earlier packet, that nobody listened for; this one has not gone.
        this.#hearOf(error)
        this.#writeTo(socket, packet, true)
      } else {
        this.#hearOf(error)
        this.lose(packet)
        this.#suffer(error)
      }
      this.#writeWaiting()
    }
    try {
      socket.send(packet.text, done)
    } catch (error) {
      done(error as Error)
    }
  }

  #writeWaiting(): void {
    while (this.queue.size > 0 && this.canWrite()) this.write(this.queue.shift()!)
  }

  /** The answer to a packet comes with a later one, or by itself: each tells of one that was lost. */
  #hearOf({ code = '' }: NodeJS.ErrnoException): void {
    if (!REFUSED.has(code)) return
    this.listener.refused?.(this.#lastLines)
    this.#lastLines = 0
  }

  #tell(error: Error): void {
    const { host, port } = this.#options
    this.listener.failed(new Error(`UDP to ${host}:${port}: ${error.message}`, { cause: error }))
  }

  /** After an error the server may be somewhere else, or the way to it another. */
  #suffer(error: NodeJS.ErrnoException): void {
    this.#tell(error)
    const { code = '' } = error
    if (HARMLESS.has(code) || this.isClosed) return
    if (REFUSED.has(code)) this.#address.findSooner()
    else {
      this.#connectedTo = undefined
      this.#address.findAgain()
    }
  }

  #connectTo({ address, family }: LookupAddress): void {
    if (address === this.#connectedTo) return
    const { port, mute = (fn) => fn() } = this.#options
    const socket = mute(() => createSocket({ type: family === 6 ? 'udp6' : 'udp4', lookup: asIs }))
    this.#opening?.close()
    this.#opening = socket
    const adopt = (): void => {
      if (socket === this.#opening) this.#adopt(socket, address)
    }
    socket.unref()
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (socket === this.#socket) {
        this.#hearOf(error)
        this.#suffer(error)
      } else if (socket === this.#opening) {
        this.#opening = undefined
        socket.close()
        this.#address.failed(error)
      }
    })
    socket.once('connect', adopt)
    mute(() => socket.connect(port, address))
    if (isConnectedNow(socket)) adopt()
  }

  #adopt(socket: Socket, address: string): void {
    const before = this.#socket
    this.#socket = socket
    this.#opening = undefined
    this.#connectedTo = address
    const { sendBufferBytes } = this.#options
    if (sendBufferBytes !== undefined) enlarge(socket, sendBufferBytes)
    if (before !== undefined) later('closing a socket of metrics', () => before.close(), LINGER_MS)
    this.#writeWaiting()
  }
}

/** The event of it comes later. */
function isConnectedNow(socket: Socket): boolean {
  try {
    socket.remoteAddress()
    return true
  } catch {
    return false
  }
}

function enlarge(socket: Socket, bytes: number): void {
  try {
    // Linux tells twice of what was asked for.
    if (socket.getSendBufferSize() < bytes) socket.setSendBufferSize(bytes)
  } catch {
    // The system gives no more.
  }
}

/** For addresses: nothing is looked up, and at once, so that the socket is connected when the constructor returns. */
function asIs(address: string, _options: unknown, done: (error: null, address: string, family: number) => void): void {
  done(null, address, isIP(address))
}
