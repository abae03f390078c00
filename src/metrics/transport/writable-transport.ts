// Any `Writable` as the way of packets: a file, a pipe to another process, a socket of the program's own. Each packet is followed by a
// newline. The stream stays the program's: it is not ended, unless that is asked for.

import type { Writable } from 'node:stream'
import { type Packet, PacketQueue, type QueueLimits } from './packet-queue'
import { type PacketListener, type Transport, UNHEARD } from './transport'

export interface WritableTransportOptions extends QueueLimits {
  /** The largest packet that its reader can take, in bytes. Default: 8192. */
  readonly maxPacketBytes?: number | undefined
  /** Whether `close()` ends the stream. Default: false. */
  readonly endsStream?: boolean | undefined
}

export class WritableTransport implements Transport {
  readonly kind = 'stream'
  readonly maxPacketBytes: number
  readonly #stream: Writable
  readonly #endsStream: boolean
  readonly #queue: PacketQueue
  /** Packets that the stream has and has not written. */
  readonly #held = new Set<Packet>()
  #listener: PacketListener = UNHEARD
  #closed: Promise<void> | undefined

  /** @throws TypeError where it is no `Writable` */
  constructor(stream: Writable, options: WritableTransportOptions = {}) {
    if (typeof stream?.write !== 'function' || typeof stream.on !== 'function') {
      throw new TypeError('stream is a Writable, such as process.stdout or a socket')
    }
    this.#stream = stream
    this.maxPacketBytes = options.maxPacketBytes ?? 8192
    this.#endsStream = options.endsStream ?? false
    this.#queue = new PacketQueue(options, ({ bytes, lines }) => this.#listener.dropped('queue', 1, bytes, lines))
    stream.on('drain', this.#writeWaiting)
    // What a write fails with is its callback's to say; without a listener it would end the program.
    stream.on('error', this.#fail)
    stream.on('close', this.#loseAll)
  }

  listen(listener: PacketListener): void {
    this.#listener = listener
  }

  send(text: string, bytes: number, lines: number): void {
    if (bytes === 0) return
    const packet: Packet = { text, bytes, lines }
    if (this.#closed !== undefined || !this.#isOpen) this.#listener.dropped('writer', 1, bytes, lines)
    else if (this.#queue.size === 0 && !this.#stream.writableNeedDrain) {
      this.#queue.begin()
      this.#write(packet)
    } else this.#queue.push(packet)
  }

  flush(timeoutMs = 2000): Promise<void> {
    return this.#queue.settled(timeoutMs)
  }

  close(timeoutMs = 2000): Promise<void> {
    this.#closed ??= this.#close(timeoutMs)
    return this.#closed
  }

  async #close(timeoutMs: number): Promise<void> {
    for (const packet of await this.#queue.settledOrTaken(timeoutMs)) this.#lose(packet)
    if (this.#endsStream) this.#stream.end()
    this.#letGo()
  }

  /** When it is closed and the stream holds nothing of it: an error that comes later is the program's own. */
  #letGo(): void {
    if (this.#closed === undefined || this.#queue.size > 0 || this.#held.size > 0) return
    this.#stream.off('drain', this.#writeWaiting)
    this.#stream.off('close', this.#loseAll)
    if (!this.#endsStream) this.#stream.off('error', this.#fail)
  }

  get #isOpen(): boolean {
    return this.#stream.writable && !this.#stream.destroyed
  }

  #write(packet: Packet): void {
    this.#held.add(packet)
    this.#stream.write(`${packet.text}\n`, (error) => {
      if (!this.#held.delete(packet)) return
      // A socket that was destroyed in the middle calls back without an error.
      if (error || (this.#stream.destroyed && !this.#stream.writableFinished)) this.#lose(packet)
      else {
        this.#queue.finish()
        this.#listener.sent(1, packet.bytes, packet.lines)
      }
      this.#letGo()
    })
  }

  readonly #writeWaiting = (): void => {
    while (this.#queue.size > 0 && this.#isOpen && !this.#stream.writableNeedDrain) this.#write(this.#queue.shift()!)
  }

  readonly #fail = (error: Error): void => this.#listener.failed(error)

  /** A stream that is destroyed calls back only for what it had not begun. */
  readonly #loseAll = (): void => {
    if (this.#closed === undefined) this.#fail(new Error('the stream was closed'))
    for (const packet of this.#held) this.#lose(packet)
    this.#held.clear()
    for (let packet = this.#queue.shift(); packet !== undefined; packet = this.#queue.shift()) this.#lose(packet)
    this.#letGo()
  }

  #lose({ bytes, lines }: Packet): void {
    this.#queue.finish()
    this.#listener.dropped('writer', 1, bytes, lines)
  }
}
