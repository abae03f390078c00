// Stats of a spawned program at Datadog's own trace agent: it takes the payloads without a complaint, what it sends on adds up to what
// was done, rejected traces are counted and not there, and the quantiles, which its own library has read from two sketches of ours
// and put together, are the true ones.

import { strict as assert } from 'node:assert'
import { describeWith, traceAgent } from '../services'
import { intakeUrl } from '../services/trace-agent'
import { decodeSketch, quantile } from '../support/decode-sketch'
import { runNode } from '../support/spawn'
import { TraceAgentClient } from './trace-agent-client'
import { INDEX, outcomeOf, traced } from './traced'

/** A row as the agent sends it on: what is zero or empty is left out. */
interface SentOnRow {
  service?: string
  name?: string
  resource?: string
  hits?: number
  errors?: number
  duration?: number
  topLevelHits?: number
  HTTP_status_code?: number
  HTTP_method?: string
  HTTP_endpoint?: string
  GRPC_status_code?: string
  span_kind?: string
  synthetics?: boolean
  peer_tags?: string[]
  is_trace_root?: number
  okSummary?: string
  errorSummary?: string
}

interface SentOnStats {
  clientComputed?: boolean
  stats?: { env?: string; service?: string; lang?: string; stats?: { stats?: SentOnRow[] }[] }[]
}

/** Spans in each of two payloads. */
const HALF = 500

// They ended long ago, because the agent waits 20 s for company of what is new.
const PROGRAM = `
const { tracer } = require(${JSON.stringify(INDEX)})
const endMs = Date.now() - 25_000
async function half(from) {
  for (let i = from; i < from + ${HALF}; i++) {
    const tags = { 'span.kind': 'server', 'http.method': 'GET', 'http.route': '/users/:id', 'http.status_code': i % 5 ? 200 : 500 }
    const root = tracer.startSpan('web.request', { resource: 'GET /users/:id', type: 'web', startTime: endMs - i - 1, tags })
    if (i % 5 === 0) root.setTag('error', new Error('no'))
    if (i % 2 === 0) root.setTag('manual.drop', true)
    const query = { service: 'shop-pg', resource: 'SELECT * FROM users WHERE id = ' + i, type: 'sql', startTime: endMs - 1 }
    const peer = { 'span.kind': 'client', 'db.type': 'postgres', 'db.name': 'shop', 'out.host': '10.20.30.40' }
    tracer.startSpan('pg.query', { childOf: root, ...query, tags: peer }).finish(endMs)
    tracer.startSpan('render', { childOf: root, startTime: endMs - 1 }).finish(endMs)
    const call = { 'span.kind': 'client', 'grpc.status.code': 'NOT_FOUND' }
    tracer.startSpan('grpc.client', { childOf: root, startTime: endMs - 2, tags: call }).finish(endMs)
    root.finish(endMs)
  }
  await tracer.flush()
}
async function main() {
  tracer.startSpan('acquaintance').finish()
  await tracer.flush()
  await half(0)
  await half(${HALF})
  await tracer.shutdown()
}
main()
`

