// What tests of the ways of packets share: packets that are sent, and counters that keep all that failed.

import { ClientStats } from '../../src/metrics/client-stats'
import type { Transport } from '../../src/metrics/transport/transport'

/** A client would tell of one failure in ten seconds. */
export class HeardStats extends ClientStats {
  readonly failures: Error[] = []

  override failed(error: Error): void {
    super.failed(error)
    this.failures.push(error)
  }
}

export function send(transport: Transport, ...packets: string[]): void {
  for (const packet of packets) transport.send(packet, Buffer.byteLength(packet), packet.split('\n').length)
}
