// StatsD over TCP.

import { environment } from '../metrics-environment'
import { StreamTransport } from '../transport/stream-transport'
import { recordingOf, type StatsdOptions } from './statsd-options'
import { StreamStatsClient } from './stream-stats-client'

export interface TCPStatsClientOptions extends StatsdOptions {
  /** Name or address of the server. Default: `STATSD_HOST`, else `localhost`. */
  readonly host?: string | undefined
  /** Default: `STATSD_PORT`, else 8125. */
  readonly port?: number | undefined
  /** Whether to take only IPv6 addresses of the host. Default: `STATSD_IPV6`, else any. */
  readonly ipv6?: boolean | undefined
  /** How long connecting, or sending a packet, may take, in ms. Default: 2000. */
  readonly timeoutMs?: number | undefined
}

export class TCPStatsClient extends StreamStatsClient {
  /** @throws TypeError for options of a wrong kind */
  constructor(options: TCPStatsClientOptions = {}) {
    const { statsd } = environment()
    const { host = statsd?.host ?? 'localhost', port = statsd?.port ?? 8125, timeoutMs, mute } = options
    const family = (options.ipv6 ?? statsd?.isIpv6) === true ? 6 : undefined
    super(
      recordingOf(options, options.prefix ?? statsd?.prefix),
      options.transport,
      () => new StreamTransport({ kind: 'tcp', to: { host, port, family }, framing: 'newline', timeoutMs, mute }),
    )
  }
}
