// Ids are text in headers and two 32-bit halves inside; BigInt is the independent judge of both directions. That no id is 0 and
// that the sign bit stays clear is shown with dice that fall on the worst side.

import { strict as assert } from 'node:assert'
import {
  decimal64,
  hex64,
  parseDecimal64,
  parseHex64,
  randomIdHigh,
  randomIdLow,
  randomInt32,
  uuid,
} from '../../src/base/id'

/** Draws long enough for the pool to be filled anew by `bytes`, and again by the system after `test`. */
function withDice(byte: number, test: () => void): void {
  let refills = 0
  const fill = <T extends ArrayBufferView | null>(array: T): T => {
    if (array !== null) new Uint8Array(array.buffer, array.byteOffset, array.byteLength).fill(byte)
    refills++
    return array
  }
  Object.defineProperty(crypto, 'getRandomValues', { value: fill, configurable: true })
  try {
    while (refills === 0) randomInt32()
    test()
  } finally {
    Reflect.deleteProperty(crypto, 'getRandomValues')
    const loaded = (byte << 24) | (byte << 16) | (byte << 8) | byte
    while (randomInt32() === loaded);
  }
}

const unsigned = (high: number, low: number): bigint => (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)

describe('a random id', () => {
  it('has 63 bits, is never 0 and never the same, over many refills of the pool', () => {
    const seen = new Set<bigint>()
    for (let i = 0; i < 10_000; i++) {
      const [high, low] = [randomIdHigh(), randomIdLow()]
      assert.ok(high >= 0 && high <= 0x7fffffff && Number.isInteger(high), `high ${high}`)
      assert.ok(low !== 0 && low === (low | 0), `low ${low}`)
      seen.add(unsigned(high, low))
    }
    assert.equal(seen.size, 10_000)
  })

  it('is 1 where the dice give nothing but zeros', () => {
    withDice(0, () => assert.deepEqual([randomIdHigh(), randomIdLow()], [0, 1]))
  })

  it('keeps the sign bit clear where the dice give nothing but ones', () => {
    withDice(0xff, () => assert.deepEqual([randomIdHigh(), randomIdLow()], [0x7fffffff, -1]))
  })
})

describe('the text of an id', () => {
  const table: [high: number, low: number, hex: string, decimal: string][] = [
    [0, 0, '0000000000000000', '0'],
    [0, 1, '0000000000000001', '1'],
    [0, -1, '00000000ffffffff', '4294967295'],
    [1, 0, '0000000100000000', '4294967296'],
    [0x1fffff, -1, '001fffffffffffff', '9007199254740991'],
    [0x200000, 0, '0020000000000000', '9007199254740992'],
    [0x200000, 1, '0020000000000001', '9007199254740993'],
    [0x7fffffff, -1, '7fffffffffffffff', '9223372036854775807'],
    [-0x80000000, 0, '8000000000000000', '9223372036854775808'],
    [-1, -2, 'fffffffffffffffe', '18446744073709551614'],
    [-1, -1, 'ffffffffffffffff', '18446744073709551615'],
  ]
  for (const [high, low, hex, decimal] of table) {
    it(`is ${hex} and ${decimal}, there and back`, () => {
      assert.equal(hex64(high, low), hex)
      assert.equal(decimal64(high, low), decimal)
      assert.deepEqual(parseHex64(hex), { high, low })
      assert.deepEqual(parseHex64(hex.toUpperCase()), { high, low })
      assert.deepEqual(parseDecimal64(decimal), { high, low })
    })
  }

  it('agrees with BigInt for random halves', () => {
    for (let i = 0; i < 20_000; i++) {
      const [high, low] = [randomInt32(), randomInt32()]
      const value = unsigned(high, low)
      assert.equal(hex64(high, low), value.toString(16).padStart(16, '0'))
      assert.equal(decimal64(high, low), value.toString())
      assert.deepEqual(parseDecimal64(value.toString()), { high, low })
    }
  })

  it('may have leading zeros up to 20 digits', () => {
    assert.deepEqual(parseDecimal64('00000000000000000001'), { high: 0, low: 1 })
    assert.equal(parseDecimal64('000000000000000000001'), undefined)
  })

  for (const text of ['', '-1', '+1', '1.0', '1e3', ' 1', '1 ', '1\n', '0x1', '١', 'abc', '18446744073709551616']) {
    it(`is refused as decimal: ${JSON.stringify(text)}`, () => assert.equal(parseDecimal64(text), undefined))
  }

  for (const text of [
    '',
    '000000000000001',
    '00000000000000001',
    '000000000000000g',
    '-000000000000001',
    '0000000000000001\n',
  ]) {
    it(`is refused as hex: ${JSON.stringify(text)}`, () => assert.equal(parseHex64(text), undefined))
  }
})

describe('uuid', () => {
  const form = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

  it('is a version 4 UUID, and another one each time', () => {
    const made = Array.from({ length: 1000 }, uuid)
    for (const id of made) assert.match(id, form)
    assert.equal(new Set(made).size, 1000)
  })

  it('says version 4 whatever the dice say', () => {
    withDice(0, () => assert.equal(uuid(), '00000000-0000-4000-8000-000000000000'))
    withDice(0xff, () => assert.equal(uuid(), 'ffffffff-ffff-4fff-bfff-ffffffffffff'))
  })
})
