// The rest of what programs call of a tracer: the scope, `inject` and `extract`, the sampler, `flush` and `shutdown`.

import { strict as assert } from 'node:assert'
import { Tracer } from '../../src/trace/tracer'
import { MadeTracer, remote } from './made-tracer'

describe('the tracer', () => {
  let tracer: MadeTracer
  beforeEach(() => {
    tracer = new MadeTracer()
  })

  describe('scope()', () => {
    it('tells the active span, or null', () => {
      assert.equal(tracer.scope().active(), null)
      tracer.trace('op', (span) => assert.equal(tracer.scope().active(), span))
    })

    it('activates a span, or none, and returns and throws what the function does', () => {
      const boom = new Error('boom')
      const span = tracer.startSpan('op')
      const scope = tracer.scope()
      assert.equal(
        scope.activate(span, () => scope.active()),
        span,
      )
      scope.activate(span, () =>
        assert.equal(
          scope.activate(null, () => scope.active()),
          null,
        ),
      )
      assert.throws(
        () =>
          scope.activate(span, () => {
            throw boom
          }),
        boom,
      )
      assert.deepEqual([scope.active(), span.isFinished], [null, false])
    })

    it('binds a function to the span that is active now, to a given one, or to none', () => {
      const scope = tracer.scope()
      const active = () => scope.active()
      const given = tracer.startSpan('given')
      const [now, other, none] = tracer.trace(
        'now',
        (span) => [scope.bind(active), scope.bind(active, given), scope.bind(active, null), span] as const,
      )
      tracer.trace('elsewhere', () => {
        assert.equal(now()?.name, 'now')
        assert.equal(other(), given)
        assert.equal(none(), null)
      })
    })

    it('binds without changing the parameters of the function, or what it gets', () => {
      function method(this: unknown, a: number, b: number) {
        return [this, a, b]
      }
      const bound = tracer.scope().bind(method)
      const self = {}
      assert.equal(bound.length, 2)
      assert.equal(tracer.scope().bind(() => {}).length, 0)
      assert.deepEqual(Reflect.apply(bound, self, [1, 2]), [self, 1, 2])
    })
  })

  describe('inject and extract', () => {
    it('decide before the trace leaves the process', () => {
      const span = tracer.startSpan('op')
      assert.equal(span.trace.priority, undefined)
      const headers: Record<string, string> = {}
      tracer.inject(span, 'http_headers', headers)
      assert.deepEqual([span.trace.priority, headers['x-datadog-sampling-priority']], [1, '1'])
    })

    it('carry a span to the next process', () => {
      const span = tracer.startSpan('op')
      const headers: Record<string, string> = {}
      tracer.inject(span, 'text_map', headers)
      const next = new MadeTracer().extract('text_map', headers)
      assert.deepEqual([next?.traceId, next?.spanId, next?.priority], [span.traceId, span.spanId, 1])
    })

    it('pass on a context that came from elsewhere', () => {
      const headers: Record<string, string> = {}
      tracer.inject(remote, 'http_headers', headers)
      assert.equal(tracer.extract('http_headers', headers)?.traceId, remote.traceId)
    })
  })

  describe('tracer.sampler', () => {
    it('takes an object with a method sample, or undefined, and nothing else', () => {
      const sampler = { sample: () => false }
      tracer.sampler = sampler
      assert.equal(tracer.sampler, sampler)
      tracer.startSpan('dropped').finish()
      tracer.sampler = undefined
      tracer.startSpan('kept').finish()
      assert.deepEqual(
        tracer.chunks.map(({ trace }) => trace.priority),
        [-1, 1],
      )
      for (const wrong of [null, 0.5, {}, { sample: true }]) {
        assert.throws(() => (tracer.sampler = wrong as never), /^TypeError: tracer.sampler takes/)
      }
    })

    it('may be set before the tracer is on', () => {
      class Late extends Tracer {
        start(): void {
          this.configure({ ...parts, sampler: tracer.sampling })
        }
      }
      const parts = {
        service: 's',
        scope: {} as never,
        recorder: tracer.recorder,
        propagator: {} as never,
        traceId128Bit: true,
        logs: {} as never,
        flush: async () => {},
        shutdown: async () => {},
      }
      const late = new Late()
      late.sampler = { sample: () => false }
      late.start()
      assert.equal(tracer.sampling.sampler, late.sampler)
    })
  })

  it('flushes and shuts down its parts, the latter once', async () => {
    await tracer.flush()
    await tracer.shutdown()
    await tracer.shutdown()
    await tracer.flush()
    assert.deepEqual([tracer.flushes, tracer.shutdowns], [1, 1])
  })
})
