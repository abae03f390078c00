// Pipelines beyond the vectors: pipelines inside pipelines and the size of packets, blocks, timers, and the limit of what is kept.

import { strict as assert } from 'node:assert'
import { StatsClient } from '../../src/metrics/statsd/statsd-client'
import { RecordingTransport } from '../support/vectors/recording-transport'

let transport: RecordingTransport
let client: StatsClient
const codes: string[] = []

const make = (maxUdpSize = 512): StatsClient =>
  new StatsClient({ transport, prefix: 'p', maxUdpSize, onError: ({ code }) => codes.push(code) })

describe('a pipeline', () => {
  beforeEach(() => {
    transport = new RecordingTransport()
    codes.length = 0
    client = make()
  })

  it('sends nothing where there is nothing, and can be used again', () => {
    const pipe = client.pipeline()
    pipe.send()
    pipe.incr('a')
    pipe.send()
    pipe.send()
    pipe.incr('b')
    pipe.send()
    assert.deepEqual(transport.take(), ['p.a:1|c', 'p.b:1|c'])
  })

  it('puts the prefix before both lines of a negative gauge, and counts it as one', () => {
    const pipe = client.pipeline()
    pipe.gauge('g', -2)
    assert.equal(pipe.size, 1)
    pipe.send()
    assert.deepEqual(transport.take(), ['p.g:0|g\np.g:-2|g'])
    assert.deepEqual([client.stats().recorded, client.stats().linesSent, pipe.size], [1, 1, 0])
  })

  it('never parts the lines of a negative gauge', () => {
    client = make(10)
    const pipe = client.pipeline()
    pipe.incr('a')
    pipe.gauge('g', -2)
    pipe.incr('b')
    pipe.send()
    assert.deepEqual(transport.take(), ['p.a:1|c', 'p.g:0|g\np.g:-2|g', 'p.b:1|c'])
  })

  it('fills packets up to the byte below the size, counted in UTF-8', () => {
    // Lines of eight bytes: two and the newline are 17.
    for (const [size, packets] of [
      [17, ['p.é:1|c', 'p.é:1|c']],
      [18, ['p.é:1|c\np.é:1|c']],
    ] as const) {
      const pipe = make(size).pipeline()
      pipe.incr('é')
      pipe.incr('é')
      pipe.send()
      assert.deepEqual(transport.take(), packets)
    }
  })

  it('sends at the end of a block, also when it throws', () => {
    assert.throws(() => {
      using pipe = client.pipeline()
      pipe.incr('a')
      throw new Error('boom')
    }, /boom/)
    assert.deepEqual(transport.take(), ['p.a:1|c'])
  })

  it('takes the times of its timers', () => {
    const pipe = client.pipeline()
    const timer = pipe.timer('t').start()
    timer.stop()
    pipe.timer('unsent').start().stop({ send: false })
    pipe.timer('wrapped')(() => {})()
    assert.deepEqual(transport.take(), [])
    pipe.send()
    assert.match(transport.take()[0]!, /^p\.t:[\d.]+\|ms\np\.wrapped:[\d.]+\|ms$/)
  })

  describe('inside another', () => {
    it('puts its lines among those of the other, at any depth', () => {
      const outer = client.pipeline()
      const middle = outer.pipeline()
      const inner = middle.pipeline()
      outer.incr('a')
      inner.incr('c')
      inner.send()
      middle.incr('d')
      middle.send()
      outer.incr('e')
      assert.equal(outer.size, 4)
      outer.send()
      assert.deepEqual(transport.take(), ['p.a:1|c\np.c:1|c\np.d:1|c\np.e:1|c'])
      assert.equal(client.stats().linesSent, 4)
    })

    it('stays together in one packet if it can, and only then', () => {
      // Lines of seven bytes; three with their newlines are 23.
      const send = (size: number) => {
        const outer = make(size).pipeline()
        outer.incr('a')
        const inner = outer.pipeline()
        for (const name of 'bcd') inner.incr(name)
        inner.send()
        outer.send()
        return transport.take()
      }
      assert.deepEqual(send(24), ['p.a:1|c', 'p.b:1|c\np.c:1|c\np.d:1|c'])
      assert.deepEqual(send(23), ['p.a:1|c\np.b:1|c', 'p.c:1|c\np.d:1|c'])
    })
  })

  it('keeps 16 MiB at most, and counts what it drops', () => {
    const pipe = client.pipeline()
    const name = 'x'.repeat(1024 * 1024 - 6)
    for (let i = 0; i < 17; i++) pipe.incr(name)
    assert.deepEqual([pipe.size, client.stats().droppedQueue, client.stats().recorded], [16, 1, 17])
    assert.deepEqual(codes, ['overflow'])
    pipe.send()
    pipe.incr('a')
    assert.equal(pipe.size, 1)
  })
})
