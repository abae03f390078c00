// How batches go out over real connections: in what sizes, what is sent again and after what wait, and what is not because it would be
// counted twice.

import { strict as assert } from 'node:assert'
import { ENDPOINTS, type Endpoint } from '../../src/api-transport/api-endpoints'
import { chunksOf } from '../../src/api-transport/payload-chunks'
import { SeriesSender } from '../../src/metrics/aggregator/series-sender'
import { SeriesApiTransport } from '../../src/metrics/aggregator/series-transport'
import { type ApiManner, type ApiServer, startApiServer } from '../support/api-server'
import { selfSigned } from '../support/certificate'
import { freePort } from '../support/free-port'
import { HeldTimers } from '../support/held-timers'
import { noise } from '../support/noise'

const point = (metric: string, extra: object = {}) => ({ metric, type: 'count', points: [[1000, 1]], ...extra })
const spread = (metric: string) => ({ metric, type: 'distribution', points: [[1000, [1, 2]]] })

describe('sending series', () => {
  let server: ApiServer
  let waits: number[]
  let nowMs: number
  let roll: number
  const deadlines = HeldTimers.declare()

  const senderTo = (url: string, retries = 2) =>
    new SeriesSender({
      transport: new SeriesApiTransport({
        url: new URL(url),
        apiKey: 'the-key',
        proxy: undefined,
        userAgent: 'test',
        timeoutMs: deadlines.ms,
      }),
      retries,
      random: () => roll,
      now: () => nowMs,
      pause: {
        async wait(ms: number) {
          waits.push(ms)
          nowMs += ms
        },
        cut() {},
      },
    })

  beforeEach(async () => {
    server = await startApiServer()
    waits = []
    nowMs = 0
    roll = 0
  })

  afterEach(async () => {
    await server.close()
    assert.deepEqual(server.violations, [])
  })

  it('fills bodies up to the limit before compression, and not a byte beyond', () => {
    const rules = { ...ENDPOINTS['series-v2'], maxRawBytes: 13 + 3 + 1 + 3 }
    assert.equal(rules.before.length + rules.after.length, 13)
    assert.deepEqual(chunksOf(['"a"', '"b"', '"c"'], rules), [
      { from: 0, to: 2 },
      { from: 2, to: 3 },
    ])
    assert.deepEqual(chunksOf(['"a"', '"é"'], rules), [
      { from: 0, to: 1 },
      { from: 1, to: 2 },
    ])
    assert.deepEqual(chunksOf(['"far too long for a body"', '"b"'], rules), [
      { from: 0, to: 1 },
      { from: 1, to: 2 },
    ])
    assert.deepEqual(chunksOf([], rules), [])
  })

  for (const endpoint of ['series-v1', 'series-v2', 'distributions'] as const) {
    it(`keeps the limits of ${endpoint}`, async () => {
      const form = endpoint === 'series-v2' ? { points: [{ timestamp: 1000, value: 1 }] } : {}
      const items = Array.from({ length: 3000 }, (_, n) => ({
        ...(endpoint === 'distributions' ? spread(`m${n}`) : point(`m${n}`, form)),
        tags: [noise(2500, n)],
      }))
      const { fates, requests, problems } = await senderTo(server.url).send({ endpoint, items })
      assert.deepEqual([new Set(fates), problems], [new Set(['taken']), []])
      assert.equal(server.points.size + server.distributions.size, 3000)
      assert.equal(requests, server.requests.length)
      assert.ok(requests > 1, `${requests} bodies`)
      assert.deepEqual(waits, [])
    })
  }

  it('sends halves when the server finds a body too large, and gives up only what is too large by itself', async () => {
    server.maxSentBytes = 300
    const items = ['a', 'b', 'c', 'd', 'e'].map((name) => point(name, { points: [{ timestamp: 1000, value: 1 }] }))
    items[3] = { ...items[3]!, metric: 'd'.repeat(400) }
    const { fates, problems } = await senderTo(server.url).send({ endpoint: 'series-v2', items })
    assert.deepEqual(fates, ['taken', 'taken', 'taken', 'refused', 'taken'])
    assert.equal(server.points.size, 4)
    assert.match(problems[0]?.message ?? '', /answered 413/)
    assert.deepEqual(waits, [])
  })

  const asked: [name: string, headers: Record<string, string>, waitMs: number][] = [
    ['Retry-After in seconds', { 'Retry-After': '7' }, 7000],
    ['Retry-After before X-RateLimit-Reset', { 'Retry-After': '7', 'X-RateLimit-Reset': '3' }, 7000],
    ['X-RateLimit-Reset in seconds', { 'X-RateLimit-Reset': '3' }, 3000],
    ['no word, at first', {}, 500],
    ['a word that says nothing', { 'Retry-After': 'soon' }, 500],
  ]
  for (const [name, headers, waitMs] of asked) {
    it(`waits as a 429 asks: ${name}`, async () => {
      server.manners.push({ status: 429, headers })
      const { fates, retries } = await senderTo(server.url).send({ endpoint: 'series-v1', items: [point('a')] })
      assert.deepEqual([fates, retries, waits], [['taken'], 1, [waitMs]])
    })
  }

  it('waits until a date, and until a time of a reset', async () => {
    const inSeconds = (s: number) => Date.now() + s * 1000
    server.manners.push({ status: 429, headers: { 'Retry-After': new Date(inSeconds(30)).toUTCString() } })
    server.manners.push({ status: 429, headers: { 'X-RateLimit-Reset': String(inSeconds(20) / 1000) } })
    await senderTo(server.url).send({ endpoint: 'series-v1', items: [point('a')] })
    const [toDate = 0, toReset = 0] = waits
    assert.ok(toDate > 20_000 && toDate <= 30_000, `${toDate}`)
    assert.ok(toReset > 15_000 && toReset <= 20_000, `${toReset}`)
  })

  it('leaves the server alone for as long as it asks where that is longer than a flush may take', async () => {
    server.manners.push({ status: 429, headers: { 'Retry-After': '61' } })
    const sender = senderTo(server.url)
    const batch = { endpoint: 'series-v1', items: [point('a')] } as const
    assert.deepEqual((await sender.send(batch)).fates, ['kept'])
    nowMs = 60_999
    assert.deepEqual((await sender.send(batch)).fates, ['kept'])
    assert.equal(server.requests.length, 1)
    nowMs = 61_000
    assert.deepEqual((await sender.send(batch)).fates, ['taken'])
    server.manners.push({ status: 429, headers: { 'Retry-After': '60' } })
    assert.deepEqual((await sender.send(batch)).fates, ['taken'])
    assert.deepEqual(waits, [60_000])
  })

  it('waits longer each time, by chance, and then leaves it to the next flush', async () => {
    server.manners.push({ status: 500 }, { status: 502 }, { status: 408 }, { status: 503 })
    roll = 0.5
    const sender = senderTo(server.url, 3)
    const { fates, retries, problems } = await sender.send({ endpoint: 'series-v1', items: [point('a')] })
    assert.deepEqual([fates, retries, waits], [['kept'], 3, [750, 1500, 3000]])
    assert.match(problems[0]?.message ?? '', /^127\.0\.0\.1:\d+ answered 503 \{"errors":\["no"\]\}$/)
  })

  it('has no more than ten retries in hand while nothing is taken', async () => {
    server.manners.push(...Array.from({ length: 100 }, (): ApiManner => ({ status: 500 })))
    const sender = senderTo(server.url, 3)
    const batch = { endpoint: 'series-v1', items: [point('a')] } as const
    for (let flush = 0; flush < 6; flush++) await sender.send(batch)
    assert.equal(server.requests.length, 6 + 10)
    server.manners.length = 0
    await sender.send(batch)
    server.manners.push({ status: 500 })
    assert.deepEqual((await sender.send(batch)).fates, ['taken'])
  })

  it('does not send the rest to a server that is away', async () => {
    const sender = senderTo(`http://127.0.0.1:${await freePort()}`, 0)
    const items = Array.from({ length: 3 }, (_, n) => ({ check: `c${n}`, status: 0 }))
    const { fates, problems } = await sender.send({ endpoint: 'events', items })
    assert.deepEqual(fates, ['kept', 'kept', 'kept'])
    assert.equal(problems.length, 1)
    assert.match(problems[0]?.message ?? '', /^no answer from 127\.0\.0\.1:\d+ \(ECONNREFUSED\)$/)
  })

  // What a repeat would double is sent again only where the server said, or it is certain, that nothing was taken.
  const outcomes: [manner: ApiManner, series: string, distributions: string][] = [
    [{ status: 400 }, 'refused', 'refused'],
    [{ status: 403 }, 'refused', 'refused'],
    [{ status: 302, headers: { Location: 'http://127.0.0.1:9/' } }, 'refused', 'refused'],
    [{ status: 408 }, 'kept', 'unknown'],
    [{ status: 429 }, 'kept', 'kept'],
    [{ status: 500 }, 'kept', 'unknown'],
    [{ status: 503 }, 'kept', 'kept'],
    ['cut', 'kept', 'unknown'],
    ['hang', 'kept', 'unknown'],
  ]
  for (const [manner, forSeries, forDistributions] of outcomes) {
    it(`after ${JSON.stringify(manner)}: a series is ${forSeries}, a distribution ${forDistributions}`, async () => {
      const wanted: [Endpoint, object, string][] = [
        ['series-v1', point('a'), forSeries],
        ['checks', { check: 'c', status: 0 }, forSeries],
        ['distributions', spread('a'), forDistributions],
        ['events', { title: 't' }, forDistributions],
      ]
      for (const [endpoint, item, fate] of wanted) {
        server.manners.push(manner)
        const sender = senderTo(server.url, 0)
        const before = server.requests.length
        const sending = sender.send({ endpoint, items: [item] })
        if (manner === 'hang') {
          await server.until(() => server.requests.length > before)
          deadlines.goOff()
        }
        const { fates, problems } = await sending
        assert.deepEqual([endpoint, fates, problems.length], [endpoint, [fate], 1])
        sender.close()
      }
    })
  }

  it('gives up what was not written when it is interrupted, and says what may have arrived', async () => {
    server.manners.push({ status: 202 }, 'hang')
    const sender = senderTo(server.url)
    const items = ['a', 'b', 'c'].map((title) => ({ title }))
    const sending = sender.send({ endpoint: 'events', items })
    await server.until(() => server.requests.length === 2)
    assert.deepEqual(sender.interrupt(), ['taken', 'unknown', 'kept'])
    sender.close()
    await sending
    assert.deepEqual(server.events, [{ title: 'a' }])
    assert.equal(sender.interrupt(), undefined)
  })

  it('sends nothing to a server that it cannot trust', async () => {
    const stranger = await startApiServer(selfSigned())
    const sender = senderTo(stranger.url, 0)
    const { fates, problems } = await sender.send({ endpoint: 'events', items: [{ title: 't' }] })
    await stranger.close()
    assert.deepEqual(fates, ['kept'])
    assert.match(problems[0]?.message ?? '', /DEPTH_ZERO_SELF_SIGNED_CERT/)
    assert.equal(stranger.requests.length, 0)
  })

  it('keeps one connection for the bodies of a flush', async () => {
    const sender = senderTo(server.url)
    const items = ['a', 'b', 'c'].map((title) => ({ title }))
    await sender.send({ endpoint: 'events', items })
    assert.equal(server.requests.length, 3)
    assert.equal(server.connections, 1)
    sender.close()
  })
})
