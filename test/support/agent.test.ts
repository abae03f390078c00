// The fake Agent is trusted by most other tests, so what it decodes, what it objects to and how it misbehaves are pinned
// here with payloads made by msgpack-lite and sent by plain `http`.

import { strict as assert } from 'node:assert'
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { encode } from 'msgpack-lite'
import { type AgentMode, absentAgentUrl, childrenOf, type FakeAgent, find, startAgent, tree } from './agent'

describe('the fake Agent', () => {
  let agent: FakeAgent
  before(async () => {
    agent = await startAgent()
  })
  beforeEach(() => {
    agent.mode = 'ok'
    agent.clear()
  })
  after(() => agent.close())

  it('decodes a payload and answers with rates', async () => {
    agent.rates = { 'service:shop,env:': 0.5 }
    const answer = await send(agent.url, [[wireSpan({ name: 'web.request' }), wireSpan({ parent_id: 1, span_id: 2 })]])
    assert.deepEqual(answer, { status: 200, body: '{"rate_by_service":{"service:shop,env:":0.5}}' })
    assert.deepEqual(agent.violations, [])
    assert.equal(agent.requests[0]?.headers['x-datadog-trace-count'], '1')
    const span = find(agent.spans(), 'web.request')
    assert.deepEqual(
      { ...span, meta: { ...span.meta }, metrics: { ...span.metrics } },
      {
        service: 'shop',
        name: 'web.request',
        resource: 'GET /',
        type: 'web',
        trace_id: '9223372036854775807',
        span_id: '1',
        parent_id: '0',
        start: 1_790_000_000_123_456_789n,
        duration: 1500n,
        error: 0,
        meta: { language: 'javascript' },
        metrics: { rate: 0.25, process_id: 7 },
      },
    )
  })

  it('keeps ids of 64 bits exact', async () => {
    await sendBytes(agent.url, withTraceId(0xffff_ffff_ffff_fffen), 1)
    assert.equal(agent.spans()[0]?.trace_id, '18446744073709551614')
    assert.deepEqual(agent.violations, [])
  })

  it('builds the tree by parent and start time', async () => {
    const late = wireSpan({ name: 'late', span_id: 2, parent_id: 1, start: at(20n) })
    const early = wireSpan({ name: 'early', span_id: 3, parent_id: 1, start: at(10n) })
    await send(agent.url, [[late, early, wireSpan({ name: 'root', start: at(0n) })]])
    const [root] = tree(agent.spans())
    assert.equal(root?.span.name, 'root')
    assert.deepEqual(
      root?.children.map(({ span }) => span.name),
      ['early', 'late'],
    )
    assert.equal(childrenOf(root!.span, agent.spans()).length, 2)
    assert.throws(() => find(agent.spans(), 'absent'), /0 spans with name "absent".*\n {2}root/)
  })

  const objections: [string, object, RegExp][] = [
    ['a trace id of 0', { trace_id: 0 }, /trace_id 0/],
    ['a span id of 0', { span_id: 0 }, /span_id 0/],
    ['a fractional start', { start: 1.5 }, /start is the float 1.5, not an integer/],
    ['a float that happens to be whole', { duration: 2 ** 40 }, /duration is the float/],
    ['a start before the year 2000', { start: 12 }, /start 12/],
    ['a missing service', { service: undefined }, /service is missing/],
    ['a type of nil', { type: null }, /type is nil/],
    ['an error of 2', { error: 2 }, /error 2/],
    ['a number in meta', { meta: { a: 1 } }, /meta.a is the number 1/],
    ['a string in metrics', { metrics: { a: '1' } }, /metrics.a is the string 1/],
    ['NaN in metrics', { metrics: { a: Number.NaN } }, /metrics.a is the float NaN/],
    ['meta.events that is no JSON', { meta: { events: '[' } }, /meta.events/],
    ['an unknown key', { durations: 1 }, /unknown key durations/],
  ]
  for (const [title, change, violation] of objections) {
    it(`objects to ${title}`, async () => {
      await send(agent.url, [[wireSpan(change)]])
      assert.match(agent.violations[0] ?? '', violation)
    })
  }

  it('objects to a wrong count, missing headers, mixed traces, empty chunks and a span sent twice', async () => {
    await send(agent.url, [[wireSpan({})]], { 'x-datadog-trace-count': '2', 'datadog-meta-lang': undefined })
    await send(agent.url, [[wireSpan({}), wireSpan({ trace_id: 5, span_id: 2 })], []])
    assert.deepEqual(
      agent.violations.map((violation) => violation.replace(/\d{19}/, 'N')),
      [
        'header datadog-meta-lang is missing',
        'header x-datadog-trace-count says 2, the body has 1 chunks',
        'chunk 0 mixes the traces N, 5',
        'chunk 1 has no spans',
        'span "op" (N/1) was sent twice',
      ],
    )
  })

  it('objects to broken MessagePack, bytes after the payload and duplicate keys', async () => {
    const payload = encode([[wireSpan({})]])
    await sendBytes(agent.url, payload.subarray(0, -1), 0)
    await sendBytes(agent.url, Buffer.concat([payload, Buffer.from([0])]), 1)
    // A map of two entries that are both "a": 1.
    await sendBytes(agent.url, Buffer.from([0x91, 0x91, 0x82, 0xa1, 0x61, 1, 0xa1, 0x61, 1]), 1)
    assert.match(agent.violations[0]!, /not MessagePack/)
    assert.match(agent.violations[1]!, /1 bytes follow/)
    assert.match(agent.violations[2]!, /a key twice; its keys: a/)
  })

  const failures: [AgentMode, number | string][] = [
    [{ status: 500 }, 500],
    [{ status: 429 }, 429],
    ['close', 'socket hang up'],
  ]
  for (const [mode, expected] of failures) {
    it(`misbehaves: ${JSON.stringify(mode)}`, async () => {
      agent.mode = mode
      const answer = await send(agent.url, [[wireSpan({})]]).catch((error: Error) => error.message)
      assert.equal(typeof answer === 'string' ? answer : answer.status, expected)
      assert.equal(agent.requests[0]?.chunks.length, 1)
      assert.deepEqual(agent.spans(), [], 'spans of a refused request are not taken')
    })
  }

  it('misbehaves: garbage with 200', async () => {
    agent.mode = 'garbage'
    assert.deepEqual(await send(agent.url, [[wireSpan({})]]), { status: 200, body: '<html>' })
    assert.equal(agent.spans().length, 1)
  })

  it('misbehaves: slow, and does not count what a client gave up', async () => {
    agent.mode = { slowMs: 50 }
    const abort = new AbortController()
    const given = send(agent.url, [[wireSpan({})]], {}, abort.signal)
    await agent.waitForRequests(1)
    abort.abort()
    await assert.rejects(given)
    const { status } = await send(agent.url, [[wireSpan({})]])
    assert.equal(status, 200)
    assert.equal(agent.spans().length, 1)
    assert.deepEqual(agent.violations, [])
  })

  it('misbehaves: hang, until it is closed', async () => {
    const silent = await startAgent()
    silent.mode = 'hang'
    const given = send(silent.url, [[wireSpan({})]])
    await silent.waitForRequests(1)
    await Promise.all([assert.rejects(given), silent.close()])
  })

  it('is absent, and comes back on the port it had', async () => {
    await assert.rejects(send(await absentAgentUrl(), []), /ECONNREFUSED/)
    const first = await startAgent()
    await first.close()
    await assert.rejects(send(first.url, []), /ECONNREFUSED/)
    const second = await startAgent({ port: first.port })
    assert.equal((await send(second.url, [[wireSpan({})]])).status, 200)
    await second.close()
  })

  it('listens on a unix socket too', async () => {
    const socketPath = join(tmpdir(), `dd-test-agent-${process.pid}.sock`)
    const local = await startAgent({ socketPath })
    assert.equal(local.socketUrl, `unix://${socketPath}`)
    await send(local.socketUrl!, [[wireSpan({})]])
    assert.equal(local.spans().length, 1)
    await local.close()
  })

  it('waits for spans by count and by predicate, and says what it has when it waited in vain', async () => {
    const three = agent.waitForSpans(3)
    const named = agent.waitForSpans((spans) => find(spans, 'c').name === 'c')
    await send(agent.url, [[wireSpan({ name: 'a', span_id: 1 })]])
    await send(agent.url, [[wireSpan({ name: 'b', span_id: 2 }), wireSpan({ name: 'c', span_id: 3 })]])
    assert.equal((await three).length, 3)
    assert.equal((await named).length, 3)
    await assert.rejects(
      agent.waitForSpans(4, 10),
      /waited 10 ms in vain for 4 spans[\s\S]*b \[GET \/\][\s\S]*requests: 2/,
    )
  })
})

