// A program that knows nothing of this, started with OpenTelemetry's automatic instrumentation and its usual settings, shows up as one trace: the call, the
// server, its middleware, with the logs that it wrote meanwhile.

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type LocalAgent, startLocalAgent } from '../../../src/local-agent/start-local-agent'
import { needsPeers, peersFrom } from '../../support/peers'
import { runNode } from '../../support/spawn'
import { send } from '../send'

const PROGRAM = `
const peers = require('node:module').createRequire(${JSON.stringify(peersFrom)})
const http = require('node:http')
const express = peers('express')
const app = express()
app.get('/cart/:id', (request, response) => {
  if (request.params.id === '13') throw new TypeError('no such cart')
  response.send('ok')
})
app.use((error, request, response, next) => response.status(500).send(error.message))
const server = app.listen(0, async () => {
  const { port } = server.address()
  const get = (path) => new Promise((resolve) => http.get({ port, path }, (response) => response.resume().once('end', resolve)))
  await get('/cart/7?a=b')
  await get('/cart/13')
  server.close()
})
`

describe('local agent, a program with OpenTelemetry’s automatic instrumentation', () => {
  let agent: LocalAgent
  const get = async (path: string) => JSON.parse((await send(agent.url + path)).text)

  before(async function () {
    await needsPeers(this)
    agent = await startLocalAgent({ port: 0, otlpPort: 0 })
    const register = join(
      peersFrom,
      '..',
      'node_modules',
      '@opentelemetry',
      'auto-instrumentations-node',
      'build',
      'src',
      'register.js',
    )
    const ended = await runNode({
      code: PROGRAM,
      execArgv: ['--require', register],
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${agent.otlpPort.port}`,
        OTEL_SERVICE_NAME: 'shop',
        OTEL_RESOURCE_ATTRIBUTES: 'service.version=7,deployment.environment.name=test',
        OTEL_METRIC_EXPORT_INTERVAL: '200',
        OTEL_METRIC_EXPORT_TIMEOUT: '200',
        OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'http,express,runtime-node',
      },
      timeoutMs: 80_000,
    })
    assert.equal(ended.code, 0, ended.stderr)
  })
  after(() => agent?.close())

  it('shows each request as one trace, from the call to the handler', async () => {
    const { traces } = await get('/api/traces?query=service:shop')
    assert.equal(traces.length, 2)
    for (const { id, spanCount } of traces) {
      const { spans } = await get(`/api/traces/${id}`)
      assert.equal(spans.length, spanCount)
      const [call, server, ...inside] = spans
      assert.deepEqual([call.name, call.type, call.parentId, call.depth], ['http.client.request', 'http', '0', 0])
      assert.deepEqual([server.name, server.type, server.parentId], ['http.server.request', 'web', call.spanId])
      assert.equal(server.resource, 'GET /cart/:id')
      assert.ok(inside.length > 0 && inside.every(({ depth }: { depth: number }) => depth >= 2))
      for (const span of spans) assert.deepEqual([span.meta.env, span.meta.version], ['test', '7'])
    }
  })

  it('shows which one failed', async () => {
    const { traces } = await get('/api/traces?query=%40http.status_code:500')
    assert.equal(traces.length, 1)
    assert.equal(traces[0].errorCount > 0, true)
    assert.equal((await get('/api/traces?query=%40http.status_code:200')).traces.length, 1)
  })

  it('has metrics of its requests and of the runtime', async () => {
    const { series } = await get('/api/metrics?limit=500')
    const found = series.find(({ name }: { name: string }) => name === 'http.server.request.duration')
    assert.ok(found, series.map(({ name }: { name: string }) => name).join())
    assert.equal(found.type, 'distribution')
    assert.ok(series.some(({ name }: { name: string }) => name.startsWith('v8js.') || name.startsWith('nodejs.')))
    const { intake } = await get('/api/status')
    assert.deepEqual([intake.otlp.metrics.rejectedPoints, intake.otlp.traces.rejectedSpans], [0, 0])
  })
})
