// The aggregator from its calls to the bodies that a server has got: what is recorded, under which names, and what is not.

import { strict as assert } from 'node:assert'
import { inspect } from 'node:util'
import { apiEnvironment } from '../../src/api-transport/api-settings'
import { DogStatsApi } from '../../src/metrics/aggregator/dog-stats-api'
import type { DogStatsApiOptions } from '../../src/metrics/aggregator/dog-stats-options'
import { useEnvironment } from '../../src/metrics/metrics-environment'
import { MetricsError } from '../../src/metrics/metrics-error'
import { TagSet } from '../../src/metrics/tag-set'
import { type ApiServer, type PostedSeries, startApiServer } from '../support/api-server'
import { assertAccounted } from './accounted-calls'

/** The start of an interval, in 2001. */
const START_S = 1_000_000_000

describe('the aggregator', () => {
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
      retries: 0,
      onError: (error) => errors.push(error),
      ...options,
    })
  const series = () => server.requests.flatMap(({ body }) => (body as { series: PostedSeries[] }).series)
  const flushAll = () => api.flush(Number.POSITIVE_INFINITY)

  beforeEach(async () => {
    server = await startApiServer()
    nowS = START_S
    errors = []
    api = new DogStatsApi({ now: () => nowS * 1000, random: () => 0 })
  })

  afterEach(async () => {
    await api.stop()
    await server.close()
    assert.deepEqual(server.violations, [])
    assertAccounted(api.stats())
    useEnvironment(() => ({}))
    apiEnvironment.use(() => ({}))
  })

  it('posts what was gathered in the intervals that are over, and nothing of the one that runs', async () => {
    start()
    api.increment('hits')
    api.increment('hits', 4, { tags: ['a:1'] })
    api.decrement('hits', 2)
    api.gauge('depth', 3)
    api.gauge('depth', 2.5)
    assert.equal(await api.flush(), true)
    assert.equal(server.requests.length, 0)
    nowS += 10
    api.increment('hits')
    assert.equal(await api.flush(), true)
    const resources = [{ type: 'host', name: 'web-1' }]
    assert.deepEqual(series(), [
      { metric: 'hits', type: 1, interval: 10, points: [{ timestamp: START_S, value: -1 }], resources },
      { metric: 'hits', type: 1, interval: 10, points: [{ timestamp: START_S, value: 4 }], tags: ['a:1'], resources },
      { metric: 'depth', type: 3, points: [{ timestamp: START_S, value: 2.5 }], resources },
    ])
    assert.equal(server.requests[0]?.path, '/api/v2/series')
    assert.match(server.requests[0]?.headers['user-agent'] ?? '', /^dd-node\/unknown \(node /)
    const { recorded, linesSent, aggregated, waiting, packetsSent } = api.stats()
    assert.deepEqual([recorded, linesSent, aggregated, waiting, packetsSent], [6, 3, 2, 1, 1])
  })

  it('takes the interval of a flush from its time, as seconds or a Date', async () => {
    start()
    api.increment('hits')
    assert.equal(await api.flush(START_S + 9), true)
    assert.equal(server.requests.length, 0)
    await api.flush(new Date((START_S + 10) * 1000))
    assert.equal(server.total('hits'), 1)
  })

  it('knows one series by any order and spelling of its tags', async () => {
    start({ tags: ['env:prod', 'team:x'] })
    const calls = [
      ['b:2', 'a:1'],
      ['a:1', 'b:2', 'a:1'],
      { a: 1, b: '2' },
      { b: 2, a: 1, none: undefined },
      TagSet.of(['b:2', 'a:1']),
      ['a:1', 'b:2', 'env:prod'],
    ]
    for (const tags of calls) api.increment('hits', 1, { tags })
    for (const tags of calls) api.increment('hits', 1, { tags })
    api.increment('hits', 1, { tags: ['a:1', 'b:2'], host: 'web-1' })
    api.increment('other', 1, { tags: { env: 'test' } })
    await flushAll()
    assert.deepEqual(
      series().map(({ metric, tags, points }) => [metric, tags, points.length]),
      [
        ['hits', ['b:2', 'a:1', 'env:prod', 'team:x'], 1],
        ['other', ['env:test', 'team:x'], 1],
      ],
    )
    assert.equal(server.total('hits'), 13)
  })

  it('tells kinds, hosts and devices apart', async () => {
    start({ api: 'v1', device: 'eth0' })
    api.gauge('x', 1)
    api.increment('x', 2)
    api.gauge('x', 3, { host: 'web-2' })
    api.gauge('x', 4, { host: '' })
    api.gauge('x', 5, { device: 'eth1' })
    await flushAll()
    assert.deepEqual(
      series().map(({ type, host, device, points }) => [type, host, device, points[0]]),
      [
        ['gauge', 'web-1', 'eth0', [START_S, 1]],
        ['count', 'web-1', 'eth0', [START_S, 2]],
        ['gauge', 'web-2', 'eth0', [START_S, 3]],
        ['gauge', undefined, 'eth0', [START_S, 4]],
        ['gauge', 'web-1', 'eth1', [START_S, 5]],
      ],
    )
  })

  it('sends sets, distributions and histograms', async () => {
    start({ aggregates: ['sum', 'median'], percentiles: [0.5, 0.999] })
    for (const user of ['ann', 'bob', 'ann', 7]) api.set('users', user)
    for (const ms of [30, 10, 20, 40]) {
      api.distribution('spread', ms)
      api.histogram('time', ms)
      api.histogram('short', ms, { aggregates: ['max'], percentiles: [] })
    }
    await flushAll()
    assert.deepEqual(Object.fromEntries([...server.points].map(([key, value]) => [key.split(' ')[0], value])), {
      users: 3,
      'time.sum': 100,
      'time.median': 25,
      'time.50percentile': 20,
      'time.99.9percentile': 40,
      'short.max': 40,
    })
    assert.deepEqual([...server.distributions.values()], [[30, 10, 20, 40]])
  })

  it('posts counts as users of older clients know them', async () => {
    start({ api: 'v1', counts: 'rate', rollUpInterval: 5, aggregates: ['count'], percentiles: [] })
    api.increment('hits', 10)
    api.histogram('time', 1)
    await flushAll()
    assert.deepEqual(
      series().map(({ metric, type, interval, points }) => [metric, type, interval, points]),
      [
        ['hits', 'rate', 5, [[START_S, 2]]],
        ['time.count', 'rate', 5, [[START_S, 0.2]]],
      ],
    )
  })

  it('scales by the rate, and leaves out what the dice leave out', async () => {
    let roll = 0.5
    api = new DogStatsApi({ now: () => nowS * 1000, random: () => roll })
    start({ aggregates: ['count', 'sum', 'avg'], percentiles: [] })
    api.increment('hits', 1, { rate: 0.5 })
    api.histogram('time', 3, { rate: 0.5 })
    api.increment('hits', 1, { rate: 0 })
    roll = 0.51
    api.increment('hits', 1, { rate: 0.5 })
    api.distribution('spread', 1, { rate: 0.1 })
    await flushAll()
    assert.deepEqual([...server.points.values()], [2, 2, 6, 3])
    assert.equal(server.distributions.size, 1)
    assert.equal(api.stats().sampledOut, 2)
  })

  it('sends events and checks', async () => {
    start({ tags: ['env:prod'] })
    api.event('deployed', 'version 2', { alertType: 'success', tags: ['v:2'], aggregationKey: 'd', timestamp: 5 })
    api.event('deployed')
    api.serviceCheck('db', 'critical', { message: 'away', hostname: 'db-1' })
    api.serviceCheck('db', 0)
    assert.throws(() => api.event(''), /title is required/)
    assert.throws(() => api.serviceCheck('db', 7 as never), /0 to 3/)
    await flushAll()
    assert.deepEqual(server.events, [
      {
        title: 'deployed',
        text: 'version 2',
        date_happened: 5,
        alert_type: 'success',
        aggregation_key: 'd',
        host: 'web-1',
        tags: ['v:2', 'env:prod'],
      },
      { title: 'deployed', text: 'deployed', date_happened: START_S, host: 'web-1', tags: ['env:prod'] },
    ])
    assert.deepEqual(server.checks, [
      { check: 'db', status: 2, host_name: 'db-1', timestamp: START_S, message: 'away', tags: ['env:prod'] },
      { check: 'db', status: 0, host_name: 'web-1', timestamp: START_S, tags: ['env:prod'] },
    ])
    assert.deepEqual(
      server.requests.map(({ path }) => path),
      ['/api/v1/check_run', '/api/v1/events', '/api/v1/events'],
    )
  })

  it('times functions in seconds, with their signature, and methods', async () => {
    let ms = 0
    api = new DogStatsApi({ now: () => nowS * 1000, timerNow: () => (ms += 250) })
    start({ aggregates: ['count', 'sum'], percentiles: [] })
    const add = api.timed('sync')(function add(a: number, b: number) {
      return a + b
    })
    assert.deepEqual([add(1, 2), add.name, add.length], [3, 'add', 2])
    const later = api.timed('async')(async (text: string) => text)
    assert.equal(await later('x'), 'x')
    await assert.rejects(
      api.timed('async')(async () => {
        throw new RangeError('no')
      })(),
      RangeError,
    )
    class Shop {
      @api.timed('method', { tags: ['k:v'] })
      buy(n: number) {
        return n * 2
      }
    }
    assert.equal(new Shop().buy(4), 8)
    {
      using _timer = api.timer('block')
    }
    await flushAll()
    const values = Object.fromEntries([...server.points].map(([key, value]) => [key.split(' ')[0], value]))
    assert.deepEqual(values, {
      'sync.count': 1,
      'sync.sum': 0.25,
      'async.count': 2,
      'async.sum': 0.5,
      'method.count': 1,
      'method.sum': 0.25,
      'block.count': 1,
      'block.sum': 0.25,
    })
  })

  it('records `timing` in milliseconds, or of a duration', async () => {
    start({ aggregates: ['sum'], percentiles: [] })
    api.timing('t', 20)
    api.timing('t', { total: () => 5 })
    await flushAll()
    assert.equal(server.total('t.sum'), 25)
  })

  it('drops what cannot be sent, counts it, and tells of it', async () => {
    start({ prefix: 'shop.' })
    const bad = [Number.NaN, Number.POSITIVE_INFINITY, '5', null, undefined, {}, Symbol('x')] as never[]
    for (const value of bad) api.gauge('g', value)
    api.set('s', '')
    api.increment('')
    api.increment(undefined as never)
    api.increment('x'.repeat(196))
    api.gauge('g', 1, { timestamp: Number.NaN })
    api.gauge('g', 1, { tags: [Object.create(null)] as never })
    const others = [['a:1'], 1_000_000_000, 'a:1', true] as never[]
    for (const options of others) api.gauge('g', 1, options)
    assert.equal(api.stats().droppedInvalid, bad.length + others.length + 5)
    assert.equal(api.stats().droppedTooLong, 1)
    assert.deepEqual([...new Set(errors.map(({ code }) => code))], ['invalid', 'too-long'])
    assert.ok(errors.every((error) => error instanceof MetricsError))
    api.increment('x'.repeat(195))
    api.increment('a b|c')
    api.increment('big', 5n, null as never)
    await flushAll()
    assert.deepEqual(
      series().map(({ metric }) => metric),
      [`shop.${'x'.repeat(195)}`, 'shop.a_b_c', 'shop.big'],
    )
  })

  it('does nothing before its start, while disabled and after its stop, but count', async () => {
    api.increment('early')
    assert.equal(await api.flush(), true)
    api.start({ disabled: true })
    api.increment('early')
    api.event('early')
    start()
    assert.throws(() => start(), /stop\(\) comes before/)
    api.increment('hits')
    await api.stop()
    await api.stop()
    api.increment('late')
    assert.equal(server.total('hits'), 1)
    assert.equal(api.stats().droppedClosed, 4)
    assert.equal(server.requests.length, 1)
  })

  it('can be started again', async () => {
    start()
    api.increment('hits')
    await api.stop()
    start({ prefix: 'p' })
    api.increment('hits')
    await api.stop()
    assert.deepEqual([server.total('hits'), server.total('p.hits')], [1, 1])
  })

  it('takes what the environment says, and not the tags for an Agent', async () => {
    useEnvironment(() => ({ tags: { env: 'prod', 'dd.internal.entity_id': 'pod' } }))
    apiEnvironment.use(() => ({ apiKey: ' the-key\n', hostname: 'from-env' }))
    start({ apiKey: undefined, host: undefined, api: 'v1' })
    api.increment('hits')
    await flushAll()
    const [first] = series()
    assert.deepEqual([first?.host, first?.tags], ['from-env', ['env:prod']])
  })

  const wrong: [options: object, message: RegExp][] = [
    [{ apiHost: undefined, apiKey: undefined }, /DD_API_KEY/],
    [{ apiKey: 'se\ncret' }, /characters/],
    [{ apiHost: 'http://' }, /apiHost is a host or a URL/],
    [{ flushIn: 'thread' }, /interval, worker, manual, not thread/],
    [{ api: 'v3' }, /v1, v2/],
    [{ flushInterval: 0 }, /flushInterval is a number above 0/],
    [{ rollUpInterval: 0.5 }, /rollUpInterval is a whole number from 1/],
    [{ aggregates: ['mean'] }, /aggregates is one of/],
    [{ aggregates: 'min' }, /aggregates is a list/],
    [{ percentiles: [95] }, /percentiles is a number above 0 and at most 1, not 95/],
    [{ onError: 'log' }, /onError is a function/],
    [{ host: 5 }, /host is a text/],
    [{ maxAge: -1 }, /maxAge/],
  ]
  for (const [options, message] of wrong) {
    it(`refuses ${inspect(options)}`, () => {
      assert.throws(
        () => start(options),
        (error: Error) => error instanceof TypeError && message.test(error.message) && !error.message.includes('cret'),
      )
    })
  }

  it('shows its key nowhere', async () => {
    server.manners.push({ status: 403 })
    start()
    api.increment('hits')
    assert.equal(await flushAll(), false)
    const shown = inspect(api, { depth: 9, showHidden: true }) + errors.map((error) => inspect(error)).join()
    assert.ok(!shown.includes('the-key'))
    assert.match(errors[0]?.message ?? '', /answered 403 .*is the key one of this site\?/)
    assert.equal(api.stats().droppedWriter, 1)
  })
})
