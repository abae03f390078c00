// A trace goes on in the next process only if both ends agree on five headers, and those arrive from strangers: what is written is
// read back exactly, what is broken is refused as a whole or in the part that is broken, and nothing at all makes it throw.

import { strict as assert } from 'node:assert'
import { randomInt32 } from '../../../src/base/id'
import { DatadogPropagator } from '../../../src/trace/propagation/datadog-propagator'
import type { ReadableHeaders } from '../../../src/trace/propagation/propagator'
import { SpanContext } from '../../../src/trace/span-context'

/** The setting's default. */
const MAX_TAGS_LENGTH = 512

const propagator = new DatadogPropagator(MAX_TAGS_LENGTH)

const NAMES = [
  'x-datadog-trace-id',
  'x-datadog-parent-id',
  'x-datadog-sampling-priority',
  'x-datadog-origin',
  'x-datadog-tags',
] as const
const base = { 'x-datadog-trace-id': '123', 'x-datadog-parent-id': '456' }

function inject(context: SpanContext): Record<string, string> {
  const headers: Record<string, string> = {}
  propagator.inject(context, headers)
  return headers
}

const extract = (headers: ReadableHeaders) => propagator.extract(headers)
const tagsOf = (tags: string | string[]) => Object.fromEntries(extract({ ...base, 'x-datadog-tags': tags })!.tags)

