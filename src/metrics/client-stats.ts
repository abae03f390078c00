// The counters of a client of metrics: what was recorded, and what became of it. `recorded` is what was sent, what waits, and the sum of all
// that was dropped.

import type { ErrorReporter } from './error-reporter'
import { MetricsError } from './metrics-error'
import type { PacketListener } from './transport/transport'

/** What `stats()` gives: counts since the client was made. */
export interface ClientCounts {
  /** Calls that recorded something: metrics, events and service checks, without those that the dice of a sample rate left out. */
  recorded: number
  /** Calls that the sample rate left out. */
  sampledOut: number
  /** Calls that were merged into another line by aggregation. */
  aggregated: number
  /** Lines handed to the system. What one call made is one, even where it is two lines. */
  linesSent: number
  /**
   * Of these, lines in UDP packets for which the system heard later that nobody listened: they are lost. On this machine it hears of each,
   * from others of some.
   */
  linesRefused: number
  packetsSent: number
  bytesSent: number
  /** Recordings that no packet can carry: not a number, no name, a value of the wrong kind. */
  droppedInvalid: number
  /** Lines above the largest packet. */
  droppedTooLong: number
  /** Recordings after `close()`. */
  droppedClosed: number
  /** Lines that found too much waiting before them. */
  droppedQueue: number
  /** Lines that the socket refused or lost. */
  droppedWriter: number
  packetsDropped: number
  bytesDropped: number
  /** Series that found no place in the aggregation and were sent by themselves. */
  contextsOverflowed: number
  errors: number
}

export class ClientStats implements ClientCounts, PacketListener {
  recorded = 0
  sampledOut = 0
  aggregated = 0
  linesSent = 0
  linesRefused = 0
  packetsSent = 0
  bytesSent = 0
  droppedInvalid = 0
  droppedTooLong = 0
  droppedClosed = 0
  droppedQueue = 0
  droppedWriter = 0
  packetsDropped = 0
  bytesDropped = 0
  contextsOverflowed = 0
  errors = 0
  readonly #tellOf: ErrorReporter | undefined

  /** @param tellOf is told of failures, and of lines that are dropped because too many wait */
  constructor(tellOf?: ErrorReporter) {
    this.#tellOf = tellOf
  }

  sent(packets: number, bytes: number, lines: number): void {
    this.packetsSent += packets
    this.bytesSent += bytes
    this.linesSent += lines
  }

  dropped(reason: 'queue' | 'writer', packets: number, bytes: number, lines: number): void {
    this.packetsDropped += packets
    this.bytesDropped += bytes
    if (reason === 'writer') this.droppedWriter += lines
    else {
      this.droppedQueue += lines
      this.#tellOf?.report('overflow', () => {
        return new MetricsError('overflow', 'metrics were dropped: too much waits for the server')
      })
    }
  }

  refused(lines: number): void {
    this.linesRefused += lines
  }

  failed(error: Error): void {
    this.errors++
    this.#tellOf?.report('socket', () => new MetricsError('socket', error.message, { cause: error }))
  }

  /** A copy. */
  get counts(): ClientCounts {
    return { ...this }
  }
}
