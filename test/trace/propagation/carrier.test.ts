// Programs hand over their headers in every form there is. Reading takes them all and never throws; writing takes what can be
// written into, and tells a program that hands over something else.

import { strict as assert } from 'node:assert'
import { ClientRequest } from 'node:http'
import { SpanContext } from '../../../src/trace/span-context'
import { collectLog } from '../../support/log-lines'
import { MadeTracer } from '../made-tracer'

const TRACE = '11111111111111110000000000000001'
const SPAN = '0000000000000002'
const TRACEPARENT = `00-${TRACE}-${SPAN}-01`

const tracer = new MadeTracer({ propagation: { propagationStyleInject: ['tracecontext'] } })
const remote = new SpanContext(0x11111111, 0x11111111, 0, 1, 0, 2, 1)
const said = (context: SpanContext | undefined) => context && [context.traceId, context.spanId]

describe('extract', () => {
  const lines = collectLog()
  const readable: [title: string, carrier: object][] = [
    ['an object', { traceparent: TRACEPARENT }],
    ['an object with a prototype', Object.create({ traceparent: TRACEPARENT })],
    ['an object without one', Object.assign(Object.create(null), { traceparent: TRACEPARENT })],
    ['names in upper case', { Host: 'a', TRACEPARENT }],
    ['names in mixed case', { traceParent: TRACEPARENT }],
    ['a Map', new Map([['TraceParent', TRACEPARENT]])],
    ['Headers', new Headers({ TraceParent: TRACEPARENT })],
    ['rawHeaders', ['Host', 'a', 'TraceParent', TRACEPARENT]],
    ['pairs', [['TraceParent', TRACEPARENT]]],
    ['bytes', { traceparent: Buffer.from(TRACEPARENT) }],
    ['other bytes', new Map([['traceparent', new TextEncoder().encode(TRACEPARENT)]])],
  ]
  for (const [title, carrier] of readable) {
    it(`reads ${title}`, () => assert.deepEqual(said(tracer.extract('text_map', carrier)), [TRACE, SPAN]))
  }

  it('takes several headers of one name for several', () => {
    const twice = ['traceparent', TRACEPARENT, 'Traceparent', TRACEPARENT]
    assert.equal(tracer.extract('http_headers', twice), undefined)
    const state = ['traceparent', TRACEPARENT, 'tracestate', 'a=1', 'TraceState', 'b=2']
    assert.equal(tracer.extract('http_headers', state)?.received.tracestate, 'a=1,b=2')
  })

  const throwing = {
    get traceparent(): string {
      throw new Error('secret')
    },
  }
  const odd: [title: string, carrier: unknown][] = [
    ...[undefined, null, 'text', 5, true, Symbol('s'), () => 1].map((each): [string, unknown] => [String(each), each]),
    ['an empty object', {}],
    ['an empty list', []],
    ['a list of odd length', ['traceparent']],
    ['a list of nothing', [null, undefined]],
    ['a Set', new Set(['traceparent'])],
    ['values of other kinds', { traceparent: { toString: () => TRACEPARENT }, 'x-datadog-trace-id': 1, baggage: null }],
  ]
  for (const [title, carrier] of odd) {
    it(`finds nothing in ${title}`, () => {
      assert.equal(tracer.extract('http_headers', carrier as object), undefined)
      assert.deepEqual(lines, [])
    })
  }

  it('finds nothing in what throws, and says so once', () => {
    for (let i = 0; i < 2; i++) assert.equal(tracer.extract('http_headers', throwing), undefined)
    const proxy = new Proxy({}, { ownKeys: () => assert.fail('asked') })
    assert.equal(tracer.extract('text_map', proxy), undefined)
    assert.equal(lines.length, 1)
    assert.match(lines[0]!, /^a carrier of headers cannot be read/)
  })
})

