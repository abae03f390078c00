// StatsD over UDP: each call is a packet, and a pipeline's metrics share packets.

import { environment } from '../metrics-environment'
import { checkWhole } from '../option-checks'
import { PacketBuffer } from '../transport/packet-buffer'
import { MAX_UDP_BYTES } from '../transport/transport'
import { UdpTransport } from '../transport/udp-transport'
import { countLines, type Entry, textOf } from './pipeline'
import { SendingClient } from './sending-client'
import { recordingOf, type StatsdOptions } from './statsd-options'

export interface StatsClientOptions extends StatsdOptions {
  /** Name or address of the server. Default: `STATSD_HOST`, else `localhost`. */
  readonly host?: string | undefined
  /** Default: `STATSD_PORT`, else 8125. */
  readonly port?: number | undefined
  /** The packets of a pipeline are smaller than this, in bytes, unless a single line is not. Default: `STATSD_MAXUDPSIZE`, else 512. */
  readonly maxUdpSize?: number | undefined
  /** Whether to take only IPv6 addresses of the host. Default: `STATSD_IPV6`, else IPv4 where there is one. */
  readonly ipv6?: boolean | undefined
}

export class StatsClient extends SendingClient {
  readonly #maxUdpSize: number

  /** @throws TypeError for options of a wrong kind */
  constructor(options: StatsClientOptions = {}) {
    const { statsd } = environment()
    const { host = statsd?.host ?? 'localhost', port = statsd?.port ?? 8125, mute } = options
    const { maxUdpSize = statsd?.maxUdpSize ?? 512, ipv6 = statsd?.isIpv6 } = options
    checkWhole('maxUdpSize', maxUdpSize, 1, MAX_UDP_BYTES)
    const recording = recordingOf(options, options.prefix ?? statsd?.prefix)
    const family = ipv6 === true ? 6 : undefined
    super(recording, options.transport ?? new UdpTransport({ host, port, family, mute }))
    this.#maxUdpSize = maxUdpSize
  }

  /** Sends what waits, within `timeoutMs` (default: 2000), and lets go of the socket. What is recorded afterwards is counted as dropped. */
  override async close(timeoutMs?: number): Promise<void> {
    this.isClosed = true
    await this.transport.close(timeoutMs)
  }

  protected override take(line: string): void {
    this.sendPacket(line, Buffer.byteLength(line), 1)
  }

  protected override takeAll(entries: readonly Entry[]): void {
    const packets = new PacketBuffer(this.#maxUdpSize - 1, (text, bytes, lines) => this.sendPacket(text, bytes, lines))
    this.#addAll(packets, entries)
    packets.flush()
  }

  #addAll(packets: PacketBuffer, entries: readonly Entry[]): void {
    for (const entry of entries) {
      const text = textOf(entry)
      const bytes = Buffer.byteLength(text)
      // What a pipeline inside has sent stays together if it can.
      if (typeof entry === 'string' || bytes < this.#maxUdpSize) packets.add(text, bytes, countLines([entry]))
      else this.#addAll(packets, entry)
    }
  }
}
