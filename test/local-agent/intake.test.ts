// The local agent as a tracer sees it: addresses, statuses and replies of the Agent, and every span kept to the last
// bit, whichever version of the format brought it.

import assert from 'node:assert/strict'
import { encode } from 'msgpack-lite'
import { MAX_BODY_BYTES } from '../../src/local-agent/body-reader'
import { type LocalAgent, startLocalAgent } from '../../src/local-agent/start-local-agent'
import { put, send } from './send'
import { jsonSpan, START, uint64, v04, v05, wireSpan } from './wire-span'

const MAX_UINT64 = 2n ** 64n - 1n
const RATES = '{"rate_by_service":{"service:,env:":1}}'

const fields = {
  trace_id: MAX_UINT64 - 1n,
  span_id: MAX_UINT64,
  parent_id: 2n ** 63n,
  service: 'shop',
  name: 'express.request',
  resource: 'GET /é',
  type: 'web',
  start: START + 1n,
  duration: 2n ** 53n + 1n,
  error: 1,
  meta: { 'error.message': 'no', 'http.status_code': '500' },
  metrics: { _sampling_priority_v1: 1, ratio: 0.25 },
}

const kept = {
  depth: 0,
  title: 'GET /é',
  traceId: '18446744073709551614',
  spanId: '18446744073709551615',
  parentId: '9223372036854775808',
  service: 'shop',
  name: 'express.request',
  resource: 'GET /é',
  type: 'web',
  start: '1700000000000000001',
  duration: '9007199254740993',
  error: 1,
  meta: { 'error.message': 'no', 'http.status_code': '500' },
  metrics: { _sampling_priority_v1: 1, ratio: 0.25 },
}

