// The pino plugin: every way to log a line, on loggers of every make.

import { strict as assert } from 'node:assert'
import { satisfies } from 'semver'
import { tracer } from '../../src'
import { describeLibrary, type Library } from '../support/library'
import { Tracing } from '../support/tracing'
import { describeLogContext, describeLogger, fixed, type LogStyle } from './logger-styles'

type Method = (...args: unknown[]) => void
interface Log {
  trace: Method
  info: Method
  error: Method
  debug: Method
  level: string
  child(bindings: object, options?: object): Log
  isLevelEnabled(level: string): boolean
  setBindings(bindings: object): void
  loud: Method
}
type Pino = {
  (options: object, stream?: object): Log
  default?: Pino
  multistream(streams: object[]): object
}

const OWN = { trace_id: 'mine' }

class Record {
  readonly #hidden = 1
  readonly shown = 2
  get both() {
    return this.#hidden + this.shown
  }
}

/** A record that tells what was done to it. */
function watched(changes: string[]): object {
  return new Proxy(
    { a: 1 },
    {
      set: (_target, key) => changes.push(`set ${String(key)}`) > 0,
      defineProperty: (_target, key) => changes.push(`define ${String(key)}`) > 0,
      deleteProperty: (_target, key) => changes.push(`delete ${String(key)}`) > 0,
    },
  )
}

const STYLES: (LogStyle<Log> & { since?: string })[] = [
  { name: 'text', log: (log) => log.info('hello') },
  { name: 'text and values', log: (log) => log.info('hello %s %d %j', 'you', 3, { a: 1 }) },
  { name: 'an object', log: (log) => log.info({ a: 1, b: { c: [1, 2] } }) },
  { name: 'an object and text', log: (log) => log.info({ a: 1 }, 'hello %s', 'you') },
  { name: 'an error', log: (log) => log.error(fixed(new TypeError('broken'))) },
  { name: 'an error and text', log: (log) => log.error(fixed(new TypeError('broken')), 'it is') },
  { name: 'an error as `err`', log: (log) => log.error({ err: fixed(new Error('broken')) }, 'it is') },
  { name: 'an object of a class', log: (log) => log.info(new Record()) },
  { name: 'an object without a prototype', log: (log) => log.info(Object.assign(Object.create(null), { a: 1 })) },
  { name: 'a frozen object', log: (log) => log.info(Object.freeze({ a: 1 })) },
  {
    name: 'an object that nobody may change',
    log(log, probe) {
      const changes: string[] = []
      log.info(watched(changes))
      probe.note('changes', changes)
    },
  },
  { name: 'nothing', log: (log) => log.info() },
  { name: 'null', log: (log) => log.info(null) },
  { name: 'text of any kind', log: (log) => log.info('"quotes" \\ and \n lines, \u2028, "dd":{}') },
  { name: 'a record with much in it', log: (log) => log.info({ text: 'x'.repeat(100_000) }) },
  {
    name: 'what logs while it is written',
    lines: 2,
    log: (log) => log.info({ a: { toJSON: () => `inside${String(log.info('inside'))}` } }, 'outside'),
  },
  { name: 'a level that is off', lines: 0, log: (log) => log.debug({ a: 1 }, 'hello') },
  {
    name: 'a question for its level',
    lines: 0,
    log: (log, probe) => probe.note('enabled', [log.isLevelEnabled('info'), log.isLevelEnabled('debug')]),
  },
  {
    name: 'a level that is turned on',
    log(log) {
      log.level = 'trace'
      log.trace('hello')
    },
  },
  { name: 'a child', log: (log) => log.child({ part: 'a' }).child({ piece: 'b' }).info('hello') },
  {
    name: 'bindings that are asked for',
    since: '>=5.13',
    log(log, probe) {
      const child = log.child({ part: 'a' })
      child.info('hello')
      probe.note('bindings', (child as Log & { bindings(): object }).bindings())
    },
  },
  {
    name: 'bindings that are set',
    since: '>=5.13',
    log(log) {
      log.setBindings({ part: 'a' })
      log.info('hello')
    },
  },
  { name: 'several lines', lines: 3, log: (log) => [1, 2, 3].map((n) => log.info(`line ${n}`)) },
  { name: 'a `dd` of its own', own: OWN, log: (log) => log.info({ dd: OWN }, 'hello') },
  { name: 'a child with a `dd` of its own', own: OWN, log: (log) => log.child({ dd: OWN }).info('hello') },
  { name: 'a child that has `dd` inside of something', log: (log) => log.child({ a: { dd: OWN } }).info('hello') },
  { name: 'a mixin', since: '>=5.14', options: { mixin: () => ({ mixed: 1 }) }, log: (log) => log.info('hello') },
  {
    name: 'a mixin with a `dd` of its own',
    since: '>=5.14',
    options: { mixin: () => ({ dd: OWN }) },
    own: OWN,
    log: (log) => log.info({ a: 1 }, 'hello'),
  },
  {
    name: 'formatters',
    since: '>=6',
    options: {
      formatters: {
        level: (label: string) => ({ severity: label }),
        bindings: (bindings: object) => ({ ...bindings, bound: 1 }),
        log: (record: object) => ({ ...record, formatted: 1 }),
      },
    },
    log: (log) => log.child({ part: 'a' }).info({ a: 1 }, 'hello'),
  },
  {
    name: 'a formatter that gives a `dd` of its own',
    since: '>=6',
    options: { formatters: { log: (record: object) => ({ ...record, dd: OWN }) } },
    own: OWN,
    log: (log) => log.info({ a: 1 }, 'hello'),
  },
  {
    name: 'serializers',
    options: { serializers: { a: (a: number) => a + 1 } },
    log: (log) => log.info({ a: 1 }, 'hello'),
  },
  { name: 'redaction', options: { redact: ['a.b', 'c'] }, log: (log) => log.info({ a: { b: 1 }, c: 2 }, 'hello') },
  { name: 'levels of its own', options: { customLevels: { loud: 35 } }, log: (log) => log.loud('hello') },
  {
    name: 'a child with levels of its own',
    log(log) {
      const levels = { customLevels: { loud: 35 } }
      // The place has moved.
      log.child(levels, levels).loud('hello')
    },
  },
  { name: 'another key for messages', options: { messageKey: 'message' }, log: (log) => log.info('hello') },
  {
    name: 'records below a key',
    since: '>=6',
    options: { nestedKey: 'of' },
    log: (log) => log.info({ a: 1 }, 'hello'),
  },
  { name: 'a time of its own', options: { timestamp: () => ',"at":"now"' }, log: (log) => log.info('hello') },
  { name: 'lines that end as on Windows', options: { crlf: true }, log: (log) => log.info('hello') },
  { name: 'a name', options: { name: 'logger' }, log: (log) => log.info('hello') },
  {
    name: 'a hook',
    since: '>=6',
    options: {
      hooks: {
        logMethod(this: Log, args: unknown[], method: Method) {
          method.apply(this, [`hooked ${String(args[0])}`])
        },
      },
    },
    log: (log) => log.info('hello'),
  },
]

