// What programs call: `trace`, `startSpan`, the active span, the scope, `inject`. Every way in which work can end is run with the
// tracer on and off, because a program must get the same value and the same error from both.

import { strict as assert } from 'node:assert'
import { setTimeout as later } from 'node:timers/promises'
import { noopSpan } from '../../src/trace/noop-span'
import { Span } from '../../src/trace/span'
import { SpanContext } from '../../src/trace/span-context'
import { Tracer } from '../../src/trace/tracer'
import { observe } from '../support/observe'
import { MadeTracer, tagsOf } from './made-tracer'

let tracer: MadeTracer

const boom = new Error('boom')
const remote = new SpanContext(0x11, 0x12, 0x22, 0x33, 0x44, 0x55, 2, 'synthetics', new Map([['_dd.p.dm', '-4']]))

/** A thenable that begins its work when somebody asks for the result, as query builders do. */
class Query {
  starts = 0
  constructor(private readonly fails = false) {}
  // biome-ignore lint/suspicious/noThenProperty: thenables are what this is about
  then(
    resolved?: ((value: string) => unknown) | null,
    rejected?: ((error: unknown) => unknown) | null,
  ): Promise<unknown> {
    this.starts++
    return (this.fails ? Promise.reject(boom) : Promise.resolve('rows')).then(resolved, rejected)
  }
}

