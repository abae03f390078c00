// Datadog's own trace agent takes what `dd` sends: it repairs, cuts and drops nothing, and what it sends on is what was sent, in the
// letters that it uses for names.
//
// Between the tracer and the agent stands a proxy that notes the payloads, so that bytes are compared with the agent's output.

import { strict as assert } from 'node:assert'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type InitOptions, tracer } from '../../src'
import { randomInt32 } from '../../src/base/id'
import { tagValue } from '../../src/export/normalize'
import { describeWith, traceAgent } from '../services'
import { agentServiceName, agentSpanName, agentTag } from '../support/agent-names'
import { decodeTraces } from '../support/decode-traces'
import { collectLog } from '../support/log-lines'
import type { ReceivedSpan } from '../support/received-span'
import { runNode } from '../support/spawn'
import { makeSpanShapes } from './span-shapes'
import { type SentOnChunk, type SentOnSpan, TraceAgentClient } from './trace-agent-client'
import { INDEX, outcomeOf, traced } from './traced'

const SHAPES = require.resolve('./span-shapes')

const PROGRAM = `
const { tracer } = require(${JSON.stringify(INDEX)})
require(${JSON.stringify(SHAPES)}).makeSpanShapes(tracer)
// At the end of the process there is but a second, which is short for hundreds of large spans on a busy machine.
tracer.flush()
`

/** What both ways of running have in common. */
const SETTINGS = { spanSamplingRules: [{ name: 'single.kept' }], partialFlushMinSpans: 10 } satisfies InitOptions

