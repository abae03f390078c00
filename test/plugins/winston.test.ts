// The winston plugin: every way to log a record, on loggers of every make.

import { strict as assert } from 'node:assert'
import { Writable } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { tracer } from '../../src'
import { describeLibrary, type Library } from '../support/library'
import { Tracing } from '../support/tracing'
import { describeLogContext, describeLogger, fixed, type LogStyle } from './logger-styles'

type Method = (...args: unknown[]) => unknown
interface Log {
  log: Method
  info: Method
  error: Method
  debug: Method
  loud: Method
  write: Method
  child(meta: object): Log
  isLevelEnabled(level: string): boolean
  end(): void
  on(event: string, listener: Method): void
  transports: { silent: boolean }[]
}
interface Format {
  (transform: (info: Info, options?: object) => unknown): () => Format
  json(): Format
  simple(): Format
  combine(...formats: Format[]): Format
  errors(options: object): Format
  splat(): Format
  timestamp(options: object): Format
  printf(print: (info: Info) => string): Format
}
type Info = Record<string | symbol, unknown>
interface Winston {
  createLogger(options: object): Log
  format: Format
  transports: { Stream: new (options: object) => object; Console: new (options?: object) => object }
  config: { npm: { levels: object } }
  version: string
  Transport: new (options?: object) => { log: unknown }
}
type OldWinston = {
  Logger: new (options: object) => Log & { add(transport: object, options: object | null, isMade: boolean): void }
  transports: { Console: new (options: object) => object; Memory: new (options: object) => object }
  Transport: new (options: object) => object
}

const OWN = { trace_id: 'mine' }
const NONE = null

class Oops extends Error {
  readonly code = 'E_OOPS'
  readonly #hidden = 1
  get seen() {
    return this.#hidden
  }
}

/** What a record was before and after it was logged. */
const unchanged = (info: Info, log: (info: Info) => unknown, note: (name: string, value: unknown) => unknown) => {
  const result = log(info)
  note('has dd', 'dd' in info)
  return result
}