function make(library: Library, options: object, lines: string[]): Log {
  const exported = library.load<Pino>()
  const pino = exported.default ?? exported
  const stream = { write: (line: string) => void lines.push(line) }
  return pino({ timestamp: false, ...options }, stream)
}

describe('pino', () => {
  const majors = {
    5: ['5.0.0', '5.17.0'],
    6: ['6.0.0', '6.14.0'],
    7: ['7.0.0', '7.11.0'],
    8: ['8.0.0', '8.21.0'],
    9: ['9.0.0', '9.14.0'],
    10: ['10.0.0', '10.4.0'],
  } as const
  describeLibrary('pino', { name: 'pino', majors }, (library) => {
    const styles = STYLES.filter(({ since = '*' }) => satisfies(library.version, since))
    describeLogger<Log>('pino', styles, (options, lines) => make(library, options, lines))
    describeLogContext('pino', (lines) => make(library, {}, lines))

    it('writes to several streams, and for those that want to know of what', async () => {
      const tracing = await Tracing.start({ pino: true })
      const { multistream } = library.load<Pino>()
      const [first, second]: [string[], string[]] = [[], []]
      if (multistream !== undefined) {
        const streams = [
          { level: 'info', stream: { write: (line: string) => void first.push(line) } },
          { level: 'error', stream: { write: (line: string) => void second.push(line) } },
        ]
        const log = library.load<Pino>()({}, multistream(streams))
        tracer.trace('request', () => {
          log.info('hello')
          log.error('no')
        })
        const counts = [first, second].map((lines) => lines.filter((line) => line.split('"dd":').length === 2).length)
        assert.deepEqual(counts, [2, 1])
      }
      await tracing.stop()
    })

    it('leaves the methods of a level that is off alone', async () => {
      const noops = () => {
        const log = make(library, {}, [])
        return [log.debug, log.trace]
      }
      const before = noops()
      const tracing = await Tracing.start({ pino: true })
      assert.deepEqual(noops(), before)
      assert.equal(noops()[0], before[0])
      await tracing.stop()
    })

    it('leaves the library as it was, before and after', async () => {
      const prototype = () => {
        let found = Object.getPrototypeOf(make(library, {}, [])) as object
        while (!Object.hasOwn(found, 'child')) found = Object.getPrototypeOf(found) as object
        return found
      }
      const found = () => {
        return Reflect.ownKeys(prototype()).map((key) => [
          key,
          Object.getOwnPropertyDescriptor(prototype(), key)?.value as unknown,
        ])
      }
      const original = found()
      const tracing = await Tracing.start({ pino: true })
      const changed = found().filter(([, value], at) => value !== original[at]?.[1])
      assert.deepEqual(
        changed.map(([key, value]) => [String(key), (value as Method).name]),
        [['Symbol(pino.asJson)', 'asJson']],
      )
      await tracing.stop()
      assert.deepEqual(found(), original)
    })
  })
})
