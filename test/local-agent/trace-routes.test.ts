// The addresses about traces, over HTTP, from a real agent that was sent real payloads.

import assert from 'node:assert/strict'
import { type LocalAgent, startLocalAgent } from '../../src/local-agent/start-local-agent'
import { MAX_FILE_BYTES } from '../../src/local-agent/trace-file'
import { put, send } from './send'
import { START, uint64, v04, wireSpan } from './wire-span'

const MS = 1_000_000n
const HIGH = '68f1a2b300000000'

/** A request with a database query that failed, and a second trace that is all right. */
const FAILED = v04([
  wireSpan({
    trace_id: 77n,
    span_id: 1n,
    name: 'express.request',
    resource: 'GET /users/:id',
    duration: 20n * MS,
    meta: { env: 'prod', 'http.status_code': '500', 'http.method': 'GET', '_dd.p.tid': HIGH, 'span.kind': 'server' },
  }),
  {
    ...wireSpan({
      trace_id: 77n,
      span_id: 2n ** 64n - 1n,
      parent_id: 1n,
      service: 'web-postgres',
      name: 'pg.query',
      resource: 'SELECT * FROM users',
      type: 'sql',
      start: START + 5n * MS,
      duration: 10n * MS + 1n,
      error: 1,
      meta: {
        'error.type': 'DatabaseError',
        'error.message': 'timeout after 10 ms',
        'error.stack': 'DatabaseError: timeout\n    at query (pg.js:1:1)',
        'span.kind': 'client',
        note: '<b>not HTML</b>',
      },
      metrics: { 'db.row_count': 3 },
    }),
    span_events: [
      { time_unix_nano: uint64(START + 6n * MS), name: 'retry', attributes: { n: { type: 2, int_value: 1 } } },
    ],
    span_links: [
      { trace_id: uint64(78n), trace_id_high: 0, span_id: 5 },
      { trace_id: uint64(1n), span_id: 5 },
    ],
  },
])
const GOOD = v04([
  wireSpan({ trace_id: 78n, span_id: 5n, resource: 'GET /health', duration: 2n * MS, meta: { env: 'dev' } }),
])

const ID = `${HIGH}${(77).toString(16).padStart(16, '0')}`
const GOOD_ID = (78).toString(16).padStart(32, '0')

