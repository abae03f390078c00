// What log records are told: of spans with ids of all sizes, and without.

import { strict as assert } from 'node:assert'
import { tracer as publicTracer } from '../../src'
import { LogContext, type LogContextOptions } from '../../src/trace/log-context'
import { SpanContext } from '../../src/trace/span-context'
import { MadeTracer } from './made-tracer'

const UNIFIED = { service: 'shop', env: 'prod', version: '1' }

describe('the context of a log record', () => {
  const tracer = new MadeTracer()
  const context = (options: Partial<LogContextOptions> = {}) =>
    new LogContext({ ...UNIFIED, traceId128BitLogging: true, ...options })
  const below = (upperHigh: number, upperLow: number, high: number, low: number) =>
    tracer.startSpan('op', { childOf: new SpanContext(upperHigh, upperLow, high, low, 0, 1) })

  it('has the trace in 32 hex digits and the span in decimal', () => {
    const span = below(0x12345678, -1, -1, -2)
    const dd = context().fields(span)
    assert.deepEqual(dd, {
      trace_id: '12345678fffffffffffffffffffffffe',
      span_id: BigInt(`0x${span.spanId}`).toString(),
      ...UNIFIED,
    })
    assert.deepEqual(JSON.parse(context().json(span)), dd)
  })

  const sizes: [upper: [number, number], hex: boolean, id: string][] = [
    [[0, 0], true, '18446744073709551614'],
    [[0, 1], true, '0000000000000001fffffffffffffffe'],
    [[0, 1], false, '18446744073709551614'],
  ]
  for (const [[upperHigh, upperLow], traceId128BitLogging, id] of sizes) {
    it(`writes ${id} for an upper half of ${upperHigh}, ${upperLow} where hex is ${traceId128BitLogging}`, () => {
      const span = below(upperHigh, upperLow, -1, -2)
      assert.equal(context({ traceId128BitLogging }).fields(span).trace_id, id)
    })
  }

  it('knows one span from another, also of one id in two traces', () => {
    const logs = context()
    const spans = [below(1, 1, 1, 1), below(1, 1, 1, 1), below(1, 1, 2, 1), below(1, 1, 1, 2)]
    for (const span of [...spans, ...spans, ...spans.reverse()]) {
      assert.deepEqual(JSON.parse(logs.json(span)), logs.fields(span))
      assert.equal(logs.json(span), logs.json(span))
    }
  })

  it('leaves out what is not known', () => {
    assert.deepEqual(context({ env: undefined, version: undefined }).fields(undefined), { service: 'shop' })
    assert.equal(context({ service: '', env: undefined, version: undefined }).json(undefined), '{}')
    assert.deepEqual(JSON.parse(context({ service: '"\\\u2028' }).json(undefined)), {
      ...UNIFIED,
      service: '"\\\u2028',
    })
  })

  it('gives each record an object of its own', () => {
    const logs = context()
    assert.notEqual(logs.fields(undefined), logs.fields(undefined))
    logs.fields(undefined).service = 'changed'
    assert.equal(logs.fields(undefined).service, 'shop')
  })

  it('is there for other loggers, while the tracer is on', async () => {
    assert.deepEqual(publicTracer.logContext(), {})
    publicTracer.init({ service: 'mine', version: '2', agentUrl: 'http://127.0.0.1:1' })
    assert.deepEqual(publicTracer.logContext(), { dd: { service: 'mine', version: '2' } })
    publicTracer.trace('op', ({ traceId, spanId }) => {
      const ids = { trace_id: traceId, span_id: BigInt(`0x${spanId}`).toString() }
      assert.deepEqual(publicTracer.logContext(), { dd: { ...ids, service: 'mine', version: '2' } })
    })
    await publicTracer.shutdown()
    assert.deepEqual(publicTracer.logContext(), {})
  })
})
