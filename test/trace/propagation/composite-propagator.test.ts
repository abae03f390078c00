// Several styles in one request: which of them counts, what the others add, and what becomes of the trace that begins here. Asked of
// a tracer, because what counts is the span that comes of it and the headers that it sends on.

import { strict as assert } from 'node:assert'
import type { PropagationSettings } from '../../../src/trace/propagation/choose-propagators'
import type { Span } from '../../../src/trace/span'
import { collectLog } from '../../support/log-lines'
import { MadeTracer, tagsOf } from '../made-tracer'

type Headers = Record<string, string>

const UPPER = '1111111111111111'

/** What Datadog's tracers send, for a trace id and a span id of one small number each. */
const datadog = (trace: number, span: number, more: Headers = {}): Headers => ({
  'x-datadog-trace-id': `${trace}`,
  'x-datadog-parent-id': `${span}`,
  'x-datadog-sampling-priority': '2',
  'x-datadog-tags': `_dd.p.tid=${UPPER},_dd.p.dm=-4`,
  ...more,
})
const hex = (id: number) => id.toString(16).padStart(16, '0')
const w3c = (trace: number, span: number, tracestate?: string, upper = UPPER): Headers => ({
  traceparent: `00-${upper}${hex(trace)}-${hex(span)}-01`,
  ...(tracestate !== undefined && { tracestate }),
})
const b3 = (trace: number, span: number): Headers => ({ b3: `${UPPER}${hex(trace)}-${hex(span)}-1` })

/** The first span here, begun with these headers, and what it would send on. */
function arrive(headers: Headers, propagation: Partial<PropagationSettings> = {}): { span: Span; sent: Headers } {
  const tracer = new MadeTracer({ propagation })
  const span = tracer.startSpan('op', { childOf: tracer.extract('http_headers', headers) ?? null })
  const sent: Headers = {}
  tracer.scope().activate(span, () => tracer.inject(span, 'http_headers', sent))
  return { span, sent }
}

const linksOf = ({ links = [] }: Span) => links.map(({ traceId, spanId, attributes }) => [traceId, spanId, attributes])
const terminated = (style: string) => ({ reason: 'terminated_context', context_headers: style })

