// JSON with whole numbers of any length: none loses a digit, and nothing else changes.

import { strict as assert } from 'node:assert'
import fc from 'fast-check'
import { parseExact, stringifyExact } from '../../src/api/exact-json'

/** Digits of a whole number that JSON allows: no zero before others. */
const digits = (min: number, max: number) =>
  fc
    .tuple(fc.integer({ min: 1, max: 9 }), fc.stringMatching(new RegExp(`^\\d{${min - 1},${max - 1}}$`)), fc.boolean())
    .map(([first, rest, isNegative]) => `${isNegative ? '-' : ''}${first}${rest}`)

/** JSON, and what it has to be read as. */
interface Sample {
  readonly text: string
  readonly value: unknown
}

const whole = fc.oneof(digits(1, 15), digits(15, 17), digits(16, 60)).map(
  (text): Sample => ({
    text,
    value: Number.isSafeInteger(Number(text)) ? Number(text) : text,
  }),
)

const fraction = fc
  .tuple(digits(1, 25), fc.constantFrom('.5', '.1234567890123456789', 'e2', 'E-3', '.25e+10', 'e0'))
  .map(([number, end]): Sample => ({ text: number + end, value: Number(number + end) }))

const text = fc
  .oneof(
    fc.string({ unit: 'binary' }),
    fc.string({
      unit: fc.constantFrom('"', '\\', '1', '6327818702635911562', ':', ',', '{', '[', '\u2028', '\ud83d', 'é'),
    }),
  )
  .map((value): Sample => ({ text: JSON.stringify(value), value }))

const plain = fc.constantFrom<Sample>(
  { text: 'null', value: null },
  { text: 'true', value: true },
  { text: '"\\u0036327818702635911562"', value: '6327818702635911562' },
  { text: '"\\\\"', value: '\\' },
)

const space = fc.constantFrom('', ' ', '\n\t ')

const { sample } = fc.letrec<{ sample: Sample; list: Sample; object: Sample }>((tie) => ({
  sample: fc.oneof({ depthSize: 'small' }, whole, fraction, text, plain, tie('list'), tie('object')),
  list: fc.tuple(fc.array(tie('sample'), { maxLength: 5 }), space).map(([items, gap]) => ({
    text: `[${gap}${items.map((item) => item.text).join(`${gap},${gap}`)}${gap}]`,
    value: items.map(({ value }) => value),
  })),
  object: fc
    .tuple(fc.uniqueArray(fc.tuple(fc.string(), tie('sample')), { selector: ([name]) => name, maxLength: 5 }), space)
    .map(([members, gap]) => ({
      text: `{${members.map(([name, { text: own }]) => `${JSON.stringify(name)}${gap}:${gap}${own}`).join(',')}}`,
      value: Object.fromEntries(members.map(([name, { value }]) => [name, value])),
    })),
}))

