// The addresses about all traces at once, over HTTP, of a real agent that was sent real payloads: facets, sums, comparisons; and that no trace
// is too odd for any address.

import assert from 'node:assert/strict'
import { startLocalAgent } from '../../src/local-agent/start-local-agent'
import { put, send } from './send'
import { agent, GOOD_ID, get, ID, query, read, useTwoTraces } from './two-traces'
import { START, v04, wireSpan } from './wire-span'

describe('trace routes: all traces', () => {
  useTwoTraces()

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