describe('trace routes', () => {
  let agent: LocalAgent
  beforeEach(async () => {
    agent = await startLocalAgent({ port: 0 })
    for (const payload of [FAILED, GOOD]) await put(`${agent.url}/v0.4/traces`, payload)
  })
  afterEach(() => agent.close())

  const get = async (path: string) => {
    const { status, text, headers } = await send(agent.url + path)
    return { status, headers, text, body: JSON.parse(text) }
  }
  const read = async (path: string) => {
    const { status, body } = await get(path)
    assert.equal(status, 200, JSON.stringify(body))
    return body
  }
  const query = (text: string) => `query=${encodeURIComponent(text)}`

  describe('a list', () => {
    it('has summaries that say what a list shows', async () => {
      const { traces, matched, total, revision } = await read('/api/traces')
      assert.deepEqual([matched, total, revision], [2, 2, 3])
      assert.deepEqual(traces[1], {
        id: ID,
        revision: 2,
        rootId: '1',
        name: 'express.request',
        title: 'GET /users/:id',
        service: 'web',
        resource: 'GET /users/:id',
        type: 'web',
        env: 'prod',
        statusCode: '500',
        status: 'error',
        start: String(START),
        duration: 20_000_000,
        spanCount: 2,
        errorCount: 1,
        services: ['web', 'web-postgres'],
      })
      assert.deepEqual([traces[0].status, traces[0].statusCode, traces[0].env], ['ok', '', 'dev'])
    })

    it('finds by query, the latest change first', async () => {
      const found = async (text: string) =>
        (await read(`/api/traces?${query(text)}`)).traces.map(({ rootId }: { rootId: string }) => rootId).join('')
      assert.equal(await found(''), '51')
      assert.equal(await found('service:web'), '51')
      assert.equal(await found('status:error'), '1')
      assert.equal(await found('@http.status_code:>=500 -resource_name:*health*'), '1')
      assert.equal(await found('duration:<=2ms'), '5')
      assert.equal(await found('service:web status:error'), '')
      assert.equal(await found(`trace_id:${ID}`), '1')
      await put(`${agent.url}/v0.4/traces`, v04([wireSpan({ trace_id: 78n, span_id: 6n, parent_id: 5n, error: 1 })]))
      assert.equal(await found('status:error'), '51')
    })

    it('has pages', async () => {
      for (let id = 100n; id < 110n; id++) await put(`${agent.url}/v0.4/traces`, v04([wireSpan({ trace_id: id })]))
      const page = async (more: string) => {
        const { traces, matched } = await read(`/api/traces?limit=4${more}`)
        assert.equal(matched, 12)
        return traces.map(({ revision }: { revision: number }) => revision)
      }
      assert.deepEqual(await page(''), [13, 12, 11, 10])
      assert.deepEqual(await page('&before=10'), [9, 8, 7, 6])
      assert.deepEqual(await page('&before=4'), [3, 2])
      assert.deepEqual(await page('&before=1'), [])
      for (const bad of ['before=x', 'before=0', 'limit=0']) assert.equal((await get(`/api/traces?${bad}`)).status, 400)
    })

    it('says where a query is wrong, on every address', async () => {
      for (const path of ['traces', 'facets', 'services', 'resources', 'errors', `traces/${ID}/search`]) {
        const { status, body } = await get(`/api/${path}?${query('service:web (a')}`)
        assert.equal(status, 400, path)
        assert.deepEqual(body, { error: 'this ( is not closed', at: 12 })
      }
      assert.equal((await get(`/api/traces?${query('x'.repeat(4001))}`)).body.at, 4000)
    })

    it('is still right after many other queries', async () => {
      for (let round = 0; round < 40; round++) {
        assert.equal((await read(`/api/traces?${query(`service:web -x${round}`)}`)).matched, 2)
        assert.equal((await read(`/api/traces?${query('status:error')}`)).matched, 1)
      }
    })
  })

  describe('one trace', () => {
    it('is found in every form of its id', async () => {
      for (const id of [ID, ID.toUpperCase(), '77', '4d'.padStart(32, '0')]) {
        for (const form of ['', '/skeleton', '/search', '/export']) {
          assert.equal((await get(`/api/traces/${id}${form}`)).status, 200, id + form)
        }
      }
    })

    it('has a skeleton', async () => {
      const { id, spans, critical, serviceTable, summary, services } = await read(`/api/traces/${ID}/skeleton`)
      assert.deepEqual([id, summary.id, services], [ID, ID, ['web', 'web-postgres']])
      assert.deepEqual(spans.id, ['1', '18446744073709551615'])
      assert.deepEqual(
        [spans.start, spans.duration, spans.self],
        [
          [0, 5000],
          [20_000, 10_000.001],
          [9999.999, 10_000.001],
        ],
      )
      assert.deepEqual(critical, [
        { span: 0, start: 0, end: 5000 },
        { span: 1, start: 5000, end: 15_000.001 },
        { span: 0, start: 15_000.001, end: 20_000 },
      ])
      assert.deepEqual(serviceTable[0].service, 'web-postgres')
    })

    it('has spans with events, links and errors', async () => {
      const span = await read(`/api/traces/${ID}/spans/18446744073709551615`)
      assert.deepEqual(
        [span.spanId, span.title, span.meta.note, span.metrics['db.row_count']],
        ['18446744073709551615', 'SELECT * FROM users', '<b>not HTML</b>', 3],
      )
      assert.deepEqual(span.error, {
        type: 'DatabaseError',
        message: 'timeout after 10 ms',
        stack: 'DatabaseError: timeout\n    at query (pg.js:1:1)',
      })
      assert.deepEqual(span.events, [{ name: 'retry', time_unix_nano: String(START + 6n * MS), attributes: { n: 1 } }])
      assert.deepEqual(span.links, [
        { trace_id: GOOD_ID, span_id: '5'.padStart(16, '0'), attributes: {}, isHere: true },
        { trace_id: '1'.padStart(32, '0'), span_id: '5'.padStart(16, '0'), attributes: {}, isHere: false },
      ])
      assert.deepEqual(span.logs, [])
      const root = await read(`/api/traces/${ID}/spans/1`)
      assert.deepEqual([root.error, root.events, root.links], [0, [], []])
    })

    it('has spans whose events are nonsense', async () => {
      const nonsense = ['', '{}', '[1,null,[]]', '[{"name":', '['.repeat(20_000), '"x"', '[{"name":1}]']
      const spans = nonsense.map((events, index) =>
        wireSpan({ trace_id: 9n, span_id: BigInt(index + 1), meta: { events, '_dd.span_links': events } }),
      )
      await put(`${agent.url}/v0.4/traces`, v04(spans))
      for (const [index] of nonsense.entries()) {
        const { events, links } = await read(`/api/traces/9/spans/${index + 1}`)
        assert.deepEqual(events, index === 6 ? [{ name: 1 }] : [])
        assert.equal(links.length, events.length)
      }
    })

    it('is searched', async () => {
      const matches = async (text: string) => (await read(`/api/traces/${ID}/search?${query(text)}`)).matches
      assert.deepEqual(await matches(''), [0, 1])
      assert.deepEqual(await matches('timeout'), [1])
      assert.deepEqual(await matches('error.type=data'), [1])
      assert.deepEqual(await matches('18446744073709551615'), [1])
      assert.deepEqual(await matches('users -type:sql'), [0])
      assert.deepEqual(await matches('nowhere'), [])
    })

    it('is not there under wrong addresses', async () => {
      for (const path of [
        ...[
          '1',
          'import/skeleton',
          `${ID}/`,
          `${ID}/nothing`,
          `${ID}/spans`,
          `${ID}/spans/`,
          `${ID}/spans/2`,
          `${ID}/spans/x`,
        ],
        ...[`${ID}/skeleton/1`, `${ID}/spans/1/`, '%2e%2e/x', `${'9'.repeat(21)}`],
      ]) {
        assert.equal((await send(`${agent.url}/api/traces/${path}`)).status, 404, path)
      }
    })
  })

  describe('all traces', () => {
    it('have facets, of those that match', async () => {
      const values = async (path: string) =>
        Object.fromEntries(
          (await read(path)).facets.map(
            ({ field, values: list }: { field: string; values: { value: string; count: number }[] }) => [
              field,
              list.map(({ value, count }) => `${value} ${count}`).join(', '),
            ],
          ),
        )
      const all = await values('/api/facets')
      assert.deepEqual([all.service, all.status, all.env], ['web 2, web-postgres 1', 'ok 2, error 1', 'dev 1, prod 1'])
      assert.equal((await values(`/api/facets?${query('status:error')}`)).env, 'prod 1')
      assert.deepEqual(await values(`/api/facets?${query('nowhere')}`), {})
      assert.ok((await read('/api/facets')).keys.includes('http.status_code'))
    })

    it('have a service map', async () => {
      const { services, edges, capped } = await read('/api/services')
      assert.deepEqual(services, [
        { name: 'web', type: 'web', requests: 2, errors: 0, p50: 2000, p95: 20_000, p99: 20_000, isExternal: false },
        {
          name: 'web-postgres',
          type: 'db',
          requests: 1,
          errors: 1,
          p50: 10_000.001,
          p95: 10_000.001,
          p99: 10_000.001,
          isExternal: true,
        },
      ])
      assert.deepEqual(edges, [{ from: 'web', to: 'web-postgres', calls: 1, errors: 1, p95: 10_000.001 }])
      assert.equal(capped, 0)
      const names = async (more: string) =>
        (await read(`/api/services?${more}`)).services.map(({ name }: { name: string }) => name).join(' ')
      assert.equal(await names('focus=web-postgres&hops=0'), 'web-postgres')
      assert.equal(await names('focus=web-postgres'), 'web web-postgres')
      assert.equal(await names('focus=nobody'), '')
      assert.equal(await names(query('resource_name:*health')), 'web')
      assert.equal((await get('/api/services?hops=21')).status, 400)
    })

    it('have resources', async () => {
      const rows = async (more = '') =>
        (await read(`/api/resources?${more}`)).resources.map(
          ({ resource, count, errors }: { resource: string; count: number; errors: number }) =>
            `${resource} ${count} ${errors}`,
        )
      assert.deepEqual(await rows(), ['GET /users/:id 1 0', 'SELECT * FROM users 1 1', 'GET /health 1 0'])
      assert.deepEqual(await rows('sort=errors&limit=1'), ['SELECT * FROM users 1 1'])
      assert.deepEqual(await rows('service=web'), ['GET /users/:id 1 0', 'GET /health 1 0'])
      assert.deepEqual(await rows(query('status:error')), ['SELECT * FROM users 1 1'])
      const { resources, matched } = await read('/api/resources')
      assert.equal(matched, 3)
      assert.deepEqual(resources[1].slowest, { traceId: ID, spanId: '18446744073709551615' })
      assert.equal(resources[1].lastError.message, 'timeout after 10 ms')
      assert.deepEqual(resources[1].histogram, [{ from: 10_000, to: 15_000, count: 1 }])
      assert.equal((await get('/api/resources?sort=colour')).status, 400)
    })

    it('have errors', async () => {
      const { errors, matched } = await read('/api/errors')
      assert.equal(matched, 1)
      assert.deepEqual(errors, [
        {
          type: 'DatabaseError',
          message: 'timeout after 10 ms',
          service: 'web-postgres',
          resource: 'SELECT * FROM users',
          count: 1,
          first: Number(START) / 1e6 + 15.000001,
          last: Number(START) / 1e6 + 15.000001,
          traceId: ID,
          spanId: '18446744073709551615',
          stack: 'DatabaseError: timeout\n    at query (pg.js:1:1)',
        },
      ])
      assert.deepEqual((await read(`/api/errors?${query('service:web')}`)).errors, [])
    })

    it('are compared by two', async () => {
      const { a, b, rows, totals } = await read(`/api/compare?a=${ID}&b=78`)
      assert.deepEqual([a.id, b.id], [ID, GOOD_ID])
      assert.deepEqual(
        rows.map(({ resource, change }: { resource: string; change: string }) => `${resource} ${change}`),
        ['GET /users/:id removed', 'SELECT * FROM users removed', 'GET /health added'],
      )
      assert.deepEqual([totals.spansA, totals.spansB, totals.removed], [2, 1, 2])
      for (const bad of ['', '?a=77', '?b=77', '?a=77&b=1']) assert.equal((await get(`/api/compare${bad}`)).status, 404)
    })
  })

  describe('files', () => {
    const importing = (body: Buffer | string, headers: Record<string, string> = {}) =>
      send(`${agent.url}/api/traces/import`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body,
      })

    it('go from one agent to another', async () => {
      const { text, headers } = await send(`${agent.url}/api/traces/${ID}/export`)
      assert.equal(headers['content-disposition'], `attachment; filename="trace-${ID}.json"`)
      assert.match(String(headers['content-security-policy']), /default-src 'none'/)
      const other = await startLocalAgent({ port: 0 })
      try {
        const url = `${other.url}/api/traces/import`
        const taken = await send(url, { method: 'POST', body: text })
        assert.deepEqual([taken.status, JSON.parse(taken.text)], [200, { traces: [ID] }])
        const again = await send(`${other.url}/api/traces/${ID}`)
        assert.deepEqual(
          { ...JSON.parse(again.text), revision: 2 },
          { ...(await read(`/api/traces/${ID}`)), revision: 2 },
        )
        assert.equal((await send(`${other.url}/api/traces/${ID}/export`)).text, text)
      } finally {
        await other.close()
      }
    })

    it('are refused with a reason, and leave nothing behind', async () => {
      const refusals: [status: number, reason: RegExp, body: string, headers?: Record<string, string>][] = [
        [400, /not JSON/, '{'],
        [400, /format is not dd-trace/, '{}'],
        [
          400,
          /span 1 of trace 2/,
          '{"format":"dd-trace","version":1,"traces":[[{"trace_id":"5","span_id":"1","start":"1","duration":"1"}],[7]]}',
        ],
        [415, /compressed/, '{}', { 'content-encoding': 'gzip' }],
        [403, /other pages/, '{}', { origin: 'http://evil.example' }],
      ]
      for (const [status, reason, body, headers] of refusals) {
        const sent = await importing(body, headers)
        assert.equal(sent.status, status)
        assert.match(JSON.parse(sent.text).error, reason)
      }
      assert.equal((await read('/api/traces')).total, 2)
    })

    it('may be so long and no longer', async () => {
      const file = '{"format":"dd-trace","version":1,"traces":[]}'
      assert.equal((await importing(file.padEnd(MAX_FILE_BYTES))).status, 200)
      assert.equal((await importing(file.padEnd(MAX_FILE_BYTES + 1))).status, 413)
      assert.equal((await importing(file)).text, '{"traces":[]}')
    })
  })

  it('are read with GET, imports are posted', async () => {
    for (const path of [
      'traces',
      'facets',
      'services',
      'resources',
      'errors',
      'compare',
      `traces/${ID}`,
      `traces/${ID}/export`,
    ]) {
      assert.equal((await send(`${agent.url}/api/${path}`, { method: 'POST' })).status, 405, path)
    }
    assert.equal((await send(`${agent.url}/api/traces/import`)).status, 405)
  })

  it('are well without any trace', async () => {
    const empty = await startLocalAgent({ port: 0 })
    try {
      for (const path of ['traces', 'facets', 'services', 'resources', 'errors']) {
        const { status, text } = await send(`${empty.url}/api/${path}`)
        assert.equal(status, 200)
        assert.deepEqual(Object.values(JSON.parse(text)).flat().filter(Boolean), [], path)
      }
    } finally {
      await empty.close()
    }
  })

  it('survive traces that make no sense', async () => {
    const far = 2n ** 63n - 1n
    const payloads = [
      [wireSpan({ trace_id: 500n, span_id: 1n, parent_id: 1n })],
      [
        wireSpan({ trace_id: 501n, span_id: 1n, parent_id: 2n }),
        wireSpan({ trace_id: 501n, span_id: 2n, parent_id: 1n }),
      ],
      [
        wireSpan({ trace_id: 502n, start: 0n, duration: far }),
        wireSpan({ trace_id: 502n, span_id: 2n, start: far, duration: far }),
      ],
      [wireSpan({ trace_id: 503n, duration: -5n, parent_id: 99n })],
      [wireSpan({ trace_id: 504n }), wireSpan({ trace_id: 504n, duration: 7n })],
      Array.from({ length: 10_000 }, (_, index) =>
        wireSpan({ trace_id: 505n, span_id: BigInt(index + 1), parent_id: BigInt(index), service: `s${index % 100}` }),
      ),
    ]
    for (const spans of payloads) assert.equal((await put(`${agent.url}/v0.4/traces`, v04(spans))).status, 200)
    for (let id = 500; id <= 505; id++) {
      for (const form of ['', '/skeleton', `/search?${query('web')}`, '/export', '/spans/1']) {
        assert.equal((await get(`/api/traces/${id}${form}`)).status, 200, id + form)
      }
      assert.equal((await get(`/api/compare?a=${id}&b=505`)).status, 200)
    }
    for (const path of ['traces', 'facets', 'services', 'resources', 'errors']) {
      assert.equal((await get(`/api/${path}?${query('service:s* OR web')}`)).status, 200, path)
    }
    assert.equal((await read('/api/services?focus=s1&hops=2')).services.length, 5)
  })
})
