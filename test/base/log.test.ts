// The log speaks inside somebody else's program: it must not repeat itself, must not throw whatever it is given, must not
// remember for ever. The minute is a stubbed monotonic clock.

import { strict as assert } from 'node:assert'
import { join } from 'node:path'
import { describe as described, kindOf, log } from '../../src/base/log'

let lines: string[]

describe('the log', () => {
  beforeEach(() => {
    lines = []
    log.reset()
    log.configure({ sink: (level, line) => lines.push(`${level}: ${line}`) })
  })
  afterEach(() => {
    log.reset()
    Reflect.deleteProperty(performance, 'now')
  })

  it('says a thing once for each key', () => {
    log.once('a', 'first')
    log.once('a', 'second')
    log.once('b', 'other')
    assert.deepEqual(lines, ['warn: first', 'warn: other'])
  })

  it('remembers 1000 keys and drops what comes after', () => {
    for (let i = 0; i < 1000; i++) log.once(`key ${i}`, 'said')
    assert.equal(lines.length, 1000)
    log.once('key 1000', 'too many')
    assert.equal(lines.length, 1000)
  })

  it('repeats trouble after a minute, not a millisecond sooner', () => {
    let nowMs = 5000
    performance.now = () => nowMs
    const said: boolean[] = []
    for (nowMs of [5000, 5001, 64_999, 65_000, 65_001, 124_999, 125_000]) {
      said.push(log.atMostEveryMinute('agent', () => `at ${nowMs}`))
    }
    assert.deepEqual(said, [true, false, false, true, false, false, true])
    assert.deepEqual(lines, ['warn: at 5000', 'warn: at 65000', 'warn: at 125000'])
    assert.equal(
      log.atMostEveryMinute('another', () => 'other'),
      true,
    )
  })

  it('does not even make the text that it is not going to say', () => {
    const never = (): string => assert.fail('made')
    log.debug(never)
    log.atMostEveryMinute('key', () => 'once')
    assert.equal(log.atMostEveryMinute('key', never), false)
  })

  it('says nothing below its level, but what a setting of its own asked for', () => {
    for (const level of ['debug', 'info', 'warn', 'error', 'off'] as const) {
      log.configure({ level })
      log.debug(`debug at ${level}`)
      log.once(level, `warned at ${level}`)
      log.asked(`asked at ${level}`)
    }
    assert.deepEqual(lines, [
      'debug: debug at debug',
      'warn: warned at debug',
      'info: asked at debug',
      'warn: warned at info',
      'info: asked at info',
      'warn: warned at warn',
      'info: asked at warn',
      'info: asked at error',
      'info: asked at off',
    ])
  })

  it('says debug lines only when debugging is on', () => {
    log.debug('off')
    log.configure({ level: 'debug' })
    log.debug('on')
    log.debug(() => 'made')
    log.configure({ level: 'warn' })
    log.debug('off again')
    assert.deepEqual(lines, ['debug: on', 'debug: made'])
  })

  it('survives a text that cannot be made and a sink that throws', () => {
    const broken = (): string => {
      throw new Error('no text')
    }
    log.configure({ level: 'debug' })
    log.debug(broken)
    log.atMostEveryMinute('a', broken)
    assert.deepEqual(lines, [])
    log.configure({ sink: broken })
    log.once('b', 'text')
    log.debug('text')
  })

  it('goes to stderr, with its name before every line', () => {
    log.reset()
    const real = console.error
    console.error = (line: string) => lines.push(line)
    try {
      log.once('a', 'careful')
      log.configure({ level: 'debug' })
      log.debug('detail')
    } finally {
      console.error = real
    }
    assert.deepEqual(lines, ['dd: careful', 'dd debug: detail'])
  })
})

describe('the description of a thrown value', () => {
  const throwing = Object.defineProperty(new Error('x'), 'message', {
    get() {
      throw new Error('no message')
    },
  })
  const table: [thrown: unknown, text: string][] = [
    [new Error('gone'), 'Error: gone'],
    [new RangeError('far'), 'RangeError: far'],
    ['text', 'text'],
    [undefined, 'undefined'],
    [null, 'null'],
    [Symbol('s'), 'Symbol(s)'],
    [Object.create(null), 'an error that cannot be described'],
    [throwing, 'an error that cannot be described'],
  ]
  for (const [thrown, text] of table) it(`is "${text}"`, () => assert.equal(described(thrown), text))
})

describe('the kind of a thrown value', () => {
  const secret = 'hunter2'
  const named = (name: unknown) => Object.assign(new Error(secret), { name })
  const table: [thrown: () => unknown, text: string][] = [
    [() => new Error(secret), 'Error at test/base/log.test.js'],
    [() => new RangeError(secret), 'RangeError at test/base/log.test.js'],
    [() => Object.assign(new Error(secret), { code: 'ECONNREFUSED' }), 'Error ECONNREFUSED at test/base/log.test.js'],
    [() => Object.assign(new Error(secret), { code: `no ${secret}` }), 'Error at test/base/log.test.js'],
    [() => Object.assign(new Error(secret), { code: 7 }), 'Error at test/base/log.test.js'],
    [() => named(`Error of ${secret}`), 'Error at test/base/log.test.js'],
    [() => named({ toString: () => secret }), 'Error at test/base/log.test.js'],
    [() => Object.assign(new Error(secret), { stack: `Error: ${secret}` }), 'Error'],
    [() => Object.assign(new Error(secret), { stack: undefined }), 'Error'],
    [
      () => Object.assign(new Error(secret), { stack: `    at ${join(__dirname, '..', '..')}/${secret} is it` }),
      'Error',
    ],
    [() => secret, 'string'],
    [() => undefined, 'undefined'],
    [() => ({ message: secret }), 'object'],
    [
      () => Object.defineProperty(new Error(secret), 'stack', { get: () => assert.fail(secret) }),
      'an error that cannot be described',
    ],
  ]
  for (const [at, [thrown, text]] of table.entries()) {
    it(`is "${text}", number ${at}`, () => assert.equal(kindOf(thrown()).replace(/:\d+$/, ''), text))
  }
})