describe('the Datadog headers', () => {
  it('are written in decimal, with the upper half of the trace id among the tags', () => {
    const tags = new Map([['_dd.p.dm', '-1']])
    const context = new SpanContext(0x6553f100, 0, -1, -1, -0x80000000, 1, 2, 'synthetics', tags)
    assert.deepEqual(inject(context), {
      'x-datadog-trace-id': '18446744073709551615',
      'x-datadog-parent-id': '9223372036854775809',
      'x-datadog-sampling-priority': '2',
      'x-datadog-origin': 'synthetics',
      'x-datadog-tags': '_dd.p.dm=-1,_dd.p.tid=6553f10000000000',
    })
    assert.deepEqual(inject(new SpanContext(0, 0, 0, 1, 0, 2)), {
      'x-datadog-trace-id': '1',
      'x-datadog-parent-id': '2',
    })
    assert.equal(inject(new SpanContext(0, 1, 0, 1, 0, 2))['x-datadog-tags'], '_dd.p.tid=0000000000000001')
  })

  it('leave other headers alone', () => {
    const headers = { host: 'a' }
    propagator.inject(new SpanContext(0, 0, 0, 1, 0, 2), headers)
    assert.equal(headers.host, 'a')
  })

  it('are read as they were written, for random ids of 64 and 128 bits', () => {
    const word = () => randomInt32()
    for (let i = 0; i < 2000; i++) {
      const isLong = i % 2 === 0
      const context = new SpanContext(
        isLong ? word() : 0,
        isLong ? word() : 0,
        word(),
        word() || 1,
        word(),
        word() || 1,
        [undefined, -1, 0, 1, 2][i % 5],
        [undefined, 'rum', 'synthetics-browser'][i % 3],
        i % 7 === 0
          ? new Map()
          : new Map([
              ['_dd.p.dm', `-${i % 10}`],
              ['_dd.p.usr.id', 'a=b c'],
            ]),
      )
      const read = extract(inject(context))
      assert.deepEqual(read, context)
      assert.deepEqual([read?.traceId, read?.spanId], [context.traceId, context.spanId])
    }
  })

  describe('give no context', () => {
    const rows: [title: string, headers: ReadableHeaders][] = [
      ['when there are none', {}],
      ['without a trace id', { 'x-datadog-parent-id': '1' }],
      ['without a parent id', { 'x-datadog-trace-id': '1' }],
      ['with the trace id 0', { ...base, 'x-datadog-trace-id': '0' }],
      ['with the parent id 0', { ...base, 'x-datadog-parent-id': '0' }],
      ['with the parent id 0 of another origin', { ...base, 'x-datadog-parent-id': '0', 'x-datadog-origin': 'rum' }],
      ['with no parent id from a synthetic test', { 'x-datadog-trace-id': '1', 'x-datadog-origin': 'synthetics' }],
      ...['', 'x', '-1', '1.5', '0x1', ' 1', '18446744073709551616', '1, 2', '１'].flatMap(
        (bad): [string, ReadableHeaders][] => [
          [`with the trace id ${JSON.stringify(bad)}`, { ...base, 'x-datadog-trace-id': bad }],
          [`with the parent id ${JSON.stringify(bad)}`, { ...base, 'x-datadog-parent-id': bad }],
        ],
      ),
      ['with an empty list', { ...base, 'x-datadog-trace-id': [] }],
      ['in upper case', { 'X-Datadog-Trace-Id': '1', 'X-Datadog-Parent-Id': '2' }],
    ]
    for (const [title, headers] of rows) it(title, () => assert.equal(extract(headers), undefined))

    for (const odd of ['text', 5, [], new Map()]) {
      it(`when the carrier is ${odd === '' ? 'text' : (JSON.stringify(odd) ?? 'undefined')}`, () =>
        assert.equal(extract(odd as never), undefined))
    }

    for (const odd of [1, null, true, Buffer.from('x'), { length: 1 }, [1], [null]]) {
      it(`when an id is ${JSON.stringify(odd)}`, () => {
        for (const name of NAMES.slice(0, 2)) assert.equal(extract({ ...base, [name]: odd as never }), undefined)
      })
    }
  })

  it('may be bytes, as messages have them', () => {
    const bytes = { 'x-datadog-trace-id': Buffer.from('5'), 'x-datadog-parent-id': [Buffer.from('6')] }
    const context = extract(bytes as never)
    assert.deepEqual([context?.traceLow, context?.spanLow], [5, 6])
  })

  it('may name the parent 0 at the root of a synthetic test', () => {
    for (const origin of ['synthetics', 'synthetics-browser']) {
      const context = extract({ 'x-datadog-trace-id': '5', 'x-datadog-parent-id': '0', 'x-datadog-origin': origin })
      assert.deepEqual([context?.traceLow, context?.spanId, context?.origin], [5, '0'.repeat(16), origin])
    }
  })

  it('may come several times; the last one counts', () => {
    const context = extract({
      'x-datadog-trace-id': ['1', '2'],
      'x-datadog-parent-id': ['3', '4'],
      'x-datadog-sampling-priority': ['0', '2'],
    })
    assert.deepEqual([context?.traceLow, context?.spanLow, context?.priority], [2, 4, 2])
  })

  describe('carry the priority', () => {
    const rows: [text: string | undefined, priority: number | undefined][] = [
      ['-1', -1],
      ['0', 0],
      ['1', 1],
      ['2', 2],
      [undefined, undefined],
      ...['-2', '3', '', '1.0', '+1', ' 1', '01', 'x'].map((bad): [string, undefined] => [bad, undefined]),
    ]
    for (const [text, priority] of rows) {
      it(`${JSON.stringify(text) ?? 'undefined'} as ${priority}`, () => {
        assert.equal(extract({ ...base, 'x-datadog-sampling-priority': text })?.priority, priority)
      })
    }
  })

  describe('carry the origin', () => {
    for (const [text, origin] of [
      ['rum', 'rum'],
      ['with space', 'with space'],
      ['', undefined],
      ['ü', undefined],
      ['a\tb', undefined],
      ['a\n', undefined],
    ]) {
      it(`${JSON.stringify(text)} as ${origin}`, () => {
        assert.equal(extract({ ...base, 'x-datadog-origin': text })?.origin, origin)
      })
    }
  })

  describe('carry tags', () => {
    const good: [text: string | string[], tags: Record<string, string>][] = [
      ['_dd.p.dm=-4', { '_dd.p.dm': '-4' }],
      ['_dd.p.a=1,_dd.p.b=2', { '_dd.p.a': '1', '_dd.p.b': '2' }],
      ['_dd.p.a=b=c==', { '_dd.p.a': 'b=c==' }],
      ['_dd.p.a=with space', { '_dd.p.a': 'with space' }],
      ['_dd.p.!~=~!', { '_dd.p.!~': '~!' }],
      ['_dd.p.a=1,_dd.p.a=2', { '_dd.p.a': '2' }],
      ['_dd.p.a=1, _dd.p.b=2', { '_dd.p.a': '1', '_dd.p.b': '2' }],
      [['_dd.p.a=1', '_dd.p.b=2'], { '_dd.p.a': '1', '_dd.p.b': '2' }],
      ['', {}],
    ]
    for (const [text, tags] of good) it(JSON.stringify(text), () => assert.deepEqual(tagsOf(text), tags))

    const bad = [
      'a=1',
      '_dd.p.=1',
      '_dd.p.a=',
      '_dd.p.a',
      '_dd.p.a b=1',
      '_dd.p.ü=1',
      '_dd.p.a=ü',
      '_dd.p.a=\t',
      '_dd.q.a=1',
      '  _dd.p.a=1',
      ',',
      '_dd.p.a=1,,',
      '_dd.p.a=1\n',
    ]
    for (const text of bad) {
      it(`but none of them when one is ${JSON.stringify(text)}`, () => {
        assert.deepEqual(tagsOf(text), {})
        assert.deepEqual(tagsOf(`_dd.p.good=1,${text}`), {})
      })
    }

    it(`up to ${MAX_TAGS_LENGTH} characters, in`, () => {
      const line = (length: number) => `_dd.p.a=${'x'.repeat(length - 8)}`
      assert.equal(tagsOf(line(MAX_TAGS_LENGTH))['_dd.p.a']?.length, MAX_TAGS_LENGTH - 8)
      assert.deepEqual(tagsOf(line(MAX_TAGS_LENGTH + 1)), {})
    })

    it(`up to ${MAX_TAGS_LENGTH} characters, out`, () => {
      const write = (length: number, upper = 0) =>
        inject(new SpanContext(upper, 0, 0, 1, 0, 1, 1, undefined, new Map([['_dd.p.a', 'x'.repeat(length - 8)]])))[
          'x-datadog-tags'
        ]
      assert.equal(write(MAX_TAGS_LENGTH)?.length, MAX_TAGS_LENGTH)
      assert.equal(write(MAX_TAGS_LENGTH + 1), undefined)
      const withUpper = MAX_TAGS_LENGTH - ',_dd.p.tid=0123456789abcdef'.length
      assert.equal(write(withUpper, 1)?.length, MAX_TAGS_LENGTH)
      assert.equal(write(withUpper + 1, 1), undefined)
    })
  })

  describe('carry the upper half of the trace id', () => {
    const rows: [tid: string, upper: string][] = [
      ['640cfd8d00000000', '640cfd8d00000000'],
      ['FFFFFFFFFFFFFFFF', 'ffffffffffffffff'],
      ...['640cfd8d0000000', '640cfd8d000000000', 'x40cfd8d00000000', '0'].map((bad): [string, string] => [
        bad,
        '0'.repeat(16),
      ]),
    ]
    for (const [tid, upper] of rows) {
      it(`${tid} as ${upper}, and the other tags with it`, () => {
        const context = extract({ ...base, 'x-datadog-tags': `_dd.p.dm=-1,_dd.p.tid=${tid}` })
        assert.equal(context?.traceId, `${upper}${(123).toString(16).padStart(16, '0')}`)
        assert.deepEqual([...context!.tags], [['_dd.p.dm', '-1']])
      })
    }
  })

  it('never make it throw, and whatever they give can be sent on', () => {
    const pieces = [
      '_dd.p.',
      'tid',
      'dm',
      '=',
      ',',
      ' ',
      '-',
      '1',
      '0',
      '18446744073709551615',
      'ü',
      '\u0000',
      '\ud800',
      'synthetics',
      'f'.repeat(16),
      'x'.repeat(600),
      '\n',
      '%',
    ]
    const pick = () => pieces[(randomInt32() >>> 0) % pieces.length]!
    let contexts = 0
    for (let i = 0; i < 20_000; i++) {
      const headers: Record<string, string | string[]> = {}
      for (const name of NAMES) {
        const text = Array.from({ length: (randomInt32() >>> 0) % 4 }, pick).join('')
        // Half of the time the ids are good, so that the rest is reached.
        if (i % 2 === 0 && name in base) headers[name] = '12'
        else headers[name] = i % 5 === 0 ? [pick(), text] : text
      }
      const context = extract(headers)
      if (context === undefined) continue
      contexts++
      for (const [name, value] of Object.entries(inject(context)))
        assert.match(value, /^[\x20-\x7e]+$/, `${name}: ${JSON.stringify(value)}`)
    }
    assert.ok(contexts > 5000, `only ${contexts} of 20000 were read`)
  })
})