describe('a request with headers of several styles', () => {
  const lines = collectLog()

  it('goes on with the trace on which all agree', () => {
    const { span, sent } = arrive({ ...datadog(1, 2), ...w3c(1, 2, 'dd=s:2;p:0000000000000002;t.dm:-4,foo=1') })
    assert.deepEqual([span.traceId, span.parentId, span.trace.priority], [UPPER + hex(1), hex(2), 2])
    assert.deepEqual(linksOf(span), [])
    assert.deepEqual(tagsOf(span), {})
    assert.equal(sent['tracestate'], `dd=s:2;p:${span.spanId};t.dm:-4,foo=1`)
    assert.equal(sent['traceparent'], `00-${UPPER}${hex(1)}-${span.spanId}-01`)
    assert.equal(sent['x-datadog-tags'], `_dd.p.dm=-4,_dd.p.tid=${UPPER}`)
  })

  it('is the last span that Datadog knows of, once it is here', () => {
    for (const tracestate of ['dd=p:00000000000000ab,foo=1', 'foo=1']) {
      const { span, sent } = arrive(w3c(1, 2, tracestate))
      assert.equal(sent['tracestate'], `dd=s:1;p:${span.spanId},foo=1`)
    }
  })

  it('links to the traces of the other styles', () => {
    const styles = { propagationStyleExtract: ['datadog', 'tracecontext', 'b3'] }
    const { span, sent } = arrive({ ...datadog(1, 2), ...w3c(3, 4, 'foo=1'), ...b3(5, 6) }, styles)
    assert.deepEqual([span.traceId, span.parentId], [UPPER + hex(1), hex(2)])
    assert.deepEqual(linksOf(span), [
      [UPPER + hex(3), hex(4), terminated('tracecontext')],
      [UPPER + hex(5), hex(6), terminated('b3')],
    ])
    assert.equal(sent['tracestate'], `dd=s:2;p:${span.spanId};t.dm:-4`, 'members of another trace do not go on')
  })

  it('goes on with the first style of those configured', () => {
    for (const [styles, trace] of [
      [['datadog', 'tracecontext', 'b3'], 1],
      [['tracecontext', 'b3', 'datadog'], 3],
      [['b3', 'datadog', 'tracecontext'], 5],
      [['B3 single header', 'Datadog'], 5],
      [['b3multi', 'tracecontext'], 3],
    ] as const) {
      const { span } = arrive({ ...datadog(1, 2), ...w3c(3, 4), ...b3(5, 6) }, { propagationStyleExtract: styles })
      assert.equal(span.traceId, UPPER + hex(trace), styles.join())
    }
    const many = { 'x-b3-traceid': hex(7), 'x-b3-spanid': hex(8) }
    assert.equal(arrive(many, { propagationStyleExtract: ['b3multi'] }).span.traceId, '0'.repeat(16) + hex(7))
  })

  it('reads no further than the first where it is told so', () => {
    const headers = { ...datadog(1, 2), ...w3c(3, 4, 'foo=1'), baggage: 'a=1' }
    const { span, sent } = arrive(headers, { propagationExtractFirst: true })
    assert.deepEqual([span.traceId, linksOf(span)], [UPPER + hex(1), []])
    assert.equal(sent['baggage'], 'a=1', 'baggage is no context')
    const same = arrive({ ...datadog(1, 2), ...w3c(1, 4, 'foo=1') }, { propagationExtractFirst: true })
    assert.deepEqual([same.span.parentId, same.sent['tracestate']?.includes('foo')], [hex(2), false])
  })

  describe('of which Trace Context names a nearer parent', () => {
    it('has that parent, and the tag that says which span Datadog knew last', () => {
      const { span } = arrive({ ...datadog(1, 2), ...w3c(1, 9, 'dd=s:2;p:00000000000000ab') })
      assert.deepEqual([span.parentId, tagsOf(span)], [hex(9), { '_dd.parent_id': '00000000000000ab' }])
      assert.deepEqual(linksOf(span), [])
    })
    it('takes the tag from Datadog’s headers where tracestate does not tell', () => {
      for (const tracestate of [undefined, '', 'foo=1', 'dd=s:2']) {
        const { span } = arrive({ ...datadog(1, 2), ...w3c(1, 9, tracestate) })
        assert.deepEqual([span.parentId, tagsOf(span)], [hex(9), { '_dd.parent_id': hex(2) }])
      }
    })
    it('passes the members of others on', () => {
      assert.match(arrive({ ...datadog(1, 2), ...w3c(1, 9, 'foo=1') }).sent['tracestate']!, /,foo=1$/)
    })
  })

  it('knows a trace whose upper half one of them has lost', () => {
    const { 'x-datadog-tags': _, ...bare } = datadog(1, 2)
    const { span, sent } = arrive({ ...bare, ...w3c(1, 2, 'foo=1') })
    assert.deepEqual([span.traceId, linksOf(span)], [UPPER + hex(1), []])
    assert.equal(sent['x-datadog-tags'], `_dd.p.tid=${UPPER}`)
    const other = arrive({ ...datadog(1, 2), ...w3c(1, 9, undefined, '0'.repeat(16)) })
    assert.deepEqual([other.span.traceId, other.span.parentId, linksOf(other.span)], [UPPER + hex(1), hex(9), []])
  })

  it('knows another trace by its upper half alone', () => {
    const { span } = arrive({ ...datadog(1, 2), ...w3c(1, 2, undefined, '2'.repeat(16)) })
    assert.deepEqual([span.traceId, linksOf(span).length], [UPPER + hex(1), 1])
  })

  it('takes a decision that Datadog’s headers leave open from Trace Context, with who made it', () => {
    const { 'x-datadog-sampling-priority': _, 'x-datadog-tags': __, ...open } = datadog(1, 2)
    const { span } = arrive({ ...open, ...w3c(1, 2, 'dd=s:2;t.dm:-3;o:rum') })
    assert.deepEqual([span.trace.priority, span.trace.tags.get('_dd.p.dm'), span.trace.origin], [2, '-3', 'rum'])
  })

  it('goes its own way with a decision alone, which a trace of another style overrules', () => {
    const styles = { propagationStyleExtract: ['b3', 'datadog'] }
    for (const [header, priority] of [
      ['0', 0],
      ['1', 1],
      ['d', 2],
    ] as const) {
      const { span, sent } = arrive({ b3: header }, styles)
      assert.deepEqual([span.trace.priority, span.parentId], [priority, undefined])
      assert.equal(sent['x-datadog-sampling-priority'], `${priority}`)
      assert.notEqual(span.traceId.slice(16), '0'.repeat(16))
    }
    const { span } = arrive({ b3: '0', ...datadog(1, 2) }, styles)
    assert.deepEqual([span.trace.priority, span.parentId], [2, hex(2)])
  })

  it('may be one of Amazon’s daemon for SQS, with the headers in a message attribute', () => {
    const attribute = (value: unknown) => ({ 'x-aws-sqsd-attr-_datadog': JSON.stringify(value) })
    assert.equal(arrive(attribute(datadog(1, 2))).span.parentId, hex(2))
    assert.equal(arrive({ ...attribute(datadog(1, 2)), ...datadog(3, 4) }).span.parentId, hex(4))
    for (const odd of [null, 5, 'text', [], {}]) assert.equal(arrive(attribute(odd)).span.parentId, undefined)
    assert.equal(arrive({ 'x-aws-sqsd-attr-_datadog': '{' }).span.parentId, undefined)
  })

  describe('where what comes in is not gone on with', () => {
    const headers = { ...datadog(1, 2), ...w3c(3, 4, 'foo=1'), baggage: 'user.id=7', 'ot-baggage-old': '1' }

    it('begins anew with one link and the baggage', () => {
      const { span, sent } = arrive(headers, { propagationBehaviorExtract: 'restart', baggageTagKeys: ['user.id'] })
      assert.notEqual(span.traceId, UPPER + hex(1))
      assert.deepEqual([span.parentId, span.trace.origin], [undefined, undefined])
      const attributes = { reason: 'propagation_behavior_extract', context_headers: 'datadog' }
      assert.deepEqual(linksOf(span), [[UPPER + hex(1), hex(2), attributes]])
      assert.deepEqual(tagsOf(span)['baggage.user.id'], '7')
      assert.deepEqual([sent['baggage'], sent['ot-baggage-old']], ['old=1,user.id=7', '1'])
      assert.equal(sent['x-datadog-sampling-priority'], '1', 'it is sampled here')
      assert.ok(!sent['tracestate']?.includes('foo'))
    })

    it('links to the nearer parent', () => {
      const { span } = arrive({ ...datadog(1, 2), ...w3c(1, 9) }, { propagationBehaviorExtract: 'restart' })
      assert.deepEqual(linksOf(span)[0]?.slice(0, 2), [UPPER + hex(1), hex(9)])
    })

    it('ignores it, and its baggage', () => {
      const { span, sent } = arrive(headers, { propagationBehaviorExtract: 'ignore' })
      assert.deepEqual([span.parentId, linksOf(span), sent['baggage']], [undefined, [], undefined])
    })
  })

  describe('with what cannot be read or written', () => {
    const errorOf = (headers: Headers, propagation: Partial<PropagationSettings> = {}) =>
      tagsOf(arrive(headers, propagation).span)['_dd.propagation_error']
    const rows: [title: string, headers: Headers, error: string | undefined, length?: number][] = [
      ['nothing wrong', datadog(1, 2), undefined],
      ['a tags header with a bad entry', datadog(1, 2, { 'x-datadog-tags': 'a' }), 'decoding_error'],
      ['a tags header too long', datadog(1, 2, { 'x-datadog-tags': `_dd.p.a=${'x'.repeat(505)}` }), 'extract_max_size'],
      ['a tags header that is not wanted', datadog(1, 2), 'disabled', 0],
      ['a bad upper half', datadog(1, 2, { 'x-datadog-tags': '_dd.p.tid=x' }), 'malformed_tid x'],
      ['another upper half', w3c(1, 2, 'dd=t.tid:2222222222222222'), 'inconsistent_tid 2222222222222222'],
      [
        'tags that fit one way only',
        w3c(1, 2, 'dd=t.a:1234567890,foo=1'),
        'inject_max_size',
        '_dd.p.a=1234567890'.length,
      ],
    ]
    for (const [title, headers, error, tagsHeaderMaxLength = 512] of rows) {
      it(title, () => assert.equal(errorOf(headers, { tagsHeaderMaxLength }), error))
    }
    it('and goes on with the rest', () => {
      const { span, sent } = arrive(datadog(1, 2, { 'x-datadog-tags': 'a' }), { tagsHeaderMaxLength: 4 })
      assert.deepEqual([span.parentId, sent['x-datadog-tags']], [hex(2), undefined])
    })
  })

  describe('by the styles that are named', () => {
    const names = (propagationStyleInject: string[]) =>
      Object.keys(arrive(datadog(1, 2, { baggage: 'a=1' }), { propagationStyleInject }).sent)

    it('writes all of them, always in the same order', () => {
      const all = ['tracecontext', 'b3multi', 'datadog', 'b3', 'baggage']
      assert.deepEqual(names(all), [
        'baggage',
        'x-datadog-trace-id',
        'x-datadog-parent-id',
        'x-datadog-sampling-priority',
        'x-datadog-tags',
        'x-b3-traceid',
        'x-b3-spanid',
        'x-b3-sampled',
        'x-b3-flags',
        'b3',
        'traceparent',
        'tracestate',
      ])
      assert.deepEqual(lines, [])
    })
    it('writes and reads nothing for none', () => {
      assert.deepEqual(names(['none']), [])
      assert.deepEqual(names([]), [])
      assert.equal(arrive(datadog(1, 2), { propagationStyleExtract: ['None'] }).span.parentId, undefined)
    })
    it('skips those that there are not, and says so', () => {
      assert.deepEqual(names(['zipkin', 'b3', 'constructor']), ['b3'])
      assert.deepEqual(lines, [
        'number 1 of 3 propagation styles does not exist; there are: baggage, datadog, b3multi, b3, tracecontext, none',
        'number 3 of 3 propagation styles does not exist; there are: baggage, datadog, b3multi, b3, tracecontext, none',
      ])
    })
    it('takes the default where there is none of them', () => {
      assert.ok(names(['zipkin']).includes('traceparent'))
      assert.equal(lines.length, 1)
    })
  })
})