describe('the tracer', () => {
  beforeEach(() => {
    tracer = new MadeTracer()
  })

  describe('trace(name, fn)', () => {
    it('runs fn inside a new span and returns what it returns', () => {
      const result = tracer.trace('op', (span) => {
        assert.equal(tracer.activeSpan, span)
        assert.equal(span.isFinished, false)
        return 'value'
      })
      assert.equal(result, 'value')
      assert.equal(tracer.activeSpan, undefined)
      assert.deepEqual(tracer.names, [['op']])
    })

    it('puts a thrown error on the span and throws it on', () => {
      assert.throws(
        () =>
          tracer.trace('op', () => {
            throw boom
          }),
        (error) => error === boom,
      )
      assert.deepEqual([tracer.spans[0]!.error, tagsOf(tracer.spans[0]!)['error.message']], [1, 'boom'])
    })

    for (const thrown of [undefined, null, 0, 'text']) {
      it(`throws on even ${JSON.stringify(thrown) ?? 'undefined'}`, () => {
        let caught: unknown = boom
        try {
          tracer.trace('op', () => {
            throw thrown
          })
        } catch (error) {
          caught = error
        }
        assert.deepEqual([caught, tracer.spans[0]!.error], [thrown, 1])
      })
    }

    it('waits for a promise', async () => {
      let resolve = (_value: string): void => {}
      const promise = tracer.trace('op', () => new Promise<string>((fulfil) => (resolve = fulfil)))
      assert.deepEqual(tracer.names, [])
      resolve('value')
      assert.equal(await promise, 'value')
      assert.deepEqual([tracer.names, tracer.spans[0]!.error], [[['op']], 0])
    })

    it('keeps the span active across every await', async () => {
      await tracer.trace('op', async (span) => {
        for (let i = 0; i < 3; i++) {
          await later(1)
          assert.equal(tracer.activeSpan, span)
        }
      })
      assert.equal(tracer.activeSpan, undefined)
    })

    it('puts a rejection on the span and hands it on', async () => {
      await assert.rejects(
        tracer.trace('op', () => Promise.reject(boom)),
        (error) => error === boom,
      )
      assert.deepEqual([tracer.spans[0]!.error, tagsOf(tracer.spans[0]!)['error.message']], [1, 'boom'])
    })

    const calls: [title: string, call: (tracer: Tracer) => unknown, spans: number][] = [
      ['a value', (t) => t.trace('op', () => 5), 1],
      [
        'a throw',
        (t) =>
          t.trace('op', () => {
            throw boom
          }),
        1,
      ],
      ['a promise', (t) => t.trace('op', async () => 5), 1],
      ['a rejection', (t) => t.trace('op', () => Promise.reject(boom)), 1],
      ['a rejection that nobody handles', (t) => void t.trace('op', () => Promise.reject(boom)), 1],
      ['a rejection of undefined', (t) => t.trace('op', () => Promise.reject(undefined)), 1],
      ['a thenable', (t) => t.trace('op', () => new Query()), 1],
      ['a thenable that fails', (t) => t.trace('op', () => new Query(true)), 1],
      ['a thenable that nobody asks', (t) => ({ starts: t.trace('op', () => new Query()).starts }), 0],
      [
        'a done callback',
        (t) => new Promise((resolve) => t.trace('op', (_span, done) => setImmediate(() => resolve(done())))),
        1,
      ],
      ['a function made of an arrow without parameters', (t) => t.trace('op', (...args) => args.length), 1],
      [
        'an object whose then cannot be read',
        (t) =>
          typeof t.trace('op', () =>
            Object.defineProperty({}, 'then', {
              get: () => {
                throw boom
              },
            }),
          ),
        1,
      ],
    ]
    for (const [title, call, spans] of calls) {
      it(`ends ${title} as without a tracer`, async () => {
        const off = await observe(() => call(new Tracer()))
        const on = await observe(() => call(tracer))
        assert.deepEqual(on, off)
        assert.equal(tracer.spans.length, spans)
      })
    }

    it('starts a lazy thenable exactly once, and ends the span with it', async () => {
      const query = new Query()
      const returned = tracer.trace('op', () => query)
      assert.equal(returned, query)
      assert.deepEqual([query.starts, tracer.names], [0, []])
      assert.equal(await returned, 'rows')
      assert.deepEqual([query.starts, tracer.names], [1, [['op']]])
    })

    it('gives fn a done callback if it takes two parameters; only its first call counts', () => {
      let finish: (error?: unknown) => void = () => {}
      const result = tracer.trace('op', (_span, done) => {
        finish = done
        return 'at once'
      })
      assert.deepEqual([result, tracer.names], ['at once', []])
      finish(boom)
      finish()
      assert.deepEqual([tracer.names, tracer.spans[0]!.error], [[['op']], 1])
      const parent = tracer.startSpan('parent')
      tracer.trace('child', { childOf: parent }, (_span, done) => {
        done()
        done(boom)
      })
      parent.finish()
      assert.equal(tracer.spans[1]!.error, 0)
    })

    for (const [error, flag] of [
      [undefined, 0],
      [null, 0],
      ['text', 1],
      [0, 1],
      [boom, 1],
    ] as const) {
      it(`takes done(${String(error)}) for ${flag ? 'an error' : 'success'}`, () => {
        tracer.trace('op', (_span, done) => done(error))
        assert.equal(tracer.spans[0]!.error, flag)
      })
    }

    it('ends a span with a done callback also by a throw and by a promise', async () => {
      assert.throws(
        () =>
          tracer.trace('throws', (_span, _done) => {
            throw boom
          }),
        boom,
      )
      await tracer.trace('promises', async (_span, _done) => {})
      assert.deepEqual(tracer.names, [['throws'], ['promises']])
    })

    it('leaves a span alone that has ended before its function failed', async () => {
      const parent = tracer.startSpan('parent')
      assert.throws(
        () =>
          tracer.trace('throws', { childOf: parent }, (_span, done) => {
            done()
            throw boom
          }),
        boom,
      )
      await assert.rejects(
        tracer.trace('rejects', { childOf: parent }, async (span) => {
          span.finish()
          throw boom
        }),
        boom,
      )
      parent.finish()
      assert.deepEqual(
        tracer.spans.map(({ error }) => error),
        [0, 0, 0],
      )
    })

    it('nests', () => {
      tracer.trace('a', (a) => {
        tracer.trace('b', (b) => {
          assert.equal(b.parentId, a.spanId)
          const c = tracer.startSpan('c')
          assert.equal(c.parentId, b.spanId)
          c.finish()
        })
        assert.equal(tracer.activeSpan, a)
      })
      assert.deepEqual(tracer.names, [['c', 'b', 'a']])
    })

    it('refuses what is not a function', () => {
      assert.throws(() => tracer.trace('op', {}, 'text' as never), /^TypeError: .*fn is a function, not string/)
      assert.deepEqual(tracer.names, [])
    })
  })

  describe('trace(name, options) without fn', () => {
    it('returns a started child of the active span that is not active itself', () => {
      tracer.trace('outer', (outer) => {
        const span = tracer.trace('inner', { resource: 'r' })
        assert.deepEqual(
          [span.name, span.resource, span.parentId, span.isFinished],
          ['inner', 'r', outer.spanId, false],
        )
        assert.equal(tracer.activeSpan, outer)
        span.finish()
      })
      assert.deepEqual(tracer.names, [['inner', 'outer']])
      assert.equal(tracer.trace('alone') instanceof Span, true)
    })
  })

  describe('startSpan', () => {
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

  describe('scope()', () => {
    it('tells the active span, or null', () => {
      assert.equal(tracer.scope().active(), null)
      tracer.trace('op', (span) => assert.equal(tracer.scope().active(), span))
    })

    it('activates a span, or none, and returns and throws what the function does', () => {
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

    it('binds without changing what the function looks like or gets', () => {
      function method(this: unknown, a: number, b: number) {
        return [this, a, b]
      }
      const bound = tracer.scope().bind(Object.assign(method, { custom: 1 }))
      const self = {}
      assert.deepEqual([bound.name, bound.length, bound.custom], ['method', 2, 1])
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

  describe('before init and after shutdown', () => {
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
        assert.deepEqual(
          [off.isEnabled, off.service, off.activeSpan, off.scope().active()],
          [false, '', undefined, null],
        )
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
        .setError(boom)
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

  it('flushes and shuts down its parts, the latter once', async () => {
    await tracer.flush()
    await tracer.shutdown()
    await tracer.shutdown()
    await tracer.flush()
    assert.deepEqual([tracer.flushes, tracer.shutdowns], [1, 1])
  })
})
