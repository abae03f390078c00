// B3 comes in one header or in four, mostly from proxies: ids of both lengths, decisions with and without them, and what is broken.

import { strict as assert } from 'node:assert'
import { B3MultiPropagator } from '../../../src/trace/propagation/b3-multi-propagator'
import { B3Propagator } from '../../../src/trace/propagation/b3-propagator'
import type { Propagator, ReadableHeaders } from '../../../src/trace/propagation/propagator'
import { SpanContext } from '../../../src/trace/span-context'

const LONG = '11111111111111112222222222222222'
const SHORT = '2222222222222222'
const SPAN = '3333333333333333'

const single = new B3Propagator()
const multi = new B3MultiPropagator()

type Said = [traceId: string | undefined, spanId: string | undefined, priority: number | undefined] | undefined

function said(propagator: Propagator, headers: ReadableHeaders): Said {
  const context = propagator.extract(headers)
  if (context === undefined) return undefined
  const { hasTrace, traceId, spanId, priority } = context
  return hasTrace ? [traceId, spanId, priority] : [undefined, undefined, priority]
}

function inject(propagator: Propagator, upper: number, priority?: number): Record<string, string> {
  const headers: Record<string, string> = {}
  propagator.inject(
    new SpanContext(
      upper,
      upper,
      0x22222222,
      0x22222222,
      0x33333333,
      0x33333333,
      priority,
      'rum',
      new Map([['_dd.p.dm', '-1']]),
    ),
    headers,
  )
  return headers
}

describe('the b3 header', () => {
  const upper = '0'.repeat(16)
  const rows: [header: string | string[], said: Said][] = [
    [`${LONG}-${SPAN}`, [LONG, SPAN, undefined]],
    [`${SHORT}-${SPAN}`, [upper + SHORT, SPAN, undefined]],
    [`${LONG}-${SPAN}-1`, [LONG, SPAN, 1]],
    [`${LONG}-${SPAN}-0`, [LONG, SPAN, 0]],
    [`${LONG}-${SPAN}-d`, [LONG, SPAN, 2]],
    [`${LONG}-${SPAN}-1-${SPAN}`, [LONG, SPAN, 1]],
    [`${'ABCDEF0123456789'}-${SPAN}-D`, [`${upper}abcdef0123456789`, SPAN, 2]],
    [
      ['0', `${LONG}-${SPAN}-1`],
      [LONG, SPAN, 1],
    ],
    ['0', [undefined, undefined, 0]],
    ['1', [undefined, undefined, 1]],
    ['d', [undefined, undefined, 2]],
    [`${'0'.repeat(32)}-${SPAN}-1`, [undefined, undefined, 1]],
    [`${'1'.repeat(16)}${upper}-${SPAN}-0`, [undefined, undefined, 0]],
    [`${LONG}-${upper}-0`, [undefined, undefined, 0]],
    [`${upper}-${SPAN}`, undefined],
    ...[
      '',
      '2',
      'x',
      'constructor',
      '__proto__',
      LONG,
      `${LONG}-`,
      `-${SPAN}`,
      `${LONG}-${SPAN}-`,
      `${LONG}-${SPAN}-2`,
      `${LONG}-${SPAN}-1-`,
    ].map((bad): [string, undefined] => [bad, undefined]),
    ...[
      `${LONG}1-${SPAN}-1`,
      `${LONG.slice(1)}-${SPAN}-1`,
      `${LONG}-${SPAN}3-1`,
      `${LONG}-g${SPAN.slice(1)}-1`,
      `${LONG}-${SPAN}-1-x`,
      `${LONG}-${SPAN}-1\n`,
    ].map((bad): [string, undefined] => [bad, undefined]),
  ]
  for (const [header, expected] of rows) {
    it(`${JSON.stringify(header)} is ${JSON.stringify(expected) ?? 'nothing'}`, () => {
      assert.deepEqual(said(single, { b3: header }), expected)
    })
  }

  it('is written with a decision once there is one', () => {
    const header = (upperHalf: number, priority?: number) => inject(single, upperHalf, priority)['b3']
    assert.equal(header(0), `${SHORT}-${SPAN}`)
    assert.equal(header(0x11111111), `${LONG}-${SPAN}`)
    assert.deepEqual(
      [-1, 0, 1, 2].map((priority) => header(0, priority)?.slice(-2)),
      ['-0', '-0', '-1', '-1'],
    )
    assert.deepEqual(Object.keys(inject(single, 0, 1)), ['b3'])
  })
})

