// 100,000 requests from strangers, with all headers there are in every combination: right, almost right and absurd. Nothing throws,
// what is read is a context or nothing, and what comes of it can be sent to the Agent and to the next service.

import { strict as assert } from 'node:assert'
import { validateHeaderName, validateHeaderValue } from 'node:http'
import fc from 'fast-check'
import { BAGGAGE_KEY } from '../../../src/trace/baggage'
import { SpanContext } from '../../../src/trace/span-context'
import { collectLog } from '../../support/log-lines'
import { MadeTracer } from '../made-tracer'
import { anyBaggage, anyContext, anyHeaders } from './hostile-headers'

const ALL = ['datadog', 'tracecontext', 'b3', 'b3multi', 'baggage']
const ORDERS = [
  ALL,
  ALL.toReversed(),
  ['b3multi', 'b3', 'tracecontext', 'datadog'],
  ['tracecontext', 'datadog', 'baggage'],
]

const TIMEOUT_MS = 120_000

const tracers = ORDERS.flatMap((styles) =>
  (['continue', 'restart'] as const).map(
    (propagationBehaviorExtract) =>
      new MadeTracer({
        propagation: {
          propagationStyleExtract: styles,
          propagationStyleInject: ALL,
          propagationBehaviorExtract,
          baggageTagKeys: ['*'],
        },
      }),
  ),
)

/** All that is true of a context, whatever it was read from. */
function assertContext(context: SpanContext): void {
  const { traceUpperHigh, traceUpperLow, traceHigh, traceLow, spanHigh, spanLow, priority, origin, tags, received } =
    context
  for (const half of [traceUpperHigh, traceUpperLow, traceHigh, traceLow, spanHigh, spanLow])
    assert.equal(half, half | 0)
  assert.match(`${context.traceId}-${context.spanId}`, /^[0-9a-f]{32}-[0-9a-f]{16}$/)
  assert.ok([undefined, -1, 0, 1, 2].includes(priority), `priority ${priority}`)
  assert.match(origin ?? 'none', /^[\x20-\x7e]+$/)
  for (const [key, value] of tags) assert.match(`${key}=${value}`, /^_dd\.p\.[^ ,=]+=[\x20-\x2b\x2d-\x7e]+$/)
  for (const key of received.baggage?.keys() ?? []) assert.match(key, BAGGAGE_KEY)
  for (const { traceId, spanId } of received.links ?? [])
    assert.match(`${traceId}-${spanId}`, /^(?!0{32})[0-9a-f]{32}-(?!0{16}$)[0-9a-f]{16}$/)
}

/** All that is true of headers that go out. */
function assertHeaders(headers: Record<string, string>): void {
  for (const [name, value] of Object.entries(headers)) {
    validateHeaderName(name)
    validateHeaderValue(name, value)
    assert.match(value, /^[\x20-\x7e]*$/)
  }
  assert.match(headers['traceparent']!, /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-0[01]$/)
  assert.match(headers['x-datadog-trace-id']!, /^[1-9]\d{0,19}$/)
  assert.match(headers['b3']!, /^([0-9a-f]{16}){1,2}-[0-9a-f]{16}-[01]$/)
  const members = headers['tracestate']!.split(',')
  assert.match(members[0]!, /^dd=s:-?\d;/)
  assert.ok(members.length <= 32 && members[0]!.length <= 3 + 255)
  assert.ok((headers['x-datadog-tags'] ?? '').length <= 512)
  assert.ok((headers['baggage'] ?? '').length <= 8192 && (headers['baggage'] ?? '').split(',').length <= 64)
}

describe('whatever the headers of a request are', () => {
  collectLog()

  it('they are a context or nothing, and the trace that comes of them is whole (80,000 requests)', function () {
    this.timeout(TIMEOUT_MS)
    let turn = 0
    let contexts = 0
    fc.assert(
      fc.property(anyHeaders, (headers) => {
        const tracer = tracers[turn++ % tracers.length]!
        const context = tracer.received(headers as never)
        assert.equal(context === undefined || context instanceof SpanContext, true)
        if (context !== undefined) {
          contexts++
          assertContext(context)
        }
        const root = tracer.startSpan('op', { childOf: context ?? null })
        tracer.scope().activate(root, () => assertHeaders(tracer.headersOf(root)))
        assert.match(`${root.traceId}-${root.spanId}`, /^[0-9a-f]{16}(?!0{16})[0-9a-f]{16}-(?!0{16})[0-9a-f]{16}$/)
        assert.notEqual(root.parentId, root.spanId)
        for (const tag of root.tags) assert.equal(typeof tag, 'string')
        root.finish()
        assert.equal(tracer.chunks.pop()?.spans.length, 1)
      }),
      { numRuns: 80_000 },
    )
    assert.ok(contexts > 40_000, `only ${contexts} were read`)
  })

  const lossless = [
    ['datadog', (text: string) => text],
    ['tracecontext', (text: string) => text],
    ['b3', () => undefined],
    ['b3multi', () => undefined],
  ] as const
  for (const [style, kept] of lossless) {
    it(`they are read as ${style} wrote them (5,000 contexts)`, function () {
      this.timeout(TIMEOUT_MS)
      const tracer = new MadeTracer({
        propagation: { propagationStyleExtract: [style], propagationStyleInject: [style] },
      })
      fc.assert(
        fc.property(anyContext, ({ traceUpper, trace, span, priority, origin, tags, tracestate }) => {
          const hasMore = kept('') !== undefined
          const context = new SpanContext(
            ...traceUpper,
            ...trace,
            ...span,
            priority,
            hasMore ? origin : undefined,
            hasMore ? new Map(Object.entries(tags)) : new Map(),
          )
          if (style === 'tracecontext') Object.assign(context, { received: { ...context.received, tracestate } })
          const read = tracer.received(tracer.headersOf(context))!
          assert.equal(`${read.traceId}-${read.spanId}`, `${context.traceId}-${context.spanId}`)
          assert.deepEqual([read.origin, [...read.tags].sort()], [context.origin, [...context.tags].sort()])
          // B3 knows no more than yes, no and, in several headers, by hand.
          const coarse = { b3: Math.max(0, Math.min(1, priority)), b3multi: Math.max(0, priority) }
          assert.equal(read.priority, style === 'b3' || style === 'b3multi' ? coarse[style] : priority)
          if (style === 'tracecontext') {
            assert.deepEqual([read.received.tracestate, read.received.lastSpanId], [tracestate, context.spanId])
          }
        }),
        { numRuns: 5000 },
      )
    })
  }

  it('they are the baggage that was written (5,000 times)', function () {
    this.timeout(TIMEOUT_MS)
    const tracer = new MadeTracer()
    fc.assert(
      fc.property(anyBaggage, (items) => {
        const headers = tracer.withBaggage(items, () => tracer.headersOf(undefined))
        // Half of a surrogate pair is no character.
        const whole = Object.entries(items).map(([key, value]) => [key, Buffer.from(value).toString()])
        assert.deepEqual([...tracer.received(headers)!.baggage], whole)
      }),
      { numRuns: 5000 },
    )
  })
})
