// Traces in files: what comes back is what was written, to the last bit; and a file that is broken or meant to hurt is refused
// as a whole, with a reason, before it costs anything.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { decodePayload } from '../../src/local-agent/decode-payload'
import type { ReceivedSpan } from '../../src/local-agent/received-span'
import { Refusal } from '../../src/local-agent/refusal'
import { traceFile, tracesOfFile } from '../../src/local-agent/trace-file'
import { TraceStore } from '../../src/local-agent/trace-store'
import { HOSTILE } from './analysis/traces'
import { uint64, v04, wireSpan } from './wire-span'

const LIMITS = { maxSpans: 1000, maxTraces: 10, maxBytes: 1e9 }

describe('trace file', () => {
  const id = fc.bigInt(1n, 2n ** 64n - 1n)
  const time = fc.oneof(fc.bigInt(0n, 2n ** 63n - 1n), fc.constantFrom(0n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n - 1n))
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 150 }),
    fc.constantFrom('\ud800', '"trace_id": 12345678901234567890,', '\\', '__proto__', 'é\u{1f600}', '\u2028\0'),
  )
  // V8 misreads names with escapes once it has seen the name of a backslash: nodejs/node#63785.
  const key = fc
    .oneof(text, fc.constantFrom('__proto__', 'constructor', 'toString', 'http.status_code', 'start'))
    .filter((name) => JSON.stringify(name) === `"${name}"`)
  const metric = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (Object.is(value, -0) ? 0 : value))
  const wire = fc.record({
    span_id: id.map(String),
    parent_id: fc.oneof(fc.constant('0'), id.map(String)),
    service: text,
    name: text,
    resource: text,
    type: text,
    start: time.map(String),
    duration: time.map(String),
    error: fc.constantFrom(0, 1),
    meta: fc.dictionary(key, text, { maxKeys: 6 }),
    metrics: fc.dictionary(key, metric, { maxKeys: 6 }),
    span_events: fc.array(fc.record({ name: text, time_unix_nano: time.map(String) }), { maxLength: 2 }),
    span_links: fc.array(fc.record({ trace_id: id.map(String), span_id: id.map(String) }), { maxLength: 2 }),
  })
  const trace = fc.tuple(id.map(String), fc.option(id), fc.array(wire, { minLength: 1, maxLength: 6 }))

  it('gives back every bit of 1,000 traces of anything', function () {
    this.timeout(60_000)
    fc.assert(
      fc.property(trace, ([trace_id, high, wireSpans]) => {
        const tid = high === null ? {} : { '_dd.p.tid': high.toString(16).padStart(16, '0') }
        const chunk = wireSpans.map((span, index) => ({
          ...span,
          trace_id,
          meta: index === 0 ? { ...span.meta, ...tid } : span.meta,
        }))
        const body = Buffer.from(JSON.stringify([chunk]))
        const { chunks, malformedSpans } = decodePayload('v0.4', 'application/json', body)
        assert.equal(malformedSpans, 0)
        const [from, to] = [new TraceStore(), new TraceStore()]
        const [sent] = from.add(chunks)
        const file = traceFile([sent!])
        const [taken] = to.add(tracesOfFile(Buffer.from(file), LIMITS))
        const spans = (stored: typeof sent) =>
          [...stored!.spans.values()].sort((a, b) => (a.spanId < b.spanId ? -1 : 1))
        assert.deepStrictEqual(spans(taken), spans(sent))
        assert.equal(traceFile([taken!]), file)
        if (high !== null && sent!.spans.size === chunk.length) assert.equal(taken!.id, sent!.id)
      }),
      { numRuns: 1000 },
    )
  })

  it('keeps native links and events of MessagePack', () => {
    const span = {
      ...wireSpan(),
      span_links: [
        { trace_id: uint64(2n ** 64n - 1n), trace_id_high: 1, span_id: uint64(2n ** 63n), attributes: { a: 'b' } },
      ],
      span_events: [
        { time_unix_nano: uint64(2n ** 63n + 1n), name: 'retry', attributes: { n: { type: 2, int_value: 1 } } },
      ],
    }
    const store = new TraceStore()
    const [sent] = store.add(decodePayload('v0.4', 'application/msgpack', v04([span])).chunks)
    const [[taken] = []] = tracesOfFile(Buffer.from(traceFile([sent!])), LIMITS)
    assert.deepEqual(taken, sent!.spans.get('1'))
    assert.match(taken?.meta['events'] ?? '', /9223372036854775809/)
  })

  it('keeps traces that make no sense', () => {
    for (const [what, hostile] of Object.entries(HOSTILE)) {
      if (what === 'negative durations') continue
      const limits = { ...LIMITS, maxSpans: 10_000 }
      const [spans = []] = tracesOfFile(Buffer.from(traceFile([hostile])), limits)
      const fields = (list: Iterable<ReceivedSpan>) =>
        [...list].map(({ spanId, start, duration }) => `${spanId} ${start} ${duration}`).sort()
      assert.deepEqual(fields(spans), fields(hostile.spans.values()), what)
    }
  })

  it('takes a request of OTLP, and refuses one with a span that is none', () => {
    const otlp = (...spans: object[]) =>
      Buffer.from(JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] }, null, 2))
    const ids = { traceId: 'ff'.repeat(16), spanId: 'ff'.repeat(8) }
    const own = { ...ids, name: 'GET /', startTimeUnixNano: '5', endTimeUnixNano: '7' }
    const [[taken] = []] = tracesOfFile(otlp(own), LIMITS)
    assert.deepEqual([taken?.spanId, taken?.start, taken?.duration], ['18446744073709551615', 5n, 2n])
    const refuses = (body: Buffer, message: RegExp) =>
      assert.throws(() => tracesOfFile(body, { ...LIMITS, maxSpans: 1 }), { name: 'Error', message })
    refuses(otlp(own, { ...own, spanId: '' }), /^1 spans of this file/)
    refuses(otlp(own, { ...own, spanId: '1'.repeat(16) }), /no room for 1 traces with 2 spans/)
    assert.equal(tracesOfFile(otlp(own), { ...LIMITS, maxSpans: 1 }).length, 1)
  })

  const good = { trace_id: '1', span_id: '2', start: '3', duration: '4' }
  const file = (traces: unknown, more: object = {}) =>
    JSON.stringify({ format: 'dd-trace', version: 1, traces, ...more })
  const refused: [what: string, text: string, status: number, reason: RegExp][] = [
    ['nothing', '', 400, /not JSON/],
    ['half a file', file([[good]]).slice(0, -3), 400, /not JSON/],
    ['another kind of JSON', '[]', 400, /its format is not dd-trace/],
    ['another format', file([], { format: 'jaeger' }), 400, /its format is not dd-trace/],
    ['a later version', file([], { version: 2 }), 400, /only version 1/],
    ['a version as text', file([], { version: '1' }), 400, /only version 1/],
    ['no traces', file(undefined), 400, /not a list of lists/],
    ['traces that are no lists', file([[good], {}]), 400, /not a list of lists/],
    ['a span that is none', file([[good], [good, 7]]), 400, /span 2 of trace 2 has no trace_id/],
    ['a span without an id', file([[{ ...good, span_id: undefined }]]), 400, /span 1 of trace 1/],
    ['an id of more than 64 bits', file([[{ ...good, span_id: '18446744073709551616' }]]), 400, /span 1 of trace 1/],
    ['a time that is none', file([[{ ...good, start: 'now' }]]), 400, /span 1 of trace 1/],
    ['a time before 1970', file([[{ ...good, start: '-1' }]]), 400, /span 1 of trace 1/],
    [
      'more spans than there is room for',
      file([Array(1001).fill(good)]),
      413,
      /1 traces with 1001 spans: 10 traces and 1000 spans/,
    ],
    ['more traces than there is room for', file(Array(11).fill([good])), 413, /11 traces/],
    ['values inside each other', file([[{ ...good, meta: [[[[[[]]]]]] }]]), 400, /nested more than 8 deep/],
    ['brackets without end', '['.repeat(1e6), 400, /nested/],
    ['values without end', `[${'0,'.repeat(4e6)}0]`, 400, /more than 4000000 values/],
    ['lists without end', `{"traces":[${'[],'.repeat(4e6)}[]]}`, 400, /more than 4000000 values/],
  ]
  for (const [what, text, status, reason] of refused) {
    it(`refuses ${what}`, () => {
      assert.throws(
        () => tracesOfFile(Buffer.from(text), LIMITS),
        (error: unknown) => error instanceof Refusal && error.status === status && reason.test(error.message),
      )
    })
  }

  it('takes as much as there is room for, and numbers in the place of texts', () => {
    const full = Array.from({ length: 10 }, () => Array(100).fill(good))
    assert.equal(tracesOfFile(Buffer.from(file(full)), LIMITS).length, 10)
    const exact = file([[good]]).replace('"4"', '9007199254740993')
    assert.equal(tracesOfFile(Buffer.from(exact), LIMITS)[0]?.[0]?.duration, 9_007_199_254_740_993n)
    assert.deepEqual(tracesOfFile(Buffer.from(file([])), LIMITS), [])
  })

  it('never does anything but refuse what is not a file', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.json(),
          fc.string(),
          fc.json().map((json) => `{"format":"dd-trace","version":1,"traces":${json}}`),
        ),
        (text) => {
          try {
            tracesOfFile(Buffer.from(text), LIMITS)
          } catch (error) {
            assert.ok(error instanceof Refusal, String(error))
          }
        },
      ),
      { numRuns: 2000 },
    )
  })
})