describe('exact JSON, read', () => {
  it('keeps all digits of whole numbers, and leaves the rest alone', () => {
    fc.assert(
      fc.property(sample, (one) => assert.deepEqual(parseExact(one.text), one.value)),
      { numRuns: 3000 },
    )
  })

  it('is what JSON.parse reads where no number is long', () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        const value = JSON.parse(json) as unknown
        if (!/\d{16}/.test(json)) assert.deepEqual(parseExact(json), value)
      }),
    )
  })

  const edges: [text: string, value: unknown][] = [
    ['9007199254740991', 9007199254740991],
    ['9007199254740992', '9007199254740992'],
    ['-9007199254740991', -9007199254740991],
    ['-9007199254740992', '-9007199254740992'],
    ['1000000000000000', 1000000000000000],
    ['{"id":6327818702635911562}', { id: '6327818702635911562' }],
    ['{"6327818702635911562":1}', { '6327818702635911562': 1 }],
    ['["6327818702635911562\\"",6327818702635911562]', ['6327818702635911562"', '6327818702635911562']],
    ['["\\\\",6327818702635911562,"\\\\\\""]', ['\\', '6327818702635911562', '\\"']],
    ['[0.6327818702635911562,6327818702635911562.0]', [0.6327818702635911, Number('6327818702635911562.0')]],
    ['[1e400,-0]', [Number.POSITIVE_INFINITY, -0]],
  ]
  for (const [json, value] of edges) it(`reads ${json}`, () => assert.deepEqual(parseExact(json), value))

  const broken = [
    '6327818702635911562"',
    '{"id":6327818702635911562',
    '"6327818702635911562',
    '"\\',
    '[01234567890123456789]',
    '--1234567890123456789',
    '1234567890123456789-',
    '<a id="6327818702635911562">',
    '',
  ]
  for (const json of broken)
    it(`refuses ${JSON.stringify(json)}`, () => assert.throws(() => parseExact(json), SyntaxError))

  // What a regular expression for whole strings does not survive, or takes hours for.
  const large: [name: string, text: string][] = [
    ['a string of 20 million escapes', `"${'\\"'.repeat(20_000_000)}"`],
    ['a string of 20 million characters', `"${'x'.repeat(20_000_000)}"`],
    ['a string of backslashes', `"${'\\\\'.repeat(5_000_000)}"`],
    ['a million strings', `"${'",1,"'.repeat(1_000_000)}"`],
  ]
  for (const [name, string] of large) {
    it(`reads ${name}`, () => {
      const [, id, again] = parseExact(
        `[${string.includes(',') ? `[${string}]` : string},6327818702635911562,${string.includes(',') ? 0 : string}]`,
      ) as unknown[]
      assert.equal(id, '6327818702635911562')
      if (!string.includes(',')) assert.equal(again, JSON.parse(string))
    })
  }

  it('refuses a megabyte of quotes that never ends', () => {
    assert.throws(() => parseExact(`1234567890123456789"${'\\"'.repeat(500_000)}`), SyntaxError)
    assert.throws(() => parseExact(`1234567890123456789${'"\\'.repeat(500_000)}`), SyntaxError)
  })

  it('reads a list of a million ids', () => {
    const ids = Array.from({ length: 1_000_000 }, (_, n) => `63278187026359${String(n).padStart(6, '0')}`)
    assert.deepEqual(parseExact(`[${ids.join()}]`), ids)
  })
})

describe('exact JSON, written', () => {
  it('is what JSON.stringify writes where there are no bigints', () => {
    fc.assert(
      fc.property(fc.anything({ withDate: true }), (value) => {
        assert.equal(stringifyExact(value), JSON.stringify(value))
      }),
    )
  })

  const bigints = fc.letrec((tie) => ({
    any: fc.oneof(
      { depthSize: 'small' },
      fc.bigInt(),
      fc.string(),
      fc.integer(),
      fc.constant(null),
      tie('list'),
      tie('object'),
    ),
    list: fc.array(tie('any'), { maxLength: 4 }),
    object: fc.dictionary(fc.string(), tie('any'), { maxKeys: 4 }),
  }))

  it('has all digits of bigints, at any depth, and reads back as it was', () => {
    fc.assert(
      fc.property(bigints.any, (value) => {
        assert.deepEqual(parseExact(stringifyExact(value)), read(value))
      }),
      { numRuns: 2000 },
    )
  })

  it('is as it was with a toJSON of the program for bigints', () => {
    const prototype = BigInt.prototype as { toJSON?: () => string }
    prototype.toJSON = () => 'theirs'
    try {
      assert.equal(stringifyExact({ id: 6327818702635911562n }), '{"id":6327818702635911562}')
    } finally {
      delete prototype.toJSON
    }
  })

  it('is nothing of what JSON has no word for', () => {
    assert.equal(stringifyExact({ a: undefined, b: () => {}, c: Symbol('c'), d: [undefined] }), '{"d":[null]}')
  })

  it('is written of large bodies', () => {
    const body = Array.from({ length: 200_000 }, (_, n) => ({ id: 6327818702635911562n + BigInt(n), text: 'x"1' }))
    const read = parseExact(stringifyExact(body)) as { id: string }[]
    assert.equal(read.at(-1)?.id, '6327818702636111561')
  })
})

/** What a bigint comes back as. */
function read(value: unknown): unknown {
  if (typeof value === 'bigint') {
    const number = Number(value)
    return Number.isSafeInteger(number) && BigInt(number) === value ? number : String(value)
  }
  if (Array.isArray(value)) return value.map(read)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, read(member)]))
}
