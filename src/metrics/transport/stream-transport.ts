// TCP, Unix stream sockets and Windows pipes. It connects with the first packet and, when the connection is lost, by itself again,
// with growing pauses; meanwhile packets wait, within limits.
//
// Only one packet is ever on its way: the next is written when the system has taken the last whole. So a connection that breaks costs one
// packet and not a stream's buffer, and nothing is written after half a packet, which no server could read. A system with room takes
// packets at once, even in an `exit` handler. The process stays while the server owes an answer to a connection or takes a packet, for
// `timeoutMs` at most, and not otherwise.

import { createConnection, type NetConnectOpts, type Socket } from 'node:net'
import { randomFraction } from '../../base/id'
import { later } from '../../base/later'
import { MetricsError } from '../metrics-error'
import { check, checkOneOf, checkWhole } from '../option-checks'
import type { Packet, QueueLimits } from './packet-queue'
import { QueuedTransport } from './queued-transport'

export interface StreamTransportOptions extends QueueLimits {
  readonly kind: 'tcp' | 'uds-stream' | 'pipe'
  readonly to:
    | { readonly host: string; readonly port: number; readonly family?: 4 | 6 | undefined }
    | { readonly path: string }
  /** What the server tells packets by: a newline after each (`newline`), or their length in four bytes, little-endian, before (`length`). */
  readonly framing: 'newline' | 'length'
  /** How long connecting may take, and a packet, in ms. Default: 2000. */
  readonly timeoutMs?: number | undefined
  readonly random?: (() => number) | undefined
  /** Runs what opens sockets. */
  readonly mute?: (<T>(fn: () => T) => T) | undefined
}

/** The pause after a connection that failed; it doubles with each, and each is cut by up to a half, so that clients do not come at once. */
const MIN_PAUSE_MS = 100
const MAX_PAUSE_MS = 10_000

export class StreamTransport extends QueuedTransport {
  readonly kind: 'tcp' | 'uds-stream' | 'pipe'
  readonly maxPacketBytes: number
  readonly #to: NetConnectOpts
  readonly #isLengthFirst: boolean
  readonly #timeoutMs: number
  readonly #random: () => number
  readonly #mute: <T>(fn: () => T) => T
  #socket: Socket | undefined
  #isConnected = false
  /** Of a connection that is being made, or a packet that the system has not taken whole. */
  #deadline: NodeJS.Timeout | undefined
  #pause: NodeJS.Timeout | undefined
  #failures = 0
  readonly #whenConnected = new Set<(error?: Error) => void>()

  /** @throws TypeError for options of a wrong kind */
  constructor(options: StreamTransportOptions) {
    super(options)
    const { kind, to, framing, timeoutMs = 2000, random = randomFraction, mute = (fn) => fn() } = options
    if ('path' in to) check('path', to.path, 'string')
    else {
      check('host', to.host, 'string')
      checkWhole('port', to.port, 1, 65_535)
    }
    checkWhole('timeoutMs', timeoutMs, 1, 0x7fffffff)
    checkOneOf('framing', framing, ['newline', 'length'])
    this.kind = kind
    this.maxPacketBytes = kind === 'pipe' ? 1432 : 8192
    this.#to =
      'path' in to ? { path: to.path } : { host: to.host, port: to.port, ...(to.family && { family: to.family }) }
    this.#isLengthFirst = framing === 'length'
    this.#timeoutMs = timeoutMs
    this.#random = random
    this.#mute = mute
  }

