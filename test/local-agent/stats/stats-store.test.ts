// The statistics that tracers send: taken, added up, bounded; what makes no sense is counted and costs nothing else.

import assert from 'node:assert/strict'
import { encode } from 'msgpack-lite'
import { type LocalAgent, startLocalAgent } from '../../../src/local-agent/start-local-agent'
import { MAX_ROWS } from '../../../src/local-agent/stats/stats-store'
import { put, send } from '../send'
import { uint64 } from '../wire-span'

const START = 1_700_000_000_000_000_000n

const row = (fields: object = {}) => ({
  Service: 'web',
  Name: 'web.request',
  Resource: 'GET /',
  HTTPStatusCode: 200,
  Type: 'web',
  Hits: 3,
  Errors: 1,
  Duration: 9000,
  TopLevelHits: 2,
  SpanKind: 'server',
  OkSummary: Buffer.from([1, 2]),
  ErrorSummary: Buffer.alloc(0),
  ...fields,
})
const payload = (rows: unknown[], fields: object = {}) =>
  encode({
    Hostname: 'h',
    Env: 'test',
    Version: '1',
    Stats: [{ Start: uint64(START), Duration: 1e10, Stats: rows }],
    ...fields,
  })

describe('local agent, statistics of tracers', () => {
  let agent: LocalAgent
  beforeEach(async () => {
    agent = await startLocalAgent({ port: 0 })
  })
  afterEach(() => agent.close())

  const take = (body: Buffer) => put(`${agent.url}/v0.6/stats`, body)
  const shown = async () => JSON.parse((await send(`${agent.url}/api/stats`)).text)

  it('are added up by resource', async () => {
    for (const rows of [
      [row(), row({ Resource: 'GET /b' })],
      [row({ Hits: 1, Duration: 1, Errors: 0, TopLevelHits: 1 })],
    ]) {
      assert.equal((await take(payload(rows))).status, 200)
    }
    const { stats, counters } = await shown()
    const start = Number(START / 1_000_000n)
    assert.deepEqual(stats[0], {
      service: 'web',
      name: 'web.request',
      resource: 'GET /',
      type: 'web',
      spanKind: 'server',
      statusCode: 200,
      env: 'test',
      version: '1',
      hits: 4,
      errors: 1,
      topLevelHits: 3,
      duration: 9001,
      first: start,
      last: start,
    })
    assert.equal(stats.length, 2)
    assert.deepEqual([counters.payloads, counters.hits, counters.rows], [2, 7, 2])
    const { intake } = JSON.parse((await send(`${agent.url}/api/status`)).text)
    assert.equal(intake.stats.payloads, 2)
  })

  it('are read with what can be read of them', async () => {
    assert.equal(
      (await take(payload([row({ Hits: 'x', Service: 7, Errors: -1, Duration: null }), 7, null, {}]))).status,
      200,
    )
    const { stats, counters } = await shown()
    assert.equal(counters.malformedRows, 2)
    assert.deepEqual([stats[1].service, stats[1].hits, stats[1].errors, stats[1].duration], ['', 0, 0, 0])
    for (const body of [encode({}), encode({ Stats: 7 }), encode({ Stats: [7, { Stats: 7 }] })]) {
      assert.equal((await take(body)).status, 200)
    }
  })

  it('are refused where they are none', async () => {
    for (const body of [
      Buffer.alloc(0),
      encode([]),
      encode('x'),
      Buffer.from([0xc1]),
      Buffer.concat([payload([]), Buffer.from([0])]),
    ]) {
      assert.equal((await take(body)).status, 400)
    }
    assert.equal((await put(`${agent.url}/v0.6/stats`, payload([]), { 'content-encoding': 'gzip' })).status, 415)
    assert.equal((await send(`${agent.url}/v0.6/stats`)).status, 405)
    assert.equal((await shown()).counters.refusedPayloads, 6)
  })

  it('are bounded: the resource that was silent for longest goes', async () => {
    const rows = Array.from({ length: MAX_ROWS }, (_, nth) => row({ Resource: `r${nth}` }))
    await take(payload(rows))
    assert.equal((await shown()).counters.evictedRows, 0)
    await take(payload([row({ Resource: 'r0' }), row({ Resource: 'new' })]))
    const { counters } = await shown()
    assert.deepEqual([counters.rows, counters.evictedRows], [MAX_ROWS, 1])
    const all = JSON.parse((await send(`${agent.url}/api/stats?limit=5000`)).text).stats
    assert.deepEqual(
      all.slice(0, 2).map(({ resource }: { resource: string }) => resource),
      ['new', 'r0'],
    )
    assert.ok(!all.some(({ resource }: { resource: string }) => resource === 'r1'))
  })

  it('are bounded in memory too', async () => {
    for (let nth = 0; nth < 2000; nth++) await take(payload([row({ Resource: String(nth).padEnd(5000, 'x') })]))
    const { counters } = await shown()
    assert.ok(counters.rows < 1000 && counters.bytes <= 4 * 1024 * 1024)
  })
})