describeWith(traceAgent, "Datadog's trace agent", (server) => {
  collectLog()
  let agent: TraceAgentClient
  let proxy: Server | undefined
  let url = ''
  const sent: ReceivedSpan[][] = []
  const tables: Buffer[] = []
  const statuses: number[] = []

  before(async () => {
    agent = new TraceAgentClient(server())
    proxy = createServer(async (request, response) => {
      const parts: Buffer[] = []
      for await (const part of request) parts.push(part as Buffer)
      const body = Buffer.concat(parts)
      const headers = Object.entries(request.headers).filter(
        ([name]) => !/^(host|connection|content-length)$/.test(name),
      )
      const answer = await fetch(`${agent.url}${request.url}`, {
        method: request.method ?? 'GET',
        headers: Object.fromEntries(headers) as Record<string, string>,
        ...(body.length > 0 && { body }),
      })
      if (request.url === '/v0.4/traces') sent.push(...decodeTraces(body).chunks)
      if (request.url === '/v0.5/traces') tables.push(body)
      if (body.length > 0) statuses.push(answer.status)
      response.writeHead(answer.status, Object.fromEntries(answer.headers.entries())).end(await answer.text())
    }).listen(0, '127.0.0.1')
    await once(proxy, 'listening')
    url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
  })
  beforeEach(async () => {
    sent.length = tables.length = statuses.length = 0
    await agent.clear()
  })
  after(async () => {
    proxy?.close()
    proxy?.closeAllConnections()
  })

  /** Runs the program, which is to end well and to say nothing but that limits were reached. */
  async function runProgram(env: Record<string, string>, code = PROGRAM): Promise<void> {
    const { code: exitCode, said } = outcomeOf(await runNode(traced({ code }, url, env)))
    assert.deepEqual([exitCode, said.filter((line) => !/more than|exceed/.test(line))], [0, []])
  }

  /** Sends chunks that `dd` did not make; the agent takes JSON too. */
  async function put(chunks: object[][]): Promise<number> {
    const headers = { 'Content-Type': 'application/json', 'Datadog-Meta-Lang': 'nodejs' }
    const { status } = await fetch(`${agent.url}/v0.4/traces`, { method: 'PUT', headers, body: JSON.stringify(chunks) })
    return status
  }

  /** Fails if the agent has complained, or if its output is not what was sent. */
  async function agreed(minSpans: number): Promise<SentOnChunk[]> {
    assert.ok(sent.flat().length >= minSpans, `only ${sent.flat().length} spans were sent`)
    assert.ok(statuses.every((status) => status === 200))
    const expected = sent.flatMap((chunk) => (isKept(chunk) ? chunk : chunk.filter(isSingle)))
    const chunks = await agent.chunks(expected.length)
    assert.deepEqual(await agent.complaints(), [])
    const output = new Map(
      chunks.flatMap(({ spans }) => spans).map((span) => [`${span.trace_id}/${span.span_id}`, span]),
    )
    for (const span of expected) {
      const found = output.get(`${span.trace_id}/${span.span_id}`)
      assert.ok(found, `${span.name} ${span.resource.slice(0, 50)} is not in the output`)
      assert.deepEqual(comparable(found, span), asSentOn(span))
    }
    return chunks
  }

  it('agrees with every shape of span that a process makes', async () => {
    tracer.init({
      service: 'My Shop',
      env: 'Prod Env!',
      version: 'v 1',
      tags: { 'my tag': 'é' },
      agentUrl: url,
      ...SETTINGS,
    })
    makeSpanShapes(tracer)
    await tracer.flush()
    await tracer.shutdown()
    const chunks = await agreed(300)
    const singles = chunks.filter(({ spans }) => spans.some(({ name }) => name === 'single.kept'))
    assert.equal(singles.length, 3)
    assert.equal(chunks.flatMap(({ spans }) => spans).filter(({ name }) => name === 'single.lost').length, 0)
  })

  it('agrees with every shape of span that a preloaded program makes, and ends with', async () => {
    const env = {
      DD_SERVICE: '!! Shop !!',
      DD_ENV: 'ünï / env',
      DD_VERSION: 'x'.repeat(300),
      DD_TAGS: 'team:A B,empty:',
      DD_TRACE_128_BIT_TRACEID_GENERATION_ENABLED: 'false',
      DD_TRACE_PARTIAL_FLUSH_MIN_SPANS: '10',
      DD_SPAN_SAMPLING_RULES: '[{"name":"single.kept","max_per_second":1}]',
      DD_TRACE_SAMPLE_RATE: '1',
      DD_TRACE_RATE_LIMIT: '-1',
    }
    await runProgram(env)
    await agreed(300)
  })

  it('agrees with native events, and with single spans of traces that are not sent', async () => {
    const statistics = {
      DD_TRACE_STATS_COMPUTATION_ENABLED: 'true',
      DD_TRACE_NATIVE_SPAN_EVENTS: 'true',
      // By its own rates the agent would have most of so many traces left out.
      DD_TRACE_SAMPLE_RATE: '1',
      DD_TRACE_RATE_LIMIT: '-1',
    }
    // The first payload tells `dd` what the agent can.
    const code = `
const { tracer } = require(${JSON.stringify(INDEX)})
tracer.trace('first', () => {})
tracer.flush().then(() => require(${JSON.stringify(SHAPES)}).makeSpanShapes(tracer)).then(() => tracer.flush())
`
    await runProgram({ ...statistics, DD_SPAN_SAMPLING_RULES: '[{"name":"single.kept"}]' }, code)
    const chunks = await agreed(250)
    const singles = chunks.filter(({ spans }) => spans.some(({ name }) => name === 'single.kept'))
    assert.ok(singles.length > 0)
    const notSent = sent.flat().filter(({ name }) => name === 'single.lost')
    assert.deepEqual(notSent, [])
  })

  it('agrees with version 0.5 of the protocol', async () => {
    await runProgram({ DD_TRACE_AGENT_PROTOCOL_VERSION: '0.5' })
    assert.ok(tables.length > 0)
    const spans = (await agent.chunks(260)).flatMap((chunk) => chunk.spans)
    assert.deepEqual(await agent.complaints(), [])
    assert.ok(spans.length >= 260, `${spans.length} spans`)
    for (const { service = '', name = '', meta } of spans) {
      assert.deepEqual([agentServiceName(service), agentSpanName(name)], [service, name])
      assert.ok(Object.values(meta ?? {}).every((value) => Buffer.byteLength(value) <= 25_000))
    }
  })

  it('agrees with random texts everywhere', async () => {
    tracer.init({ service: randomText(), env: randomText(), agentUrl: url })
    for (let i = 0; i < 500; i++) {
      const span = tracer.startSpan(randomText(), { childOf: null, service: randomText(), type: randomText() })
      span.setTag('resource.name', randomText())
      for (const key of [randomText(), randomText(), 'peer.service', 'env', 'http.status_code'])
        span.setTag(key, randomText())
      span.addEvent(randomText(), { [randomText()]: randomText() })
      span.finish()
    }
    await tracer.flush()
    await tracer.shutdown()
    await agreed(500)
  })

  it('makes of raw names what these tests make of them', async () => {
    const raw = Array.from({ length: 500 }, (_, i) => ({
      id: i + 1,
      service: randomText(),
      name: randomText(),
      env: randomText(),
    }))
    const chunks = raw.map(({ id, service, name, env }) => [
      {
        ...{ trace_id: id, span_id: id, parent_id: 0, start: 1.7e18, duration: 1, error: 0 },
        ...{ service, name, resource: 'r', meta: { env }, metrics: { _sampling_priority_v1: 1 } },
      },
    ])
    assert.equal(await put(chunks), 200)
    const made = new Map(
      (await agent.chunks(500)).flatMap(({ spans }) => spans).map((span) => [Number(span.span_id), span]),
    )
    for (const { id, service, name, env } of raw) {
      const { service: madeService, name: madeName, meta } = made.get(id)!
      assert.deepEqual(
        [madeService, madeName, meta?.['env'] ?? ''],
        [agentServiceName(service), agentSpanName(name), tagValue(env)],
        `${JSON.stringify({ service, name, env })}`,
      )
    }
  })

  it('has something to say about what is not as it should be', async () => {
    const odd = [
      [
        {
          trace_id: 7,
          span_id: 8,
          parent_id: 0,
          start: 5,
          duration: -1,
          error: 0,
          service: '',
          name: '1',
          resource: '',
        },
      ],
    ]
    assert.equal(await put(odd), 200)
    await agent.chunks(1)
    const complaints = (await agent.complaints()).join('\n')
    for (const reason of [
      'service_empty',
      'span_name_invalid',
      'resource_empty',
      'invalid_start_date',
      'invalid_duration',
    ]) {
      assert.match(complaints, new RegExp(reason))
    }
  })
})

