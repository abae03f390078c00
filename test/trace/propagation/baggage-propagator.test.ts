// The baggage header is read from strangers and written for every service below, so both its limits are pinned on both sides,
// and what is broken in one place is not believed in any other.

import { strict as assert } from 'node:assert'
import {
  extractBaggage,
  extractLegacyBaggage,
  injectBaggage,
  injectLegacyBaggage,
} from '../../../src/trace/propagation/baggage-propagator'

const LIMITS = { maxItems: 64, maxBytes: 8192 }

const read = (baggage: string | string[], limits = LIMITS) => {
  const items = extractBaggage({ baggage }, limits)
  return items && Object.fromEntries(items)
}

function write(items: Record<string, string>, limits = LIMITS): string | undefined {
  const headers: Record<string, string> = {}
  injectBaggage(new Map(Object.entries(items)), headers, limits)
  return headers['baggage']
}

describe('the baggage header', () => {
  const good: [header: string | string[], items: Record<string, string>][] = [
    ['foo=bar', { foo: 'bar' }],
    ['foo=bar,baz=qux', { foo: 'bar', baz: 'qux' }],
    [['foo=bar', 'baz=qux'], { foo: 'bar', baz: 'qux' }],
    [' foo = bar \t,\tbaz=qux ', { foo: 'bar', baz: 'qux' }],
    ['foo=bar;prop=1;prop2,baz=qux;x', { foo: 'bar', baz: 'qux' }],
    ['foo=a=b', { foo: 'a=b' }],
    ['foo=bar,,baz=qux,', { foo: 'bar', baz: 'qux' }],
    ['foo=1,foo=2', { foo: '2' }],
    ['userId=Am%C3%A9lie,serverNode=DF%2028', { userId: 'Amélie', serverNode: 'DF 28' }],
    ["!#$%&'*+-.^_`|~0Aa=%22%2C%3B%5C", { "!#$%&'*+-.^_`|~0Aa": '",;\\' }],
    ['foo=100%', { foo: '100%' }],
    ['foo=%zz%41', { foo: '%zzA' }],
    ['foo=%FFa', { foo: '\ufffda' }],
    ['foo=%0d%0a', { foo: '\r\n' }],
    ['__proto__=1', { ['__proto__']: '1' }],
  ]
  for (const [header, items] of good) {
    it(`${JSON.stringify(header)} is read`, () =>
      assert.deepEqual(Object.entries(read(header)!), Object.entries(items)))
  }

  const bad = [
    '',
    ',',
    ' , ',
    'foo',
    'foo;a=b',
    '=bar',
    'foo=',
    'foo= ',
    'foo=;a',
    'f oo=bar',
    'fü=bar',
    'f"=1',
    'a=1,foo',
    'a=1,=',
    'a=1,b=',
    'foo,a=1',
  ]
  for (const header of bad)
    it(`${JSON.stringify(header)} is nothing at all`, () => assert.equal(read(header), undefined))

  for (const odd of [5, null, {}, [1]]) {
    it(`${JSON.stringify(odd)} is nothing`, () => assert.equal(read(odd as never), undefined))
  }

  it('is cut off behind the last item that counts', () => {
    const header = Array.from({ length: 66 }, (_, at) => `k${at}=v`).join(',')
    assert.equal(Object.keys(read(header)!).length, 64)
    assert.equal(Object.keys(read(header, { maxItems: 66, maxBytes: 8192 })!).length, 66)
    assert.equal(read(header, { maxItems: 0, maxBytes: 8192 }), undefined)
    // What is beyond is not looked at.
    assert.deepEqual(read('a=1,broken', { maxItems: 1, maxBytes: 8192 }), { a: '1' })
  })

  it('is cut off behind the last byte that counts', () => {
    const header = `a=1,b=${'x'.repeat(100)}`
    assert.deepEqual(Object.keys(read(header, { maxItems: 64, maxBytes: header.length })!), ['a', 'b'])
    assert.deepEqual(read(header, { maxItems: 64, maxBytes: header.length - 1 }), { a: '1' })
    assert.equal(read(header, { maxItems: 64, maxBytes: 2 }), undefined)
    assert.equal(read(`${','.repeat(8192)}a=1`), undefined)
  })

  it('is written with what is no plain text encoded', () => {
    assert.equal(
      write({ foo: 'bar', userId: 'Amélie', serverNode: 'DF 28' }),
      'foo=bar,userId=Am%C3%A9lie,serverNode=DF%2028',
    )
    assert.equal(write({ a: '",;\\\r\n=%' }), 'a=%22%2C%3B%5C%0D%0A%3D%25')
    assert.equal(write({ a: '\ud800x' }), 'a=%EF%BF%BDx')
    assert.equal(write({}), undefined)
  })

  it('is written up to its limits', () => {
    const many = Object.fromEntries(Array.from({ length: 66 }, (_, at) => [`k${at}`, 'v']))
    assert.equal(write(many)?.split(',').length, 64)
    const third = 'x'.repeat(8192 / 2 - 'a='.length)
    assert.equal(write({ a: third, b: third.slice(1) })?.length, 8192)
    assert.equal(write({ a: third, b: third }), `a=${third}`)
    // In order: what is smaller but comes later does not overtake.
    assert.equal(write({ a: third, b: third, c: '1' }), `a=${third}`)
    assert.equal(write({ a: '1' }, { maxItems: 64, maxBytes: 2 }), undefined)
  })
})

describe('ot-baggage headers', () => {
  const read = (headers: Record<string, unknown>, limits = LIMITS) => {
    const items = extractLegacyBaggage(headers as never, limits)
    return items && Object.fromEntries(items)
  }

  it('are read as they are', () => {
    assert.deepEqual(read({ 'ot-baggage-user': 'a%20b', other: '1', 'ot-baggage-x': ['1', '2'] }), {
      user: 'a%20b',
      x: '2',
    })
    assert.equal(read({ other: '1' }), undefined)
  })

  it('are not read by names and values that could not go on everywhere', () => {
    const bad = {
      'ot-baggage-': '1',
      'ot-baggage-a!': '1',
      'ot-baggage-ü': '1',
      'ot-baggage-a-bin': '1',
      'ot-baggage-n': 5,
    }
    assert.equal(read(bad), undefined)
  })

  it('are read up to the limits of baggage', () => {
    const headers = { 'ot-baggage-a': '1234', 'ot-baggage-b': '1234' }
    assert.deepEqual(read(headers, { maxItems: 1, maxBytes: 100 }), { a: '1234' })
    assert.deepEqual(read(headers, { maxItems: 2, maxBytes: 10 }), { a: '1234', b: '1234' })
    assert.deepEqual(read(headers, { maxItems: 2, maxBytes: 9 }), { a: '1234' })
  })

  it('are written for the items that came as such and are still there', () => {
    const headers: Record<string, string> = {}
    injectLegacyBaggage(
      new Map([
        ['a', 'b c'],
        ['b', 'ü\n'],
        ['c', '1'],
      ]),
      ['a', 'b', 'gone'],
      headers,
    )
    assert.deepEqual(headers, { 'ot-baggage-a': 'b c', 'ot-baggage-b': '%C3%BC%0A' })
  })
})
