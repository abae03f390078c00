// The lines of metrics that the tracer of this process sends, as they come in over UDP.

import { tracer } from '../../src'
import { UdpServer } from './metric-servers'

/** Sent after everything else, so that all of that has come when it does. */
const LAST = 'test.last'

export class MetricLines {
  private constructor(private readonly server: UdpServer) {}

  static async listen(): Promise<MetricLines> {
    return new MetricLines(await UdpServer.start())
  }

  /** Of the tracer, so that its metrics come here. */
  get options() {
    return { dogstatsdHost: '127.0.0.1', dogstatsdPort: this.server.port }
  }

  /** What has been sent since the last time, without what the client tells of itself and the tags of the process. */
  async take(): Promise<string[]> {
    tracer.statsd.increment(LAST)
    await tracer.statsd.flush()
    await this.server.until(() => this.server.packets.join('\n').includes(LAST))
    const lines = this.server.packets.splice(0).flatMap((packet) => packet.split('\n'))
    return lines
      .filter((line) => line !== '' && !line.startsWith(LAST) && !line.startsWith('datadog.dogstatsd.client'))
      .map((line) =>
        line
          .replace(/\|c:[^|]*/, '')
          .replace(/,?service:test/, '')
          .replace(/\|#$/, ''),
      )
      .sort()
  }

  stop(): Promise<void> {
    return this.server.stop()
  }
}
