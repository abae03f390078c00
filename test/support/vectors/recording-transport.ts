// A transport that keeps packets instead of sending them.

import { type PacketListener, type Transport, UNHEARD } from '../../../src/metrics/transport/transport'

export class RecordingTransport implements Transport {
  #listener: PacketListener = UNHEARD
  #packets: string[] = []

  constructor(
    readonly maxPacketBytes = 1432,
    readonly kind: Transport['kind'] = 'custom',
  ) {}

  listen(listener: PacketListener): void {
    this.#listener = listener
  }

  send(text: string, bytes: number, lines: number): void {
    if (Buffer.byteLength(text) !== bytes) throw new Error(`${JSON.stringify(text)} has not ${bytes} bytes`)
    this.#packets.push(text)
    this.#listener.sent(1, bytes, lines)
  }

  /** What has come since it was last asked. */
  take(): string[] {
    const packets = this.#packets
    this.#packets = []
    return packets
  }

  async flush(): Promise<void> {}

  async close(): Promise<void> {}
}
