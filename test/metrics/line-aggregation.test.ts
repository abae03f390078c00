// What aggregation makes of calls: one line per series, sums that stand for what the dice left out, samples in few lines, and no call
// that is not in one of them or counted.

import { strict as assert } from 'node:assert'
import type { AggregationOptions, DogStatsdOptions } from '../../src/metrics/dogstatsd/dogstatsd-options'
import { recordDelays } from '../support/record-delays'
import { type RecordedClient, recordedClient } from './recorded-client'

function aggregating(aggregation: AggregationOptions = {}, options: DogStatsdOptions & { packetBytes?: number } = {}) {
  return recordedClient({ aggregation: { flushIntervalMs: 3_600_000, ...aggregation }, ...options })
}

async function flushed({ client, take }: RecordedClient): Promise<string[]> {
  await client.flush()
  return take()
}

/** Every call is a line, or part of one, or counted. */
function assertAccounted({ client }: RecordedClient): void {
  const { recorded, linesSent, aggregated, droppedTooLong } = client.stats()
  assert.equal(recorded, linesSent + aggregated + droppedTooLong)
}

describe('aggregation', () => {
  it('sums counts, keeps the last value of gauges and each value of sets, however tags are given', async () => {
    const recorded = aggregating()
    const { client, take } = recorded
    const set = client.tagSet(['b:2', 'a:1'])
    for (const tags of [['a:1', 'b:2'], { b: 2, a: 1 }, set, set, ['b:2', 'a:1', 'b:2']]) {
      client.increment('c', 2, { tags })
      client.gauge('g', client.stats().recorded, { tags })
      client.set('s', 'x', { tags })
      client.set('s', 'y', { tags })
    }
    assert.deepEqual(take(), [])
    assert.deepEqual(await flushed(recorded), [
      's:x|s|#a:1,b:2',
      's:y|s|#a:1,b:2',
      'g:17|g|#a:1,b:2',
      'c:10|c|#a:1,b:2',
    ])
    assertAccounted(recorded)
    assert.deepEqual(await flushed(recorded), [])
    client.increment('c', 1, { tags: set })
    assert.deepEqual(await flushed(recorded), ['c:1|c|#b:2,a:1'])
    assertAccounted(recorded)
  })

  it('tells series apart by kind, name, tags and cardinality, and knows those of children', async () => {
    const recorded = aggregating({}, { prefix: 'p' })
    const { client } = recorded
    client.increment('x')
    client.gauge('x', 1)
    client.increment('x', 1, { cardinality: 'low' })
    client.child({ cardinality: 'low' }).increment('x', 2)
    client.child({ tags: ['a'] }).increment('x', 3)
    client.increment('x', 4, { tags: ['a'] })
    client.child({ prefix: 'q' }).increment('x')
    client.increment('q.x')
    assert.deepEqual(await flushed(recorded), ['p.x:1|g', 'p.x:1|c', 'p.x:3|c|card:low', 'p.x:7|c|#a', 'p.q.x:2|c'])
    assertAccounted(recorded)
  })

  it('lets a call with a rate stand for those that the dice left out, and counts all where there is only a usual rate', async () => {
    const recorded = aggregating({}, { rate: 0.5, random: () => 0.2 })
    const { client } = recorded
    client.increment('c', 3, { rate: 0.25 })
    client.increment('c', 3, { rate: 0.1 })
    client.increment('c', 1)
    assert.deepEqual(await flushed(recorded), ['c:13|c'])
    assert.equal(client.stats().sampledOut, 1)
  })

  it('sends points with a time, and what no sum can hold, by themselves', async () => {
    const recorded = aggregating()
    const { client, take } = recorded
    client.increment('c', 1e308)
    client.increment('c', 1e308)
    client.increment('c', 2n ** 60n)
    client.increment('c', 5n)
    client.gauge('g', 1, { timestamp: 5 })
    client.gauge('g', 2n ** 60n)
    assert.deepEqual(
      take().map((line) => line.slice(0, 20)),
      ['c:100000000000000000', 'c:115292150460684697', 'g:1|g|T5'],
    )
    const lines = await flushed(recorded)
    assert.deepEqual([lines.length, lines[0]], [2, 'g:1152921504606846976|g'])
    assertAccounted(recorded)
  })

  it('holds as many series as it may, each value of a set for itself, and passes on the others', async () => {
    const recorded = aggregating({ maxContexts: 3 })
    const { client, take } = recorded
    client.increment('c')
    client.set('s', 'one')
    client.set('s', 'two')
    client.set('s', 'two')
    client.set('s', 'three')
    client.increment('d')
    client.increment('c')
    assert.deepEqual(take(), ['s:three|s', 'd:1|c'])
    assert.equal(client.stats().contextsOverflowed, 2)
    assert.deepEqual(await flushed(recorded), ['s:one|s', 's:two|s', 'c:2|c'])
    client.increment('d')
    assert.deepEqual(take(), [])
    await client.flush()
    assertAccounted(recorded)
  })

  it('sends a gauge that is held before a change of it', async () => {
    const recorded = aggregating({}, { dialect: 'statsd', telemetry: undefined })
    const { client, take } = recorded
    client.gauge('g', -5)
    client.gauge('h', 1)
    client.gaugeDelta('g', 2)
    client.gaugeDelta('g', 3)
    assert.deepEqual(take(), ['g:0|g\ng:-5|g', 'g:+2|g', 'g:+3|g'])
    client.gauge('g', 7)
    assert.deepEqual(await flushed(recorded), ['h:1|g', 'g:7|g'])
    assertAccounted(recorded)
  })

  describe('of samples', () => {
    it('is off unless it is asked for', () => {
      const { client, take } = aggregating()
      client.histogram('h', 1)
      client.timing('t', 1)
      client.distribution('d', 1)
      assert.deepEqual(take(), ['h:1|h', 't:1|ms', 'd:1|d'])
    })

    it('puts as many into a line as a packet takes', async () => {
      // "h:12345:12345|h|#a:é" has 21 bytes.
      const lines = async (packetBytes: number) => {
        const recorded = aggregating({ extended: true }, { packetBytes })
        for (let n = 0; n < 4; n++) recorded.client.histogram('h', 12_345, { tags: ['a:é'] })
        const sent = await flushed(recorded)
        assertAccounted(recorded)
        return sent
      }
      const [one, two] = ['h:12345|h|#a:é', 'h:12345:12345|h|#a:é']
      assert.equal(Buffer.byteLength(two), 21)
      assert.deepEqual(await lines(21), [two, two])
      assert.deepEqual(await lines(20), [one, one, one, one])
      assert.deepEqual(await lines(27), ['h:12345:12345:12345|h|#a:é', one])
      assert.deepEqual(await lines(14), [])
    })

    it('keeps the kinds and the rates apart', async () => {
      const recorded = aggregating({ extended: true }, { random: () => 0 })
      const { client } = recorded
      client.timing('x', 1.5)
      client.timing('x', 2)
      client.histogram('x', 3)
      client.distribution('x', 4n)
      client.distribution('x', 5, { rate: 0.1 })
      client.distribution('x', 6, { rate: 0.1 })
      client.distribution('x', 7, { rate: 0.1 })
      assert.deepEqual(await flushed(recorded), ['x:3|h', 'x:4|d', 'x:5:6:7|d|@0.1', 'x:1.5:2|ms'])
      assertAccounted(recorded)
    })

    it('sends a thousand before the interval is over, and leaves none out', async () => {
      const recorded = aggregating({ extended: true }, { packetBytes: 8192 })
      for (let n = 0; n < 999; n++) recorded.client.histogram('h', 1)
      assert.deepEqual(recorded.take(), [])
      recorded.client.histogram('h', 2)
      recorded.client.histogram('h', 3)
      assert.deepEqual(recorded.take(), [`h:${'1:'.repeat(999)}2|h`])
      assert.deepEqual(await flushed(recorded), ['h:3|h'])
      assertAccounted(recorded)
    })

    it('chooses from more than it may send, each as likely as any other, and says how many there were', async () => {
      const kept = new Map<number, number>()
      let seed = 1
      // A generator of numbers that is known (Lehmer's), so that the test has one outcome.
      const random = () => {
        seed = (seed * 48_271) % 2_147_483_647
        return seed / 2_147_483_647
      }
      const recorded = aggregating({ extended: true, maxSamplesPerContext: 5 }, { random })
      for (let turn = 0; turn < 2000; turn++) {
        for (let n = 0; n < 20; n++) recorded.client.distribution('d', n)
        const [line = ''] = await flushed(recorded)
        const [, values = '', rate] = /^d:([\d:]+)\|d\|@(.*)$/.exec(line) ?? []
        assert.equal(rate, '0.25')
        for (const value of values.split(':').map(Number)) kept.set(value, (kept.get(value) ?? 0) + 1)
      }
      // 500 of each are expected; four standard deviations are 78.
      for (let n = 0; n < 20; n++) assert.ok(Math.abs((kept.get(n) ?? 0) - 500) < 78, `${n}: ${kept.get(n)}`)
      assertAccounted(recorded)
    })
  })

  it('sends what it holds after two seconds, and keeps no timer without', () => {
    const delays = recordDelays()
    try {
      const { client } = recordedClient({ aggregation: true })
      assert.deepEqual(delays.ms, [])
      client.increment(['a', 'b'])
      client.increment('a')
      assert.deepEqual(delays.ms, [2000])
    } finally {
      delays.stop()
    }
  })
})
