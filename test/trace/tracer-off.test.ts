// A tracer before `init` and after `shutdown`: it makes nothing, lets everything through, and functions that were wrapped wake up with it.

import { strict as assert } from 'node:assert'
import { noopSpan } from '../../src/trace/noop-span'
import { Tracer } from '../../src/trace/tracer'
import { MadeTracer, remote } from './made-tracer'

describe('a tracer before init and after shutdown', () => {
  let tracer: MadeTracer
  beforeEach(() => {
    tracer = new MadeTracer()
  })

  const states: [title: string, make: () => Tracer | Promise<Tracer>][] = [
    ['before', () => new Tracer()],
    [
      'after',
      async () => {
        await tracer.shutdown()
        return tracer
      },
    ],
  ]
  for (const [title, make] of states) {
    it(`makes nothing and lets everything through: ${title}`, async () => {
      const off = await make()
      assert.deepEqual([off.isEnabled, off.service, off.activeSpan, off.scope().active()], [false, '', undefined, null])
      const span = off.startSpan('op', { tags: { a: 1 }, kind: 'client', links: [{ traceId: 'a', spanId: 'b' }] })
      assert.equal(span, noopSpan())
      const fn = (a: number) => a + 1
      assert.equal(
        off.trace('op', () => 5),
        5,
      )
      assert.equal(
        off.trace('op', () => off.activeSpan),
        undefined,
      )
      assert.equal(
        off.trace('op', (_span, done) => done()),
        undefined,
      )
      assert.equal(await off.trace('op', async () => 6), 6)
      assert.equal(off.wrap('op', fn)(1), 2)
      assert.equal(
        off.scope().activate(span, () => 7),
        7,
      )
      assert.equal(off.scope().bind(fn), fn)
      const headers = {}
      off.inject(span, 'http_headers', headers)
      off.inject(remote, 'http_headers', headers)
      assert.deepEqual(
        [headers, off.extract('http_headers', { 'x-datadog-trace-id': '1', 'x-datadog-parent-id': '1' })],
        [{}, undefined],
      )
      await off.flush()
      await off.shutdown()
      await off.shutdown()
      assert.deepEqual(tracer.chunks, [])
    })
  }

  it('gives out a span that keeps nothing', () => {
    const span = new Tracer().startSpan('op')
    span
      .setTag('a', 1)
      .setTags({ b: 2 })
      .setMeta('c', 'd')
      .setMetric('e', 1)
      .setError(new Error('boom'))
      .addEvent('f')
      .addLink(span)
    span.setTag('manual.keep', true).setTag('service.name', 's')
    span.put('g', 1)
    span.finish()
    span[Symbol.dispose]()
    assert.deepEqual(
      [
        span.tags,
        span.error,
        span.events,
        span.links,
        span.isFinished,
        span.trace.priority,
        span.service,
        span.traceId,
      ],
      [[], 0, undefined, undefined, false, undefined, '', '0'.repeat(32)],
    )
  })

  it('still sends a span that was begun before', async () => {
    const span = tracer.startSpan('op')
    await tracer.shutdown()
    span.finish()
    assert.deepEqual([tracer.names, tracer.shutdowns, tracer.flushes], [[['op']], 1, 0])
  })

  it('wakes up a function that was wrapped while it was off, and the other way round', async () => {
    class Late extends MadeTracer {}
    const late = new Late()
    const wrapped = late.wrap('op', () => late.activeSpan?.name)
    assert.equal(wrapped(), 'op')
    await late.shutdown()
    assert.equal(wrapped(), undefined)
  })
})
