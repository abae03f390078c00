// What the aggregator does when Datadog is away, slow or refuses, and with calls that come late: nothing is lost that can be kept, nothing
// is counted twice, and nothing grows for ever.

import { strict as assert } from 'node:assert'
import { DogStatsApi } from '../../src/metrics/aggregator/dog-stats-api'
import type { DogStatsApiOptions } from '../../src/metrics/aggregator/dog-stats-options'
import type { MetricsError } from '../../src/metrics/metrics-error'
import { type ApiServer, type PostedSeries, startApiServer } from '../support/api-server'
import { assertAccounted } from './accounted-calls'

const START_S = 1_000_000_000

/** The same numbers in each run. */
function diceFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 48_271) % 0x7fffffff
    return state / 0x7fffffff
  }
}

describe('delivering what was gathered', () => {
  let server: ApiServer
  let api: DogStatsApi
  let nowS: number
  let errors: MetricsError[]

  const start = (options: DogStatsApiOptions = {}) =>
    api.start({
      apiKey: 'the-key',
      apiHost: server.url,
      flushIn: 'manual',
      host: 'web-1',
      api: 'v1',
      retries: 0,
      onError: (error) => errors.push(error),
      ...options,
    })
  const pointsOf = (request: number) =>
    (server.requests[request]!.body as { series: PostedSeries[] }).series.map(({ metric, points }) => [metric, points])

  beforeEach(async () => {
    server = await startApiServer()
    nowS = START_S
    errors = []
    api = new DogStatsApi({ now: () => nowS * 1000 })
  })

  afterEach(async () => {
    await api.stop()
    await server.close()
    assert.deepEqual(server.violations, [])
    assertAccounted(api.stats())
    assert.equal(api.stats().waiting, 0)
  })

  it('loses and doubles nothing while the server is away, and sends it in one series when it is back', async () => {
    start()
    await server.close()
    for (let interval = 0; interval < 5; interval++) {
      for (let n = 0; n < 100; n++) {
        api.increment('hits', 1, { tags: [`n:${n % 3}`] })
        api.distribution('spread', n)
      }
      api.event(`event ${interval}`)
      api.serviceCheck('db', 0)
      nowS += 10
      assert.equal(await api.flush(), false)
    }
    assert.equal(api.stats().waiting, 5 * (3 + 1 + 2))
    await server.listen()
    assert.equal(await api.flush(), true)
    assert.equal(server.total('hits'), 500)
    assert.equal([...server.distributions.values()].flat().length, 500)
    assert.deepEqual([server.events.length, server.checks.length], [5, 5])
    assert.deepEqual(
      pointsOf(0).map(([metric, points]) => [metric, (points as unknown[]).length]),
      [
        ['hits', 5],
        ['hits', 5],
        ['hits', 5],
      ],
    )
    assert.deepEqual(pointsOf(1).length, 1)
    assert.equal(api.stats().waiting, 0)
    const sent = server.requests.length
    assert.equal(await api.flush(), true)
    assert.equal(server.requests.length, sent, 'there is nothing left to send')
    assert.deepEqual(new Set(errors.map(({ code }) => code)), new Set(['socket']))
    assert.equal(errors.length, 1, 'of the same trouble it is told once')
  })

  it('counts exactly through answers that are lost and refused at random', async () => {
    start()
    const dice = diceFrom(7)
    let total = 0
    for (let interval = 0; interval < 60; interval++) {
      for (let n = 0; n < 20; n++) api.increment('hits', 1, { tags: [`n:${n}`] })
      total += 20
      // Late calls, for an interval that may have been sent, or be on its way.
      api.increment('hits', 3, { timestamp: nowS - 10, tags: ['n:0'] })
      total += 3
      nowS += 10
      const roll = dice()
      if (roll < 0.3) server.manners.push('cut')
      else if (roll < 0.6) server.manners.push({ status: 503 })
      const flushing = api.flush()
      api.increment('hits', 1, { timestamp: nowS - 10, tags: ['n:1'] })
      total += 1
      await flushing
    }
    server.manners.length = 0
    assert.equal(await api.flush(Number.POSITIVE_INFINITY), true)
    assert.equal(server.total('hits'), total)
    assert.equal(api.stats().droppedLate, 0)
  })

  it('sends a distribution again only as far as it has certainly not arrived', async () => {
    start()
    for (let n = 0; n < 25_000; n++) api.distribution('spread', n)
    nowS += 10
    server.maxSentBytes = 30_000
    server.manners.push({ status: 202 }, { status: 429 })
    // The first body is too large and is cut up: of three items the first is taken, the others have to wait.
    assert.equal(await api.flush(), false)
    assert.equal(await api.flush(), true)
    const [values = []] = server.distributions.values()
    assert.equal(values.length, 25_000)
    assert.equal(new Set(values).size, 25_000)
  })

  it('gives up a distribution that may have arrived, counts it and tells of it', async () => {
    start()
    api.distribution('spread', 1)
    server.manners.push('cut')
    nowS += 10
    assert.equal(await api.flush(), false)
    assert.equal(await api.flush(), true)
    assert.deepEqual([...server.distributions.values()], [[1]])
    assert.equal(api.stats().droppedWriter, 1)
    assert.match(errors[0]?.message ?? '', /no answer from 127\.0\.0\.1:\d+ \((?:ECONNRESET|socket hang up)\)/)
  })

  it('adds late calls to what it has sent, and posts the whole again', async () => {
    start({ keepBuckets: 2, aggregates: ['count', 'max'], percentiles: [] })
    api.increment('hits', 5)
    api.gauge('depth', 5)
    api.set('users', 'ann')
    api.histogram('time', 5)
    nowS += 10
    await api.flush()
    api.increment('hits', 1, { timestamp: START_S + 9.9 })
    api.gauge('depth', 1, { timestamp: START_S })
    api.set('users', 'bob', { timestamp: START_S })
    api.histogram('time', 1, { timestamp: START_S })
    await api.flush()
    assert.deepEqual(pointsOf(1), [
      ['hits', [[START_S, 6]]],
      ['depth', [[START_S, 1]]],
      ['users', [[START_S, 2]]],
      ['time.count', [[START_S, 2]]],
      ['time.max', [[START_S, 5]]],
    ])
  })

  it('keeps what was sent for as many intervals as it is told, and then drops late calls', async () => {
    start({ keepBuckets: 2 })
    api.increment('hits')
    api.distribution('spread', 1)
    nowS += 10
    await api.flush()
    nowS += 19
    await api.flush()
    api.increment('hits', 1, { timestamp: START_S })
    await api.flush()
    assert.equal(server.total('hits'), 2)
    nowS += 1
    await api.flush()
    api.increment('hits', 1, { timestamp: START_S })
    assert.equal(api.stats().droppedLate, 1)
    // Datadog adds distributions up itself, and an interval of which nothing was sent is as good as a new one.
    api.distribution('spread', 2, { timestamp: START_S })
    api.increment('other', 1, { timestamp: START_S })
    api.increment('hits', 1, { timestamp: START_S + 10 })
    await api.flush()
    assert.deepEqual([...server.distributions.values()], [[1, 2]])
    assert.deepEqual([server.total('hits'), server.total('other')], [3, 1])
  })

  it('takes times as far back and ahead as Datadog does', async () => {
    start({ maxAge: 3600 })
    for (const timestamp of [START_S - 3600, START_S + 600]) api.gauge('g', 1, { timestamp })
    for (const timestamp of [START_S - 3601, START_S + 610]) api.gauge('g', 1, { timestamp })
    assert.equal(api.stats().droppedLate, 2)
    api.gauge('g', 1, { timestamp: START_S * 1000 })
    api.gauge('g', 1, { timestamp: new Date(START_S * 1000) })
    api.gauge('g', 1, { timestamp: 0 })
    await api.flush(Number.POSITIVE_INFINITY)
    assert.equal(server.points.size, 3)
  })

  it('takes any time where it is told to', async () => {
    start({ maxAge: Number.POSITIVE_INFINITY })
    api.gauge('g', 1, { timestamp: 5 })
    await api.flush()
    assert.deepEqual(pointsOf(0), [['g', [[0, 1]]]])
  })

  it('lets go of what has become too old while the server was away', async () => {
    start({ maxAge: 60 })
    await server.close()
    api.increment('hits')
    api.distribution('spread', 1)
    nowS += 60
    await api.flush()
    assert.equal(api.stats().waiting, 2)
    nowS += 10
    await api.flush()
    assert.deepEqual([api.stats().waiting, api.stats().droppedLate], [0, 2])
    await server.listen()
  })

  it('has no more series than it is told, but makes place for those that are used', async () => {
    start({ maxSeries: 2, keepBuckets: 1 })
    for (const name of ['a', 'b', 'c', 'c', 'a']) api.increment(name)
    const { contextsOverflowed, droppedQueue, series } = api.stats()
    assert.deepEqual([contextsOverflowed, droppedQueue, series], [2, 2, 2])
    assert.equal(errors[0]?.code, 'overflow')
    nowS += 10
    await api.flush()
    nowS += 20
    await api.flush()
    api.increment('c')
    assert.equal(api.stats().series, 1)
    await api.flush(Number.POSITIVE_INFINITY)
    assert.deepEqual([server.total('a'), server.total('b'), server.total('c')], [2, 1, 1])
  })

  it('takes no more memory than it is told: the oldest goes first', async () => {
    start({ maxBytes: 150 * 10 })
    await server.close()
    for (let interval = 0; interval < 100; interval++) {
      api.gauge('g', interval)
      nowS += 10
      if (interval % 10 === 0) await api.flush()
    }
    assert.deepEqual([api.stats().waiting, api.stats().droppedQueue], [10, 90])
    await server.listen()
    await api.flush()
    assert.deepEqual([...server.points.values()], [90, 91, 92, 93, 94, 95, 96, 97, 98, 99])
    // What is in the interval that runs is not given up for more of it.
    for (let n = 0; n < 1000; n++) api.distribution('spread', n)
    const { droppedQueue } = api.stats()
    assert.ok(droppedQueue > 90 + 750 && droppedQueue < 90 + 900, `${droppedQueue}`)
    for (let n = 0; n < 20; n++) api.set('users', `user ${n}`)
    api.gauge('g', 1)
    nowS += 10
    await api.flush()
    api.distribution('spread', 1)
    assert.equal(api.stats().waiting, 1)
  })

  it('has no more events and checks waiting than a thousand each', async () => {
    start()
    for (let n = 0; n < 1001; n++) {
      api.serviceCheck('db', 0)
      api.event('e')
    }
    assert.deepEqual([api.stats().waiting, api.stats().droppedQueue], [2000, 2])
    await api.flush()
    assert.deepEqual([server.checks.length, server.events.length], [1000, 1000])
  })

  it('keeps a true sample of a histogram', async () => {
    api = new DogStatsApi({ now: () => nowS * 1000, random: diceFrom(3) })
    start({ aggregates: ['min', 'max', 'count', 'avg', 'median'], percentiles: [0.1, 0.9] })
    for (let n = 1; n <= 100_000; n++) api.histogram('time', n)
    await api.flush(Number.POSITIVE_INFINITY)
    const values = [...server.points.values()]
    assert.deepEqual(values.slice(0, 4), [1, 100_000, 100_000, 50_000.5])
    const near = (value: number | undefined, wanted: number) => Math.abs((value ?? 0) - wanted) < 6000
    assert.ok(near(values[4], 50_000) && near(values[5], 10_000) && near(values[6], 90_000), values.join())
  })

  it('sends sums beyond all numbers as the largest', async () => {
    start()
    api.increment('huge', Number.MAX_VALUE)
    api.increment('huge', Number.MAX_VALUE)
    await api.flush(Number.POSITIVE_INFINITY)
    assert.equal(server.total('huge'), Number.MAX_VALUE)
  })

  for (const flushIn of ['interval', 'worker'] as const) {
    it(`flushes by itself, with flushIn: ${flushIn}`, async () => {
      // The clock of the program, so that intervals pass.
      api = new DogStatsApi()
      start({ flushIn, flushInterval: 0.05, rollUpInterval: 1 })
      api.increment('hits', 3)
      api.distribution('spread', 1)
      await server.until(() => server.total('hits') === 3 && server.distributions.size === 1)
      assert.equal(server.requests.length, 2)
    })
  }

  it('sends everything through a thread of its own: refusals, answers that are lost, and large bodies', async () => {
    start({ flushIn: 'worker', flushInterval: 3600 })
    const names = Array.from({ length: 2000 }, (_, n) => `metric.${n}`)
    for (const name of names) api.increment(name, 2)
    api.event('e')
    server.manners.push({ status: 503 })
    assert.equal(await api.flush(Number.POSITIVE_INFINITY), false)
    assert.equal(api.stats().waiting, 2001)
    server.manners.push('cut')
    assert.equal(await api.flush(Number.POSITIVE_INFINITY), false)
    assert.equal(await api.flush(Number.POSITIVE_INFINITY), true)
    assert.equal(server.points.size, 2000)
    assert.equal(server.events.length, 1)
    assert.ok([...server.points.values()].every((value) => value === 2))
    assert.ok(errors.every(({ code }) => code === 'api' || code === 'socket'))
    const { linesSent, packetsSent, droppedWriter } = api.stats()
    assert.deepEqual([linesSent, packetsSent, droppedWriter], [2001, 2, 0])
  })

  it('runs what it starts muted', async () => {
    let muted = 0
    api = new DogStatsApi({
      now: () => nowS * 1000,
      mute: (fn) => {
        muted++
        return fn()
      },
    })
    start({ flushIn: 'interval' })
    const atStart = muted
    assert.ok(atStart >= 1)
    api.increment('hits')
    await api.flush(Number.POSITIVE_INFINITY)
    assert.equal(muted, atStart + 1)
  })

  it('does not fail where its transport does', async () => {
    const transport = {
      address: 'nowhere',
      send: async () => {
        throw new SyntaxError('secret')
      },
    }
    api = new DogStatsApi({ now: () => nowS * 1000, transport })
    start()
    api.increment('hits')
    assert.equal(await api.flush(Number.POSITIVE_INFINITY), false)
    assert.match(errors[0]?.message ?? '', /^no answer from nowhere \(SyntaxError\b[^"]*\)$/)
    assert.ok(!String(errors[0]?.message).includes('secret'))
  })
})