describe('the x-b3 headers', () => {
  const ids = { 'x-b3-traceid': LONG, 'x-b3-spanid': SPAN }
  const rows: [title: string, headers: ReadableHeaders, said: Said][] = [
    ['ids alone', ids, [LONG, SPAN, undefined]],
    ['a short trace id', { ...ids, 'x-b3-traceid': SHORT }, ['0'.repeat(16) + SHORT, SPAN, undefined]],
    ['sampled', { ...ids, 'x-b3-sampled': '1' }, [LONG, SPAN, 1]],
    ['not sampled', { ...ids, 'x-b3-sampled': '0' }, [LONG, SPAN, 0]],
    ['sampled in the old way', { ...ids, 'x-b3-sampled': 'true' }, [LONG, SPAN, 1]],
    ['not sampled in the old way', { ...ids, 'x-b3-sampled': 'false' }, [LONG, SPAN, 0]],
    ['debug', { ...ids, 'x-b3-flags': '1' }, [LONG, SPAN, 2]],
    ['debug against a decision', { ...ids, 'x-b3-flags': '1', 'x-b3-sampled': '0' }, [LONG, SPAN, 2]],
    ['other flags', { ...ids, 'x-b3-flags': '0', 'x-b3-sampled': '1' }, [LONG, SPAN, 1]],
    ['a decision of another kind', { ...ids, 'x-b3-sampled': 'constructor' }, [LONG, SPAN, undefined]],
    ['a decision without ids', { 'x-b3-sampled': '0' }, [undefined, undefined, 0]],
    ['debug without ids', { 'x-b3-flags': '1' }, [undefined, undefined, 2]],
    ['a decision with a broken id', { ...ids, 'x-b3-traceid': 'x', 'x-b3-sampled': '1' }, [undefined, undefined, 1]],
    ['no span id', { 'x-b3-traceid': LONG }, undefined],
    ['no trace id', { 'x-b3-spanid': SPAN, 'x-b3-parentspanid': SPAN }, undefined],
    ['a trace id of 17 digits', { ...ids, 'x-b3-traceid': `1${SHORT}` }, undefined],
    ['a trace id of 48 digits', { ...ids, 'x-b3-traceid': LONG + SHORT }, undefined],
    ['a trace id with a broken upper half', { ...ids, 'x-b3-traceid': `x${LONG.slice(1)}` }, undefined],
    ['a span id of zeros', { ...ids, 'x-b3-spanid': '0'.repeat(16) }, undefined],
    ['nothing', {}, undefined],
  ]
  for (const [title, headers, expected] of rows) it(title, () => assert.deepEqual(said(multi, headers), expected))

  it('are written with a decision once there is one, and flags for one by hand', () => {
    const written = { 'x-b3-traceid': SHORT, 'x-b3-spanid': SPAN }
    assert.deepEqual(inject(multi, 0), written)
    assert.deepEqual(inject(multi, 0, -1), { ...written, 'x-b3-sampled': '0' })
    assert.deepEqual(inject(multi, 0, 0), { ...written, 'x-b3-sampled': '0' })
    assert.deepEqual(inject(multi, 0, 1), { ...written, 'x-b3-sampled': '1' })
    assert.deepEqual(inject(multi, 0, 2), { ...written, 'x-b3-sampled': '1', 'x-b3-flags': '1' })
    assert.equal(inject(multi, 0x11111111)['x-b3-traceid'], LONG)
  })
})
