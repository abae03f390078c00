// The payload as an Agent reads it: every field exact, the tags of the process where they belong and never twice, long values cut,
// the limit kept to the byte. The reader is msgpack-lite behind a strict schema, which also refuses a key that comes twice.

import { strict as assert } from 'node:assert'
import { TraceEncoder } from '../../src/export/encoder'
import type { ProcessTags } from '../../src/export/process-tags'
import { MAX_KEY_LENGTH, MAX_RESOURCE_LENGTH, MAX_VALUE_LENGTH } from '../../src/export/wire-limits'
import type { Chunk, FinishedSpan } from '../../src/trace/chunk'
import { decodeTraces } from '../support/decode-traces'
import { collectLog } from '../support/log-lines'
import type { ReceivedSpan } from '../support/received-span'
import { chunkViolations } from '../support/strict-intake'
import { madeChunk, START_US, type TraceFields } from './made-chunk'

const bare: ProcessTags = { service: 'shop', tags: {}, runtimeId: () => 'run-1', pid: 4242 }

function encoder(change: Partial<ProcessTags> = {}): TraceEncoder {
  return new TraceEncoder({ ...bare, ...change })
}

function read(payload: Buffer): ReceivedSpan[][] {
  const { chunks, violations } = decodeTraces(payload)
  assert.deepEqual([...violations, ...chunkViolations(chunks)], [])
  return chunks
}

function encode(chunk: Chunk, change: Partial<ProcessTags> = {}): ReceivedSpan[] {
  const payload = encoder(change)
  assert.equal(payload.add(chunk, Number.MAX_SAFE_INTEGER), true)
  const [spans, ...others] = read(payload.take())
  assert.deepEqual(others, [])
  return spans!
}

const encodeSpan = (
  span: Partial<FinishedSpan>,
  fields: TraceFields = {},
  change: Partial<ProcessTags> = {},
): ReceivedSpan => encode(madeChunk([span], fields), change)[0]!

/** What a first span has besides its own tags. */
const firstMeta = { language: 'javascript', 'runtime-id': 'run-1' }
const firstMetrics = { _sampling_priority_v1: 1, process_id: 4242 }
const topLevel = { '_dd.top_level': 1 }

