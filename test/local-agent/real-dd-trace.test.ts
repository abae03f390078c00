// What Datadog's own tracer for Node.js sends shows up right, by each of its encoders: every span with its exact ids, and its own statistics.

import assert from 'node:assert/strict'
import { type LocalAgent, startLocalAgent } from '../../src/local-agent/start-local-agent'
import { needsPeers, peersFrom } from '../support/peers'
import { runNode } from '../support/spawn'
import { send } from './send'

interface Made {
  readonly trace: string
  readonly traceId: string
  readonly spanId: string
  readonly parentId: string
  readonly name: string
}

const PROGRAM = `
const tracer = require('node:module').createRequire(${JSON.stringify(peersFrom)})('dd-trace')
tracer.init({ service: 'shop', env: 'test', version: '1.2.3', startupLogs: false, telemetry: { enabled: false } })
const made = []
const start = (name, options) => {
  const span = tracer.startSpan(name, options)
  const context = span.context()
  const parent = context._parentId
  made.push({ trace: context.toTraceId(true), traceId: context.toTraceId(), spanId: context.toSpanId(), parentId: parent ? parent.toString(10) : '0', name })
  return span
}
for (let nth = 0; nth < 200; nth++) {
  const root = start('web.request', { tags: { 'resource.name': 'GET /' + (nth % 2), 'span.type': 'web', 'http.status_code': '200', nth, text: 'zähler ✓' } })
  const child = start('db.query', { childOf: root, tags: { 'resource.name': 'SELECT 1', 'service.name': 'db', 'span.type': 'sql', '_dd.measured': 1 } })
  if (nth % 4 === 0) child.setTag('error', new RangeError('too far'))
  child.finish()
  root.finish()
}
const inner = tracer._tracer
inner._exporter.flush(() => {
  const stats = inner._processor._stats
  const done = () => { console.log('MADE ' + JSON.stringify(made)); setTimeout(() => process.exit(), 50) }
  stats ? stats.forceFlush(done) : done()
})
`

for (const protocol of ['0.4', '0.5']) {
  describe(`local agent, dd-trace by v${protocol}`, () => {
    let agent: LocalAgent
    let made: Made[]
    const get = async (path: string) => JSON.parse((await send(agent.url + path)).text)

    before(async function () {
      await needsPeers(this)
      agent = await startLocalAgent({ port: 0 })
      const env = {
        DD_TRACE_AGENT_URL: agent.url,
        DD_TRACE_AGENT_PROTOCOL_VERSION: protocol,
        DD_TRACE_STATS_COMPUTATION_ENABLED: 'true',
        DD_REMOTE_CONFIGURATION_ENABLED: 'false',
      }
      const ended = await runNode({ code: PROGRAM, env, timeoutMs: 50_000 })
      const line = /^MADE (.*)$/m.exec(ended.stdout)?.[1]
      assert.ok(line, ended.stderr)
      made = JSON.parse(line)
    })
    after(() => agent?.close())

    it('shows every span with its exact ids', async () => {
      assert.equal(made.length, 400)
      const { traces, spans, malformedSpans } = await get('/api/status')
      assert.deepEqual({ traces, spans, malformedSpans }, { traces: 200, spans: 400, malformedSpans: 0 })
      for (const { trace, traceId, spanId, parentId, name } of made) {
        const shown = await get(`/api/traces/${trace}`)
        assert.equal(shown.id, trace)
        const span = shown.spans.find((one: Made) => one.spanId === spanId)
        assert.deepEqual([span.traceId, span.parentId, span.name], [traceId, parentId, name])
      }
    })

    it('shows what they say', async () => {
      const { spans } = await get(`/api/traces/${made[0]!.trace}`)
      const [root, child] = spans
      assert.deepEqual([root.service, root.resource, root.type, root.error], ['shop', 'GET /0', 'web', 0])
      assert.deepEqual([child.service, child.resource, child.type, child.error], ['db', 'SELECT 1', 'sql', 1])
      assert.deepEqual([root.metrics.nth, root.meta.text, root.meta.env], [0, 'zähler ✓', 'test'])
      assert.deepEqual([child.meta['error.type'], child.meta['error.message']], ['RangeError', 'too far'])
      const { traces, matched } = await get('/api/traces?query=service:db%20status:error')
      assert.deepEqual([traces.length, matched], [50, 50])
    })

    it('shows its statistics, and loses no span for them', async () => {
      const { stats, counters } = await get('/api/stats')
      assert.equal(counters.malformedRows, 0)
      const rows = new Map(stats.map((row: { resource: string }) => [row.resource, row]))
      assert.deepEqual([...rows.keys()].sort(), ['GET /0', 'GET /1', 'SELECT 1'])
      const figures = (resource: string) => {
        const { service, env, version, hits, errors, topLevelHits, duration } = rows.get(resource) as Record<
          string,
          number
        >
        assert.ok(duration! > 0)
        return [service, env, version, hits, errors, topLevelHits]
      }
      assert.deepEqual(figures('GET /0'), ['shop', 'test', '1.2.3', 100, 0, 100])
      assert.deepEqual(figures('SELECT 1'), ['db', 'test', '1.2.3', 200, 50, 0])
    })
  })
}
