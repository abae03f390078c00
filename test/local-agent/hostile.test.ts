// Bodies that are broken or meant to hurt: they are refused with a reason, fast and without the memory they ask for,
// and one bad span costs nothing but itself.

import assert from 'node:assert/strict'
import { encode } from 'msgpack-lite'
import { rawPayload } from '../../src/local-agent/raw-payload'
import { Refusal } from '../../src/local-agent/refusal'
import { type LocalAgent, startLocalAgent } from '../../src/local-agent/start-local-agent'
import { put, send } from './send'
import { jsonSpan, v04, v05, wireSpan } from './wire-span'

const array32 = (length: number) => Buffer.from([0xdd, ...bytesOf(length)])
const map32 = (length: number) => Buffer.from([0xdf, ...bytesOf(length)])
const bytesOf = (length: number) => [length >>> 24, (length >>> 16) & 255, (length >>> 8) & 255, length & 255]
const MB = 1024 * 1024

/** What a body that asks for memory may take of it, and of time; both are far below what it asks for. */
const MAX_HEAP_BYTES = 64 * MB
const MAX_MS = 2000

describe('local agent, hostile payloads', () => {
  let agent: LocalAgent
  before(async () => {
    agent = await startLocalAgent({ port: 0 })
  })
  after(() => agent.close())

  const refused: [string, Buffer | string, RegExp][] = [
    ['no bytes at all', Buffer.alloc(0), /not a list/],
    ['a text', Buffer.from('hello'), /not a list/],
    ['a map', encode({ a: 1 }), /not a list/],
    ['a byte that no format has', Buffer.from([0x91, 0x91, 0xc1]), /byte 2 is not MessagePack/],
    ['a string that is cut short', Buffer.from([0x91, 0x91, 0xd9, 200, 65]), /ends inside a value/],
    ['a length that is cut short', Buffer.from([0x91, 0x91, 0xdb, 0]), /ends inside a value/],
    ['bytes behind the payload', Buffer.concat([v04([wireSpan()]), Buffer.from([0])]), /1 bytes follow/],
    ['no JSON', '[[', /not JSON/],
    ['JSON of another kind', '{}', /not a list/],
    ['JSON that is cut short', `[[${jsonSpan().slice(0, -1)}]]`, /not JSON/],
  ]
  for (const [what, body, reason] of refused) {
    it(`refuses ${what}`, async () => {
      const { status, text } = await put(`${agent.url}/v0.4/traces`, body)
      assert.equal(status, 400)
      assert.match(JSON.parse(text).error, reason)
    })
  }

  it('refuses v0.5 without its table', async () => {
    for (const body of [v04([wireSpan()]), encode(['', []]), encode([[''], [], []]), '[]', '[[],{}]', '7']) {
      assert.equal((await put(`${agent.url}/v0.5/traces`, body)).status, 400)
    }
  })

  const bombs: [string, Buffer][] = [
    ['an array of four billion', array32(0xffffffff)],
    ['a chunk of four billion', Buffer.concat([array32(1), array32(0xffffffff)])],
    ['a span with four billion tags', Buffer.concat([array32(1), array32(1), map32(0xffffffff)])],
    ['long arrays inside long arrays', Buffer.concat(Array.from({ length: MB }, () => array32(MB)))],
    ['long maps inside long maps', Buffer.concat(Array.from({ length: MB }, () => map32(MB)))],
    ['short arrays, very deep', Buffer.alloc(8 * MB, 0x91)],
    ['a million chunks of nothing, and one more', Buffer.concat([array32(1_000_001), Buffer.alloc(1_000_001, 0x90)])],
    [
      'a chunk of a million tiny values',
      Buffer.concat([array32(1), array32(1_000_000), Buffer.alloc(1_000_000, 0xc0)]),
    ],
  ]
  for (const [what, body] of bombs) {
    it(`refuses ${what}, at once`, () => {
      const heapBefore = process.memoryUsage().heapUsed
      const startedAt = performance.now()
      assert.throws(() => rawPayload(body, { json: false, table: false }, (raw) => raw), Refusal)
      assert.ok(performance.now() - startedAt < MAX_MS)
      assert.ok(process.memoryUsage().heapUsed - heapBefore < MAX_HEAP_BYTES)
    })
  }

  it('takes a million items of the outer lists', () => {
    const body = Buffer.concat([array32(1_000_000), Buffer.alloc(1_000_000, 0x90)])
    assert.equal(rawPayload(body, { json: false, table: false }, (raw) => raw).length, 1_000_000)
  })

  it('refuses deep JSON before it is parsed, but not brackets in a text', async () => {
    assert.equal((await put(`${agent.url}/v0.4/traces`, '['.repeat(8 * MB))).status, 400)
    assert.match((await put(`${agent.url}/v0.4/traces`, '['.repeat(19) + ']'.repeat(19))).text, /more than 18 deep/)
    assert.equal((await put(`${agent.url}/v0.4/traces`, '['.repeat(18) + ']'.repeat(18))).status, 200)
    const resource = '['.repeat(100)
    const text = `"${resource} \\" ${resource}"`
    const body = `[[${jsonSpan({ trace_id: 77n }).replace('"GET /"', text)}]]`
    assert.equal((await put(`${agent.url}/v0.4/traces`, body)).status, 200)
    assert.match((await send(`${agent.url}/api/traces/77`)).text, /\[{100} \\" \[{100}/)
  })

  it('parses a JSON body of quotes and blanks without going back and forth', async () => {
    const startedAt = performance.now()
    for (const piece of ['\\"', '"', '"start"   ', '"start":1234567890123456']) {
      await put(`${agent.url}/v0.4/traces`, piece.repeat((4 * MB) / piece.length))
    }
    assert.ok(performance.now() - startedAt < 4 * MAX_MS)
  })

  it('limits how deep and how long the values inside a span are, both sides', async () => {
    const nested = (levels: number) => JSON.parse('['.repeat(levels) + ']'.repeat(levels))
    // The span is the first level.
    const deep = (levels: number) => v04([{ ...wireSpan({ trace_id: 5n }), meta_struct: nested(levels - 1) }])
    assert.equal((await put(`${agent.url}/v0.4/traces`, deep(16))).status, 200)
    assert.match((await put(`${agent.url}/v0.4/traces`, deep(17))).text, /more than 16 deep/)

    const tags = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 'v']))
    const metaOf = async (count: number, trace_id: bigint) => {
      await put(`${agent.url}/v0.4/traces`, v04([wireSpan({ trace_id, meta: tags(count) })]))
      return (await send(`${agent.url}/api/traces/${trace_id}`)).status
    }
    assert.equal(await metaOf(16_384, 6n), 200)
    assert.equal(await metaOf(16_385, 7n), 404)
  })

  describe('a malformed span', () => {
    let fresh: LocalAgent
    beforeEach(async () => {
      fresh = await startLocalAgent({ port: 0 })
    })
    afterEach(() => fresh.close())

    const without = (key: string) => {
      const span = wireSpan({ span_id: 2n })
      delete span[key]
      return span
    }
    const malformed: [string, unknown][] = [
      ['is a text', 'span'],
      ['is a number', 7],
      ['is nil', null],
      ['is a list', [1, 2]],
      ['has no trace id', without('trace_id')],
      ['has no span id', without('span_id')],
      ['has no start', without('start')],
      ['has no duration', without('duration')],
      ['has the trace id 0', wireSpan({ trace_id: 0n, span_id: 2n })],
      ['has the span id 0', wireSpan({ span_id: 0n })],
      ['has a text for an id', { ...wireSpan(), span_id: 'abc' }],
      ['has a fraction for an id', { ...wireSpan(), span_id: 1.5 }],
      ['starts before 1970', wireSpan({ span_id: 2n, start: -1n })],
      ['has a tag named __proto__', { ...wireSpan({ span_id: 2n }), meta: new Map([['__proto__', 'x']]) }],
    ]
    for (const [what, span] of malformed) {
      it(`that ${what} is counted and costs no other`, async () => {
        const good = wireSpan({ span_id: 9n })
        const codecSafe = v04([good, span, wireSpan({ span_id: 10n })], [wireSpan({ trace_id: 2n })])
        assert.equal((await put(`${fresh.url}/v0.4/traces`, codecSafe)).status, 200)
        const { malformedSpans, spans } = JSON.parse((await send(`${fresh.url}/api/status`)).text)
        assert.deepEqual({ malformedSpans, spans }, { malformedSpans: 1, spans: 3 })
      })
    }

    it('may be a chunk that is none', async () => {
      for (const body of [v04('chunk', 7, [wireSpan()]), `["chunk", 7, [${jsonSpan()}]]`]) {
        assert.equal((await put(`${fresh.url}/v0.4/traces`, body)).status, 200)
      }
      const { malformedSpans, spans } = JSON.parse((await send(`${fresh.url}/api/status`)).text)
      assert.deepEqual({ malformedSpans, spans }, { malformedSpans: 4, spans: 1 })
    })

    it('of v0.5 is a row of another length', async () => {
      const row = [0, 0, 0, 1, 1, 0, 1, 1, 0, {}, {}]
      await put(`${fresh.url}/v0.5/traces`, encode([[''], [[row, [...row, 0], [...row, 0, 0]]]]))
      const { malformedSpans, spans } = JSON.parse((await send(`${fresh.url}/api/status`)).text)
      assert.deepEqual({ malformedSpans, spans }, { malformedSpans: 2, spans: 1 })
    })

    it('is not one whose other fields are wrong: they are left out', async () => {
      const odd = {
        ...wireSpan(),
        service: 7,
        name: null,
        resource: [],
        type: {},
        parent_id: 'x',
        error: 'yes',
        meta: { good: 'x', number: 1, nothing: null, map: {}, binary: Buffer.from('x') },
        metrics: { good: 1, text: '1', nothing: null, infinite: Number.POSITIVE_INFINITY, none: Number.NaN },
        span_links: 'x',
        span_events: [7, { attributes: 7 }],
      }
      await put(`${fresh.url}/v0.4/traces`, v04([odd], [{ ...wireSpan({ trace_id: 2n }), meta: Buffer.alloc(9) }]))
      const [span] = JSON.parse((await send(`${fresh.url}/api/traces/1`)).text).spans
      const { service, name, resource, type, parentId, error, meta, metrics } = span
      assert.deepEqual(
        { service, name, resource, type, parentId, error, meta, metrics },
        {
          service: 'unnamed-service',
          name: 'unnamed_operation',
          resource: 'unnamed_operation',
          type: '',
          parentId: '0',
          error: 1,
          meta: { good: 'x', events: '[{"attributes":{}}]' },
          metrics: { good: 1 },
        },
      )
      assert.equal((await send(`${fresh.url}/api/traces/2`)).status, 200)
    })

    it('is not one that is longer than the Agent keeps: it is cut', async () => {
      const span = (extra: number) =>
        wireSpan({
          trace_id: BigInt(1 + extra),
          service: 's'.repeat(100 + extra),
          name: 'n'.repeat(100 + extra),
          resource: 'r'.repeat(5000 + extra),
          meta: { ['k'.repeat(200 + extra)]: 'v'.repeat(25_000 + extra) },
        })
      await put(`${fresh.url}/v0.4/traces`, v04([span(0)], [span(1)]))
      const lengths = async (id: number) => {
        const [{ service, name, resource, meta }] = JSON.parse((await send(`${fresh.url}/api/traces/${id}`)).text).spans
        const [[key, value]] = Object.entries<string>(meta) as [[string, string]]
        return [service, name, resource, key, value].map(({ length }) => length)
      }
      assert.deepEqual(await lengths(1), [100, 100, 5000, 200, 25_000])
      assert.deepEqual(await lengths(2), [103, 103, 5003, 203, 25_003])
    })

    it('does not come of texts that are not in the table', async () => {
      const body = v05([[{}]])
      const empty = Buffer.concat([Buffer.from([0x92, 0x90]), body.subarray(body.indexOf(Buffer.from([0x91, 0x91])))])
      assert.equal((await put(`${fresh.url}/v0.5/traces`, empty)).status, 200)
      assert.match((await send(`${fresh.url}/api/traces/1`)).text, /unnamed_operation/)
    })
  })
})
