// StatsD over a connection, with a newline after each line: what TCP and Unix sockets have in common. The client connects with the first
// metric and, whatever happens, by itself again; `connect` and `reconnect` are for those who want to know.

import type { StreamTransport } from '../transport/stream-transport'
import type { Transport } from '../transport/transport'
import type { Recording } from './metric-methods'
import { countLines, type Entry, textOf } from './pipeline'
import { SendingClient } from './sending-client'

export abstract class StreamStatsClient extends SendingClient {
  readonly #stream: StreamTransport | undefined

  /** @param transport used instead of `open`'s */
  protected constructor(recording: Recording, transport: Transport | undefined, open: () => StreamTransport) {
    const stream = transport === undefined ? open() : undefined
    super(recording, transport ?? stream!)
    this.#stream = stream
  }

  /**
   * Connects, which the first metric does as well. Resolves when there is a connection.
   * @throws MetricsError `socket` where there is none within the timeout
   */
  async connect(): Promise<void> {
    await this.#stream?.connect()
  }

  /** Sends what waits, within `timeoutMs` (default: 2000), and lets go of the socket. The next metric opens another one. */
  override async close(timeoutMs?: number): Promise<void> {
    await (this.#stream === undefined ? this.transport.close(timeoutMs) : this.#stream.disconnect(timeoutMs))
  }

  /**
   * `close`, then `connect`.
   * @throws MetricsError `socket`
   */
  async reconnect(): Promise<void> {
    await this.close()
    await this.connect()
  }

  protected override take(line: string): void {
    this.sendPacket(line, Buffer.byteLength(line), 1)
  }

  /** All in one write. */
  protected override takeAll(entries: readonly Entry[]): void {
    const text = textOf(entries)
    this.sendPacket(text, Buffer.byteLength(text), countLines(entries))
  }
}
