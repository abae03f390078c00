// Version 0.5 of the traces: the same spans as version 0.4, read back from a table by another decoder, a strict one, and by the local
// agent; and what happens with an Agent that does not take it.

import { strict as assert } from 'node:assert'
import { tracer } from '../../src'
import { TraceEncoder } from '../../src/export/encoder'
import { TableEncoder } from '../../src/export/table-encoder'
import { decodePayload } from '../../src/local-agent/decode-payload'
import type { Chunk } from '../../src/trace/chunk'
import { type FakeAgent, startAgent } from '../support/agent'
import { decodeTable } from '../support/decode-table'
import { decodeTraces } from '../support/decode-traces'
import { collectLog } from '../support/log-lines'
import { madeChunk, oddChunk, START_US, uniqueChunk } from './made-chunk'

const process = {
  service: 'shop',
  env: 'test',
  version: '1.2',
  tags: { team: 'a' },
  runtimeId: () => 'run-1',
  pid: 4242,
  hostname: 'box',
  processDescription: 'entrypoint.name:app',
  gitRepositoryUrl: 'https://x/y',
  gitCommitSha: 'abc',
}

const spans = [
  madeChunk(
    [
      { tags: ['http.method', 'GET', 'count', 3, 'share', 0.25, 'less', -7], error: 1 },
      { idLow: 3, parentLow: 2, service: 'other', type: '', resource: '', isTopLevel: false },
    ],
    { upperHigh: 0x6a000000, priority: 2, origin: 'synthetics', tags: { '_dd.p.dm': '-4' } },
  ),
  madeChunk([
    {
      idHigh: 0x7fffffff,
      idLow: 0xffffffff,
      name: 'größer',
      resource: '日本 🎉',
      tags: ['team', 'b', 'env', 'own', 'process_id', 1],
    },
  ]),
  madeChunk([
    {
      links: [{ traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), attributes: { why: 'retry' } }],
      events: [{ name: 'e', timeUs: START_US, attributes: { n: 1 } }],
      tags: ['k'.repeat(300), 'v'.repeat(30_000), 'm'.repeat(300), 1],
      resource: 'r'.repeat(6000),
    },
  ]),
  { ...madeChunk([{ idLow: 9 }], { priority: -1 }), priority: 2 },
]

function encoded(encoder: TableEncoder | TraceEncoder, chunks: readonly Chunk[]): Buffer {
  for (const chunk of chunks) assert.ok(encoder.add(chunk, 1e9))
  return encoder.take()
}

describe('the table encoder', () => {
  collectLog()

  it('says of every span what version 0.4 says', () => {
    const table = decodeTable(encoded(new TableEncoder(process), spans))
    const maps = decodeTraces(encoded(new TraceEncoder(process), spans))
    assert.deepEqual([table.violations, maps.violations], [[], []])
    assert.deepEqual(table.chunks, maps.chunks)
    const [first, second] = table.chunks[0]!
    assert.deepEqual(
      [
        first!.meta['_dd.hostname'],
        first!.meta['_dd.git.commit.sha'],
        second!.meta['_dd.hostname'],
        second!.meta['_dd.git.commit.sha'],
      ],
      ['box', 'abc', 'box', undefined],
    )
  })

  it('is read by the local agent', () => {
    const body = encoded(new TableEncoder(process), spans)
    const { chunks, malformedSpans } = decodePayload('v0.5', 'application/msgpack', body)
    assert.deepEqual([chunks.flat().length, malformedSpans], [5, 0])
  })

  it('begins anew after each payload', () => {
    const encoder = new TableEncoder(process)
    const once = encoded(encoder, spans)
    assert.deepEqual([encoder.chunks, encoder.spans], [0, 0])
    assert.deepEqual(encoded(encoder, spans), once)
  })

  it('counts its bytes exactly, and takes a chunk up to the limit and not above', () => {
    const encoder = new TableEncoder(process)
    encoder.add(uniqueChunk(), 1e9)
    const chunk = uniqueChunk(500)
    const before = encoder.bytes
    assert.equal(encoder.add(chunk, 1e9), true)
    const { bytes } = encoder
    assert.equal(encoder.take().length, bytes)
    encoder.add(uniqueChunk(), 1e9)
    assert.deepEqual([encoder.add(chunk, bytes - 1), encoder.bytes, encoder.chunks], [false, before, 1])
    assert.deepEqual([encoder.add(chunk, bytes), encoder.bytes, encoder.spans], [true, bytes, 2])
    assert.deepEqual(decodeTable(encoder.take()).violations, [])
  })

  it('leaves no text behind of a chunk that cannot be written', () => {
    const encoder = new TableEncoder(process)
    const before = encoder.bytes
    assert.throws(() => encoder.add(oddChunk, 1e9))
    assert.deepEqual([encoder.bytes, encoder.chunks], [before, 0])
    encoder.add(uniqueChunk(), 1e9)
    assert.deepEqual(decodeTable(encoder.take()).violations, [])
  })
})

describe('traces of version 0.5', () => {
  let agent: FakeAgent
  const lines = collectLog()
  beforeEach(async () => {
    agent = await startAgent()
  })
  afterEach(async () => {
    await tracer.shutdown()
    const { violations } = agent
    await agent.close()
    assert.deepEqual(violations, [])
  })

  const start = () =>
    tracer.init({ service: 'shop', agentUrl: agent.url, flushIntervalMs: 60_000, agentProtocolVersion: '0.5' })
  const paths = () => agent.requests.map(({ url }) => url)

  it('go to their own address', async () => {
    agent.takesTable = true
    start()
    const parent = tracer.startSpan('parent', { tags: { a: 'b', n: 2 } })
    tracer.startSpan('child', { childOf: parent }).finish()
    parent.finish()
    await tracer.flush()
    assert.deepEqual([paths(), agent.spans().map(({ name }) => name)], [['/v0.5/traces'], ['child', 'parent']])
    assert.equal(agent.requests[0]!.headers['x-datadog-trace-count'], '1')
  })

  it('are sent as version 0.4 to an Agent that does not take them, from the first on, and that is said', async () => {
    start()
    const first = tracer.startSpan('first', { tags: { a: 'b', n: 2, x: -1.5 } })
    first.addEvent('seen').addLink({ traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) })
    first.finish()
    await tracer.flush()
    tracer.startSpan('second').finish()
    await tracer.flush()
    assert.deepEqual(paths(), ['/v0.5/traces', '/v0.4/traces', '/v0.4/traces'])
    const [received, second] = agent.spans()
    assert.deepEqual([received!.name, second!.name], ['first', 'second'])
    assert.deepEqual(
      [received!.trace_id, received!.meta['a'], received!.metrics['n'], received!.metrics['x'], received!.service],
      [BigInt(`0x${first.traceId.slice(16)}`).toString(), 'b', 2, -1.5, 'shop'],
    )
    assert.ok(received!.meta['events'] !== undefined && received!.meta['_dd.span_links'] !== undefined)
    assert.deepEqual(lines, ['the Agent does not take traces of version 0.5; they are sent as version 0.4'])
  })
})
