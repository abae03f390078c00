// `tracer.startSpan`: what its options do, and whose child the span becomes.

import { strict as assert } from 'node:assert'
import { noopSpan } from '../../src/trace/noop-span'
import { SpanContext } from '../../src/trace/span-context'
import { MadeTracer, remote, tagsOf } from './made-tracer'

describe('tracer.startSpan', () => {
  let tracer: MadeTracer
  beforeEach(() => {
    tracer = new MadeTracer()
  })

  it('takes every option', () => {
    const span = tracer.startSpan('op', {
      service: 's',
      resource: 'r',
      type: 't',
      kind: 'client',
      measured: true,
      startTime: 1_790_000_000_000,
      tags: { a: 1, 'resource.name': 'from tags' },
      links: [{ traceId: 'x', spanId: 'y', attributes: { z: '1' } }],
    })
    const { name, service, resource, type, startUs, links } = span
    assert.deepEqual(
      { name, service, resource, type, startUs, links },
      {
        name: 'op',
        service: 's',
        resource: 'from tags',
        type: 't',
        startUs: 1_790_000_000_000_000,
        links: [{ traceId: 'x', spanId: 'y', attributes: { z: '1' } }],
      },
    )
    assert.deepEqual(tagsOf(span), { 'span.kind': 'client', '_dd.measured': 1, a: 1 })
  })

  it('has defaults for the others', () => {
    for (const span of [tracer.startSpan('op'), tracer.startSpan('op', { service: '', resource: '' })]) {
      assert.deepEqual([span.service, span.resource, span.type, tagsOf(span)], ['shop', 'op', '', {}])
    }
    assert.deepEqual(tagsOf(tracer.startSpan('op', { measured: false })), { '_dd.measured': 0 })
  })

  it('does not make the span active', () => {
    tracer.startSpan('op')
    assert.equal(tracer.activeSpan, undefined)
  })

  it('goes on with a trace of another process', () => {
    const span = tracer.startSpan('op', { childOf: remote })
    assert.deepEqual(
      [span.traceId, span.parentId, span.isTopLevel, span.trace.priority, span.trace.origin, [...span.trace.tags]],
      [remote.traceId, remote.spanId, true, 2, 'synthetics', [['_dd.p.dm', '-4']]],
    )
    const child = tracer.startSpan('child', { childOf: span })
    assert.equal(child.trace, span.trace)
    span.trace.tags.set('k', 'v')
    assert.equal(remote.tags.has('k'), false, 'the context is not changed by those who go on with it')
  })

  it('takes any parent id but 0 for one', () => {
    const parentOf = (high: number, low: number) =>
      tracer.startSpan('op', { childOf: new SpanContext(0, 0, 1, 2, high, low) }).parentId
    assert.deepEqual(
      [parentOf(0, 5), parentOf(5, 0), parentOf(0, 0)],
      ['0000000000000005', '0000000500000000', undefined],
    )
  })

  it('begins a new trace for childOf: null, for the span of a tracer that is off, and for nonsense', () => {
    tracer.trace('active', (active) => {
      for (const childOf of [null, noopSpan(), {} as never, 'x' as never]) {
        const span = tracer.startSpan('op', { childOf })
        assert.notEqual(span.traceId, active.traceId)
        assert.equal(span.parentId, undefined)
      }
      assert.equal(tracer.startSpan('op').parentId, active.spanId)
    })
  })

  it('puts the time into the upper half of the trace id, unless 64 bits are asked for', () => {
    const seconds = Number.parseInt(tracer.startSpan('op').traceId.slice(0, 8), 16)
    assert.ok(Math.abs(seconds - Date.now() / 1000) < 60)
    assert.equal(tracer.startSpan('op').traceId.slice(8, 16), '00000000')
    assert.match(new MadeTracer({ traceId128Bit: false }).startSpan('op').traceId, /^0{16}(?!0{16})[0-9a-f]{16}$/)
  })
})
