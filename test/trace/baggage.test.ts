// Baggage goes where the program's work goes, and nowhere else: into everything that is started under it, across every kind of
// wait, out again by headers, and never into what runs beside it. Asked of the tracer that programs use.

import { strict as assert } from 'node:assert'
import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises'
import { type Span, tracer } from '../../src'
import type { BaggageItems } from '../../src/trace/baggage'
import { find } from '../support/agent'
import { Tracing } from '../support/tracing'

const now = () => Object.fromEntries(tracer.baggage)

function sent(span: Span | null = tracer.scope().active()): Record<string, string> {
  const headers: Record<string, string> = {}
  tracer.inject(span, 'http_headers', headers)
  return headers
}

describe('baggage', () => {
  it('is empty, and runs the function all the same, while the tracer is off', () => {
    assert.equal(
      tracer.withBaggage({ a: '1' }, () => tracer.baggage.size),
      0,
    )
    assert.throws(() => tracer.withBaggage({ a: 5 } as never, () => {}), TypeError)
  })

  for (const scope of ['async_local_storage', 'cls-hooked'] as const) {
    describe(`on ${scope}`, () => {
      let tracing: Tracing
      before(async () => {
        tracing = await Tracing.start({}, { scope })
      })
      after(() => tracing.stop())

      it('is there inside, and gone outside', () => {
        assert.deepEqual(now(), {})
        const result = tracer.withBaggage({ a: '1' }, () => {
          assert.deepEqual(now(), { a: '1' })
          return 5
        })
        assert.deepEqual([result, now()], [5, {}])
      })

      it('is changed for the inner function only', () => {
        tracer.withBaggage({ a: '1', b: '2' }, () => {
          tracer.withBaggage({ a: '3', b: undefined, c: '4' }, () => assert.deepEqual(now(), { a: '3', c: '4' }))
          tracer.withBaggage({ a: null, b: null }, () => assert.deepEqual(now(), {}))
          tracer.withBaggage(new Map([['c', '']]), () => assert.deepEqual(now(), { a: '1', b: '2', c: '' }))
          assert.deepEqual(now(), { a: '1', b: '2' })
        })
      })

      it('is a copy that changes nothing', () => {
        tracer.withBaggage({ a: '1' }, () => {
          ;(tracer.baggage as Map<string, string>).set('a', '2').set('b', '3')
          assert.deepEqual(now(), { a: '1' })
        })
      })

      it('is gone when the function throws', () => {
        const error = new Error('no')
        assert.throws(
          () =>
            tracer.withBaggage({ a: '1' }, () => {
              throw error
            }),
          error,
        )
        assert.deepEqual(now(), {})
      })

      it('goes with the work through every kind of wait, beside other work', async () => {
        const seen = await Promise.all(
          Array.from({ length: 10 }, (_, n) =>
            tracer.withBaggage({ n: `${n}` }, async () => {
              await nextTurn()
              await tracer.trace('op', async () => wait(1))
              return new Promise((resolve) => setTimeout(() => queueMicrotask(() => resolve(now())), 1))
            }),
          ),
        )
        assert.deepEqual(
          seen,
          Array.from({ length: 10 }, (_, n) => ({ n: `${n}` })),
        )
      })

      it('stays when spans become active, whichever way', () => {
        const other = tracer.startSpan('other')
        tracer.withBaggage({ a: '1' }, () => {
          tracer.trace('op', () => assert.deepEqual(now(), { a: '1' }))
          tracer.wrap('op', () => assert.deepEqual(now(), { a: '1' }))()
          for (const span of [other, null]) {
            tracer.scope().activate(span, () => assert.deepEqual(now(), { a: '1' }))
            tracer.scope().bind(() => assert.deepEqual(now(), { a: '1' }), span)()
          }
          const steps = tracer.wrap('steps', function* () {
            yield now()
          })()
          assert.deepEqual([...steps], [{ a: '1' }])
        })
        other.finish()
      })

      it('is where a function was bound, not where it is called', () => {
        const bound = tracer.withBaggage({ a: '1' }, () => tracer.scope().bind(now))
        tracer.withBaggage({ b: '2' }, () => assert.deepEqual(bound(), { a: '1' }))
      })

      it('goes out with headers, and no further than its limits', () => {
        tracer.withBaggage({ a: 'ü 1' }, () =>
          tracer.trace('op', () => assert.equal(sent()['baggage'], 'a=%C3%BC%201')),
        )
        assert.equal(sent()['baggage'], undefined)
        const many = Object.fromEntries(Array.from({ length: 70 }, (_, n) => [`k${n}`, 'v']))
        assert.equal(
          tracer.withBaggage(many, () => sent()['baggage']?.split(',').length),
          64,
        )
      })

      it('comes with a trace, into all that is done in it', async () => {
        const parent = tracer.extract('http_headers', {
          'x-datadog-trace-id': '1',
          'x-datadog-parent-id': '2',
          baggage: 'user.id=7,a=1',
        })
        assert.deepEqual(
          [...parent!.baggage],
          [
            ['user.id', '7'],
            ['a', '1'],
          ],
        )
        tracing.clear()
        tracer.trace('root', { childOf: parent }, (root) => {
          assert.deepEqual(now(), { 'user.id': '7', a: '1' })
          tracer.trace('child', () => {
            assert.equal(sent()['baggage'], 'user.id=7,a=1')
            tracer.withBaggage({ a: null }, () =>
              tracer.trace('grandchild', () => assert.equal(sent()['baggage'], 'user.id=7')),
            )
          })
          tracer.withBaggage({ 'user.id': null, a: null }, () => {
            tracer.trace('without', () => assert.deepEqual(now(), {}))
            tracer.scope().activate(root, () => assert.deepEqual(now(), {}))
          })
          tracer.trace('another trace', { childOf: null }, () => assert.deepEqual(now(), { 'user.id': '7', a: '1' }))
        })
        // Elsewhere the span still knows what came with its trace.
        const span = tracer.startSpan('later', { childOf: parent })
        assert.equal(sent(span)['baggage'], 'user.id=7,a=1')
        tracer.withBaggage({ a: '2', b: '3' }, () => assert.equal(sent(span)['baggage'], 'a=1,b=3,user.id=7'))
        span.finish()
        const spans = await tracing.spans()
        assert.equal(find(spans, 'root').meta['baggage.user.id'], '7')
        assert.equal(find(spans, 'root').meta['baggage.a'], undefined)
        assert.equal(find(spans, 'child').meta['baggage.user.id'], undefined)
      })

      it('comes without a trace, for the one that begins here', () => {
        const parent = tracer.extract('text_map', { baggage: 'session.id=s' })
        tracer.trace('root', { childOf: parent }, (root) => {
          assert.equal(root.parentId, undefined)
          assert.equal(root.getTag('baggage.session.id'), 's')
          assert.equal(sent()['baggage'], 'session.id=s')
          assert.equal(BigInt(sent()['x-datadog-trace-id']!), BigInt(`0x${root.traceId.slice(16)}`))
        })
      })

      it('goes on as OpenTracing’s where it came as such', () => {
        const parent = tracer.extract('http_headers', {
          'x-datadog-trace-id': '1',
          'x-datadog-parent-id': '2',
          'ot-baggage-old': 'x',
          baggage: 'new=y',
        })
        tracer.trace('root', { childOf: parent }, () => {
          assert.deepEqual(now(), { old: 'x', new: 'y' })
          assert.deepEqual([sent()['ot-baggage-old'], sent()['ot-baggage-new']], ['x', undefined])
          tracer.withBaggage({ old: 'z' }, () => assert.equal(sent()['ot-baggage-old'], 'z'))
          tracer.withBaggage({ old: null }, () => assert.equal('ot-baggage-old' in sent(), false))
        })
      })
    })
  }

  it('refuses what can be no baggage, and says what could', () => {
    const rows: [items: unknown, message: RegExp][] = [
      [null, /object or a Map/],
      ['a=1', /object or a Map/],
      [[['a', '1']], /object or a Map/],
      [{ 'a b': '1' }, /name is letters.*"a b"/],
      [{ '': '1' }, /not ""/],
      [{ ü: '1' }, /"ü"/],
      [new Map([[5, '1']]), /not 5/],
      [{ a: 5 }, /value of a is text, not of type number/],
      [{ a: {} }, /of type object/],
    ]
    for (const [items, message] of rows) {
      assert.throws(() => tracer.withBaggage(items as BaggageItems, () => {}), { name: 'TypeError', message })
    }
    assert.throws(() => tracer.withBaggage({}, 5 as never), { name: 'TypeError', message: /fn is a function/ })
  })
})
