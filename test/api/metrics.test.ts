// Metrics over real connections, to a server that counts points and holds the limits of the real one: none is lost, none comes twice.

import { strict as assert } from 'node:assert'
import { type ApiError, DogHttpApi, type DogHttpApiOptions, type Series, type SeriesV2 } from '../../src/api'
import { type ApiServer, startApiServer } from '../support/api-server'
import { NOW_SECONDS } from '../support/api-suite'
import { collectLog } from '../support/log-lines'
import { noise } from '../support/noise'

describe('metrics of the API client', () => {
  let server: ApiServer
  const lines = collectLog()

  beforeEach(async () => {
    server = await startApiServer()
  })
  afterEach(async () => {
    await server.close()
    assert.deepEqual(server.violations, [])
  })

  const client = (options: DogHttpApiOptions = {}) =>
    new DogHttpApi(
      { apiKey: 'the-key', apiHost: server.url, hostname: 'web-1', timeout: 20, swallow: false as const, ...options },
      { wallNow: () => NOW_SECONDS * 1000 + 999, sleep: async () => {} },
    )
  const lastSeries = () => (server.requests.at(-1)?.body as { series: Record<string, unknown>[] } | undefined)?.series

  const points: [name: string, points: Parameters<DogHttpApi['metric']>[1], sent: unknown][] = [
    ['a number', 42, [[NOW_SECONDS, 42]]],
    ['zero', 0, [[NOW_SECONDS, 0]]],
    ['one point', [NOW_SECONDS - 5.7, -1.5], [[NOW_SECONDS - 6, -1.5]]],
    ['one point at a date', [new Date('2030-01-01T00:00:00.999Z'), 1], [[NOW_SECONDS, 1]]],
    [
      'several',
      [
        [NOW_SECONDS - 1, 1],
        [new Date(NOW_SECONDS * 1000), 2],
      ],
      [
        [NOW_SECONDS - 1, 1],
        [NOW_SECONDS, 2],
      ],
    ],
  ]
  for (const [name, given, sent] of points) {
    it(`take points in every form: ${name}`, async () => {
      assert.deepEqual(await client().metric('m', given), { status: 'ok' })
      assert.deepEqual(lastSeries(), [{ metric: 'm', points: sent, type: 'gauge', host: 'web-1' }])
      assert.deepEqual(lines, [])
    })
  }

  it('take everything that there is to say of them', async () => {
    await client().metric('m', 1, { host: 'h', device: 'eth0', tags: 'a', metricType: 'counter', interval: 10 })
    await client().metric('m', 1, { host: '', tags: ['a', 'b'], metricType: 'rate' })
    assert.deepEqual(
      server.requests.map(({ body }) => (body as { series: unknown[] }).series[0]),
      [
        {
          metric: 'm',
          points: [[NOW_SECONDS, 1]],
          type: 'count',
          interval: 10,
          host: 'h',
          device: 'eth0',
          tags: ['a'],
        },
        { metric: 'm', points: [[NOW_SECONDS, 1]], type: 'rate', host: '', tags: ['a', 'b'] },
      ],
    )
  })

  const spreads: [name: string, points: Parameters<DogHttpApi['distribution']>[1], sent: unknown][] = [
    ['a number', 1, [[NOW_SECONDS, [1]]]],
    ['several', [1, 2, 2], [[NOW_SECONDS, [1, 2, 2]]]],
    [
      'points',
      [
        [NOW_SECONDS - 1, [1, 2]],
        [new Date(NOW_SECONDS * 1000), [3]],
      ],
      [
        [NOW_SECONDS - 1, [1, 2]],
        [NOW_SECONDS, [3]],
      ],
    ],
  ]
  for (const [name, given, sent] of spreads) {
    it(`take values of distributions in every form: ${name}`, async () => {
      await client().distribution('d', given, { tags: 'a' })
      assert.deepEqual(lastSeries(), [{ metric: 'd', type: 'distribution', points: sent, host: 'web-1', tags: ['a'] }])
    })
  }

  it('refuse what is no number, before anything is sent', async () => {
    const api = client({ swallow: true }) as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>
    const wrong: [method: string, args: unknown[]][] = [
      ...[
        Number.NaN,
        Number.POSITIVE_INFINITY,
        '1',
        null,
        undefined,
        {},
        [],
        [[]],
        [1],
        [1, '2'],
        [1, Number.NaN],
        [[1, 2], 3],
        ['1', 2],
        [
          [1, 2],
          [Number.NaN, 2],
        ],
        true,
        1n,
      ].map((value): [string, unknown[]] => ['metric', ['m', value]]),
      ...[
        Number.NaN,
        '1',
        null,
        [],
        [Number.NaN],
        ['1'],
        [1, '2'],
        [[1, 2]],
        [[1, [Number.POSITIVE_INFINITY]]],
        [['1', [2]]],
      ].map((value): [string, unknown[]] => ['distribution', ['m', value]]),
      ['metric', [5, 1]],
      ['metric', ['m', 1, { tags: 5 }]],
      ['metrics', [{ metric: 'm', points: [[1, 1]] }]],
      ['metrics', [[null]]],
      ['metrics', [[{ points: [[1, 1]] }]]],
      ['metrics', [[{ metric: '', points: [[1, 1]] }]]],
      ['metrics', [[{ metric: 'm' }]]],
      ['metrics', [[{ metric: 'm', points: [1] }]]],
      ['metrics', [[{ metric: 'm', points: [[1, Number.NaN]] }]]],
      ['metrics', [[{ metric: 'm', points: [[1]] }]]],
      ['metrics', [[{ metric: 'm', points: [{ timestamp: 1, value: '1' }] }], { api: 'v2' }]],
      ['metrics', [[{ metric: 'm', points: [{ timestamp: 1 }] }], { api: 'v2' }]],
      ['metrics', [[], { api: 'v3' }]],
      ['metrics', [[{ metric: 'm', points: [[1, 1]], tags: [1n] }]]],
      ['distributions', [[{ metric: 'm', points: [[1, [Number.NaN]]] }]]],
      ['distributions', ['text']],
    ]
    for (const [method, args] of wrong)
      await assert.rejects(api[method]?.(...args) ?? Promise.resolve(), TypeError, method)
    await assert.rejects(client().metric('m', Number.NaN), {
      message: 'a value of a point is a finite number, not NaN',
    })
    assert.equal(server.requests.length, 0)
  })

  const times: [name: string, time: number, warning: RegExp | undefined][] = [
    ['an hour back', NOW_SECONDS - 3600, undefined],
    ['more', NOW_SECONDS - 3601, /^a point of m is more than an hour old: Datadog drops it/],
    ['ten minutes ahead', NOW_SECONDS + 600, undefined],
    ['more ahead', NOW_SECONDS + 601, /^a point of m is more than ten minutes ahead: Datadog drops it/],
    ['milliseconds', NOW_SECONDS * 1000, /^a point of m has a time in milliseconds: Datadog wants seconds/],
  ]
  for (const [name, time, warning] of times) {
    it(`warn of times that Datadog drops without a word, and send them: ${name}`, async () => {
      await client().metric('m', [time, 1])
      await client().metrics([{ metric: 'm', points: [[time, 1]] }])
      await client().metrics([{ metric: 'm', points: [{ timestamp: time, value: 1 }] }], { api: 'v2' })
      await client().distributions([{ metric: 'm', points: [[time, [1]]] }])
      assert.equal(server.requests.length, 4)
      assert.equal(lines.length, warning === undefined ? 0 : 1)
      if (warning !== undefined) assert.match(lines[0] ?? '', warning)
    })
  }

  it('are sent as they are given, by the names of the API', async () => {
    const series: Series[] = [
      {
        metric: 'm',
        points: [[NOW_SECONDS, 1]],
        type: 'count',
        interval: 60,
        host: 'h',
        device: 'd',
        tags: ['a'],
        of_tomorrow: { x: 1 },
      },
    ]
    await client().metrics(series)
    assert.deepEqual(lastSeries(), series)
    const second: SeriesV2[] = [
      {
        metric: 'm',
        type: 3,
        points: [{ timestamp: NOW_SECONDS, value: 15 }],
        resources: [{ type: 'host', name: 'h' }],
        unit: 'byte',
      },
    ]
    await client().metrics(second, { api: 'v2' })
    assert.deepEqual([server.requests.at(-1)?.path, lastSeries()], ['/api/v2/series', second])
    await client().metrics([])
    assert.deepEqual(lastSeries(), [])
  })

  it('are cut into bodies of a size that the API takes: many series', async () => {
    const all = Array.from({ length: 5000 }, (_, n) => ({
      metric: `m${n}`,
      tags: [noise(2500, n)],
      points: [[NOW_SECONDS, 1] as const],
    }))
    await client().metrics(all)
    assert.ok(server.requests.length > 2)
    assert.equal(server.points.size, 5000)
    const sent = server.requests.flatMap(({ body }) => (body as { series: { points: unknown[] }[] }).series)
    assert.equal(sent.length, 5000)
    assert.ok(
      server.requests.every(
        ({ headers, rawBytes }) => headers['content-encoding'] === 'deflate' && rawBytes <= 5_242_880,
      ),
    )
  })

  const HUGE = 200_000
  it('are cut into bodies of a size that the API takes: one series with many points', async () => {
    const given = Array.from({ length: HUGE }, (_, n) => [NOW_SECONDS - n, Math.sin(n)] as const)
    await client().metric('m', given, { tags: ['a'] })
    await client().metrics([{ metric: 'n', points: given.map(([timestamp, value]) => ({ timestamp, value })) }], {
      api: 'v2',
    })
    assert.ok(server.requests.length > 3)
    assert.equal(server.points.size, 2 * HUGE)
    const sent = server.requests.flatMap(({ body }) => (body as { series: { points: unknown[] }[] }).series)
    assert.equal(sent.flatMap((one) => one.points).length, 2 * HUGE)
    assert.ok(sent.slice(0, 2).every((one) => (one as Record<string, unknown>)['host'] === 'web-1'))
  })

  it('are cut into bodies of a size that the API takes: one point of a distribution with many values', async () => {
    const values = Array.from({ length: HUGE * 2 }, (_, n) => Math.sin(n))
    await client().distribution('d', values)
    await client().distributions([
      {
        metric: 'e',
        points: [
          [NOW_SECONDS, values.slice(0, HUGE)],
          [NOW_SECONDS + 1, [1]],
        ],
      },
    ])
    assert.ok(server.requests.length > 2)
    const [first, second, third] = [...server.distributions.values()]
    assert.deepEqual(first, values)
    assert.deepEqual([second?.length, third], [HUGE, [1]])
  })

  it('are sent even if they cannot be cut: Datadog says that it is too much', async () => {
    server.maxSentBytes = 5000
    await assert.rejects(client().metric('m', 1, { tags: [noise(20_000, 1)] }), {
      status: 413,
      advice: 'Send less at once.',
    })
  })

  it('stop at the first body that fails, and say so', async () => {
    const all = Array.from({ length: 5000 }, (_, n) => ({
      metric: `m${n}`,
      tags: [noise(2500, n)],
      points: [[NOW_SECONDS, 1] as const],
    }))
    server.manners.push({ status: 202 }, { status: 400 })
    await assert.rejects(client().metrics(all), (error: Error) => {
      const [{ length }] = server.requests.map(({ body }) => (body as { series: unknown[] }).series) as [unknown[]]
      assert.ok(length > 0 && length < all.length)
      assert.ok(error.message.endsWith(`. Of 5000 items, ${length} were taken before`), error.message)
      const { name, status } = error as ApiError
      assert.deepEqual([name, status], ['ApiError', 400])
      return true
    })
    assert.equal(server.requests.length, 2)
    server.manners.push({ status: 400 })
    await assert.rejects(client().metrics(all), ({ message }: Error) => !message.includes('taken before'))
  })

  it('are sent again where a body was lost, and once where it would count twice', async () => {
    server.manners.push('cut')
    await client().metric('m', 1)
    assert.equal(server.requests.length, 2)
    server.manners.push('cut')
    await assert.rejects(client().distribution('d', 1), { name: 'ClientError' })
    assert.equal(server.requests.length, 3)
  })

  it('come with service checks, one and many', async () => {
    await client().serviceChecks([{ check: 'c', host_name: 'h', status: 1, tags: ['a'], timestamp: 5, message: 'm' }])
    assert.deepEqual(server.checks, [
      { check: 'c', host_name: 'h', status: 1, tags: ['a'], timestamp: 5, message: 'm' },
    ])
    server.checks.length = 0
    const many = Array.from({ length: 2500 }, (_, n) => ({
      check: `c${n}`,
      host_name: 'h',
      status: 0 as const,
      tags: [noise(200, n)],
    }))
    await client().serviceChecks(many)
    assert.deepEqual(server.checks, many)
    assert.equal(server.requests.length, 1 + 3)
  })
})