const STYLES: (LogStyle<Log> & { format?: (format: Format) => Format; since?: true })[] = [
  { name: 'text', log: (log) => log.info('hello') },
  { name: 'text, a level given', log: (log) => log.log('info', 'hello') },
  { name: 'text and metadata', log: (log) => log.info('hello', { a: 1 }) },
  { name: 'text, metadata with a message and a stack', log: (log) => log.info('hello', fixed(new Oops('no'))) },
  { name: 'text and values', format: (f) => f.splat(), log: (log) => log.info('hello %s %d', 'you', 3, { a: 1 }) },
  { name: 'nothing', since: true, log: (log) => log.info() },
  { name: 'undefined', log: (log) => log.info(undefined) },
  { name: 'a number', log: (log) => log.info(7) },
  { name: 'a list', log: (log) => log.info([1, 2]) },
  {
    name: 'a record',
    log: (log, probe) => unchanged({ level: 'info', message: 'hello', a: 1 }, (info) => log.log(info), probe.note),
  },
  {
    name: 'a record by its level',
    log: (log, probe) => unchanged({ message: 'hello', a: 1 }, (info) => log.info(info), probe.note),
  },
  {
    name: 'a record given after its level',
    log: (log, probe) => unchanged({ message: 'hello', a: 1 }, (info) => log.log('info', info), probe.note),
  },
  {
    name: 'a record that is written',
    log: (log, probe) => unchanged({ level: 'info', message: 'hello' }, (info) => log.write(info), probe.note),
  },
  {
    name: 'a record without a prototype',
    log: (log) => log.log(Object.assign(Object.create(null), { level: 'info', message: 'hello' })),
  },
  {
    name: 'an error',
    log: (log, probe) => unchanged(fixed(new Oops('no')) as never, (error) => log.error(error), probe.note),
  },
  {
    name: 'an error, with its stack',
    since: true,
    format: (f) => f.errors({ stack: true }),
    log: (log) => log.error(fixed(new Oops('no'))),
  },
  { name: 'an error by its level', log: (log) => log.log('error', fixed(new Oops('no'))) },
  { name: 'an error as message', log: (log) => log.log({ level: 'error', message: fixed(new Oops('no')) }) },
  {
    name: 'an error whose class a format looks at',
    format: (f) =>
      f((info) => {
        const { seen } = info
        info['class'] = [
          info instanceof Oops,
          (info as { constructor: unknown }).constructor === Oops,
          seen,
          'dd' in {},
        ]
        return info
      })(),
    log: (log) => log.error(fixed(new Oops('no'))),
  },
  {
    name: 'a format that takes the `dd` of an error away',
    since: true,
    format: (f) =>
      f((info) => {
        const keys = () => Object.keys(info).includes('dd') || 'dd' in info || info['dd'] !== undefined
        info['had'] = 1
        delete info['dd']
        info['has'] = keys()
        info['dd'] = OWN
        info['has it'] = keys()
        return info
      })(),
    own: OWN,
    log: (log) => log.error(fixed(new Oops('no'))),
  },
  {
    name: 'a format that freezes an error',
    since: true,
    own: NONE,
    format: (f) =>
      f((info) => {
        Object.freeze(info)
        return { ...info, level: info['level'], [Symbol.for('level')]: 'error', keys: Object.keys(info) }
      })(),
    log: (log) => log.error(fixed(new Oops('no'))),
  },
  {
    name: 'a format that freezes',
    format: (f) =>
      f((info) => {
        const text = JSON.stringify(info)
        return { ...(Object.freeze(info) as Info), text: text.length > 2 }
      })(),
    log: (log) => log.info('hello'),
  },
  { name: 'a level that is off', lines: 0, log: (log) => log.debug('hello') },
  {
    name: 'a question for its level',
    lines: 0,
    log: (log, probe) => probe.note('enabled', [log.isLevelEnabled('info'), log.isLevelEnabled('debug')]),
  },
  { name: 'a child', since: true, log: (log) => log.child({ part: 'a' }).child({ piece: 'b' }).info('hello') },
  { name: 'a child, and an error', since: true, log: (log) => log.child({ part: 'a' }).error(fixed(new Oops('no'))) },
  {
    name: 'metadata of the logger',
    since: true,
    options: { defaultMeta: { part: 'a' } },
    log: (log) => log.info('hello'),
  },
  { name: 'a logger that is silent', options: { silent: true }, lines: 0, log: (log) => log.info('hello') },
  {
    name: 'levels of its own',
    options: { levels: { error: 0, loud: 1 }, level: 'loud' },
    log: (log) => log.loud('hello'),
  },
  { name: 'several lines', lines: 3, log: (log) => [1, 2, 3].map((n) => log.info(`line ${n}`)).length },
  { name: 'a `dd` of its own', own: OWN, log: (log) => log.info('hello', { dd: OWN }) },
  { name: 'a record with a `dd` of its own', own: OWN, log: (log) => log.info({ message: 'hello', dd: OWN }) },
  { name: 'a child with a `dd` of its own', since: true, own: OWN, log: (log) => log.child({ dd: OWN }).info('hello') },
  {
    name: 'metadata of the logger with a `dd` of its own',
    since: true,
    options: { defaultMeta: { dd: OWN } },
    own: OWN,
    log: (log) => log.info('hello'),
  },
  {
    name: 'a format that gives a `dd` of its own',
    format: (f) => f((info) => Object.assign(info, { dd: OWN }))(),
    own: OWN,
    log: (log) => log.info('hello'),
  },
  {
    name: 'a format that gives an error a `dd` of its own',
    since: true,
    format: (f) => f((info) => Object.assign(info, { dd: OWN }))(),
    own: OWN,
    log: (log) => log.error(fixed(new Oops('no'))),
  },
]

/** The styles that version 2 has too. */
const OLD_STYLES: LogStyle<Log>[] = [
  { name: 'text', log: (log) => log.info('hello') },
  { name: 'text, a level given', log: (log) => log.log('info', 'hello') },
  { name: 'text and metadata', log: (log) => log.info('hello', { a: 1 }) },
  { name: 'text and values', log: (log) => log.info('hello %s %d', 'you', 3, { a: 1 }) },
  { name: 'text and a callback', log: (log, probe) => log.info('hello', { a: 1 }, probe.callback()) },
  { name: 'an error', log: (log) => log.error(fixed(new Oops('no'))) },
  {
    name: 'metadata that nobody may change',
    log(log, probe) {
      const metadata = Object.freeze({ message: 'hello', a: { b: 1 } })
      probe.note('metadata', metadata)
      log.info('hello', { ...metadata })
    },
  },
  { name: 'a level that is off', lines: 0, log: (log) => log.debug('hello') },
  { name: 'a `dd` of its own', own: OWN, log: (log) => log.info('hello', { dd: OWN }) },
  {
    name: 'a rewriter that gives a `dd` of its own',
    options: { rewriters: [(_level: string, _message: string, meta: object) => ({ ...meta, dd: OWN })] },
    own: OWN,
    log: (log) => log.info('hello'),
  },
]

const sink = (lines: string[]) =>
  new Writable({
    write(line, _encoding, done) {
      lines.push(String(line))
      done()
    },
  })

function make(library: Library, options: object, lines: string[], more?: (format: Format) => Format): Log {
  const { createLogger, format, transports } = library.load<Winston>()
  const whole = more === undefined ? format.json() : format.combine(more(format), format.json())
  return createLogger({ format: whole, transports: [new transports.Stream({ stream: sink(lines) })], ...options })
}

