// W3C Trace Context is read from strangers: each rule of the recommendation has a row on both of its sides, and so has each field
// of our own member of `tracestate`. What other vendors put there is handed on as it came.

import { strict as assert } from 'node:assert'
import type { ReadableHeaders } from '../../../src/trace/propagation/propagator'
import { TraceContextPropagator } from '../../../src/trace/propagation/trace-context-propagator'
import { MAX_MEMBERS, MAX_OWN_LENGTH } from '../../../src/trace/propagation/tracestate'
import { Received, SpanContext } from '../../../src/trace/span-context'

const propagator = new TraceContextPropagator()

const TRACE = '11111111111111112222222222222222'
const SPAN = '3333333333333333'
const GOOD = `00-${TRACE}-${SPAN}-01`

const extract = (headers: ReadableHeaders) => propagator.extract(headers)
const stated = (tracestate: string | string[], flags = '01') =>
  extract({ traceparent: `00-${TRACE}-${SPAN}-${flags}`, tracestate })!

function inject(context: SpanContext): Record<string, string> {
  const headers: Record<string, string> = {}
  propagator.inject(context, headers)
  return headers
}

function span(
  options: { priority?: number; origin?: string; tags?: Record<string, string>; received?: Received } = {},
) {
  const { priority, origin, tags = {}, received } = options
  return new SpanContext(
    0x11111111,
    0x11111111,
    0x22222222,
    0x22222222,
    0x33333333,
    0x33333333,
    priority,
    origin,
    new Map(Object.entries(tags)),
    received,
  )
}

const from = (tracestate: string, lastSpanId?: string) => Object.assign(new Received(), { tracestate, lastSpanId })

describe('traceparent', () => {
  it('is written with both ids and the flag', () => {
    for (const [priority, flags] of [
      [undefined, '00'],
      [-1, '00'],
      [0, '00'],
      [1, '01'],
      [2, '01'],
    ] as const) {
      assert.equal(inject(span({ priority })).traceparent, `00-${TRACE}-${SPAN}-${flags}`)
    }
    assert.equal(
      inject(new SpanContext(0, 0, 0, 1, 0, 2)).traceparent,
      `00-${'1'.padStart(32, '0')}-${'2'.padStart(16, '0')}-00`,
    )
    // The upper half is remembered from one to the next.
    assert.equal(inject(span()).traceparent, `00-${TRACE}-${SPAN}-00`)
  })

  describe('is read', () => {
    const rows: [title: string, header: string | string[]][] = [
      ['as it is written', GOOD],
      ['in a list of one', [GOOD]],
      ['with spaces and tabs around it', `\t ${GOOD} \t`],
      ['of a later version', `cc-${TRACE}-${SPAN}-01`],
      ['of a later version with more to say', `cc-${TRACE}-${SPAN}-01-what-the-future-will-be-like`],
      ['of a later version with a dash', `01-${TRACE}-${SPAN}-01-`],
      ['with other flags as well', `00-${TRACE}-${SPAN}-ff`],
      ['with the lower half alone', `00-${'0'.repeat(16)}${TRACE.slice(16)}-${SPAN}-01`],
    ]
    for (const [title, traceparent] of rows) {
      it(title, () => {
        const context = extract({ traceparent })
        assert.deepEqual([context?.traceId.slice(16), context?.spanId, context?.priority], [TRACE.slice(16), SPAN, 1])
      })
    }
  })

  describe('is refused', () => {
    const rows: [title: string, header: unknown][] = [
      ['twice', [GOOD, GOOD]],
      ['twice in one', `${GOOD},${GOOD}`],
      ['twice, as Node joins them', `${GOOD}, ${GOOD}`],
      ['version ff', `ff-${TRACE}-${SPAN}-01`],
      ['version 00 with more', `${GOOD}-extra`],
      ['version 00 with a dash', `${GOOD}-`],
      ['a later version with more but no dash', `cc-${TRACE}-${SPAN}-01.what`],
      ['a later version with more but no dash', `cc-${TRACE}-${SPAN}-01a`],
      ['upper case', GOOD.replaceAll('2', 'A')],
      ['upper case in the version', `0A-${TRACE}-${SPAN}-01`],
      ['a version of one digit', GOOD.slice(1)],
      ['a version of three digits', `0${GOOD}`],
      ['no version', GOOD.slice(3)],
      ['a trace id of zeros', `00-${'0'.repeat(32)}-${SPAN}-01`],
      ['a trace id whose lower half is zeros', `00-${'1'.repeat(16)}${'0'.repeat(16)}-${SPAN}-01`],
      ['a span id of zeros', `00-${TRACE}-${'0'.repeat(16)}-01`],
      ['a trace id of 31 digits', `00-${TRACE.slice(1)}-${SPAN}-01`],
      ['a trace id of 33 digits', `00-${TRACE}1-${SPAN}-01`],
      ['a span id of 15 digits', `00-${TRACE}-${SPAN.slice(1)}-01`],
      ['a span id of 17 digits', `00-${TRACE}-${SPAN}3-01`],
      ['flags of one digit', GOOD.slice(0, -1)],
      ['flags of three digits', `${GOOD}1`],
      ['no flags', `00-${TRACE}-${SPAN}`],
      ['what is no digit in the trace id', GOOD.replace('2', '.')],
      ['what is no digit in the span id', GOOD.replace('3', 'g')],
      ['what is no digit in the flags', `00-${TRACE}-${SPAN}-0.`],
      ['other dashes', GOOD.replaceAll('-', '_')],
      ['a line break behind it', `${GOOD}\n`],
      ['nothing', ''],
      ['an empty list', []],
      ['a number', 1],
      ['null', null],
    ]
    for (const [title, traceparent] of rows) {
      it(title, () => assert.equal(extract({ traceparent: traceparent as string, tracestate: 'dd=s:2' }), undefined))
    }
  })
})