describe('local agent intake', () => {
  let agent: LocalAgent
  beforeEach(async () => {
    agent = await startLocalAgent({ port: 0 })
  })
  afterEach(() => agent.close())

  const spansOf = async (id: string) => JSON.parse((await send(`${agent.url}/api/traces/${id}`)).text).spans
  const status = async () => JSON.parse((await send(`${agent.url}/api/status`)).text)

  const payloads: [string, string, Buffer | string][] = [
    ['v0.3', 'OK\n', v04([wireSpan(fields)])],
    ['v0.4', RATES, v04([wireSpan(fields)])],
    ['v0.5', RATES, v05([[fields]])],
    ['v0.3', 'OK\n', `[[${jsonSpan(fields)}]]`],
    ['v0.4', RATES, `[[${jsonSpan(fields)}]]`],
  ]
  for (const [version, reply, body] of payloads) {
    const format = typeof body === 'string' ? 'JSON' : 'MessagePack'
    for (const method of ['PUT', 'POST']) {
      it(`takes ${version} in ${format} by ${method}, all 64 bits of it`, async () => {
        const contentType = typeof body === 'string' ? 'application/json; charset=utf-8' : 'application/msgpack'
        const headers = { 'content-type': contentType }
        const sent = await send(`${agent.url}/${version}/traces`, { method, headers, body })
        assert.equal(sent.status, 200)
        assert.equal(sent.text, reply)
        assert.deepEqual(await spansOf(kept.traceId), [kept])
      })
    }
  }

  it('takes empty payloads, and the nil that Go writes for them', async () => {
    const table = [[''], []]
    for (const body of [encode([]), encode(null), encode([null]), encode([[]])]) {
      assert.equal((await put(`${agent.url}/v0.4/traces`, body)).status, 200)
    }
    assert.equal((await put(`${agent.url}/v0.5/traces`, encode(table))).status, 200)
    assert.equal((await put(`${agent.url}/v0.5/traces`, JSON.stringify(table))).status, 200)
    assert.deepEqual({ ...(await status()) }.malformedSpans, 0)
    assert.equal(agent.store.traces, 0)
  })

  it('merges the parts of a trace, and replaces a span that comes again', async () => {
    await put(`${agent.url}/v0.4/traces`, v04([wireSpan({ span_id: 2n, parent_id: 1n, service: 'db' })]))
    await put(`${agent.url}/v0.4/traces`, v04([wireSpan({ duration: 1n })]))
    await put(`${agent.url}/v0.5/traces`, v05([[{ duration: 5_000_000n, resource: 'GET /done' }]]))
    const spans = await spansOf('1')
    assert.deepEqual(
      spans.map(({ depth, spanId, duration }: typeof kept) => [depth, spanId, duration]),
      [
        [0, '1', 5_000_000],
        [1, '2', 1_000_000],
      ],
    )
    const list = JSON.parse((await send(`${agent.url}/api/traces`)).text)
    assert.deepEqual(list.traces, [
      {
        id: '00000000000000000000000000000001',
        revision: 3,
        rootId: '1',
        name: 'web.request',
        title: 'GET /done',
        service: 'web',
        resource: 'GET /done',
        type: 'web',
        env: '',
        statusCode: '',
        status: 'ok',
        start: String(START),
        duration: 5_000_000,
        spanCount: 2,
        errorCount: 0,
        services: ['db', 'web'],
      },
    ])
  })

  it('lists the latest change first, as many as asked for', async () => {
    for (const trace_id of [1n, 2n, 3n, 1n]) await put(`${agent.url}/v0.4/traces`, v04([wireSpan({ trace_id })]))
    const ids = async (query: string) => {
      const { traces } = JSON.parse((await send(`${agent.url}/api/traces${query}`)).text)
      return traces.map(({ id }: { id: string }) => id.at(-1)).join('')
    }
    assert.equal(await ids(''), '132')
    assert.equal(await ids('?limit=2'), '13')
    for (const limit of ['0', '-1', 'x', '1.5', '']) {
      assert.equal((await send(`${agent.url}/api/traces?limit=${limit}`)).status, 400, limit)
    }
  })

  it('keeps native links and events in the form that tracers use for older Agents', async () => {
    const span = {
      ...wireSpan(),
      span_links: [
        { trace_id: uint64(MAX_UINT64), trace_id_high: 1, span_id: 10, flags: 0x80000001, attributes: { a: 'b' } },
      ],
      span_events: [
        {
          time_unix_nano: uint64(START),
          name: 'retry',
          attributes: {
            text: { type: 0, string_value: 'x' },
            yes: { type: 1, bool_value: true },
            list: {
              type: 4,
              array_value: {
                values: [
                  { type: 2, int_value: 1 },
                  { type: 3, double_value: 0.5 },
                ],
              },
            },
          },
        },
      ],
    }
    await put(`${agent.url}/v0.4/traces`, v04([span]))
    const [{ meta }] = await spansOf('1')
    assert.deepEqual(JSON.parse(meta['_dd.span_links']), [
      {
        trace_id: '0000000000000001ffffffffffffffff',
        span_id: '000000000000000a',
        attributes: { a: 'b' },
        flags: 1,
      },
    ])
    assert.deepEqual(JSON.parse(meta.events), [
      { name: 'retry', time_unix_nano: String(START), attributes: { text: 'x', yes: true, list: [1, 0.5] } },
    ])
  })

  it('says what it can on /info, and nothing that it cannot', async () => {
    const { status: code, text } = await send(`${agent.url}/info`)
    assert.equal(code, 200)
    const { local_agent: own, ...known } = JSON.parse(text)
    assert.ok(own.pid === process.pid && own.since <= Date.now(), text)
    assert.deepEqual(known, {
      version: '',
      endpoints: ['/v0.3/traces', '/v0.4/traces', '/v0.5/traces', '/v0.6/stats', '/dogstatsd/v2/proxy'],
      client_drop_p0s: false,
      span_meta_structs: false,
      long_running_spans: true,
      span_events: true,
      config: { receiver_port: agent.port, max_request_bytes: 25 * 1024 * 1024 },
    })
  })

  it('takes a body of 25 MB and refuses one byte more, and is well after that', async () => {
    const full = '[]'.padEnd(MAX_BODY_BYTES)
    assert.equal((await put(`${agent.url}/v0.4/traces`, full)).status, 200)
    const over = await put(`${agent.url}/v0.4/traces`, `${full} `)
    assert.equal(over.status, 413)
    assert.match(over.text, /26214400 bytes/)
    assert.equal((await put(`${agent.url}/v0.4/traces`, v04([wireSpan()]))).status, 200)
    const { payloads: taken, refusedPayloads } = await status()
    assert.deepEqual([taken, refusedPayloads], [2, 1])
  })

  it('answers what it does not offer with the statuses of the Agent', async () => {
    for (const path of ['/v0.5/stats', '/v0.7/traces', '/v1.0/traces', '/v0.4/traces/', '/api', '/api/traces/', '/x']) {
      assert.equal((await put(agent.url + path, '[]')).status, 404, path)
    }
    for (const id of ['1', '0'.repeat(32), 'abc', '%2e%2e', '99999999999999999999']) {
      assert.equal((await send(`${agent.url}/api/traces/${id}`)).status, 404, id)
    }
    assert.equal((await send(`${agent.url}/v0.4/traces`)).status, 405)
    assert.equal((await put(`${agent.url}/info`, '{}')).status, 405)
    assert.equal((await put(`${agent.url}/v0.4/traces`, '[]', { 'content-encoding': 'gzip' })).status, 415)
  })

  it('calls onTrace once per payload and changed trace', async () => {
    const seen: string[] = []
    const listening = await startLocalAgent({
      port: 0,
      onTrace: ({ id, spans }) => seen.push(`${id.at(-1)}:${spans.size}`),
    })
    const body = v04([wireSpan(), wireSpan({ span_id: 2n })], [wireSpan({ trace_id: 2n })], [wireSpan({ span_id: 3n })])
    await put(`${listening.url}/v0.4/traces`, body)
    await listening.close()
    assert.deepEqual(seen, ['2:1', '1:3'])
  })

  it('ends open connections when it is closed, and lets go of the port', async () => {
    const { url, port, close } = await startLocalAgent({ port: 0 })
    const live = send(`${url}/api/live`)
    await send(`${url}/info`)
    await close()
    await assert.rejects(live)
    const again = await startLocalAgent({ port })
    await again.close()
  })

  it('fails with the code of the system if the port is taken, and refuses to listen for other machines', async () => {
    await assert.rejects(startLocalAgent({ port: agent.port }), { code: 'EADDRINUSE' })
    await assert.rejects(startLocalAgent({ port: 0, host: '0.0.0.0' }), /this machine only/)
  })
})
