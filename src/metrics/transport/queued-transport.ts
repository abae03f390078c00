// What all ways of packets have in common: a packet goes at once where that can be, waits in line otherwise, and is told of when it was sent
// or dropped.

import { type Packet, PacketQueue, type QueueLimits } from './packet-queue'
import { type PacketListener, type Transport, UNHEARD } from './transport'

export abstract class QueuedTransport implements Transport {
  abstract readonly kind: Transport['kind']
  abstract readonly maxPacketBytes: number
  protected readonly queue: PacketQueue
  protected listener: PacketListener = UNHEARD
  #closed: Promise<void> | undefined

  /** @throws TypeError for limits that are none */
  protected constructor(limits: QueueLimits) {
    this.queue = new PacketQueue(limits, ({ bytes, lines }) => this.listener.dropped('queue', 1, bytes, lines))
  }

  listen(listener: PacketListener): void {
    this.listener = listener
  }

  send(text: string, bytes: number, lines: number): void {
    // An empty frame would make the Agent close its connection.
    if (bytes === 0) return
    const packet: Packet = { text, bytes, lines }
    if (this.isClosed || this.isBroken) this.listener.dropped('writer', 1, bytes, lines)
    else if (this.queue.size === 0 && this.canWrite()) {
      this.queue.begin()
      this.write(packet)
    } else {
      this.queue.push(packet)
      this.onWaiting()
    }
  }

  flush(timeoutMs = 2000): Promise<void> {
    return this.queue.settled(timeoutMs)
  }

  close(timeoutMs = 2000): Promise<void> {
    this.#closed ??= this.letGo(timeoutMs)
    return this.#closed
  }

  /** Whether `close` was called. */
  protected get isClosed(): boolean {
    return this.#closed !== undefined
  }

  /** Whether nothing will ever be taken again. */
  protected get isBroken(): boolean {
    return false
  }

  /** Whether a packet can go without waiting. */
  protected abstract canWrite(): boolean

  /** Writes a packet of which the queue knows; `wrote` or `lose` ends it. */
  protected abstract write(packet: Packet): void

  /** A packet has to wait. */
  protected onWaiting(): void {}

  /** The one close: `settle`, and then whatever is held. Never rejects. */
  protected abstract letGo(timeoutMs: number): Promise<void>

  /** Waits until what was taken so far has gone, for `timeoutMs` at most, and drops the rest of it. */
  protected async settle(timeoutMs: number): Promise<void> {
    for (const packet of await this.queue.settledOrTaken(timeoutMs)) this.lose(packet)
  }

  protected wrote({ bytes, lines }: Packet): void {
    this.queue.finish()
    this.listener.sent(1, bytes, lines)
  }

  protected lose({ bytes, lines }: Packet): void {
    this.queue.finish()
    this.listener.dropped('writer', 1, bytes, lines)
  }
}
