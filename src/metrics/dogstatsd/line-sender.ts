// Gathers the lines of a client and its children into packets, and sends them when they are full or have waited long enough. It knows
// what is on its way, so that a process that ends is held up only for that.

import { later } from '../../base/later'
import type { ClientStats } from '../client-stats'
import type { ErrorReporter } from '../error-reporter'
import { MetricsError } from '../metrics-error'
import { PacketBuffer } from '../transport/packet-buffer'
import type { PacketListener, Transport } from '../transport/transport'
import { clientClosed, clientOpened, hasSent, hasToSend, type WaitingClient } from '../waiting-clients'

/** Holds what becomes lines later. */
export interface Held {
  /** How much it is. */
  readonly contexts: number
  /** Makes lines of all of it. */
  flush(): void
}

interface LineSenderSettings {
  readonly transport: Transport
  /** How long a line waits at most for others; 0: each goes by itself, at once. */
  readonly flushIntervalMs: number
  readonly maxPacketBytes: number
  readonly held: Held | undefined
  /** How long something is held at most. */
  readonly heldIntervalMs: number
  readonly stats: ClientStats
  readonly errors: ErrorReporter
  /** Is told as well what becomes of packets, and after each that lines of the program are on their way. */
  readonly telemetry: (PacketListener & { afterPacket(): void; stop(): void }) | undefined
}

export class LineSender implements WaitingClient, PacketListener {
  readonly #settings: LineSenderSettings
  readonly #buffer: PacketBuffer
  #timer: NodeJS.Timeout | undefined
  #heldTimer: NodeJS.Timeout | undefined
  /** Packets that nothing was heard of yet. */
  #onTheWay = 0
  #isWaiting = false
  isClosed = false

  constructor(settings: LineSenderSettings) {
    this.#settings = settings
    this.#buffer = new PacketBuffer(settings.maxPacketBytes, (text, bytes, lines) => this.#send(text, bytes, lines))
    settings.transport.listen(this)
    clientOpened()
  }

  get maxPacketBytes(): number {
    return this.#settings.maxPacketBytes
  }

  /** @param line what one call has become: without a newline at its end */
  add(line: string, bytes: number): void {
    const { maxPacketBytes, flushIntervalMs } = this.#settings
    if (bytes > maxPacketBytes) this.refuseTooLong(line, bytes)
    else if (flushIntervalMs === 0) this.#send(line, bytes, 1)
    else {
      this.#buffer.add(line, bytes)
      if (this.#timer === undefined) this.#timer = this.#later(() => this.#flushBuffer(), flushIntervalMs)
    }
  }

  refuseTooLong(line: string, bytes: number): void {
    const { stats, errors } = this.#settings
    stats.droppedTooLong++
    errors.report('too-long', () => {
      return new MetricsError('too-long', `a line of ${bytes} bytes is too long to be sent: ${line.slice(0, 60)}…`)
    })
  }

  /** To be called when the first thing is held. */
  hold(): void {
    this.#heldTimer ??= this.#later(() => this.#releaseHeld(), this.#settings.heldIntervalMs)
  }

  /** Sends lines that no call has made. */
  sendOwn(lines: readonly string[]): void {
    const { maxPacketBytes } = this.#settings
    const packets = new PacketBuffer(maxPacketBytes, (text, bytes) => this.#hand(text, bytes, 0))
    for (const line of lines) packets.add(line, Buffer.byteLength(line), 0)
    packets.flush()
  }

  /** Hands all that waits to the transport. */
  flushNow(): void {
    clearTimeout(this.#heldTimer)
    this.#releaseHeld()
  }

  async flush(timeoutMs?: number): Promise<void> {
    this.flushNow()
    await this.#settings.transport.flush(timeoutMs)
  }

  async close(timeoutMs?: number): Promise<void> {
    this.flushNow()
    if (!this.isClosed) {
      this.isClosed = true
      this.#settings.telemetry?.stop()
      clientClosed(this)
    }
    await this.#settings.transport.close(timeoutMs)
  }

  sent(packets: number, bytes: number, lines: number): void {
    const { stats, telemetry } = this.#settings
    stats.sent(packets, bytes, lines)
    telemetry?.sent(packets, bytes, lines)
    this.#arrived(packets)
  }

  dropped(reason: 'queue' | 'writer', packets: number, bytes: number, lines: number): void {
    const { stats, telemetry } = this.#settings
    stats.dropped(reason, packets, bytes, lines)
    telemetry?.dropped(reason, packets, bytes, lines)
    this.#arrived(packets)
  }

  refused(lines: number): void {
    this.#settings.stats.refused(lines)
  }

  failed(error: Error): void {
    this.#settings.stats.failed(error)
  }

  #send(text: string, bytes: number, lines: number): void {
    this.#hand(text, bytes, lines)
    this.#settings.telemetry?.afterPacket()
  }

  #hand(text: string, bytes: number, lines: number): void {
    this.#onTheWay++
    this.#wait()
    this.#settings.transport.send(text, bytes, lines)
  }

  #arrived(packets: number): void {
    this.#onTheWay -= packets
    if (this.#onTheWay > 0 || this.#buffer.lines > 0 || (this.#settings.held?.contexts ?? 0) > 0) return
    this.#isWaiting = false
    hasSent(this)
  }

  #wait(): void {
    if (this.#isWaiting || this.isClosed) return
    this.#isWaiting = true
    hasToSend(this)
  }

  #later(step: () => void, ms: number): NodeJS.Timeout {
    this.#wait()
    return later('sending metrics', step, ms)
  }

  #releaseHeld(): void {
    this.#heldTimer = undefined
    this.#settings.held?.flush()
    this.#flushBuffer()
  }

  #flushBuffer(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#buffer.flush()
  }
}