const at = (ns: bigint) => int64(1_790_000_000_123_456_789n + ns)

function wireSpan(change: object): object {
  return {
    service: 'shop',
    name: 'op',
    resource: 'GET /',
    type: 'web',
    trace_id: int64(0x7fff_ffff_ffff_ffffn),
    span_id: 1,
    parent_id: 0,
    start: at(0n),
    duration: 1500,
    error: 0,
    meta: { language: 'javascript' },
    metrics: { rate: 0.25, process_id: 7 },
    ...change,
  }
}

/** What msgpack-lite encodes as a 64-bit integer: the class it decodes one to. */
function int64(value: bigint): unknown {
  const { Uint64BE } = require('int64-buffer') as { Uint64BE: new (text: string) => unknown }
  return new Uint64BE(String(value))
}

function withTraceId(id: bigint): Buffer {
  return encode([[wireSpan({ trace_id: int64(id) })]])
}

interface Answer {
  status: number | undefined
  body: string
}

function send(
  url: string,
  chunks: object[][],
  headers: Record<string, string | undefined> = {},
  signal?: AbortSignal,
): Promise<Answer> {
  const definedKeys = (span: object) =>
    Object.fromEntries(Object.entries(span).filter(([, value]) => value !== undefined))
  return sendBytes(url, encode(chunks.map((chunk) => chunk.map(definedKeys))), chunks.length, headers, signal)
}

async function sendBytes(
  url: string,
  body: Buffer,
  count: number,
  headers: Record<string, string | undefined> = {},
  signal?: AbortSignal,
): Promise<Answer> {
  const all = {
    'content-type': 'application/msgpack',
    'content-length': String(body.length),
    'x-datadog-trace-count': String(count),
    'datadog-meta-lang': 'nodejs',
    'datadog-meta-lang-version': process.version,
    'datadog-meta-lang-interpreter': 'v8',
    'datadog-meta-tracer-version': '0.1.0',
    ...headers,
  }
  const target = url.startsWith('unix://')
    ? { socketPath: url.slice(7) }
    : { host: '127.0.0.1', port: new URL(url).port }
  const sent = request({
    ...target,
    method: 'PUT',
    path: '/v0.4/traces',
    headers: Object.fromEntries(Object.entries(all).filter((entry) => entry[1] !== undefined)),
    signal,
    agent: false,
  })
  sent.end(body)
  const [answer] = (await once(sent, 'response')) as [IncomingMessage]
  return { status: answer.statusCode, body: await text(answer) }
}