/** The agent keeps what the tracer keeps, and single spans. */
const isKept = (chunk: readonly ReceivedSpan[]): boolean => (chunk[0]?.metrics['_sampling_priority_v1'] ?? 0) > 0
const isSingle = ({ metrics }: ReceivedSpan): boolean => metrics['_dd.span_sampling.mechanism'] === 8

const COMPARED = 'service name resource type trace_id span_id parent_id start duration error'.split(' ')

/** A span as it was sent, in the words of the agent's output. */
function asSentOn(span: ReceivedSpan): SentOnSpan {
  const {
    service,
    name,
    resource,
    type = '',
    trace_id,
    span_id,
    parent_id,
    start,
    duration,
    error,
    meta,
    metrics,
  } = span
  return {
    ...{ service: agentServiceName(service), name: agentSpanName(name), resource, type, trace_id, span_id, parent_id },
    ...{ start: Number(start), duration: Number(duration), error, metrics },
    meta: Object.fromEntries(Object.entries(meta).map(([key, value]) => [key, agentTag(key, value)])),
  }
}

/** The same of the output; what the agent has added is left out. */
function comparable(span: SentOnSpan, sent: ReceivedSpan): SentOnSpan {
  const { meta, metrics, ...rest } = span
  return {
    ...(Object.fromEntries(Object.entries(rest).filter(([key]) => COMPARED.includes(key))) as SentOnSpan),
    meta: only(meta, sent.meta),
    metrics: only(metrics, sent.metrics),
  }
}

function only<V>(all: Record<string, V> = {}, like: Record<string, V>): Record<string, V> {
  return Object.fromEntries(Object.entries(all).filter(([key]) => Object.hasOwn(like, key)))
}

const PIECES = [
  'a',
  'B',
  'z9',
  '_',
  '__',
  '.',
  '..',
  '-',
  '/',
  ':',
  ' ',
  '!',
  'é',
  'É',
  'İ',
  'ß',
  'ǅ',
  '店',
  '٣',
  '😀',
  '\0',
  '\n',
  '´',
]

/** Up to 260 characters of all kinds. */
function randomText(): string {
  const length = (randomInt32() >>> 0) % (randomInt32() % 8 === 0 ? 260 : 12)
  return Array.from({ length }, () => PIECES[(randomInt32() >>> 0) % PIECES.length]).join('')
}
