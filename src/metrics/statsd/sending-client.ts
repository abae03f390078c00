// A StatsD client with a way to the server: what its kinds for UDP, TCP and Unix sockets have in common.

import type { ClientCounts } from '../client-stats'
import { MetricsError } from '../metrics-error'
import { MAX_UDP_BYTES, type Transport } from '../transport/transport'
import { MetricMethods, type Recording } from './metric-methods'
import { type Entry, Pipeline } from './pipeline'

export abstract class SendingClient extends MetricMethods {
  protected readonly transport: Transport
  readonly #recording: Recording
  protected isClosed = false

  protected constructor(recording: Recording, transport: Transport) {
    super(recording)
    this.#recording = recording
    this.transport = transport
    transport.listen(recording.stats)
  }

  /** Metrics that are kept until `send()`, and then travel together. */
  pipeline(): Pipeline {
    return new Pipeline(this.#recording, (entries) => this.takeAll(entries))
  }

  /** What was recorded so far, and what became of it. */
  stats(): ClientCounts {
    return this.#recording.stats.counts
  }

  /**
   * Resolves when all that was recorded so far was sent or dropped.
   * @param timeoutMs how long it waits at most; default: 2000
   */
  async flush(timeoutMs?: number): Promise<void> {
    await this.transport.flush(timeoutMs)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** Sends what waits, within `timeoutMs` (default: 2000), and lets go of the socket. */
  abstract close(timeoutMs?: number): Promise<void>

  /** Sends what a pipeline kept. */
  protected abstract takeAll(entries: readonly Entry[]): void

  protected sendPacket(text: string, bytes: number, lines: number): void {
    const { stats, errors } = this.#recording
    if (this.isClosed) {
      stats.droppedClosed += lines
      errors.report(
        'closed',
        () => new MetricsError('closed', 'the client is closed: what is recorded now is not sent'),
      )
    } else if (bytes > MAX_UDP_BYTES && this.transport.kind === 'udp') {
      stats.droppedTooLong += lines
      errors.report('too-long', () => new MetricsError('too-long', `a line of ${bytes} bytes is too long to be sent`))
    } else this.transport.send(text, bytes, lines)
  }
}