describeWith(traceAgent, "Datadog's trace agent and client-computed stats", (server) => {
  let agent: TraceAgentClient
  let rows: SentOnRow[]
  let kept: string[]
  let complaints: string[]

  before(async function () {
    this.timeout(60_000)
    agent = new TraceAgentClient(server())
    await agent.clear()
    const env = { DD_TRACE_STATS_COMPUTATION_ENABLED: 'true', DD_SERVICE: 'shop', DD_ENV: 'test' }
    const { code, said } = outcomeOf(await runNode(traced({ code: PROGRAM }, agent.url, env)))
    assert.deepEqual([code, said], [0, []])
    rows = await clientRows(HALF * 2)
    const chunks = await agent.chunks(HALF * 4 + 1)
    kept = chunks.flatMap(({ spans }) => spans.map(({ name = '' }) => name))
    complaints = await agent.complaints()
  })

  /** What was counted by the tracer, as soon as the agent has sent on so many requests. */
  async function clientRows(requests: number): Promise<SentOnRow[]> {
    const deadlineMs = performance.now() + 40_000
    for (;;) {
      const payloads = (await (await fetch(`${intakeUrl(server())}/stats`)).json()) as SentOnStats[] | null
      const computed = (payloads ?? []).filter(({ clientComputed }) => clientComputed === true)
      const found = computed
        .flatMap(({ stats = [] }) => stats.flatMap((each) => each.stats ?? []))
        .flatMap((b) => b.stats ?? [])
      const hits = found.reduce((sum, row) => sum + (row.name === 'web.request' ? (row.hits ?? 0) : 0), 0)
      if (hits >= requests || performance.now() > deadlineMs) return found
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }

  const sum = (wanted: readonly SentOnRow[], field: 'hits' | 'errors' | 'duration' | 'topLevelHits') =>
    wanted.reduce((total, row) => total + (row[field] ?? 0), 0)
  const named = (name: string) => rows.filter((row) => row.name === name)

  it('has nothing to complain about', () => assert.deepEqual(complaints, []))

  it('hears of every request, kept or rejected, and how long and how well it went', () => {
    const requests = named('web.request')
    const total = HALF * 2
    assert.deepEqual([sum(requests, 'hits'), sum(requests, 'topLevelHits')], [total, total])
    assert.deepEqual(
      [sum(requests, 'errors'), sum(requests, 'duration')],
      [total / 5, ((total * (total + 1)) / 2) * 1e6],
    )
    for (const { HTTP_status_code: status, HTTP_method: method, HTTP_endpoint: endpoint, ...row } of requests) {
      assert.deepEqual([method, endpoint, row.span_kind, row.is_trace_root], ['GET', '/users/:id', 'server', 1])
      assert.deepEqual([status, row.errors ?? 0], row.errors === undefined ? [200, 0] : [500, row.hits])
    }
  })

  it('reads the true quantiles from the sketches', () => {
    const failed: number[] = []
    const good: number[] = []
    for (let i = 0; i < HALF * 2; i++) (i % 5 === 0 ? failed : good).push((i + 1) * 1e6)
    for (const [field, exact] of [
      ['okSummary', good],
      ['errorSummary', failed],
    ] as const) {
      const sketches = named('web.request').map((row) => decodeSketch(Buffer.from(row[field] ?? '', 'base64')))
      const [sketch, ...more] = sketches.filter(({ count }) => count > 0)
      assert.deepEqual([sketch!.count, more.length], [exact.length, 0])
      for (const q of [0, 0.5, 0.9, 0.95, 0.99, 1]) {
        const ns = exact[Math.floor(q * (exact.length - 1))]!
        assert.ok(Math.abs(quantile(sketch!, q) - ns) <= ns * 0.01, `p${q * 100} of ${field}`)
      }
    }
  })

  it('gives queries the same name in the counts as in the traces', () => {
    const queries = named('pg.query')
    assert.deepEqual([...new Set(queries.map(({ resource }) => resource))], ['SELECT * FROM users WHERE id = ?'])
    assert.deepEqual([sum(queries, 'hits'), queries[0]!.service, queries[0]!.is_trace_root], [HALF * 2, 'shop-pg', 2])
    assert.deepEqual(queries[0]!.peer_tags, [
      '_dd.base_service:shop',
      'db.name:shop',
      'db.type:postgres',
      'out.host:blocked-ip-address',
    ])
  })

  it('hears of calls inside a service by their kind, and of nothing else inside', () => {
    assert.deepEqual([sum(named('grpc.client'), 'hits'), named('grpc.client')[0]!.GRPC_status_code], [HALF * 2, '5'])
    assert.deepEqual(named('render'), [])
  })

  it('gets the spans of kept traces only', () => {
    const times = (name: string) => kept.filter((each) => each === name).length
    assert.deepEqual(['acquaintance', 'web.request', 'pg.query', 'render', 'grpc.client'].map(times), [
      1,
      HALF,
      HALF,
      HALF,
      HALF,
    ])
  })
})
