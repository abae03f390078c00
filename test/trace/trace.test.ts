// `tracer.trace`: a span around a piece of work, or a started one. Every way in which work can end is run with the tracer on and off,
// because a program must get the same value and the same error from both.

import { strict as assert } from 'node:assert'
import { setTimeout as later } from 'node:timers/promises'
import { Span } from '../../src/trace/span'
import { Tracer } from '../../src/trace/tracer'
import { observe } from '../support/observe'
import { MadeTracer, tagsOf } from './made-tracer'

const boom = new Error('boom')

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
  let tracer: MadeTracer
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
})
