// The address of the list of traces, over HTTP, of a real agent that was sent real payloads: what it says and what can be asked for.

import assert from 'node:assert/strict'
import { put } from './send'
import { agent, get, ID, query, read, useTwoTraces } from './two-traces'
import { START, v04, wireSpan } from './wire-span'

describe('trace routes: a list', () => {
  useTwoTraces()

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
