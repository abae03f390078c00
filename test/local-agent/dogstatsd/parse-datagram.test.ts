// Lines of DogStatsD as the Agent reads them, and with the reasons why it does not. The vectors hold its own tests; here is what lies
// between them.

import assert from 'node:assert/strict'
import { parseFloat64, parseInt64 } from '../../../src/local-agent/dogstatsd/go-number'
import type { Line } from '../../../src/local-agent/dogstatsd/line'
import { parseDatagram, parseLine } from '../../../src/local-agent/dogstatsd/parse-datagram'

const read = (line: string | Buffer): Line => parseLine(Buffer.from(line))

/** Of a line that is understood: those of its fields that are not as they mostly are. */
function notable(text: string | Buffer): Record<string, unknown> {
  const line = read(text)
  assert.notEqual(line.kind, 'rejected', `${text}: ${(line as { reason?: string }).reason}`)
  const { kind: _, ...fields } = line
  const usual: Record<string, unknown> = { rate: 1, priority: 'normal', alertType: 'info' }
  const isUsual = ([key, value]: [string, unknown]) =>
    value === undefined || value === usual[key] || (Array.isArray(value) && value.length === 0)
  return Object.fromEntries(Object.entries(fields).filter((field) => !isUsual(field)))
}

describe('a metric of DogStatsD', () => {
  const metric = (name: string, type: string, values: number[], more: object = {}) => ({ name, type, values, ...more })
  const understood: [line: string, expected: object][] = [
    ['a:1|c', metric('a', 'c', [1])],
    ['a:-1.5e3|h', metric('a', 'h', [-1500])],
    ['a:0x1p4|g', metric('a', 'g', [16])],
    ['a:1_000|g', metric('a', 'g', [1000])],
    ['a:nan|g', metric('a', 'g', [Number.NaN])],
    ['a:+Inf|d', metric('a', 'd', [Number.POSITIVE_INFINITY])],
    ['a:1::2:|c', metric('a', 'c', [1, 2])],
    ['a: :|s', { name: 'a', type: 's', setValue: ' :' }],
    ['a b:1|c', metric('a b', 'c', [1])],
    ['a:1|c|', metric('a', 'c', [1])],
    ['a:1|c||@0.5', metric('a', 'c', [1], { rate: 0.5 })],
    ['a:1|c|@0', metric('a', 'c', [1], { rate: 0 })],
    ['a:1|c|@0.5|@0.25', metric('a', 'c', [1], { rate: 0.25 })],
    ['a:1|c|#x,y|#z', metric('a', 'c', [1], { tags: ['z'] })],
    ['a:1|c|#x,,y:', metric('a', 'c', [1], { tags: ['x', '', 'y:'] })],
    ['a:1|c|T1', metric('a', 'c', [1], { timestamp: 1 })],
    ['a:1|h|T9', metric('a', 'h', [1], { timestamp: 9 })],
    ['a:1|c|c:ci-1,in-2|e:it-false|card:low|m:x|t1', metric('a', 'c', [1])],
    ['_a:1|c', metric('_a', 'c', [1])],
    ['_e:1|c', metric('_e', 'c', [1])],
    ['\uFEFFa:1|c', metric('\uFEFFa', 'c', [1])],
  ]
  for (const [line, expected] of understood) it(line, () => assert.deepEqual(notable(line), expected))

  const refused: [line: string, reason: RegExp][] = [
    ['', /empty/],
    ['a', /no type/],
    ['a:1', /no type/],
    ['a|c', /no value/],
    ['a|c:1', /no value/],
    [':1|c', /name is empty/],
    ['a:|c', /value is empty/],
    ['a::|c', /value is empty/],
    ['a:1|', /type "" is none of c, g, ms, h, s, d/],
    ['a:1|C', /type "C"/],
    ['a:1|c@0.5', /type "c@0.5"/],
    ['a:x|c', /value "x" is no number/],
    ['a:1:x:2|c', /value "x"/],
    ['a:1,5|c', /value "1,5"/],
    ['a: 1|c', /value " 1"/],
    ['a:1e400|g', /value "1e400"/],
    ['a:0x10|g', /value "0x10"/],
    ['a:1|c|@', /rate ""/],
    ['a:1|c|@0.5 ', /rate "0.5 "/],
    ['a:1|c|T', /timestamp ""/],
    ['a:1|c|T0', /timestamp "0"/],
    ['a:1|c|T1.5', /timestamp "1.5"/],
    ['a:1|c|T9223372036854775808', /timestamp/],
  ]
  for (const [line, reason] of refused) {
    it(`${line || 'nothing'}: ${reason.source}`, () => {
      const rejected = read(line)
      assert.ok(rejected.kind === 'rejected', `${line} was understood`)
      assert.match(rejected.reason, reason)
    })
  }

  it('is told with no more of a long value than a line', () => {
    const rejected = read(`a:${'x'.repeat(8000)}|c`)
    assert.ok(rejected.kind === 'rejected' && rejected.reason.length < 100)
  })
})