describe('inject', () => {
  it('writes into an object, in the place of what is there', () => {
    const carrier = { Host: 'a', TraceParent: 'old', traceparent: 'old', Tracestate: 'old' }
    tracer.inject(remote, 'http_headers', carrier)
    assert.deepEqual(carrier, { Host: 'a', traceparent: TRACEPARENT, tracestate: `dd=s:1;p:${SPAN}` })
  })

  it('writes into a Map, Headers and a request that has not gone out', () => {
    const map = new Map()
    tracer.inject(remote, 'text_map', map)
    assert.equal(map.get('traceparent'), TRACEPARENT)
    const headers = new Headers({ Traceparent: 'old' })
    tracer.inject(remote, 'http_headers', headers)
    assert.equal(headers.get('traceparent'), TRACEPARENT)
    const request = new ClientRequest('http://127.0.0.1:1')
    request.on('error', () => {})
    tracer.inject(remote, 'http_headers', request)
    assert.equal(request.getHeader('traceparent'), TRACEPARENT)
    request.destroy()
  })

  it('writes baggage alone where there is no span', () => {
    const own = new MadeTracer()
    for (const none of [null, undefined]) {
      const carrier = {}
      own.withBaggage({ a: '1' }, () => own.inject(none, 'http_headers', carrier))
      assert.deepEqual(carrier, { baggage: 'a=1' })
    }
    const carrier = {}
    own.inject(own.extract('text_map', { baggage: 'b=2' }), 'text_map', carrier)
    assert.deepEqual(carrier, { baggage: 'b=2' })
  })

  it('tells what it cannot write into', () => {
    for (const [carrier, what] of [
      [null, /null/],
      [undefined, /undefined/],
      ['text', /string/],
      [5, /number/],
      [() => 1, /function/],
      [[], /an array/],
    ] as const) {
      assert.throws(() => tracer.inject(remote, 'http_headers', carrier as never), { name: 'TypeError', message: what })
    }
  })

  it('tells what it does not know to write', () => {
    const wrong = { name: 'TypeError', message: /http_headers, text_map, log, not binary/ }
    assert.throws(() => tracer.inject(remote, 'binary' as never, {}), wrong)
    const noSpan = { name: 'TypeError', message: /takes a span/ }
    for (const span of ['span', 5, {}]) assert.throws(() => tracer.inject(span as never, 'text_map', {}), noSpan)
  })
})

describe('a log record', () => {
  it('is tied to a span, and keeps what else it says', () => {
    const own = new MadeTracer({ env: 'staging' })
    const span = own.startSpan('op')
    const record = { msg: 'a', dd: { trace_id: 'old', mine: 1 } }
    own.inject(span, 'log', record)
    const span_id = BigInt(`0x${span.spanId}`).toString()
    const dd = { trace_id: span.traceId, span_id, service: 'shop', env: 'staging', mine: 1 }
    assert.deepEqual(record, { msg: 'a', dd })
  })

  it('is read again, also with an id of 64 bits', () => {
    for (const traceId128Bit of [true, false]) {
      const own = new MadeTracer({ traceId128Bit })
      const span = own.startSpan('op')
      const record: { dd?: { trace_id: string } } = {}
      own.inject(span, 'log', record)
      assert.equal(record.dd?.trace_id.length === 32, traceId128Bit)
      const context = own.extract('log', record)
      assert.deepEqual(said(context), [span.traceId, span.spanId])
      const again = {}
      own.inject(context, 'log', again)
      assert.deepEqual(again, record)
    }
  })

  it('knows the program without a span, and no span where it knows none', () => {
    const record = {}
    tracer.inject(null, 'log', record)
    assert.deepEqual(record, { dd: { service: 'shop' } })
    for (const dd of [
      undefined,
      null,
      'text',
      {},
      { trace_id: 1, span_id: 1 },
      { trace_id: '0', span_id: '1' },
      { trace_id: 'x'.repeat(32), span_id: '1' },
    ]) {
      assert.equal(tracer.extract('log', { dd }), undefined)
    }
  })
})
