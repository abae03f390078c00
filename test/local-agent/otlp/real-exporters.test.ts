// What OpenTelemetry's own exporters send shows up right: every span with its exact ids and times, named as the Datadog Agent names it, with its error,
// its events and links; metrics of every kind, by both temporalities; logs, tied to their spans.

import assert from 'node:assert/strict'
import { type LocalAgent, startLocalAgent } from '../../../src/local-agent/start-local-agent'
import { needsPeers } from '../../support/peers'
import { runNode } from '../../support/spawn'
import { send } from '../send'
import { type Exported, exportedProgram, type KitSpan } from './exported-program'

interface Shown {
  readonly spanId: string
  readonly parentId: string
  readonly traceId: string
  readonly name: string
  readonly resource: string
  readonly type: string
  readonly service: string
  readonly start: string
  readonly duration: number
  readonly error: number
  readonly meta: Record<string, string>
  readonly metrics: Record<string, number>
}

const nanoseconds = ([seconds, rest]: KitSpan['startTime']) => BigInt(seconds) * 1_000_000_000n + BigInt(rest)

for (const [kind, compression] of [
  ['http', 'none'],
  ['http', 'gzip'],
  ['proto', 'none'],
  ['proto', 'gzip'],
] as const) {
  describe(`local agent, OpenTelemetry's ${kind === 'http' ? 'JSON' : 'Protobuf'} exporters, compression ${compression}`, () => {
    let agent: LocalAgent
    let exported: Exported
    const get = async (path: string) => JSON.parse((await send(agent.url + path)).text)

    before(async function () {
      await needsPeers(this)
      agent = await startLocalAgent({ port: 0, otlpPort: 0 })
      // The port for OTLP alone, and the agent's own, one for each compression.
      const url = compression === 'none' ? `http://127.0.0.1:${agent.otlpPort.port}` : agent.url
      const ended = await runNode({ code: exportedProgram(kind, url, compression), timeoutMs: 50_000 })
      const line = /^EXPORTED (.*)$/m.exec(ended.stdout)?.[1]
      assert.ok(line, ended.stderr)
      assert.equal(ended.stderr, '')
      exported = JSON.parse(line)
    })
    after(() => agent?.close())

    const shown = async (name: string): Promise<{ kit: KitSpan; span: Shown }> => {
      const kit = exported.spans.find((one) => one.name === name)
      assert.ok(kit, name)
      const { spans } = (await get(`/api/traces/${kit.traceId}`)) as { spans: Shown[] }
      const span = spans.find((one) => one.spanId === String(BigInt(`0x${kit.spanId}`)))
      assert.ok(span, name)
      return { kit, span }
    }

    it('shows every span with its exact ids and times', async () => {
      assert.equal(exported.spans.length, 4)
      for (const { name } of exported.spans) {
        const { kit, span } = await shown(name)
        assert.equal(span.traceId, String(BigInt(`0x${kit.traceId.slice(16)}`)))
        assert.equal(span.parentId, String(BigInt(`0x${kit.parentSpanId ?? '0'}`)))
        assert.equal(BigInt(span.start), nanoseconds(kit.startTime))
        assert.equal(BigInt(span.duration), nanoseconds(kit.endTime) - nanoseconds(kit.startTime))
        assert.equal(span.meta['_dd.p.tid'], kit.traceId.slice(0, 16))
        assert.equal(span.meta['otel.trace_id'], kit.traceId)
      }
      const { span } = await shown('job')
      assert.equal(span.start, '1700000000123456789')
      assert.equal(span.duration, 1_864_197_532)
    })

    it('names them as the Agent does', async () => {
      const named = async (name: string) => {
        const { service, name: operation, resource, type, error } = (await shown(name)).span
        return [service, operation, resource, type, error]
      }
      assert.deepEqual(await named('GET'), ['shop', 'http.server.request', 'GET /cart/:id', 'web', 1])
      assert.deepEqual(await named('SELECT'), ['shop', 'postgresql.query', 'SELECT 1', 'sql', 0])
      assert.deepEqual(await named('publish'), ['shop', 'kafka.publish', 'publish orders', 'custom', 0])
      assert.deepEqual(await named('job'), ['shop', 'Internal', 'job', 'custom', 0])
    })

    it('has attributes as tags, those of the resource too', async () => {
      const { meta, metrics } = (await shown('SELECT')).span
      const { 'otel.trace_id': _, '_dd.p.tid': __, events, ...rest } = meta
      assert.deepEqual(rest, {
        'span.kind': 'client',
        'otel.status_code': 'Unset',
        'otel.scope.name': 'kit',
        'otel.library.name': 'kit',
        'otel.scope.version': '9.9',
        'otel.library.version': '9.9',
        'db.system.name': 'postgresql',
        'db.query.text': 'SELECT 1',
        'db.namespace': 'shop',
        'db.name': 'shop',
        ids: '[1,2,3]',
        env: 'test',
        version: '1.2.3',
        'deployment.environment.name': 'test',
        'service.version': '1.2.3',
        'host.name': 'box',
      })
      assert.deepEqual(metrics, { rows: 3, ratio: 0.25 })
      const [event] = JSON.parse(events!)
      assert.equal(event.name, 'fetched')
      assert.deepEqual(event.attributes, { rows: 3 })
      assert.match(event.time_unix_nano, /^\d{19}$/)
    })

    it('has the error, from its exception, and the status of HTTP', async () => {
      const { meta, metrics } = (await shown('GET')).span
      assert.equal(meta['error.type'], 'TypeError')
      assert.equal(meta['error.message'], 'no cart')
      assert.match(meta['error.stack']!, /^TypeError: no cart\n {4}at main/)
      assert.equal(meta['otel.status_description'], 'it failed')
      assert.equal(meta['http.method'], 'GET')
      assert.equal(meta['secure'], 'true')
      assert.equal(metrics['http.status_code'], 500)
      assert.equal(JSON.parse(meta['events']!)[0].name, 'exception')
    })

    it('has links', async () => {
      const { meta } = (await shown('publish')).span
      const [{ flags, ...link }] = JSON.parse(meta['_dd.span_links']!)
      assert.deepEqual(link, {
        trace_id: '0af7651916cd43dd8448eb211c80319c',
        span_id: 'b7ad6b7169203331',
        attributes: { why: 'batch' },
      })
      assert.equal((flags & 0xff) === 1, true)
    })

    it('has logs, tied to their spans', async () => {
      const { kit, span } = await shown('GET')
      const { logs } = await get('/api/logs')
      assert.equal(logs.length, 2)
      const [structured, warning] = logs
      assert.deepEqual(
        [structured.message, structured.level, structured.traceId],
        ['{"text":"structured"}', 'info', undefined],
      )
      const { time, id, ...rest } = warning
      assert.deepEqual(rest, {
        stream: 'otlp',
        level: 'warn',
        service: 'shop',
        message: 'slow cart',
        traceId: kit.traceId,
        spanId: span.spanId,
        attributes: { cart: 7, deep: { a: [1] }, 'otel.scope.name': 'kit' },
      })
      const ofSpan = await get(`/api/logs?trace=${kit.traceId}&span=${span.spanId}`)
      assert.deepEqual(ofSpan.logs, [warning])
      const detail = await get(`/api/traces/${kit.traceId}/spans/${span.spanId}`)
      assert.deepEqual(detail.logs, [warning])
    })

    it('has metrics: what was counted, levels and distributions', async () => {
      const { series } = await get('/api/metrics?windows=0')
      const find = (name: string) => series.filter((one: { name: string }) => one.name === name)
      const [requests] = find('requests')
      assert.deepEqual(requests.tags, ['env:test', 'route:/a', 'service:shop', 'version:1.2.3'])
      assert.deepEqual([requests.source, requests.type, requests.host], ['otlp', 'count', 'box'])
      // Once by each reader: ten by what was added, ten by the difference.
      assert.equal(requests.total.value, 20)
      assert.deepEqual([find('queue')[0].type, find('queue')[0].total.value], ['gauge', -4])
      assert.equal(find('temperature')[0].total.value, 21.5)
      for (const [name, sum] of [
        ['latency', 361],
        ['exp', 40321],
      ] as const) {
        const [{ type, total }] = find(name)
        assert.equal(type, 'distribution')
        assert.equal(total.count, 8, name)
        assert.equal(total.sum, 2 * sum)
        assert.equal(total.min, 1)
      }
      assert.ok(Math.abs(find('exp')[0].total.p99 - 40_000) < 2000)
    })

    it('counts all of it', async () => {
      const { intake, stores } = await get('/api/status')
      assert.equal(intake.otlp.traces.spans, 4)
      assert.equal(intake.otlp.traces.rejectedSpans, 0)
      assert.equal(intake.otlp.logs.records, 2)
      assert.equal(intake.otlp.metrics.payloads, 4)
      assert.equal(intake.otlp.metrics.rejectedPoints, 0)
      assert.equal(stores.logs.logs, 2)
    })
  })
}