describe('an event of DogStatsD', () => {
  const event = (title: string, text: string, more: object = {}) => ({ title, text, ...more })
  const understood: [line: string, expected: object][] = [
    ['_e{1,0}:a|', event('a', '')],
    ['_e{3,3}:a|b|c|d', event('a|b', 'c|d')],
    // Lengths are those of the bytes, as they came.
    ['_e{5,8}:é\\nx|€\\ncaf', event('é\nx', '€\ncaf')],
    [
      '_e{1,1}:a|b|d:12|h:host|k:key|p:low|s:source|t:error|#x,y',
      event('a', 'b', {
        timestamp: 12,
        hostname: 'host',
        aggregationKey: 'key',
        priority: 'low',
        sourceType: 'source',
        alertType: 'error',
        tags: ['x', 'y'],
      }),
    ],
    ['_e{1,1}:a|b|h:x|h:y', event('a', 'b', { hostname: 'y' })],
    ['_e{1,1}:a|b|p:high|t:|d:1.5|x:1', event('a', 'b', { ignored: ['p:high', 't:', 'd:1.5'] })],
    ['_e{+1,01}:a-bh:x', event('a', 'b', { hostname: 'x' })],
    ['_e{1,1]:a|b', event('a', 'b')],
  ]
  for (const [line, expected] of understood) it(line, () => assert.deepEqual(notable(line), expected))

  it('is cut where its lengths say, inside a character too', () => {
    assert.deepEqual(notable('_e{2,1}:aé|b'), { title: 'a\uFFFD', text: '|' })
  })

  const refused: [line: string, reason: RegExp][] = [
    ['_e{1,1}', /_e\{title bytes,text bytes\}/],
    ['_e{}:a|b', /_e\{title bytes,text bytes\}/],
    ['_e{11}:a|b', /_e\{title bytes/],
    ['_e{1111}:a|b', /no numbers/],
    ['_e{a,1}:a|b', /no numbers/],
    ['_e{1,b}:a|b', /no numbers/],
    ['_e{1, 1}:a|b', /no numbers/],
    ['_e{-1,1}:a|b', /no numbers/],
    ['_e{1,-1}:a|b', /no numbers/],
    ['_e{0,1}:|b', /title of the event is empty/],
    ['_e{1,2}:a|b', /shorter than its lengths say: 3 bytes of 4/],
    ['_e{9223372036854775807,9223372036854775807}:a|b', /shorter/],
    ['_e{99999999999999999999,1}:a|b', /no numbers/],
  ]
  for (const [line, reason] of refused) {
    it(`${line}: ${reason.source}`, () => {
      const rejected = read(line)
      assert.ok(rejected.kind === 'rejected', `${line} was understood`)
      assert.match(rejected.reason, reason)
    })
  }
})

describe('a service check of DogStatsD', () => {
  const understood: [line: string, expected: object][] = [
    ['_sc|a|0', { name: 'a', status: 0 }],
    [
      '_sc|a b|3|d:7|h:x|#y,z|m:all is well',
      { name: 'a b', status: 3, timestamp: 7, hostname: 'x', tags: ['y', 'z'], message: 'all is well' },
    ],
    ['_sc|a|1|m:one\\ntwo m\\:', { name: 'a', status: 1, message: 'one\\ntwo m\\:' }],
    ['_sc|a|2|m:x|h:late|m:y', { name: 'a', status: 2, message: 'y', hostname: 'late' }],
    ['_sc|a|0|d:soon|u:1|c:2', { name: 'a', status: 0, ignored: ['d:soon'] }],
    // The character behind the head is not looked at.
    ['_scXa|0|', { name: 'a', status: 0 }],
  ]
  for (const [line, expected] of understood) it(line, () => assert.deepEqual(notable(line), expected))

  for (const line of [
    '_sc',
    '_sc|',
    '_sc|a',
    '_sc|a|',
    '_sc||0',
    '_sc|a|4',
    '_sc|a|00',
    '_sc|a|-1',
    '_sc|a| 0',
    '_scale:1|c',
  ]) {
    it(`${line}: rejected`, () => assert.equal(read(line).kind, 'rejected'))
  }
})

describe('a datagram of DogStatsD', () => {
  const linesOf = (datagram: string) => {
    const lines: string[] = []
    parseDatagram(Buffer.from(datagram), (line, bytes) => lines.push(`${line.kind} ${bytes}`))
    return lines
  }

  it('is read line by line, and one that is wrong costs nothing but itself', () => {
    assert.deepEqual(linesOf('a:1|c\nbad\n_sc|a|0\n_e{1,1}:a|b'), [
      'metric a:1|c',
      'rejected bad',
      'check _sc|a|0',
      'event _e{1,1}:a|b',
    ])
  })

  it('may end with a newline, have empty lines and those of Windows', () => {
    assert.deepEqual(linesOf('a:1|c\n'), ['metric a:1|c'])
    assert.deepEqual(linesOf('\n\r\n\na:1|c\r\n\nb:1|c\r'), ['metric a:1|c', 'metric b:1|c'])
    assert.deepEqual(linesOf(''), [])
    assert.deepEqual(linesOf('\n'), [])
  })
})

describe('a number of the Agent', () => {
  const floats: [text: string, value: number | undefined][] = [
    ['5.', 5],
    ['.5', 0.5],
    ['+1E-2', 0.01],
    ['1e-400', 0],
    ['1.7976931348623157e308', Number.MAX_VALUE],
    ['1.8e308', undefined],
    ['.', undefined],
    ['', undefined],
    ['1e', undefined],
    ['--1', undefined],
    ['-Infinity', Number.NEGATIVE_INFINITY],
    ['infi', undefined],
    ['NaN', Number.NaN],
    ['-nan', undefined],
    ['0X.8p-1', 0.25],
    ['-0x_1p4', -16],
    ['0x1p4000', undefined],
    ['0xp1', undefined],
    ['1__0', undefined],
    ['_1', undefined],
    ['1_', undefined],
    ['1_e5', undefined],
    ['1_0.5_0e1_0', 10.5e10],
    ['0x1_fp0', 31],
    ['0b1', undefined],
    ['٣', undefined],
  ]
  for (const [text, value] of floats) {
    it(`${text || 'nothing'} is ${value}`, () => assert.ok(Object.is(parseFloat64(text), value)))
  }
  const integers: [text: string, value: number | undefined][] = [
    ['0', 0],
    ['-007', -7],
    ['+7', 7],
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
    ['9223372036854775807', 2 ** 63],
    ['9223372036854775808', undefined],
    ['-9223372036854775808', -(2 ** 63)],
    ['-9223372036854775809', undefined],
    ['1_0', undefined],
    ['1.0', undefined],
    ['', undefined],
  ]
  for (const [text, value] of integers) {
    it(`${text || 'nothing'} is the whole ${value}`, () => assert.equal(parseInt64(text), value))
  }
})
