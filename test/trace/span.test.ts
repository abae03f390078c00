// A span takes whatever a program gives it: every kind of value, special keys, errors of every shape, times that make no sense,
// more than it can hold. What comes out is text and finite numbers, and nothing is ever thrown.

import { strict as assert } from 'node:assert'
import { MAX_EVENTS, MAX_LINKS, MAX_TAGS, type Span } from '../../src/trace/span'
import { collectLog } from '../support/log-lines'
import { MadeTracer, tagsOf } from './made-tracer'

let tracer: MadeTracer
let span: Span

const throwing = (property: string, target: object = {}): object =>
  Object.defineProperty(target, property, {
    enumerable: true,
    get() {
      throw new Error(`${property} cannot be read`)
    },
  })
const circular: Record<string, unknown> = {}
circular['self'] = circular
class Money {
  constructor(readonly cents: number) {}
  toString(): string {
    return `${this.cents} ct`
  }
}
const revoked = Proxy.revocable({}, {})
revoked.revoke()

describe('a span', () => {
  beforeEach(() => {
    tracer = new MadeTracer()
    span = tracer.startSpan('op')
  })
  const lines = collectLog()

  describe('takes as a tag', () => {
    const rows: [title: string, value: unknown, tags: Record<string, string | number>][] = [
      ['text', 'v', { k: 'v' }],
      ['empty text', '', { k: '' }],
      ['a number', 1.5, { k: 1.5 }],
      ['zero', 0, { k: 0 }],
      ['the largest number', Number.MAX_VALUE, { k: Number.MAX_VALUE }],
      ['true', true, { k: 'true' }],
      ['false', false, { k: 'false' }],
      ['a bigint', 10n ** 20n, { k: '100000000000000000000' }],
      ['an object, one level deep', { a: 1, b: 'x', c: true }, { 'k.a': 1, 'k.b': 'x', 'k.c': 'true' }],
      ['an object in an object as JSON', { a: { b: [1] } }, { 'k.a': '{"b":[1]}' }],
      ['an object without a prototype', Object.assign(Object.create(null), { a: 1 }), { 'k.a': 1 }],
      ['an object with holes', { a: undefined, b: null, c: Number.NaN, d: () => {} }, {}],
      ['an empty object', {}, {}],
      ['an array as JSON', [1, 'a', { b: 2 }], { k: '[1,"a",{"b":2}]' }],
      ['an array in an object', { a: [1, 2] }, { 'k.a': '[1,2]' }],
      ['a Date', new Date('2026-01-02T03:04:05Z'), { k: String(new Date('2026-01-02T03:04:05Z')) }],
      ['a URL', new URL('http://a/b'), { k: 'http://a/b' }],
      ['a Buffer', Buffer.from('bytes'), { k: 'bytes' }],
      ['an Error', new TypeError('bad'), { k: 'TypeError: bad' }],
      ['an instance by its toString', new Money(5), { k: '5 ct' }],
      ['something circular', circular, { 'k.self': '?' }],
      ['a circular array', [circular], { k: '?' }],
      ['something that throws when it is read', throwing('a'), { k: '?' }],
      ['a revoked proxy', revoked.proxy, { k: '?' }],
      ['undefined', undefined, {}],
      ['null', null, {}],
      ['NaN', Number.NaN, {}],
      ['infinity', Number.POSITIVE_INFINITY, {}],
      ['a function', () => {}, {}],
      ['a symbol', Symbol('s'), {}],
    ]
    for (const [title, value, tags] of rows) {
      it(title, () => {
        span.setTag('k', value)
        assert.deepEqual(tagsOf(span), tags)
        assert.equal(span.error, 0)
      })
    }
  })

  it('replaces a tag that is set again, whatever its kind', () => {
    span.setTag('a', 'text').setTag('b', 1).setTag('a', 2).setTag('a', 3)
    assert.deepEqual(span.tags, ['a', 3, 'b', 1])
    assert.deepEqual([span.getTag('a'), span.getTag('b'), span.getTag('c')], [3, 1, undefined])
  })

  it('takes many tags at once, and leaves out what it cannot read', () => {
    span.setTags({ a: 1, 'resource.name': 'r', error: true })
    span.setTags(throwing('c', { b: 2 }) as Record<string, unknown>)
    for (const nothing of [null, undefined, 5]) span.setTags(nothing as never)
    assert.deepEqual(
      { ...tagsOf(span), resource: span.resource, error: span.error },
      { a: 1, b: 2, resource: 'r', error: 1 },
    )
  })

  it('has a door for text and one for numbers', () => {
    span
      .setMeta('a', 'x')
      .setMeta('b', 5 as never)
      .setMeta('c', Object.create(null) as never)
    span
      .setMetric('d', 1.5)
      .setMetric('e', Number.NaN)
      .setMetric('f', '7' as never)
    assert.deepEqual(tagsOf(span), { a: 'x', b: '5', c: '?', d: 1.5 })
  })

  describe('knows the special key', () => {
    const state = () => ({
      service: span.service,
      resource: span.resource,
      type: span.type,
      error: span.error,
      priority: span.trace.priority,
      tags: tagsOf(span),
    })
    const untouched = { service: 'shop', resource: 'op', type: '', error: 0, priority: undefined, tags: {} }
    const rows: [key: string, value: unknown, change: Partial<ReturnType<typeof state>>][] = [
      ['service.name', 'other', { service: 'other' }],
      ['service.name', 5, { service: '5' }],
      ['service.name', Object.create(null), { service: '?' }],
      ['resource.name', 'GET /', { resource: 'GET /' }],
      ['span.type', 'web', { type: 'web' }],
      ['http.status_code', 200, { tags: { 'http.status_code': '200' } }],
      ['http.status_code', '404', { tags: { 'http.status_code': '404' } }],
      ['error', true, { error: 1 }],
      ['error', 'no such user', { error: 1, tags: { 'error.type': 'string', 'error.message': 'no such user' } }],
      ['error', 1, { error: 1 }],
      ['error', 'true', { error: 1 }],
      ['error', false, {}],
      ['error', 'false', {}],
      ['error', 0, {}],
      ['error', new Error('x'), { error: 1 }],
      ['error.message', 'text', { error: 1, tags: { 'error.message': 'text' } }],
      ['error.type', 'T', { error: 1, tags: { 'error.type': 'T' } }],
      ['error.stack', 's', { error: 1, tags: { 'error.stack': 's' } }],
      ['manual.keep', true, { priority: 2 }],
      ['manual.keep', 'true', { priority: 2 }],
      ['manual.keep', false, {}],
      ['manual.keep', 'false', {}],
      ['manual.drop', true, { priority: -1 }],
      ['manual.drop', 'true', { priority: -1 }],
      ['manual.drop', false, {}],
      ['manual.drop', 'false', {}],
      ['measured', true, { tags: { '_dd.measured': 1 } }],
      ['measured', false, { tags: { '_dd.measured': 0 } }],
    ]
    for (const [key, value, change] of rows) {
      it(`${key}: ${value instanceof Error ? 'an Error' : typeof value === 'object' ? 'an object' : JSON.stringify(value)}`, () => {
        span.setTag(key, value)
        const { tags, ...rest } = state()
        const { tags: wanted, ...fields } = { ...untouched, ...change }
        assert.deepEqual(rest, fields)
        if (!(value instanceof Error)) assert.deepEqual(tags, wanted)
      })
    }

    for (const nothing of [undefined, null]) {
      it(`and ignores ${nothing} for each of them`, () => {
        for (const [key] of rows) span.setTag(key, nothing)
        assert.deepEqual(state(), untouched)
      })
    }

    it('manual.keep and manual.drop: the last one counts', () => {
      span.setTag('manual.keep', true)
      assert.equal(span.trace.tags.get('_dd.p.dm'), '-4')
      span.setTag('manual.drop', true)
      assert.deepEqual([span.trace.priority, span.trace.tags.has('_dd.p.dm')], [-1, false])
      span.setTag('manual.keep', true)
      assert.deepEqual([span.trace.priority, span.trace.tags.get('_dd.p.dm')], [2, '-4'])
    })
  })

  it(`holds ${MAX_TAGS} tags, may still change them, and says once that there were more`, () => {
    for (let i = 0; i < MAX_TAGS; i++) span.setTag(`k${i}`, i)
    assert.deepEqual([span.getTag(`k${MAX_TAGS - 1}`), lines.length], [MAX_TAGS - 1, 0])
    span.setTag('one more', 1).setTag('and another', 1).setTag('k0', 'changed')
    assert.deepEqual(
      [span.getTag('one more'), span.getTag('k0'), span.tags.length],
      [undefined, 'changed', MAX_TAGS * 2],
    )
    assert.deepEqual(lines, [`a span has more than ${MAX_TAGS} tags; the rest is dropped`])
  })

  describe('describes the error', () => {
    const withoutMessage = Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' })
    const nameless = Object.assign(Object.create(null) as object, { message: 'm' })
    class HttpError extends Error {
      override name = 'HttpError'
    }
    const rows: [title: string, error: unknown, type: string | undefined, message: string | undefined][] = [
      ['an Error', new Error('gone'), 'Error', 'gone'],
      ['a TypeError', new TypeError('bad'), 'TypeError', 'bad'],
      ['an error with a name of its own', new HttpError('404'), 'HttpError', '404'],
      ['an Error without a message', new Error(''), 'Error', ''],
      ['an AggregateError, which has only a code', withoutMessage, 'AggregateError', 'ECONNREFUSED'],
      ['an AggregateError with a message', new AggregateError([new Error('a')], 'all'), 'AggregateError', 'all'],
      ['a string', 'text', 'string', 'text'],
      ['a number', 5, 'number', '5'],
      ['a symbol', Symbol('s'), 'symbol', 'Symbol(s)'],
      ['an object', { message: 'm' }, 'Object', 'm'],
      ['an object without a prototype', nameless, 'Error', 'm'],
      ['an object with odd fields', { name: 1, message: 2 }, '1', '2'],
      ['undefined', undefined, undefined, undefined],
      ['null', null, undefined, undefined],
      ['an error whose name throws', throwing('name', new Error('x')), undefined, undefined],
      ['an error whose message throws', throwing('message', new Error('x')), undefined, undefined],
      [
        'an error whose stack cannot be text',
        Object.assign(new Error('x'), { stack: Object.create(null) }),
        'Error',
        'x',
      ],
      ['a revoked proxy', revoked.proxy, undefined, undefined],
    ]
    for (const [title, error, type, message] of rows) {
      it(title, () => {
        assert.equal(span.setError(error), span)
        assert.deepEqual([span.error, span.getTag('error.type'), span.getTag('error.message')], [1, type, message])
      })
    }

    it('with its stack, if it has one', () => {
      const error = new Error('x')
      assert.equal(span.setError(error).getTag('error.stack'), error.stack)
      assert.equal(tracer.startSpan('other').setError({ message: 'm' }).getTag('error.stack'), undefined)
    })
  })

  describe('finishes', () => {
    it('once', () => {
      assert.equal(span.isFinished, false)
      span.finish(Date.now() + 5000)
      const { durationUs } = span
      span.finish(Date.now() + 99_000)
      span.finish()
      assert.deepEqual([span.isFinished, span.durationUs, tracer.spans.length], [true, durationUs, 1])
    })

    const startTime = 1_790_000_000_000.125
    const rows: [title: string, endTime: number, durationUs: number][] = [
      ['at a given time', startTime + 1.5, 1500],
      ['at the microsecond', startTime + 0.001, 1],
      ['where it began', startTime, 0],
      ['before it began, which counts as no time', startTime - 1, 0],
    ]
    for (const [title, endTime, durationUs] of rows) {
      it(title, () => {
        const given = tracer.startSpan('given', { startTime })
        given.finish(endTime)
        assert.deepEqual([given.startUs, given.durationUs], [1_790_000_000_000_125, durationUs])
      })
    }

    it('at the end of a using block', () => {
      {
        using inner = tracer.trace('inner', { childOf: span })
        assert.equal(inner.isFinished, false)
      }
      span.finish()
      assert.deepEqual(tracer.names, [['inner', 'op']])
    })

    it('after a time that is never negative and in whole microseconds', () => {
      for (let i = 0; i < 100; i++) tracer.startSpan('quick').finish()
      for (const { startUs, durationUs } of tracer.spans) {
        assert.ok(Number.isSafeInteger(startUs) && Number.isSafeInteger(durationUs) && durationUs >= 0)
        assert.ok(Math.abs(startUs / 1000 - Date.now()) < 60_000, `${startUs} is not now`)
      }
    })
  })

  describe('takes for now a time that no clock shows', () => {
    const limit = 2 ** 63 / 1e6
    const year2000 = 946_684_800_000
    const odd = [
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      -1,
      0,
      year2000 - 1,
      limit,
      1.79e18,
      null,
      '5',
      new Date(5),
    ]
    const isNow = (us: number) => Number.isSafeInteger(us) && Math.abs(us / 1000 - Date.now()) < 60_000
    for (const time of odd as number[]) {
      it(String(time), () => {
        const given = tracer.startSpan('given', { startTime: time })
        given.addEvent('e', undefined, time)
        given.finish(time)
        assert.ok(isNow(given.startUs) && isNow(given.events![0]!.timeUs), `${given.startUs}`)
        assert.ok(given.durationUs >= 0 && given.durationUs < 60_000_000, `${given.durationUs}`)
      })
    }

    it('but not the first and the last one that fit the wire', () => {
      const last = Math.floor(limit) - 1
      for (const time of [year2000, last])
        assert.equal(tracer.startSpan('given', { startTime: time }).startUs, time * 1000)
    })
  })

  it('notes events, with their time and attributes', () => {
    span.addEvent('plain').addEvent('full', { a: 1 }, 1_790_000_000_000.5)
    const [plain, full] = span.events!
    assert.deepEqual(Object.keys(plain!), ['name', 'timeUs'])
    assert.ok(plain!.timeUs >= span.startUs)
    assert.deepEqual(full, { name: 'full', timeUs: 1_790_000_000_000_500, attributes: { a: 1 } })
  })

  it('links to other spans', () => {
    const other = tracer.startSpan('other')
    span.addLink(other).addLink({ traceId: 'a', spanId: 'b' }, { why: 'batch' })
    assert.deepEqual(span.links, [
      { traceId: other.traceId, spanId: other.spanId },
      { traceId: 'a', spanId: 'b', attributes: { why: 'batch' } },
    ])
  })

  it(`keeps ${MAX_EVENTS} events and ${MAX_LINKS} links, and says once that there were more`, () => {
    for (let i = 0; i < MAX_EVENTS; i++) span.addEvent(`e${i}`)
    for (let i = 0; i < MAX_LINKS; i++) span.addLink(span)
    assert.deepEqual(lines, [])
    span.addEvent('more').addEvent('more').addLink(span)
    assert.deepEqual([span.events?.length, span.links?.length], [MAX_EVENTS, MAX_LINKS])
    assert.deepEqual(lines, [
      `a span has more than ${MAX_EVENTS} events; the rest is dropped`,
      `a span has more than ${MAX_LINKS} links; the rest is dropped`,
    ])
  })

  it('tells its ids as text', () => {
    const child = tracer.startSpan('child', { childOf: span })
    assert.match(span.traceId, /^[0-9a-f]{32}$/)
    assert.match(span.spanId, /^(?!0{16})[0-7][0-9a-f]{15}$/)
    assert.equal(span.traceId.slice(16), span.spanId, 'the root gives the trace its id')
    assert.deepEqual([span.parentId, child.parentId, child.traceId], [undefined, span.spanId, span.traceId])
    assert.notEqual(child.spanId, span.spanId)
  })

  it('is top level where its service is entered', () => {
    const top = (options: object) => tracer.startSpan('child', { childOf: span, ...options }).isTopLevel
    assert.deepEqual(
      [span.isTopLevel, top({}), top({ service: 'db' }), top({ service: 'shop' })],
      [true, false, true, false],
    )
  })
})
