// StatsD over a Unix stream socket.

import { environment } from '../metrics-environment'
import { check } from '../option-checks'
import { StreamTransport } from '../transport/stream-transport'
import { recordingOf, type StatsdOptions } from './statsd-options'
import { StreamStatsClient } from './stream-stats-client'

export interface UnixSocketStatsClientOptions extends StatsdOptions {
  /** The path of the server's socket. */
  readonly socketPath: string
  /** How long connecting, or sending a packet, may take, in ms. Default: 2000. */
  readonly timeoutMs?: number | undefined
}

export class UnixSocketStatsClient extends StreamStatsClient {
  /** @throws TypeError for options of a wrong kind */
  constructor(options: UnixSocketStatsClientOptions) {
    check('socketPath', options?.socketPath, 'string')
    const { socketPath: path, timeoutMs, mute } = options
    super(
      recordingOf(options, options.prefix ?? environment().statsd?.prefix),
      options.transport,
      () => new StreamTransport({ kind: 'uds-stream', to: { path }, framing: 'newline', timeoutMs, mute }),
    )
  }
}