function makeOld(library: Library, options: object, lines: string[]): Log {
  const winston = library.load<OldWinston>()
  const log = new winston.Logger(options)
  const file = new (library.load<{ transports: { File: new (options: object) => object } }>().transports.File)({
    stream: sink(lines),
    timestamp: false,
  })
  log.add(file, null, true)
  return log
}

describe('winston', () => {
  const majors = { 3: ['3.0.0', '3.19.0'] } as const
  describeLibrary('winston', { name: 'winston', majors }, (library) => {
    const styles = library.version === '3.0.0' ? STYLES.filter(({ since }) => !since) : STYLES
    describeLogger<Log>('winston', styles, (options, lines, style) =>
      make(library, options, lines, (style as (typeof STYLES)[number]).format),
    )
    describeLogContext('winston', (lines) => make(library, {}, lines) as never)

    it('shows text formats what they would print of any metadata', async () => {
      const tracing = await Tracing.start({ winston: true })
      const lines: string[] = []
      const { format } = library.load<Winston>()
      make(library, { format: format.simple() }, lines).info('hello')
      make(library, { format: format.printf(({ level, message }) => `${level}: ${message}`) }, lines).info('hello')
      await nextTurn()
      assert.deepEqual(
        lines,
        ['info: hello {"dd":{"service":"test"}}\n', 'info: hello\n'].map((line) =>
          line.replace('\n', require('node:os').EOL),
        ),
      )
      await tracing.stop()
    })

    it('keeps the context of a record that waits in the stream', async () => {
      const tracing = await Tracing.start({ winston: true })
      const lines: string[] = []
      const waiting: (() => void)[] = []
      const slow = new Writable({
        highWaterMark: 1,
        objectMode: true,
        write(line, _encoding, done) {
          lines.push(String((line as Record<symbol, unknown>)[Symbol.for('message')] ?? line))
          waiting.push(done)
        },
      })
      const { createLogger, format, transports } = library.load<Winston>()
      const log = createLogger({ format: format.json(), transports: [new transports.Stream({ stream: slow })] })
      const ids: string[] = []
      for (let n = 0; n < 100; n++) {
        tracer.trace('request', (span) => {
          ids.push(BigInt(`0x${span.spanId}`).toString())
          log.info('hello')
        })
      }
      while (lines.length < 100) {
        waiting.shift()?.()
        await nextTurn()
      }
      assert.deepEqual(
        lines.map((line) => (JSON.parse(line) as { dd: { span_id: string } }).dd.span_id),
        ids,
      )
      await tracing.stop()
    })

    it('leaves the library as it was, before and after', async () => {
      const { prototype } = library.load<{ new (): object }>('winston/lib/winston/logger')
      const found = () => Object.getOwnPropertyDescriptor(prototype, 'write')
      const original = found()
      const tracing = await Tracing.start({ winston: true })
      const { write } = prototype as Writable
      assert.notEqual(write, original?.value)
      await tracing.stop()
      assert.deepEqual(found(), original)
      assert.deepEqual(
        [write.name, write.length],
        [(prototype as Writable).write.name, (prototype as Writable).write.length],
      )
    })
  })

  describeLibrary('winston', { name: 'winston', majors: { 2: ['2.0.0', '2.4.7'] } }, (library) => {
    describeLogger<Log>('winston', OLD_STYLES, (options, lines) => makeOld(library, options, lines))

    it('tells transports of every make, once', async () => {
      const tracing = await Tracing.start({ winston: true })
      const { Logger } = library.load<OldWinston>()
      const told: unknown[] = []
      const transport = (name: string) => ({
        name,
        level: 'info',
        on() {},
        log(_level: string, _message: string, metadata: unknown, done: (error: null, isLogged: boolean) => void) {
          told.push(metadata)
          done(null, true)
        },
      })
      class Base {
        name = 'derived'
        level = 'info'
        on() {}
        log(...args: unknown[]) {
          return transport('').log(...(args as [string, string, unknown, () => void]))
        }
      }
      class Derived extends Base {
        override log(...args: unknown[]) {
          return super.log(...args)
        }
      }
      const log = new Logger({ transports: [] })
      for (const one of [transport('literal'), Object.assign(new Base(), { name: 'base' }), new Derived()])
        log.add(one, null, true)
      log.info('hello', { a: 1 })
      assert.deepEqual(told, Array(3).fill({ a: 1, dd: { service: 'test' } }))
      await tracing.stop()
      told.length = 0
      log.info('hello', { a: 1 })
      assert.deepEqual(told, Array(3).fill({ a: 1 }))
    })
  })
})