describe('the trace encoder', () => {
  const lines = collectLog()

  it('writes every field of a span, exactly', () => {
    const span = encodeSpan(
      {
        idHigh: -1,
        idLow: -2,
        parentHigh: -0x80000000,
        parentLow: 1,
        error: 1,
        tags: ['a', 'text', 'b', 0.25, 'c', '', 'd', 7],
      },
      { upperHigh: 0x6553f100, idHigh: -0x80000000, idLow: 0, priority: 2, origin: 'rum', tags: { '_dd.p.dm': '-4' } },
    )
    assert.deepEqual(span, {
      service: 'shop',
      name: 'op',
      resource: 'GET /',
      type: 'web',
      trace_id: '9223372036854775808',
      span_id: '18446744073709551614',
      parent_id: '9223372036854775809',
      start: BigInt(START_US) * 1000n,
      duration: 1_500_000n,
      error: 1,
      meta: { a: 'text', c: '', ...firstMeta, '_dd.origin': 'rum', '_dd.p.dm': '-4', '_dd.p.tid': '6553f10000000000' },
      metrics: { b: 0.25, d: 7, ...firstMetrics, ...topLevel, _sampling_priority_v1: 2 },
    })
  })

  it('leaves out an empty type and the upper half of a short trace id', () => {
    const span = encodeSpan({ type: '' })
    assert.equal('type' in span, false)
    assert.deepEqual(span.meta, firstMeta)
    assert.equal(encodeSpan({}, { upperLow: 1 }).meta['_dd.p.tid'], '0000000000000001')
  })

  it('keeps text of all kinds', () => {
    const texts = ['', 'ü', '🐕 said “hi”', 'x'.repeat(40), 'x'.repeat(41), '\u0000', '日本語'.repeat(50)]
    for (const text of texts) {
      const { resource, type, meta } = encodeSpan({
        resource: `r${text}`,
        type: `t${text}`.slice(0, 30),
        tags: [`k${text}`.slice(0, 30), text],
      })
      assert.deepEqual([resource, type, meta[`k${text}`.slice(0, 30)]], [`r${text}`, `t${text}`.slice(0, 30), text])
    }
    assert.equal(encodeSpan({ resource: 'a\ud800b' }).resource, 'a\ufffdb')
  })

  it('writes names, services and tags as they were given, but where the Agent would replace them (normalize.ts)', () => {
    const given = { name: 'GET /x', service: 'My Shop', tags: ['env', 'Prod!', 'http.status_code', '999'] }
    const { name, service, resource, meta } = encodeSpan({ ...given, resource: '' })
    assert.deepEqual([name, service, resource], ['GET /x', 'My Shop', 'GET /x'])
    assert.deepEqual([meta['env'], meta['http.status_code.invalid']], ['Prod!', '999'])
    const { name: unnamed, service: nobody } = encodeSpan({ name: '1', service: '!' })
    assert.equal(unnamed, 'unnamed_operation')
    assert.notEqual(nobody, '!')
    assert.equal('http.status_code' in meta, false)
  })

  for (const count of [0, 1, 15, 16, 17, 512]) {
    it(`writes ${count} tags of text and ${count} numbers`, () => {
      const tags = Array.from({ length: count }, (_, i) => [`t${i}`, `v${i}`, `n${i}`, i + 0.5]).flat()
      const { meta, metrics } = encodeSpan({ tags })
      const expected = (prefix: string, value: (i: number) => unknown) =>
        Object.fromEntries(Array.from({ length: count }, (_, i) => [`${prefix}${i}`, value(i)]))
      assert.deepEqual(meta, { ...expected('t', (i) => `v${i}`), ...firstMeta })
      assert.deepEqual(metrics, { ...expected('n', (i) => i + 0.5), ...firstMetrics, ...topLevel })
    })
  }

  it('writes what is true of the trace on the first span only', () => {
    const chunk = madeChunk([{}, { idLow: 3, parentLow: 2, isTopLevel: false }], {
      upperHigh: 1,
      priority: 0,
      origin: 'rum',
      tags: { '_dd.p.dm': '-1' },
    })
    const [first, second] = encode(chunk, { env: 'prod' })
    assert.deepEqual(first!.meta, {
      ...firstMeta,
      env: 'prod',
      '_dd.origin': 'rum',
      '_dd.p.dm': '-1',
      '_dd.p.tid': '0000000100000000',
    })
    assert.deepEqual(first!.metrics, { ...firstMetrics, ...topLevel, _sampling_priority_v1: 0 })
    assert.deepEqual([second!.meta, second!.metrics], [{ env: 'prod', '_dd.origin': 'rum' }, {}])
  })

  it('takes a trace that nobody has decided on for one to keep', () => {
    assert.equal(encodeSpan({}).metrics['_sampling_priority_v1'], 1)
    assert.equal(encodeSpan({}, { priority: -1 }).metrics['_sampling_priority_v1'], -1)
  })

  it('marks spans that are top level', () => {
    assert.equal(encodeSpan({ isTopLevel: false }).metrics['_dd.top_level'], undefined)
    assert.equal(encodeSpan({ isTopLevel: true }).metrics['_dd.top_level'], 1)
  })

  describe('puts the tags of the process', () => {
    const process = { env: 'prod', version: '1.2', tags: { team: 'a', region: 'eu' } }
    const always = { env: 'prod', team: 'a', region: 'eu' }

    it('on every span, the version only where the service is its own', () => {
      const [own, other] = encode(madeChunk([{}, { service: 'db', idLow: 3 }]), process)
      assert.deepEqual(own!.meta, { ...firstMeta, ...always, version: '1.2' })
      assert.deepEqual(other!.meta, { ...always, '_dd.base_service': 'shop' })
    })

    it('as for its own service whatever the case, which Agents do not keep', () => {
      const { meta } = encodeSpan({ service: 'SHOP' }, {}, { ...process, service: 'Shop' })
      assert.deepEqual([meta['version'], meta['_dd.base_service']], ['1.2', undefined])
    })

    it('nowhere where there are none', () => {
      assert.deepEqual(encodeSpan({ idLow: 5 }).meta, firstMeta)
      assert.deepEqual(encodeSpan({ service: 'db' }).meta, { ...firstMeta, '_dd.base_service': 'shop' })
    })

    it('behind those of the span, which win, and no name comes twice', () => {
      const own = { env: 'test', version: '9', team: 'b', language: 'de', 'runtime-id': 'mine' }
      const span = encodeSpan(
        {
          tags: [...Object.entries(own).flat(), 'region', 5, 'process_id', 7, 'events', '["three"]'],
          events: [{ name: 'e', timeUs: 1 }],
        },
        {},
        process,
      )
      assert.deepEqual(span.meta, { ...own, events: '["three"]' })
      assert.deepEqual(span.metrics, { ...topLevel, _sampling_priority_v1: 1, region: 5, process_id: 7 })
    })

    it('as far as the span has none of the same name', () => {
      assert.deepEqual(encodeSpan({ tags: ['team', 'b'] }, {}, process).meta, {
        ...firstMeta,
        ...always,
        version: '1.2',
        team: 'b',
      })
      assert.equal(encodeSpan({ tags: ['language', 'de'] }).meta['runtime-id'], 'run-1')
    })

    it('with an id of the run that is made when it is first needed, and kept', () => {
      let made = 0
      const payload = encoder({ runtimeId: () => `run-${++made}` })
      assert.equal(made, 0)
      for (let i = 0; i < 3; i++) payload.add(madeChunk(), 1e6)
      assert.deepEqual(
        read(payload.take()).map(([span]) => span!.meta['runtime-id']),
        ['run-1', 'run-1', 'run-1'],
      )
    })
  })

  describe('cuts', () => {
    const rows: [what: string, max: number, value: (text: string) => string | undefined][] = [
      ['a resource', MAX_RESOURCE_LENGTH, (text) => encodeSpan({ resource: text }).resource],
      ['a value', MAX_VALUE_LENGTH, (text) => encodeSpan({ tags: ['k', text] }).meta['k']],
      ['the key of a text', MAX_KEY_LENGTH, (text) => Object.keys(encodeSpan({ tags: [text, 'v'] }).meta)[0]],
      ['the key of a number', MAX_KEY_LENGTH, (text) => Object.keys(encodeSpan({ tags: [text, 1] }).metrics)[0]],
    ]
    for (const [what, max, value] of rows) {
      it(`${what} of more than ${max} characters, and none of as many`, () => {
        assert.equal(value('x'.repeat(max)), 'x'.repeat(max))
        assert.equal(value('x'.repeat(max + 1)), `${'x'.repeat(max - 3)}...`)
      })
    }

    it('in places that the Agent agrees with', () => {
      assert.deepEqual([MAX_RESOURCE_LENGTH, MAX_VALUE_LENGTH, MAX_KEY_LENGTH], [5000, 25_000, 200])
    })
  })

  describe('writes as JSON', () => {
    const json = (span: Partial<FinishedSpan>, key: string): unknown => JSON.parse(encodeSpan(span).meta[key]!)

    it('links', () => {
      const links = [
        { traceId: '0'.repeat(31).concat('1'), spanId: '0'.repeat(15).concat('2') },
        { traceId: 'f'.repeat(32), spanId: 'e'.repeat(16), attributes: { why: '"quoted"' } },
      ]
      assert.deepEqual(json({ links }, '_dd.span_links'), [
        { trace_id: links[0]!.traceId, span_id: links[0]!.spanId },
        { trace_id: links[1]!.traceId, span_id: links[1]!.spanId, attributes: { why: '"quoted"' } },
      ])
    })

    it('events, with nanoseconds to the last digit', () => {
      const events = [
        { name: 'a "b"', timeUs: START_US + 1 },
        { name: 'c', timeUs: 1, attributes: { n: 1, b: true, s: 'ü' } },
      ]
      const text = encodeSpan({ events }).meta['events']!
      assert.match(text, /"time_unix_nano":1790000000123457000\b/)
      assert.deepEqual(json({ events }, 'events'), [
        { name: 'a "b"', time_unix_nano: 1_790_000_000_123_457_000 },
        { name: 'c', time_unix_nano: 1000, attributes: { n: 1, b: true, s: 'ü' } },
      ])
    })

    it('attributes that JSON does not know', () => {
      const circular: Record<string, unknown> = {}
      circular['self'] = circular
      const attributes = [{ n: 1n, bad: Number.NaN, u: undefined }, circular] as never[]
      const events = attributes.map((attribute) => ({ name: 'e', timeUs: 1, attributes: attribute }))
      assert.deepEqual(json({ events }, 'events'), [
        { name: 'e', time_unix_nano: 1000, attributes: { n: '1', bad: null } },
        { name: 'e', time_unix_nano: 1000, attributes: {} },
      ])
    })

    it('nothing where there is nothing', () => {
      const { meta } = encodeSpan({})
      assert.deepEqual([meta['_dd.span_links'], meta['events']], [undefined, undefined])
    })

    it(`as many events as fit into ${MAX_VALUE_LENGTH} bytes, and says once that there were more`, () => {
      const event = { name: '', timeUs: 1 }
      const empty = Buffer.byteLength(encodeSpan({ events: [event] }).meta['events']!)
      const named = (bytes: number) => ({ ...event, name: `ü${'x'.repeat(bytes - 2)}` })
      const full = encodeSpan({ events: [named(MAX_VALUE_LENGTH - empty)] }).meta['events']!
      assert.deepEqual([Buffer.byteLength(full), lines], [MAX_VALUE_LENGTH, []])
      assert.equal(
        encodeSpan({ events: [event, named(MAX_VALUE_LENGTH - 2 * empty + 1)] }).meta['events']!.length,
        MAX_VALUE_LENGTH - 1,
      )
      const over = [event, named(MAX_VALUE_LENGTH - 2 * empty + 2), event]
      for (let i = 0; i < 2; i++) assert.deepEqual((json({ events: over }, 'events') as unknown[]).length, 1)
      assert.deepEqual(lines, [`links or events of a span exceed ${MAX_VALUE_LENGTH} bytes; the rest is dropped`])
    })
  })

  describe('collects a payload', () => {
    it('of as many chunks as were added, and begins the next one empty', () => {
      const payload = encoder()
      for (let i = 1; i <= 20; i++) payload.add(madeChunk([{ idLow: i }], { idLow: i }), 1e6)
      assert.equal(payload.chunks, 20)
      const first = payload.take()
      assert.deepEqual([payload.chunks, payload.bytes], [0, 5])
      payload.add(madeChunk(), 1e6)
      assert.deepEqual(
        read(first).map(([span]) => span!.span_id),
        Array.from({ length: 20 }, (_, i) => String(i + 1)),
      )
      assert.equal(read(payload.take()).length, 1)
      assert.equal(first[0], 0xdd)
      assert.deepEqual(read(payload.take()), [])
    })

    it('of many spans, through every growth of the buffer', () => {
      const payload = encoder()
      const spans = Array.from({ length: 3000 }, (_, i) => ({ idLow: i + 1, tags: ['n', i, 'text', `ü${i}`] }))
      assert.equal(payload.add(madeChunk(spans), 1e8), true)
      const { bytes } = payload
      assert.ok(bytes > 4 * 64 * 1024)
      const taken = payload.take()
      assert.equal(taken.length, bytes)
      const [received] = read(taken)
      received!.forEach((span, i) => {
        assert.deepEqual([span.span_id, span.metrics['n'], span.meta['text']], [String(i + 1), i, `ü${i}`])
      })
    })

    it('up to the limit, to the byte; what does not fit leaves no trace', () => {
      const size = (chunks: number) => {
        const payload = encoder()
        for (let i = 0; i < chunks; i++) payload.add(madeChunk(), 1e6)
        return payload.bytes
      }
      const limit = size(2)
      const payload = encoder()
      assert.equal(payload.add(madeChunk(), limit), true)
      assert.equal(payload.add(madeChunk([{ resource: 'one more' }]), limit), false)
      assert.deepEqual([payload.chunks, payload.bytes], [1, size(1)])
      assert.equal(payload.add(madeChunk(), limit - 1), false)
      assert.equal(payload.add(madeChunk(), limit), true)
      assert.equal(payload.add(madeChunk(), limit), false)
      const large = madeChunk(Array.from({ length: 3000 }, (_, i) => ({ idLow: i + 1 })))
      assert.equal(payload.add(large, limit), false)
      const taken = payload.take()
      assert.deepEqual([taken.length, read(taken).length], [limit, 2])
    })

    it('that stays whole when a span cannot be written', () => {
      const payload = encoder()
      payload.add(madeChunk(), 1e6)
      const odd = [{ name: undefined }, { resource: 5 }, { service: Symbol('s') }, { tags: [5, 'value'] }]
      for (const fields of odd)
        assert.throws(() => payload.add(madeChunk([{}, fields as never]), 1e6), JSON.stringify(fields))
      payload.add(madeChunk([{ idLow: 9 }]), 1e6)
      assert.deepEqual(
        read(payload.take()).map(([span]) => span!.span_id),
        ['2', '9'],
      )
    })
  })
})
