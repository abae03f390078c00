// Metrics of the local agent over HTTP: what programs without an Agent post to Datadog's API, with its answers and its limits, and what can
// be looked at.

import assert from 'node:assert/strict'
import * as zlib from 'node:zlib'
import { deflateSync, gzipSync } from 'node:zlib'
import { type LocalAgent, startLocalAgent } from '../../src/local-agent/start-local-agent'
import { send } from './send'

const V1_BYTES = 3_200_000
const V1_INFLATED_BYTES = 62_914_560
const V2_BYTES = 512_000
const V2_INFLATED_BYTES = 5_242_880

const OK = '{"status":"ok"}'

describe('local agent metrics', () => {
  let agent: LocalAgent
  const nowS = Math.floor(Date.now() / 1000)
  beforeEach(async () => {
    agent = await startLocalAgent({ port: 0, dogstatsdPort: 0 })
  })
  afterEach(() => agent.close())

  const post = (path: string, body: unknown, headers: Record<string, string> = {}) => {
    const bytes = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body)
    return send(agent.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: bytes,
    })
  }
  const get = async (path: string) => JSON.parse((await send(agent.url + path)).text)
  const shown = async (name: string) => {
    const all = (await get(`/api/metrics?name=${name}`)).series
    const series = all.filter((each: { name: string }) => each.name === name)
    assert.equal(series.length, 1)
    return series[0]
  }

  describe('posted to the API', () => {
    it('takes series of version 1', async () => {
      const points = [
        [nowS, 1],
        [nowS - 10, 2.5],
      ]
      const common = { points, host: 'h', device: 'eth0', tags: ['b:2', 'a'] }
      for (const type of ['count', 'gauge', 'rate', 'counter', '', null]) {
        const series = [{ metric: `m.${type}`, type, interval: 10, ...common }]
        const { status, text, headers } = await post('/api/v1/series?api_key=x', { series })
        assert.deepEqual([status, text, headers['content-type']], [202, OK, 'text/json'])
      }
      const { source, type, host, tags, lines, total } = await shown('m.count')
      assert.deepEqual(
        { source, type, host, tags, lines },
        { source: 'api', type: 'count', host: 'h', tags: ['a', 'b:2', 'device:eth0'], lines: 2 },
      )
      assert.deepEqual(total, { value: 3.5 })
      assert.deepEqual([(await shown('m.counter')).type, (await shown('m.null')).type], ['count', 'gauge'])
      assert.equal((await get('/api/metrics')).counters.api.points, 12)
    })

    it('takes old clients’ series, which leave out what they can', async () => {
      const series = [{ metric: 'm', points: [[nowS, 1]], host: null, device: null, tags: null }]
      assert.equal((await post('/api/v1/series', { series })).status, 202)
      const { type, host, tags } = await shown('m')
      assert.deepEqual({ type, host, tags }, { type: 'gauge', host: '', tags: [] })
    })

    it('takes series of version 2', async () => {
      const points = [{ timestamp: nowS, value: 7 }]
      const resources = [
        { type: 'device', name: 'd' },
        { type: 'host', name: 'h' },
      ]
      const series = [0, 1, 2, 3, undefined].map((type) => ({
        metric: `m${type}`,
        type,
        points,
        resources,
        tags: ['a'],
      }))
      const { status, text } = await post('/api/v2/series', { series })
      assert.deepEqual([status, text], [202, '{"errors":[]}'])
      const types = await Promise.all(
        ['m0', 'm1', 'm2', 'm3', 'mundefined'].map(async (name) => (await shown(name)).type),
      )
      assert.deepEqual(types, ['gauge', 'count', 'rate', 'gauge', 'gauge'])
      assert.deepEqual([(await shown('m1')).host, (await shown('m1')).tags], ['h', ['a']])
    })

    it('takes distributions', async () => {
      const series = [{ metric: 'd', points: [[nowS, [1, 2, 3]]], tags: ['a'] }]
      const { status, text } = await post('/api/v1/distribution_points', { series })
      assert.deepEqual([status, text], [202, OK])
      const { type, total } = await shown('d')
      assert.deepEqual([type, total.count, total.sum, total.median], ['distribution', 3, 6, 2])
    })

    it('takes events, and answers with them', async () => {
      const event = { title: 't', text: 'x', tags: ['b', 'a'], alert_type: 'user_update', priority: 'low', host: 'h' }
      const { status, text } = await post('/api/v1/events', { ...event, aggregation_key: 'k', source_type_name: 's' })
      assert.equal(status, 202)
      const answer = JSON.parse(text)
      assert.equal(answer.status, 'ok')
      assert.deepEqual([answer.event.title, answer.event.id_str], ['t', String(answer.event.id)])
      assert.equal((await post('/api/v1/events', { title: 'u', text: 'x'.repeat(4001), tags: 'a,b' })).status, 202)
      const [last, first] = (await get('/api/metrics/events')).events
      assert.deepEqual([last.title, last.text.length, last.tags], ['u', 4000, ['a', 'b']])
      const { receivedAt, ...rest } = first
      assert.ok(Math.abs(receivedAt - Date.now()) < 60_000)
      assert.deepEqual(rest, {
        title: 't',
        text: 'x',
        hostname: 'h',
        aggregationKey: 'k',
        priority: 'low',
        sourceType: 's',
        alertType: 'user_update',
        tags: ['a', 'b'],
        ignored: [],
        source: 'api',
      })
    })

    it('keeps of long events and checks what has room', async () => {
      const tags = Array.from({ length: 40_000 }, (_, i) => `tag${i}`)
      for (let i = 0; i < 10; i++) {
        assert.equal((await post('/api/v1/events', { title: `t${i}`, text: '', tags })).status, 202)
        assert.equal(
          (await post('/api/v1/check_run', { check: `c${i}`, status: 0, message: 'm'.repeat(400_000) })).status,
          202,
        )
      }
      const { events } = await get('/api/metrics/events')
      const { checks } = await get('/api/metrics/checks')
      assert.ok(events.length < 10 && events[0].title === 't9', `${events.length} events`)
      assert.ok(checks.length === 10 && checks[0].name === 'c9', `${checks.length} checks`)
    })

    it('refuses events of long ago', async () => {
      const age = 18 * 3600
      // The files of tests were read long ago.
      const nowS = Math.floor(Date.now() / 1000)
      const event = { title: 't', text: '' }
      assert.equal((await post('/api/v1/events', { ...event, date_happened: nowS - age + 60 })).status, 202)
      const { status, text } = await post('/api/v1/events', { ...event, date_happened: nowS - age - 60 })
      assert.deepEqual([status, JSON.parse(text).errors], [400, ['Event too far in the past']])
    })

    it('takes service checks, one or a list', async () => {
      const check = { check: 'c', host_name: 'h', status: 2, tags: ['a'], timestamp: nowS, message: 'no' }
      for (const body of [check, [check, { check: 'd', status: 0 }]]) {
        const { status, text } = await post('/api/v1/check_run', body)
        assert.deepEqual([status, text], [202, OK])
      }
      const { checks } = await get('/api/metrics/checks')
      assert.deepEqual(
        checks.map(({ name, status, hostname }: Record<string, unknown>) => [name, status, hostname]),
        [
          ['d', 0, undefined],
          ['c', 2, 'h'],
          ['c', 2, 'h'],
        ],
      )
    })

    const body = { series: [{ metric: 'm', points: [[nowS, 1]] }] }
    const text = JSON.stringify(body)
    const encodings: [name: string, bytes: Buffer][] = [
      ['deflate', deflateSync(text)],
      ['gzip', gzipSync(text)],
      ['identity', Buffer.from(text)],
    ]
    const { zstdCompressSync } = zlib as { zstdCompressSync?: (text: string) => Buffer }
    if (zstdCompressSync !== undefined) encodings.push(['zstd1', zstdCompressSync(text)])
    for (const [encoding, bytes] of encodings) {
      it(`takes bodies in ${encoding}`, async () => {
        assert.equal((await post('/api/v1/series', bytes, { 'content-encoding': encoding })).status, 202)
        assert.equal((await shown('m')).lines, 1)
      })
    }

    const series = (...list: unknown[]) => ({ series: list })
    const wrong: [path: string, body: unknown, reason: RegExp, headers?: Record<string, string>][] = [
      ['v1/series', '', /not JSON/],
      ['v1/series', '{"series":', /not JSON/],
      ['v1/series', [], /the body is not an object/],
      ['v1/series', {}, /series is not a list/],
      ['v1/series', series(1), /series\[0\] is not an object/],
      ['v1/series', series({ points: [] }), /series\[0\]\.metric is not a text that is not empty/],
      ['v1/series', series({ metric: '', points: [] }), /series\[0\]\.metric/],
      ['v1/series', series({ metric: 'm' }), /series\[0\]\.points is not a list/],
      ['v1/series', series({ metric: 'm', points: [[nowS, '1']] }), /points\[0\]\[1\] is not a number/],
      ['v1/series', series({ metric: 'm', points: [[nowS, null]] }), /points\[0\]\[1\] is not a number/],
      ['v1/series', series({ metric: 'm', points: [5] }), /points\[0\] is not a list/],
      ['v1/series', series({ metric: 'm', points: [], tags: [1] }), /tags\[0\] is not a text/],
      ['v1/series', series({ metric: 'm', points: [], host: 1 }), /host is not a text/],
      ['v2/series', series({ metric: 'm', points: [[nowS, 1]] }), /points\[0\] is not an object/],
      ['v2/series', series({ metric: 'm', type: 4, points: [] }), /type is not 0/],
      ['v2/series', series({ metric: 'm', points: [{ timestamp: nowS }] }), /value is not a number/],
      ['v1/distribution_points', series({ metric: 'm', points: [[nowS, 1]] }), /points\[0\]\[1\] is not a list/],
      ['v1/events', { text: 'x' }, /title is not a text/],
      ['v1/events', { title: 't', date_happened: 'now' }, /date_happened is not a number/],
      ['v1/check_run', [{ check: 'c', status: 4 }], /\[0\]\.status is not 0/],
      ['v1/check_run', { status: 0 }, /the body\.check/],
      ['v1/series', 'xx', /not what its encoding gzip says/, { 'content-encoding': 'gzip' }],
      [
        'v1/series',
        deflateSync(text).subarray(0, 20),
        /not what its encoding deflate says/,
        { 'content-encoding': 'deflate' },
      ],
      ['v1/series', `{"series":${'['.repeat(100)}`, /nested/],
    ]
    for (const [path, given, reason, headers] of wrong) {
      it(`refuses a payload of a wrong shape whole, with the place: ${reason.source}`, async () => {
        const { status, text } = await post(`/api/${path}`, given, headers)
        assert.equal(status, 400)
        const answer = JSON.parse(text)
        assert.equal(answer.errors.length, 1)
        assert.match(answer.errors[0], reason)
        const { counters } = await get('/api/metrics')
        assert.deepEqual([counters.api.points, counters.api.refusedPayloads, counters.series], [0, 1, 0])
      })
    }

    it('refuses encodings it does not know, and other methods', async () => {
      const { status, text } = await post('/api/v1/series', '{}', { 'content-encoding': 'br' })
      assert.equal(status, 415)
      assert.match(text, /use deflate or gzip/)
      assert.equal((await send(`${agent.url}/api/v1/series`)).status, 405)
      assert.equal((await post('/api/v1/other', '{}')).status, 404)
    })

    /** A body of so many bytes. */
    const ofBytes = (bytes: number) => {
      const fit = JSON.stringify(body)
      return fit + ' '.repeat(bytes - fit.length)
    }
    for (const [path, maxBytes, maxInflated] of [
      ['/api/v1/series', V1_BYTES, V1_INFLATED_BYTES],
      ['/api/v2/series', V2_BYTES, V2_INFLATED_BYTES],
    ] as const) {
      it(`takes so many bytes at ${path}, sent and decompressed, and refuses one more`, async function () {
        this.timeout(60_000)
        const isV2 = path.includes('v2')
        const taken = isV2 ? 400 : 202
        // Version 2 has another form; what counts here is that it was read.
        assert.equal((await post(path, ofBytes(maxBytes))).status, taken)
        const over = await post(path, ofBytes(maxBytes + 1))
        assert.deepEqual([over.status, JSON.parse(over.text).code], [413, 413])
        const headers = { 'content-encoding': 'deflate' }
        assert.equal((await post(path, deflateSync(ofBytes(maxInflated)), headers)).status, taken)
        const bomb = await post(path, deflateSync(ofBytes(maxInflated + 1)), headers)
        assert.equal(bomb.status, 413)
        assert.match(JSON.parse(bomb.text).errors[0], /Payload too large/)
      })
    }
  })

  describe('posted as lines', () => {
    it('takes them where tracers look for it, and says so in /info', async () => {
      const { endpoints } = await get('/info')
      assert.ok(endpoints.includes('/dogstatsd/v2/proxy'))
      const lines = Array.from({ length: 1000 }, (_, i) => `m:${i}|c|#tag:${i % 3}`)
      const { status, text } = await post('/dogstatsd/v2/proxy', lines.join('\n'))
      assert.deepEqual([status, text], [200, ''])
      const { counters } = await get('/api/metrics')
      assert.deepEqual([counters.received, counters.lines.count, counters.series], [1000, 1000, 3])
      assert.equal((await send(`${agent.url}/dogstatsd/v2/proxy`)).status, 405)
    })
  })

  describe('looked at', () => {
    beforeEach(() => agent.metrics.take(Buffer.from('b.one:1|c\na.two:2|g\na.three:3|g\nbad\n_e{1,1}:t|x\n_sc|c|0')))
    const names = async (query: string) =>
      (await get(`/api/metrics${query}`)).series.map(({ name }: { name: string }) => name)

    it('gives series, the newest first, by name and as many as are asked for', async () => {
      assert.deepEqual(await names(''), ['a.three', 'a.two', 'b.one'])
      assert.deepEqual(await names('?limit=1'), ['a.three'])
      assert.deepEqual(await names('?name=a.&limit=5'), ['a.three', 'a.two'])
      assert.deepEqual(await names('?name=none'), [])
    })

    it('gives so many windows', async () => {
      assert.equal((await shown('b.one')).windows.length, 1)
      assert.equal((await get('/api/metrics?name=b.one&windows=0')).series[0].windows.length, 0)
      for (const query of ['windows=61', 'windows=-1', 'windows=x', 'limit=0', 'limit=1.5', 'limit=']) {
        assert.equal((await send(`${agent.url}/api/metrics?${query}`)).status, 400, query)
      }
    })

    it('gives events, checks and what was rejected', async () => {
      assert.equal((await get('/api/metrics/events')).events[0].title, 't')
      assert.equal((await get('/api/metrics/checks?limit=1')).checks[0].name, 'c')
      assert.match((await get('/api/metrics/rejected')).rejected[0].reason, /no type/)
      assert.equal((await send(`${agent.url}/api/metrics/others`)).status, 404)
      for (const path of ['', '/events', '/checks', '/rejected']) {
        assert.equal((await post(`/api/metrics${path}`, '{}')).status, 405)
      }
    })

    it('tells nothing to other pages, and takes nothing from them', async () => {
      const headers = { origin: 'http://evil.example' }
      for (const path of ['/api/metrics', '/api/metrics/events', '/api/metrics/checks', '/api/metrics/rejected']) {
        assert.equal((await send(agent.url + path, { headers })).status, 403)
      }
      for (const path of ['/dogstatsd/v2/proxy', '/api/v1/series', '/api/v2/series', '/api/v1/events']) {
        assert.equal((await post(path, 'x:1|c', headers)).status, 403)
      }
      assert.equal(agent.metrics.counters.received, 6)
    })
  })
})
