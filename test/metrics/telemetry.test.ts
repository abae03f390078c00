// What a client tells about itself: every name that Datadog's own clients have, as differences, with its tags, in packets of their own that
// no counter of the program's metrics notices.

import { strict as assert } from 'node:assert'
import { useEnvironment } from '../../src/metrics/metrics-environment'
import { recordDelays } from '../support/record-delays'
import { RecordingTransport } from '../support/vectors/recording-transport'
import { recordedClient } from './recorded-client'

/** By name, and type if there is one. */
function counts(packet: string | undefined): Record<string, number> {
  const found: Record<string, number> = {}
  for (const line of packet?.split('\n') ?? []) {
    const [, name, count, type] =
      /^datadog\.dogstatsd\.client\.(\w+):(-?\d+)\|c\|#.*?(?:,metrics_type:(\w+).*)?$/.exec(line) ?? []
    assert.ok(name, line)
    found[type === undefined ? name : `${name} ${type}`] = Number(count)
  }
  return found
}

const NOTHING = {
  metrics: 0,
  events: 0,
  service_checks: 0,
  metric_dropped_on_receive: 0,
  bytes_sent: 0,
  bytes_dropped: 0,
  bytes_dropped_queue: 0,
  bytes_dropped_writer: 0,
  packets_sent: 0,
  packets_dropped: 0,
  packets_dropped_queue: 0,
  packets_dropped_writer: 0,
}

/** Whose packets can be lost. */
class LossyTransport extends RecordingTransport {
  loses: 'queue' | 'writer' | undefined
  #listener: Parameters<RecordingTransport['listen']>[0] | undefined

  override listen(listener: Parameters<RecordingTransport['listen']>[0]): void {
    this.#listener = listener
    super.listen(listener)
  }

  override send(text: string, bytes: number, lines: number): void {
    if (this.loses === undefined || lines === 0) super.send(text, bytes, lines)
    else this.#listener?.dropped(this.loses, 1, bytes, lines)
  }
}

describe('the telemetry of a client', () => {
  before(() => useEnvironment(() => ({ clientVersion: '1.2.3' })))
  after(() => useEnvironment(() => ({})))

  it('tells all counts, as what has come since the last time, without prefix and with the tags of the client', () => {
    const { client, take } = recordedClient({
      telemetry: { flushIntervalMs: 0 },
      packetBytes: 8192,
      prefix: 'app',
      tags: ['team:shop'],
      containerId: 'c1',
    })
    client.child({ tags: ['of:child'] }).gauge('x', 1)
    const [metric = '', first = ''] = take()
    assert.deepEqual(counts(first), {
      ...NOTHING,
      metrics: 1,
      'metrics_by_type gauge': 1,
      bytes_sent: metric.length,
      packets_sent: 1,
    })
    for (const line of first.split('\n')) {
      assert.match(
        line,
        /\|c\|#client:nodejs,client_version:1\.2\.3,client_transport:custom,(metrics_type:gauge,)?team:shop\|c:c1$/,
      )
    }
    client.gauge('x', Number.NaN)
    client.event('title')
    const [event = '', second] = take()
    assert.deepEqual(counts(second), {
      ...NOTHING,
      'metrics_by_type gauge': 0,
      events: 1,
      metric_dropped_on_receive: 1,
      bytes_sent: event.length + first.length,
      packets_sent: 2,
    })
    client.serviceCheck('check', 0)
    assert.equal(counts(take()[1])['service_checks'], 1)
    const { recorded, linesSent, droppedInvalid } = client.stats()
    assert.deepEqual([recorded, linesSent, droppedInvalid], [4, 3, 1])
  })

  it('tells what was dropped, and where', () => {
    const transport = new LossyTransport(8192)
    const { client } = recordedClient({ telemetry: { flushIntervalMs: 0 }, transport })
    transport.loses = 'queue'
    client.increment('xx')
    const ofQueue = counts(transport.take()[0])
    transport.loses = 'writer'
    client.increment('x')
    const ofWriter = counts(transport.take()[0])
    const dropped = (found: Record<string, number>, where: string) => [
      found['packets_dropped'],
      found[`packets_dropped_${where}`],
      found['bytes_dropped'],
      found[`bytes_dropped_${where}`],
    ]
    assert.deepEqual(
      [dropped(ofQueue, 'queue'), dropped(ofWriter, 'writer')],
      [
        [1, 1, 6, 6],
        [1, 1, 5, 5],
      ],
    )
    assert.deepEqual([ofQueue['bytes_dropped_writer'], ofWriter['bytes_dropped_queue']], [0, 0])
  })

  it('tells how many series aggregation has sent, by type', async () => {
    const { client, take } = recordedClient({
      telemetry: { flushIntervalMs: 0 },
      packetBytes: 8192,
      flushIntervalMs: 60_000,
      aggregation: true,
    })
    client.increment(['a', 'a', 'b'])
    client.set('s', 'one')
    await client.flush()
    const told = counts(take()[1])
    assert.deepEqual(
      [told['aggregated_context'], told['aggregated_context_by_type count'], told['aggregated_context_by_type set']],
      [3, 2, 1],
    )
    assert.deepEqual([told['metrics'], told['metrics_by_type count']], [4, 3])
  })

  it('is told ten seconds after the first packet, and when the client is closed', async () => {
    const delays = recordDelays()
    try {
      const { client, take } = recordedClient({ telemetry: true, packetBytes: 8192 })
      assert.deepEqual(delays.ms, [])
      client.increment('x')
      client.increment('x')
      assert.deepEqual(delays.ms, [10_000])
      assert.deepEqual(take(), ['x:1|c', 'x:1|c'])
      await client.close()
      const [last, ...more] = take()
      assert.deepEqual([counts(last)['metrics'], more], [2, []])
    } finally {
      delays.stop()
    }
  })

  it('keeps within the bound of packets', () => {
    const { client, take } = recordedClient({ telemetry: { flushIntervalMs: 0 }, packetBytes: 300 })
    client.increment('x')
    const packets = take()
    assert.ok(packets.length > 5)
    for (const packet of packets) assert.ok(Buffer.byteLength(packet) <= 300)
    assert.deepEqual(Object.keys(counts(packets.slice(1).join('\n'))).length, 13)
  })
})
