// The calls of a DogStatsd: what lines they make, what they refuse and how, and that every one of them is accounted for. The vectors have
// the formats; here is what they do not have.

import { strict as assert } from 'node:assert'
import fc from 'fast-check'
import { DogStatsd } from '../../src/metrics/dogstatsd/dogstatsd'
import type { DogStatsdOptions } from '../../src/metrics/dogstatsd/dogstatsd-options'
import { useEnvironment } from '../../src/metrics/metrics-environment'
import { recordedClient } from './recorded-client'

describe('a DogStatsd', () => {
  afterEach(() => useEnvironment(() => ({})))

  it('takes tags as a list, an object and a prebuilt set, each time the same', () => {
    const { client, take } = recordedClient({ tags: { team: 'shop', env: 'prod' } })
    const set = client.tagSet({ route: '/a', env: 'test' })
    for (let turn = 0; turn < 2; turn++) {
      client.increment('x', 1, { tags: ['route:/a', 'env:test'] })
      client.increment('x', 1, { tags: { route: '/a', env: 'test', none: undefined, empty: '' } })
      client.increment('x', 1, { tags: set })
      assert.deepEqual(take(), Array(3).fill('x:1|c|#route:/a,env:test,team:shop'))
    }
    client.increment('x', 1, { tags: { 'route:': '/a' } })
    client.increment('x', 1, { tags: ['route', '/a'] })
    assert.deepEqual(take(), ['x:1|c|#route_:/a,team:shop,env:prod', 'x:1|c|#route,/a,team:shop,env:prod'])
  })

  it('sees a set that two clients use as each has it', () => {
    const [one, other] = [recordedClient({ tags: ['a:1'] }), recordedClient({ tags: ['b:2'] })]
    const set = one.client.tagSet(['c:3'])
    for (let turn = 0; turn < 2; turn++) {
      one.client.increment('x', 1, { tags: set })
      other.client.increment('x', 2, { tags: set })
    }
    assert.deepEqual(one.take(), Array(2).fill('x:1|c|#c:3,a:1'))
    assert.deepEqual(other.take(), Array(2).fill('x:2|c|#c:3,b:2'))
  })

  it('remembers tags and names within bounds', () => {
    const { client, take } = recordedClient()
    for (let n = 0; n < 25_000; n++) client.increment(`name${n}`, 1, { tags: [`n:${n}`] })
    const packets = take()
    assert.deepEqual([packets[0], packets.at(-1)], ['name0:1|c|#n:0', 'name24999:1|c|#n:24999'])
    client.increment('name0', 2, { tags: ['n:0'] })
    assert.deepEqual(take(), ['name0:2|c|#n:0'])
  })

  it('does not remember tags that can change', () => {
    const { client, take } = recordedClient()
    const value = { text: 'a', toString: () => value.text }
    const tags = [value] as unknown as string[]
    client.increment('x', 1, { tags })
    value.text = 'b'
    client.increment('x', 1, { tags })
    assert.deepEqual(take(), ['x:1|c|#a', 'x:1|c|#b'])
  })

  it('records under each of several names, or under none', () => {
    const { client, take, errors } = recordedClient()
    client.gauge(['a', '', 'b'], 5)
    client.gauge([], 5)
    client.gauge(7 as unknown as string, 5)
    assert.deepEqual(take(), ['a:5|g', 'b:5|g'])
    assert.equal(client.stats().droppedInvalid, 2)
    assert.deepEqual([errors.map(({ code }) => code)], [['invalid']])
  })

  it('has the dice of each call, and of all that have none', () => {
    const rolls = [0.2, 0.3, 0.5, 0.51, 0.9]
    const { client, take } = recordedClient({ rate: 0.5, random: () => rolls.shift()! })
    client.increment('a')
    client.increment('b', 2, { rate: 0.25 })
    client.increment('c')
    client.increment('d')
    client.increment('e', 1, { rate: 1 })
    client.increment('f', 1, { rate: 0 })
    client.increment('g', 1, { rate: Number.NaN })
    assert.deepEqual(take(), ['a:1|c|@0.5', 'c:1|c|@0.5', 'e:1|c', 'g:1|c'])
    assert.deepEqual([client.stats().sampledOut, client.stats().recorded, rolls], [3, 4, [0.9]])
  })

  it('takes tags and a rate for options no more than for a value', () => {
    const { client, take, errors } = recordedClient()
    for (const wrong of [['a:1'], 0.5, 'a:1', client.tagSet(['a:1'])]) client.increment('x', 1, wrong as object)
    client.increment('x', { tags: ['a:1'] } as unknown as number)
    client.increment('x', 1, null as unknown as object)
    client.increment('x', 2, {})
    assert.deepEqual(take(), ['x:1|c', 'x:2|c'])
    assert.equal(client.stats().droppedInvalid, 5)
    assert.match(errors[0]!.message, /options are an object/)
  })

  it('measures with its clocks', async () => {
    let nowMs = 1000
    const { client, take } = recordedClient({ now: () => nowMs, wallNow: () => nowMs })
    const timed = client.timer('t', { as: 'distribution', tags: ['a:1'] })(async (ms: number) => {
      nowMs += ms
    })
    await timed(2)
    client.timing('t', new Date(nowMs - 250))
    client.timing('t', new Date(nowMs + 250))
    client.timing('t', { total: () => 0.1 + 0.2 })
    client.timing('t', 1e-7)
    client.timing('t', 5n)
    client.timing('t', 'soon' as unknown as number)
    assert.deepEqual(take(), ['t:2|d|#a:1', 't:250|ms', 't:0|ms', 't:0.3|ms', 't:0|ms', 't:5|ms'])
  })

  it('writes counts downwards, exact and without a minus before 0', () => {
    const { client, take } = recordedClient()
    client.decrement('x')
    client.decrement('x', 0)
    client.decrement('x', -3)
    client.decrement('x', 12345678901234567890n)
    client.count('x', -0)
    client.decrement('x', null as unknown as number)
    assert.deepEqual(take(), ['x:-1|c', 'x:0|c', 'x:3|c', 'x:-12345678901234567890|c', 'x:0|c'])
  })

  it('takes times of points in seconds, milliseconds and Dates, whole and after the epoch', () => {
    const { client, take } = recordedClient()
    for (const timestamp of [1, 1.9, 1e11 - 1, 1e11, new Date(1999)]) client.count('x', 2, { timestamp })
    for (const timestamp of [0, 0.9, -1, Number.NaN, Number.POSITIVE_INFINITY, new Date(Number.NaN), '5']) {
      client.gauge('x', 1, { timestamp: timestamp as number })
    }
    assert.deepEqual(
      take().map((line) => /\|T(.*)$/.exec(line)?.[1]),
      ['1', '1', '99999999999', '100000000', '1'],
    )
    assert.equal(client.stats().droppedInvalid, 7)
  })

  describe('child', () => {
    it('adds its prefix, suffix, tags and cardinality to those of its parent, and sends by the same way', () => {
      const { client, take } = recordedClient({
        prefix: 'app.',
        suffix: 'end',
        tags: ['a:1', 'b:2'],
        cardinality: 'low',
      })
      const child = client.child({ prefix: '.shop', suffix: 'here.', tags: { b: 3 }, cardinality: 'high' })
      child.child({ tags: ['c:4'] }).increment('x')
      child.increment('x')
      child.event('title', 'text')
      client.increment('x')
      assert.deepEqual(take(), [
        'app.shop.x.here.end:1|c|#c:4,b:3,a:1|card:high',
        'app.shop.x.here.end:1|c|#b:3,a:1|card:high',
        '_e{5,4}:title|text|#b:3,a:1|card:high',
        'app.x.end:1|c|#a:1,b:2|card:low',
      ])
      assert.deepEqual(child.stats(), client.stats())
    })

    it('tells its own listener of errors', () => {
      const { client, errors } = recordedClient()
      const own: string[] = []
      client.child({ onError: ({ code }) => own.push(code) }).gauge('x', Number.NaN)
      assert.deepEqual([own, errors], [['invalid'], []])
    })

    it('leaves the way open when it is closed', async () => {
      const { client, take } = recordedClient()
      await client.child({}).close()
      client.increment('x')
      assert.deepEqual(take(), ['x:1|c'])
    })
  })

  describe('of another dialect', () => {
    const line = (dialect: 'statsd' | 'telegraf', act: (client: DogStatsd) => void, options: DogStatsdOptions = {}) => {
      const { client, take } = recordedClient({ dialect, telemetry: undefined, ...options })
      act(client)
      return take()
    }

    it('writes negative gauges with a 0 before them, together, and changes with a sign', () => {
      for (const dialect of ['statsd', 'telegraf'] as const) {
        const act = (client: DogStatsd) => {
          client.gauge('g', -5)
          client.gauge('g', -0)
          client.gaugeDelta('g', 5)
          client.gaugeDelta('g', -5n)
          client.gaugeDelta('g', 0)
        }
        assert.deepEqual(line(dialect, act), ['g:0|g\ng:-5|g', 'g:0|g', 'g:+5|g', 'g:-5|g', 'g:+0|g'])
      }
    })

    it('holds no two values of a set in one', () => {
      assert.deepEqual(
        line('statsd', (client) => client.set('s', 'a:b|c')),
        ['s:a_b_c|s'],
      )
    })

    it('puts tags into the name for Telegraf', () => {
      const act = (client: DogStatsd) => client.increment('x', 2, { tags: ['a:1', 'b', 'url:http://h'], rate: 0.5 })
      const options = { tags: ['own:é'], random: () => 0 }
      assert.deepEqual(line('telegraf', act, options), ['x,a=1,b=true,url=http_//h,own=é:2|c|@0.5'])
      assert.deepEqual(
        line('telegraf', (client) => client.increment('x')),
        ['x:1|c'],
      )
    })

    it('never gets what only Datadog understands', () => {
      useEnvironment(() => ({ tags: { env: 'prod' }, externalEnv: 'x', cardinality: 'high', originDetection: true }))
      const { client, take, errors } = recordedClient({
        dialect: 'statsd',
        telemetry: undefined,
        originDetection: true,
      })
      client.increment('x')
      client.increment('x', 1, { cardinality: 'high', tags: [] })
      client.increment('x', 1, { tags: ['a'] })
      client.gauge('x', 1, { timestamp: 5 })
      client.timing('x', -1)
      assert.deepEqual(take(), ['x:1|c', 'x:1|c'])
      assert.equal(client.stats().droppedInvalid, 3)
      assert.match(errors[0]!.message, /the dialect 'statsd' has no tags/)
    })

    it('refuses methods that would be read as something else', () => {
      const { client } = recordedClient({ dialect: 'statsd', telemetry: undefined })
      const refused: [RegExp, () => unknown][] = [
        [/'statsd' has no histograms: use timing\(\)/, () => client.histogram('x', 1)],
        [/no distributions: use the dialect 'datadog'/, () => client.distribution('x', 1)],
        [/no distributions/, () => client.timer('x', { as: 'distribution' })],
        [/no events/, () => client.event('x')],
        [/no service checks/, () => client.serviceCheck('x', 'ok')],
        [/option tags means nothing in the dialect 'statsd'/, () => client.child({ tags: ['a'] })],
      ]
      for (const [message, act] of refused)
        assert.throws(act, (error) => error instanceof TypeError && message.test(error.message))
      const telegraf = recordedClient({ dialect: 'telegraf', telemetry: undefined })
      telegraf.client.histogram('x', 1)
      assert.deepEqual(telegraf.take(), ['x:1|h'])
      assert.throws(() => telegraf.client.distribution('x', 1), TypeError)
      assert.throws(() => recordedClient().client.gaugeDelta('x', 1), /'datadog' has no gauge deltas/)
    })
  })

  describe('made with', () => {
    const wrong: [string, object, RegExp][] = [
      [
        'a dialect that there is not',
        { dialect: 'graphite' },
        /dialect is one of datadog, statsd, telegraf, not graphite/,
      ],
      ['a rate above 1', { rate: 2 }, /rate is a number from 0 to 1/],
      ['an interval below 0', { flushIntervalMs: -1 }, /flushIntervalMs is a whole number from 0/],
      ['a packet of no bytes', { maxPacketBytes: 0 }, /maxPacketBytes/],
      ['a packet that UDP does not carry', { maxPacketBytes: 65_468 }, /maxPacketBytes/],
      ['tags as a text', { tags: 'a:1' }, /tags are a list/],
      [
        'a cardinality that there is not',
        { cardinality: 'all' },
        /cardinality is one of none, low, orchestrator, high/,
      ],
      ['a prefix that is no text', { prefix: 5 }, /prefix is a string, not number/],
      ['a listener that is none', { onError: true }, /onError is a function/],
      ['an aggregation of the wrong kind', { aggregation: 5 }, /aggregation is true, false, or an object/],
      ['no room for series', { aggregation: { maxContexts: 0 } }, /aggregation.maxContexts/],
      ['packed samples for StatsD', { dialect: 'statsd', aggregation: { extended: true } }, /aggregation.extended/],
      ['telemetry for StatsD', { dialect: 'statsd', telemetry: true }, /telemetry/],
      ['a container for StatsD', { dialect: 'statsd', containerId: 'x' }, /containerId/],
      ['a cardinality for StatsD', { dialect: 'statsd', cardinality: 'low' }, /cardinality/],
      ['an order of tags that there is not', { tagOrder: 'sorted' }, /tagOrder/],
      ['a URL of another kind', { url: 'http://x' }, /udp:\/\//],
      ['a port above the last', { port: 70_000 }, /port/],
    ]
    for (const [what, options, message] of wrong) {
      it(`${what}, it says what would be right`, () => {
        const isRight = (error: unknown) => error instanceof TypeError && message.test(error.message)
        assert.throws(() => new DogStatsd(options as DogStatsdOptions), isRight)
      })
    }
  })

  it('records nothing when it is disabled, and throws nothing', async () => {
    useEnvironment(() => ({ isDisabled: true }))
    const client = new DogStatsd({ url: 'nonsense' })
    client.increment('x')
    client.timing('x', new Date())
    client.event('')
    client.serviceCheck('x', 9 as 0)
    client.gaugeDelta('x', 1)
    assert.equal(client.timer('x')(() => 5)(), 5)
    client.child({ tags: ['a'] }).gauge('x', 1)
    await client.flush()
    await client.close()
    assert.equal(client.stats().recorded, 0)
    useEnvironment(() => ({}))
    assert.equal(recordedClient({ disabled: true }).client.stats().recorded, 0)
  })

  it('counts what is recorded after it was closed, and tells of it once', async () => {
    const { client, errors, take } = recordedClient({ flushIntervalMs: 60_000 })
    client.increment('x')
    await client.close()
    await client.close()
    client.increment(['y', 'z'])
    client.event('title')
    assert.deepEqual(take(), ['x:1|c'])
    assert.equal(client.stats().droppedClosed, 3)
    assert.deepEqual(
      errors.map(({ code }) => code),
      ['closed'],
    )
  })

  it('makes no packet that is not what was recorded, whatever it is given, and counts all of it', () => {
    const anything = fc.oneof(fc.anything(), fc.string({ unit: 'binary' }), fc.double(), fc.bigInt(), fc.integer())
    const tags = fc.oneof(
      fc.array(fc.string({ unit: 'binary' })),
      fc.dictionary(fc.string(), fc.string({ unit: 'binary' })),
      anything,
    )
    const methods = ['increment', 'decrement', 'gauge', 'histogram', 'distribution', 'timing', 'set'] as const
    const call = fc.record({
      method: fc.constantFrom(...methods),
      name: fc.string({ unit: 'binary' }),
      value: anything,
      tags,
      rate: fc.double(),
    })
    fc.assert(
      fc.property(fc.array(call), fc.boolean(), fc.nat(300), (calls, isAggregated, packetBytes) => {
        const aggregation = isAggregated && { extended: true, flushIntervalMs: 3_600_000 }
        const { client, take } = recordedClient({
          flushIntervalMs: 3_600_000,
          maxPacketBytes: packetBytes + 1,
          aggregation,
        })
        for (const { method, name, value, tags: given, rate } of calls) {
          client[method](name, value as number, { tags: given as string[], rate })
        }
        void client.flush()
        const packets = take()
        for (const packet of packets) {
          assert.ok(Buffer.byteLength(packet) <= packetBytes + 1)
          for (const line of packet.split('\n')) {
            assert.match(line, /^[^:|@#,\s]+:[^|\n]+\|(c|g|h|d|ms|s)(\|@[\d.]+)?(\|#[^|\s]+)?$/u)
            if (!line.includes('|s')) assert.match(line, /^[^:]+:-?\d+(\.\d+)?(:-?\d+(\.\d+)?)*\|/)
          }
        }
        const { recorded, sampledOut, linesSent, aggregated, droppedInvalid, droppedTooLong } = client.stats()
        assert.equal(recorded, linesSent + aggregated + droppedInvalid + droppedTooLong)
        assert.equal(recorded + sampledOut, calls.length)
        assert.equal(linesSent, packets.join('\n').split('\n').filter(Boolean).length)
      }),
      { numRuns: 300 },
    )
  })
})