describe('tracestate', () => {
  it('is nothing without traceparent', () => assert.equal(extract({ tracestate: 'dd=s:2,foo=1' }), undefined))

  describe('keeps the members of others', () => {
    const rows: [title: string, header: string | string[], others: string][] = [
      ['alone', 'foo=1', 'foo=1'],
      ['in their order', 'foo=1,bar=2', 'foo=1,bar=2'],
      ['behind ours', 'dd=s:1,foo=1,bar=2', 'foo=1,bar=2'],
      ['around ours', 'foo=1,dd=s:1,bar=2', 'foo=1,bar=2'],
      ['of several headers', ['foo=1', 'bar=2'], 'foo=1,bar=2'],
      ['beside empty ones', ['', ' foo=1 , ,\tbar=2\t', ''], 'foo=1,bar=2'],
      ['with our name in theirs', 'ddx=1,xdd=2,DD=3', 'ddx=1,xdd=2,DD=3'],
      ['of two parts', 'a@b=1', 'a@b=1'],
      ['with spaces inside and before the value', 'foo= 1 2', 'foo= 1 2'],
      ['with equal signs', 'foo=YQ==', 'foo=YQ=='],
      ['but none without an equal sign', 'foo,bar=2', 'bar=2'],
      ['but none without a key', '=1,bar=2', 'bar=2'],
      ['but none without a value', 'foo=,bar=2', 'bar=2'],
      ['but none with a space in the key', 'foo =1,f oo=1,bar=2', 'bar=2'],
      ['but none with a tab in the value', 'foo=1\t2,bar=2', 'bar=2'],
      ['but none that cannot stand in a header', 'foo=ü,b\u0000=1,bar=2', 'bar=2'],
      ['with 256 characters', `${'k'.repeat(256)}=${'v'.repeat(256)}`, `${'k'.repeat(256)}=${'v'.repeat(256)}`],
      ['but no longer key', `${'k'.repeat(257)}=1,bar=2`, 'bar=2'],
      ['but no longer value', `foo=${'v'.repeat(257)},bar=2`, 'bar=2'],
      ['but nothing that is only there to be long', `foo=1,${'x'.repeat(20_000)}`, ''],
    ]
    for (const [title, header, others] of rows) {
      it(title, () => {
        assert.equal(stated(header).received.tracestate, others)
        const written = inject(span({ priority: 1, received: from(others) })).tracestate
        assert.equal(written, `dd=s:1;p:${SPAN}${others && ','}${others}`)
      })
    }

    it(`up to ${MAX_MEMBERS}, ours among them`, () => {
      const members = Array.from({ length: MAX_MEMBERS + 2 }, (_, at) => `k${at}=${at}`)
      assert.equal(MAX_MEMBERS, 32)
      assert.equal(stated(members.slice(0, 31).join(',')).received.tracestate, members.slice(0, 31).join(','))
      assert.equal(stated(members.join(',')).received.tracestate, members.slice(0, 31).join(','))
      assert.equal(stated(`${members.slice(0, 31).join(',')},dd=s:2`).priority, 2)
      assert.equal(stated(`${members.slice(0, 32).join(',')},dd=s:2`).priority, 1)
    })
  })

  describe('settles the priority by flag and field', () => {
    const rows: [flags: string, own: string, priority: number | undefined, decisionMaker: string | undefined][] = [
      ['01', 's:2;t.dm:-4', 2, '-4'],
      ['01', 's:1;t.dm:-4', 1, '-4'],
      ['01', 's:0;t.dm:-4', 1, '-0'],
      ['01', 's:-1;t.dm:-4', 1, '-0'],
      ['00', 's:2;t.dm:-4', 0, undefined],
      ['00', 's:1;t.dm:-4', 0, undefined],
      ['00', 's:0', 0, undefined],
      ['00', 's:-1;t.dm:-3', -1, '-3'],
      ['01', 't.dm:-4', 1, '-4'],
      ['00', 't.dm:-4', 0, undefined],
      ['01', 's:3', 1, undefined],
      ['01', 's:x', 1, undefined],
      ['01', 's:', 1, undefined],
      ['01', 's:2;o:rum', 2, undefined],
      ['01', 'o:rum', undefined, undefined],
      ['00', 'o:rum', undefined, undefined],
      ['01', 'o:other', 1, undefined],
    ]
    for (const [flags, own, priority, decisionMaker] of rows) {
      it(`${flags} and ${own} as ${priority}`, () => {
        const context = stated(`foo=1,dd=${own}`, flags)
        assert.deepEqual([context.priority, context.tags.get('_dd.p.dm')], [priority, decisionMaker])
      })
    }
    it('by the first bit of the flags alone', () => {
      assert.deepEqual(
        ['00', '01', '02', '03', 'fe', 'ff'].map((flags) => stated('', flags).priority),
        [0, 1, 0, 1, 0, 1],
      )
    })
  })

  describe('carries in our member', () => {
    const rows: [own: string, origin: string | undefined, tags: Record<string, string>, last?: string][] = [
      ['o:synthetics-browser', 'synthetics-browser', {}],
      ['o:a~b', 'a=b', {}],
      ['o:', undefined, {}],
      ['t.usr.id:baz64~~', undefined, { '_dd.p.usr.id': 'baz64==' }],
      ['t.url:http://localhost', undefined, { '_dd.p.url': 'http://localhost' }],
      ['t.dm:-4', undefined, { '_dd.p.dm': '-4' }],
      ['t.dm:4', undefined, { '_dd.p.dm': '-4' }],
      ['t.dm:x', undefined, {}],
      ['t.dm:-444', undefined, {}],
      ['t.:1', undefined, {}],
      ['t.a b:1', undefined, {}],
      ['t.a=b:1', undefined, {}],
      ['t.a:', undefined, {}],
      ['t.a', undefined, {}],
      [':1;;t.a:1;', undefined, { '_dd.p.a': '1' }],
      ['unknown:1;t.a:1', undefined, { '_dd.p.a': '1' }],
      ['p:0123456789abcdef', undefined, {}, '0123456789abcdef'],
      ['p:0123456789ABCDEF', undefined, {}],
      ['p:123', undefined, {}],
      ['t.tid:1111111111111111', undefined, {}],
    ]
    for (const [own, origin, tags, last] of rows) {
      it(own, () => {
        const context = stated(`dd=${own}`)
        assert.equal(context.origin, origin)
        assert.deepEqual(Object.fromEntries(context.tags), tags)
        assert.equal(context.received.lastSpanId, last ?? '')
        assert.deepEqual(context.received.rootTags, last === undefined ? undefined : ['_dd.parent_id', last])
      })
    }

    it('and the first of two of ours', () => assert.equal(stated('dd=s:2,dd=s:1').priority, 2))

    it('the upper half of the trace id only where it is that of traceparent', () => {
      const errorOf = (tid: string) => stated(`dd=s:2;t.tid:${tid}`).received.rootTags
      assert.equal(errorOf('1111111111111111'), undefined)
      assert.deepEqual(errorOf('1111111111111110'), ['_dd.propagation_error', 'inconsistent_tid 1111111111111110'])
      assert.deepEqual(errorOf('x'), ['_dd.propagation_error', 'malformed_tid x'])
      assert.equal(stated('dd=t.tid:x').traceId, TRACE)
    })
  })

  describe('is written with', () => {
    const rows: [title: string, context: SpanContext, own: string][] = [
      ['the span', span(), `p:${SPAN}`],
      ['the priority', span({ priority: -1 }), `s:-1;p:${SPAN}`],
      ['the origin', span({ priority: 1, origin: 'rum' }), `s:1;o:rum;p:${SPAN}`],
      ['an origin that does not fit', span({ origin: 'synthetics~;=web,z' }), `o:synthetics__~web_z;p:${SPAN}`],
      [
        'tags, the decision maker first',
        span({ tags: { '_dd.p.usr': 'a=b c', '_dd.p.dm': '-4' } }),
        `p:${SPAN};t.dm:-4;t.usr:a~b c`,
      ],
      ['tags whose key does not fit', span({ tags: { '_dd.p.a:b;c': '1' } }), `p:${SPAN};t.a_b_c:1`],
      [
        'no other tags, and not the upper half of the id',
        span({ tags: { '_dd.p.tid': '1'.repeat(16), other: '1' } }),
        `p:${SPAN}`,
      ],
      [
        'the last span of Datadog’s, for a context that only passes through',
        span({ received: from('', '00000000000000ff') }),
        'p:00000000000000ff',
      ],
    ]
    for (const [title, context, own] of rows) it(title, () => assert.equal(inject(context).tracestate, `dd=${own}`))

    it('nothing of ours for a context that only passes through and knows no span of Datadog’s', () => {
      assert.equal(inject(span({ received: from('foo=1', '') })).tracestate, 'foo=1')
      assert.equal(inject(span({ received: from('', '') })).tracestate, undefined)
    })

    it(`at most ${MAX_OWN_LENGTH} characters of ours: a tag that is too long is left out, the shorter ones stay`, () => {
      assert.equal(MAX_OWN_LENGTH, 255)
      const own = (length: number) =>
        inject(
          span({ priority: 1, tags: { '_dd.p.a': 'x'.repeat(length), '_dd.p.b': '1', '_dd.p.dm': '-1' } }),
        ).tracestate!.slice(3)
      const rest = `s:1;p:${SPAN};t.dm:-1;t.b:1`
      const longest = MAX_OWN_LENGTH - rest.length - ';t.a:'.length
      assert.equal(own(longest).length, MAX_OWN_LENGTH)
      const alone = longest + ';t.b:1'.length
      assert.equal(own(alone).length, MAX_OWN_LENGTH)
      assert.ok(!own(alone).includes('t.b'))
      assert.equal(own(alone + 1), rest)
    })

    it('no origin that leaves no room for the span', () => {
      const own = (length: number) => inject(span({ priority: 1, origin: 'x'.repeat(length) })).tracestate!.slice(3)
      const longest = MAX_OWN_LENGTH - `s:1;o:;p:${SPAN}`.length
      assert.equal(own(longest).length, MAX_OWN_LENGTH)
      assert.equal(own(longest + 1), `s:1;p:${SPAN}`)
    })
  })
})
