// Any `Writable` as the way of packets: a file, a pipe to another process, a socket of the program's own. Each packet is followed by a
// newline. The stream stays the program's: it is not ended, unless that is asked for.

import type { Writable } from 'node:stream'
import type { Packet, QueueLimits } from './packet-queue'
import { QueuedTransport } from './queued-transport'

interface WritableTransportOptions extends QueueLimits {
  /** The largest packet that its reader can take, in bytes. Default: 8192. */
  readonly maxPacketBytes?: number | undefined
  /** Whether `close()` ends the stream. Default: false. */
  readonly endsStream?: boolean | undefined
}

export class WritableTransport extends QueuedTransport {
  readonly kind = 'stream'
  readonly maxPacketBytes: number
  readonly #stream: Writable
  readonly #endsStream: boolean
  /** Packets that the stream has and has not written. */
  readonly #held = new Set<Packet>()

  /** @throws TypeError where it is no `Writable` */
  constructor(stream: Writable, options: WritableTransportOptions = {}) {
    super(options)
    if (typeof stream?.write !== 'function' || typeof stream.on !== 'function') {
      throw new TypeError('stream is a Writable, such as process.stdout or a socket')
    }
    this.#stream = stream
    this.maxPacketBytes = options.maxPacketBytes ?? 8192
    this.#endsStream = options.endsStream ?? false
    stream.on('drain', this.#writeWaiting)
    // What a write fails with is its callback's to say; without a listener it would end the program.
    stream.on('error', this.#fail)
    stream.on('close', this.#loseAll)
  }

  protected override async letGo(timeoutMs: number): Promise<void> {
    await this.settle(timeoutMs)
    if (this.#endsStream) this.#stream.end()
    this.#forgetStream()
  }

  /** When it is closed and the stream holds nothing of it: an error that comes later is the program's own. */
  #forgetStream(): void {
    if (!this.isClosed || this.queue.size > 0 || this.#held.size > 0) return
    this.#stream.off('drain', this.#writeWaiting)
    this.#stream.off('close', this.#loseAll)
    if (!this.#endsStream) this.#stream.off('error', this.#fail)
  }

  protected override get isBroken(): boolean {
    return !this.#stream.writable || this.#stream.destroyed
  }

  protected override canWrite(): boolean {
    return !this.isBroken && !this.#stream.writableNeedDrain
  }

  protected override write(packet: Packet): void {
    this.#held.add(packet)
    this.#stream.write(`${packet.text}\n`, (error) => {
      if (!this.#held.delete(packet)) return
      // A socket that was destroyed in the middle calls back without an error.
      if (error || (this.#stream.destroyed && !this.#stream.writableFinished)) this.lose(packet)
      else this.wrote(packet)
      this.#forgetStream()
    })
  }

  readonly #writeWaiting = (): void => {
    while (this.queue.size > 0 && this.canWrite()) this.write(this.queue.shift()!)
  }

  readonly #fail = (error: Error): void => this.listener.failed(error)

  /** A stream that is destroyed calls back only for what it had not begun. */
  readonly #loseAll = (): void => {
    if (!this.isClosed) this.#fail(new Error('the stream was closed'))
    for (const packet of this.#held) this.lose(packet)
    this.#held.clear()
    for (let packet = this.queue.shift(); packet !== undefined; packet = this.queue.shift()) this.lose(packet)
    this.#forgetStream()
  }
}
