// OTLP over HTTP as the protocol has it: what is taken in which forms, and what clients are told.

import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { deflateSync, gzipSync } from 'node:zlib'
import { MAX_BODY_BYTES } from '../../../src/local-agent/body-reader'
import { METRICS_REQUEST, TRACES_REQUEST } from '../../../src/local-agent/otlp/otlp-schema'
import { wireReader } from '../../../src/local-agent/otlp/protobuf-wire'
import { type LocalAgent, startLocalAgent } from '../../../src/local-agent/start-local-agent'
import { send } from '../send'
import { encodeOtlp } from './encode-otlp'

const TRACE = '5b8efff798038103d269b633813fc60c'
const JSON_TYPE = { 'content-type': 'application/json' }
const PROTOBUF_TYPE = { 'content-type': 'application/x-protobuf' }

const span = (fields: object = {}) => ({
  traceId: TRACE,
  spanId: 'eee19b7ec3c1b174',
  name: 'work',
  kind: 1,
  startTimeUnixNano: '1700000000000000001',
  endTimeUnixNano: '1700000000000000501',
  ...fields,
})
const spans = (...list: unknown[]) => ({ resourceSpans: [{ scopeSpans: [{ spans: list }] }] })

describe('local agent, OTLP over HTTP', () => {
  let agent: LocalAgent
  beforeEach(async () => {
    agent = await startLocalAgent({ port: 0, otlpPort: 0 })
  })
  afterEach(() => agent.close())

  const post = (path: string, body: Buffer | string, headers: Record<string, string> = JSON_TYPE) =>
    send(agent.url + path, { method: 'POST', headers, body })
  const postJson = (path: string, body: unknown) => post(path, typeof body === 'string' ? body : JSON.stringify(body))
  const shownSpans = async () => JSON.parse((await send(`${agent.url}/api/traces/${TRACE}`)).text).spans

  it('takes JSON as any client may write it', async () => {
    const forms = [
      span(),
      // Hex digits of either case, numbers instead of texts, a name instead of a number, members that it does not know.
      `{"traceId":"${TRACE.toUpperCase()}","spanId":"EEE19B7EC3C1B175","parentSpanId":"eee19b7ec3c1b174","kind":"SPAN_KIND_SERVER","name":"b",
        "startTimeUnixNano":1700000000000000001,"endTimeUnixNano" : 1700000000000000501,"status":{"code":"STATUS_CODE_ERROR"},
        "attributes":[{"key":"big","value":{"intValue":9007199254740993}},{"key":"text","value":{"intValue":"7"}},{"key":"none","value":{}},
        {"key":"nan","value":{"doubleValue":"NaN"}},{"key":"bytes","value":{"bytesValue":"AQI="}},{"value":{"intValue":1}}],"newField":{"a":[1]}}`,
    ]
    for (const form of forms) {
      const text = typeof form === 'string' ? form : JSON.stringify(form)
      const body = `{"resourceSpans":[{"scopeSpans":[{"spans":[${text}],"x":1}]}],"unknown":null}`
      const { status, text: answer, headers } = await postJson('/v1/traces', body)
      assert.deepEqual([status, answer, headers['content-type']], [200, '{}', 'application/json'])
    }
    const [first, second] = await shownSpans()
    assert.deepEqual(
      [first.start, first.duration, first.spanId],
      ['1700000000000000001', 500, String(0xeee19b7ec3c1b174n)],
    )
    assert.deepEqual([second.start, second.duration, second.parentId], [first.start, 500, first.spanId])
    assert.deepEqual([second.error, second.meta['span.kind'], second.type], [1, 'server', 'web'])
    assert.equal(second.service, 'otlpresourcenoservicename')
    assert.deepEqual([second.metrics.big, second.metrics.text, second.meta.bytes], [9007199254740992, 7, 'AQI='])
  })

  it('takes Protobuf, compressed in every way', async () => {
    const body = encodeOtlp(spans(span({ startTimeUnixNano: 1n, endTimeUnixNano: 2n })), TRACES_REQUEST)
    const forms: [Buffer, Record<string, string>][] = [
      [body, {}],
      [gzipSync(body), { 'content-encoding': 'gzip' }],
      [deflateSync(body), { 'content-encoding': 'deflate' }],
    ]
    for (const [sent, headers] of forms) {
      const answer = await post('/v1/traces', sent, { ...PROTOBUF_TYPE, ...headers })
      assert.deepEqual([answer.status, answer.text], [200, ''])
      assert.equal(answer.headers['content-type'], 'application/x-protobuf')
    }
    assert.equal((await shownSpans()).length, 1)
  })

  it('takes requests that carry nothing', async () => {
    for (const path of ['/v1/traces', '/v1/metrics', '/v1/logs']) {
      for (const body of ['{}', '']) assert.deepEqual([(await postJson(path, body)).text], ['{}'])
      const { status, text } = await post(path, Buffer.alloc(0), PROTOBUF_TYPE)
      assert.deepEqual([status, text], [200, ''])
    }
  })

  it('says what it did not take, and takes the rest', async () => {
    const bad = [
      span({ traceId: '' }),
      span({ traceId: '0'.repeat(32) }),
      span({ traceId: 'x'.repeat(32) }),
      span({ spanId: 'eee19b7ec3c1b1' }),
      span({ spanId: '0'.repeat(16) }),
      span({ startTimeUnixNano: '0' }),
      span({ startTimeUnixNano: 'soon' }),
      span({ startTimeUnixNano: '99999999999999999999' }),
      7,
    ]
    const { status, text } = await postJson('/v1/traces', spans(...bad, span()))
    assert.equal(status, 200)
    const { partialSuccess } = JSON.parse(text)
    assert.equal(partialSuccess.rejectedSpans, '9')
    assert.match(partialSuccess.errorMessage, /spans without a trace id of 16 bytes/)
    assert.equal((await shownSpans()).length, 1)

    const body = encodeOtlp(spans({ name: 'a' }, { name: 'b' }), TRACES_REQUEST)
    const sent = await fetch(`${agent.url}/v1/traces`, { method: 'POST', headers: PROTOBUF_TYPE, body })
    const outer = wireReader(new Uint8Array(await sent.arrayBuffer()))
    assert.deepEqual(outer.tag(), [1, 2])
    const inner = wireReader(outer.bytes())
    assert.deepEqual([inner.tag(), inner.int64()], [[1, 0], 2n])
    assert.deepEqual([inner.tag(), inner.string().slice(0, 13)], [[2, 2], 'spans without'])

    const points = [{ asInt: '1' }, {}, { asDouble: 'NaN', timeUnixNano: '1' }, { flags: 1 }]
    const metrics = {
      resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: 'm', gauge: { dataPoints: points } }] }] }],
    }
    const { partialSuccess: ofPoints } = JSON.parse((await postJson('/v1/metrics', metrics)).text)
    assert.equal(ofPoints.rejectedDataPoints, '2')
    const logs = { resourceLogs: [{ scopeLogs: [{ logRecords: [1, {}] }] }] }
    assert.equal(JSON.parse((await postJson('/v1/logs', logs)).text).partialSuccess.rejectedLogRecords, '1')
  })

  it('refuses what it cannot read, with a Status in the form of the request', async () => {
    for (const body of ['[', '[]', '7', 'null', '"x"', '['.repeat(100)]) {
      const { status, text, headers } = await postJson('/v1/traces', body)
      assert.deepEqual([status, headers['content-type']], [400, 'application/json'])
      assert.deepEqual(Object.keys(JSON.parse(text)), ['message'])
    }
    const sent = await fetch(`${agent.url}/v1/logs`, {
      method: 'POST',
      headers: PROTOBUF_TYPE,
      body: Buffer.from([0x0a, 9]),
    })
    assert.deepEqual([sent.status, sent.headers.get('content-type')], [400, 'application/x-protobuf'])
    const status = wireReader(new Uint8Array(await sent.arrayBuffer()))
    assert.deepEqual(status.tag(), [2, 2])
    assert.match(status.string(), /not Protobuf of this kind/)
    assert.equal((await post('/v1/traces', 'x', { ...JSON_TYPE, 'content-encoding': 'gzip' })).status, 400)
  })

  it('refuses what it does not offer, and says what it does', async () => {
    assert.equal((await send(`${agent.url}/v1/traces`)).status, 405)
    assert.equal((await post('/v1/traces', '{}', { 'content-type': 'text/plain' })).status, 415)
    assert.match((await post('/v1/traces', '', { 'content-type': 'application/grpc' })).text, /http\/protobuf/)
    assert.equal((await post('/v1/traces', '{}', { ...JSON_TYPE, 'content-encoding': 'br' })).status, 415)
    assert.equal((await post('/v1/profiles', '{}')).status, 404)
    assert.equal((await post('/v1/traces', '{}', { ...JSON_TYPE, origin: 'http://evil.example' })).status, 403)
  })

  it('refuses a body that is too long once it is inflated, both sides', async () => {
    const ofLength = (bytes: number) => gzipSync(`{"x":"${' '.repeat(bytes - 8)}"}`)
    const gzip = { ...JSON_TYPE, 'content-encoding': 'gzip' }
    assert.equal((await post('/v1/traces', ofLength(MAX_BODY_BYTES), gzip)).status, 200)
    assert.equal((await post('/v1/traces', ofLength(MAX_BODY_BYTES + 1), gzip)).status, 413)
  })

  it('has a port for OTLP alone', async () => {
    const url = `http://127.0.0.1:${agent.otlpPort.port}`
    assert.notEqual(agent.otlpPort.port, agent.port)
    const sent = await send(`${url}/v1/traces`, {
      method: 'POST',
      headers: JSON_TYPE,
      body: JSON.stringify(spans(span())),
    })
    assert.equal(sent.status, 200)
    assert.equal((await shownSpans()).length, 1)
    for (const path of ['/', '/api/traces', '/info', '/v0.4/traces']) {
      const { status, text } = await send(url + path)
      assert.equal(status, 404)
      assert.match(text, new RegExp(`the page is on port ${agent.port}`))
    }
    assert.equal((await send(`${url}/v1/traces`, { headers: { host: 'evil.example' } })).status, 403)
  })

  it('goes on without that port where it is taken, and says so', async () => {
    const taken = createServer()
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
    const { port } = taken.address() as { port: number }
    const other = await startLocalAgent({ port: 0, otlpPort: port })
    try {
      assert.deepEqual([other.otlpPort.port, other.otlpPort.problem], [undefined, `TCP port ${port} is taken`])
      const { problems, ports } = JSON.parse((await send(`${other.url}/api/status`)).text)
      assert.deepEqual([problems, ports.http, ports.otlp], [[`TCP port ${port} is taken`], other.port, undefined])
    } finally {
      await other.close()
      taken.close()
    }
  })

  it('tells clients of the API that their key is valid', async () => {
    const { status, text } = await send(`${agent.url}/api/v1/validate`, { headers: { 'dd-api-key': 'x' } })
    assert.deepEqual([status, text], [200, '{"valid":true}'])
  })

  it('counts what came, by its kind', async () => {
    await postJson('/v1/traces', spans(span(), span({ spanId: '' })))
    await postJson('/v1/traces', '[')
    await post('/v1/metrics', encodeOtlp({ resourceMetrics: [] }, METRICS_REQUEST), PROTOBUF_TYPE)
    const { intake } = JSON.parse((await send(`${agent.url}/api/status`)).text)
    assert.deepEqual(intake.otlp, {
      traces: { payloads: 1, refusedPayloads: 1, spans: 1, rejectedSpans: 1 },
      metrics: { payloads: 1, refusedPayloads: 0, points: 0, rejectedPoints: 0 },
      logs: { payloads: 0, refusedPayloads: 0, records: 0, rejectedRecords: 0 },
    })
  })
})