  /**
   * Resolves when there is a connection, which it makes where there is none, without a pause.
   * @throws MetricsError `socket` where there is none within `timeoutMs`
   */
  async connect(): Promise<void> {
    if (this.isClosed) throw new MetricsError('closed', 'the transport is closed')
    if (this.#isConnected) return
    await new Promise<void>((resolve, reject) => {
      const settle = (error?: Error) => {
        this.#whenConnected.delete(settle)
        if (error === undefined) resolve()
        else reject(new MetricsError('socket', `no connection to ${this.#where}: ${error.message}`, { cause: error }))
      }
      this.#whenConnected.add(settle)
      if (this.#socket === undefined) this.#open()
    })
  }

  /** Sends what it has, within `timeoutMs`, drops the rest and lets go of the socket; a later packet opens another one. Never rejects. */
  async disconnect(timeoutMs = 2000): Promise<void> {
    await this.settle(timeoutMs)
    if (this.queue.size === 0) {
      clearTimeout(this.#pause)
      this.#pause = undefined
    }
    const socket = this.#socket
    if (socket === undefined) return
    await new Promise<void>((resolve) => {
      socket.ref()
      socket.once('close', () => resolve())
      // What is half sent, or was never connected, has had its time.
      const isIdle = this.#isConnected && socket.writableLength === 0
      this.#expectWithin(isIdle ? this.#timeoutMs : 0, socket, 'the connection was closed')
      if (isIdle) socket.destroySoon()
    })
  }

  protected override letGo(timeoutMs: number): Promise<void> {
    return this.disconnect(timeoutMs)
  }

  protected override onWaiting(): void {
    if (this.#socket === undefined && this.#pause === undefined) this.#open()
  }

  get #where(): string {
    const to = this.#to as { host?: string; port?: number; path?: string }
    return to.path ?? `${to.host}:${to.port}`
  }

  #open(): void {
    clearTimeout(this.#pause)
    this.#pause = undefined
    let socket: Socket
    try {
      socket = this.#mute(() => createConnection(this.#to))
    } catch (error) {
      // A path that the system cannot take.
      this.#isGone(error as Error)
      return
    }
    this.#socket = socket
    let failure: Error | undefined
    this.#expectWithin(this.#timeoutMs, socket, `no connection within ${this.#timeoutMs} ms`)
    socket.on('error', (error) => {
      failure = error
    })
    socket.once('connect', () => {
      clearTimeout(this.#deadline)
      this.#isConnected = true
      for (const settle of this.#whenConnected) settle()
      this.#writeWaiting()
      if (socket.writableLength === 0) socket.unref()
    })
    socket.once('close', () => this.#isGone(failure))
    // What the server says is of no interest, but that it leaves is.
    socket.resume()
  }

  #isGone(failure: Error | undefined): void {
    clearTimeout(this.#deadline)
    const wasConnected = this.#isConnected
    this.#socket = undefined
    this.#isConnected = false
    const error = failure ?? new Error('the server closed the connection')
    if (failure !== undefined || !wasConnected)
      this.listener.failed(new Error(`${this.#where}: ${error.message}`, { cause: error }))
    this.#failures++
    for (const settle of this.#whenConnected) settle(error)
    if (this.queue.size === 0) return
    const ms = Math.min(MAX_PAUSE_MS, MIN_PAUSE_MS * 2 ** Math.min(this.#failures - 1, 16)) * (1 - this.#random() / 2)
    this.#pause = later(
      'connecting to the server of metrics',
      () => {
        this.#pause = undefined
        if (this.queue.size > 0) this.#open()
      },
      ms,
    )
  }

  protected override canWrite(): boolean {
    return this.#isConnected && this.#socket?.writableLength === 0 && this.#socket.writable
  }

  protected override write(packet: Packet): void {
    const socket = this.#socket!
    let isTaken = false
    const done = (error?: Error | null): void => {
      if (isTaken) return
      // Node calls back without an error when the socket was destroyed in the middle.
      if (error || socket.destroyed) this.lose(packet)
      else this.wrote(packet)
      this.#writeWaiting()
    }
    socket.write(this.#isLengthFirst ? framed(packet) : `${packet.text}\n`, done)
    if (socket.errored !== null) return
    isTaken = socket.writableLength === 0
    if (isTaken) this.wrote(packet)
    else {
      socket.ref()
      this.#expectWithin(this.#timeoutMs, socket, `the server took nothing for ${this.#timeoutMs} ms`)
    }
  }

  protected override wrote(packet: Packet): void {
    this.#failures = 0
    super.wrote(packet)
  }

  #writeWaiting(): void {
    const socket = this.#socket
    if (socket === undefined || !this.canWrite()) return
    clearTimeout(this.#deadline)
    while (this.queue.size > 0 && this.canWrite()) this.write(this.queue.shift()!)
    if (socket.writableLength === 0) socket.unref()
  }

  #expectWithin(ms: number, socket: Socket, otherwise: string): void {
    clearTimeout(this.#deadline)
    this.#deadline = later('waiting for the server of metrics', () => socket.destroy(new Error(otherwise)), ms)
  }
}

function framed({ text, bytes }: Packet): Buffer {
  const frame = Buffer.allocUnsafe(4 + bytes)
  frame.writeUInt32LE(bytes)
  frame.write(text, 4)
  return frame
}
