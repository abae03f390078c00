// The Bunyan plugin: every way to log a record, to streams of text and raw ones.

import { strict as assert } from 'node:assert'
import { tracer } from '../../src'
import { describeLibrary, type Library } from '../support/library'
import { Tracing } from '../support/tracing'
import { describeLogContext, describeLogger, fixed, type LogStyle } from './logger-styles'

type Method = (...args: unknown[]) => unknown
interface Log {
  info: Method
  error: Method
  debug: Method
  level: Method
  child(bindings: object, isSimple?: boolean): Log
  _emit: Method
}
type Bunyan = {
  createLogger(options: object): Log
  prototype: object
  stdSerializers: object
  RingBuffer: new (options: object) => { records: object[] }
}

const OWN = { trace_id: 'mine' }
const TIME = new Date(0)

/** `time` is given, as it would differ from run to run. */
const STYLES: LogStyle<Log>[] = [
  { name: 'an object', log: (log) => log.info({ time: TIME, a: 1, b: { c: [1, 2] } }) },
  { name: 'an object and text', log: (log) => log.info({ time: TIME, a: 1 }, 'hello %s', 'you') },
  {
    name: 'an object that nobody may change',
    log(log, probe) {
      const record = Object.freeze({ time: TIME, a: 1 })
      log.info(record, 'hello')
      probe.note('record', record)
    },
  },
  { name: 'an object without a prototype', log: (log) => log.info(Object.assign(Object.create(null), { time: TIME })) },
  { name: 'an error as `err`', log: (log) => log.error({ time: TIME, err: fixed(new Error('no')) }) },
  {
    name: 'an error as `err`, serialized',
    options: { serializers: { err: (error: Error) => ({ message: error.message }) } },
    log: (log) => log.error({ time: TIME, err: fixed(new Error('no')) }, 'it is'),
  },
  { name: 'a level that is off', lines: 0, log: (log) => log.debug({ time: TIME }, 'hello') },
  {
    name: 'a question for its level',
    lines: 0,
    log: (log, probe) => probe.note('enabled', [log.info(), log.debug(), log.level()]),
  },
  { name: 'a child', log: (log) => log.child({ part: 'a' }).child({ piece: 'b' }, true).info({ time: TIME }, 'hello') },
  { name: 'a `dd` of its own', own: OWN, log: (log) => log.info({ time: TIME, dd: OWN }, 'hello') },
  { name: 'a child with a `dd` of its own', own: OWN, log: (log) => log.child({ dd: OWN }).info({ time: TIME }, 'hi') },
  { name: 'a circle', log: (log) => log.info({ time: TIME, a: circle() }, 'hello') },
  { name: 'several lines', lines: 3, log: (log) => [1, 2, 3].map((n) => log.info({ time: TIME }, `line ${n}`)).length },
]

function circle(): object {
  const own: { self?: object } = {}
  own.self = own
  return own
}

function make(library: Library, options: object, lines: string[]): Log {
  const stream = { write: (line: string) => void lines.push(line) }
  return library.load<Bunyan>().createLogger({ name: 'test', streams: [{ stream }], ...options })
}

describe('bunyan', () => {
  const majors = { 1: ['1.0.0', '1.8.15'], 2: ['2.0.0', '2.0.5'] } as const
  describeLibrary('bunyan', { name: 'bunyan', majors }, (library) => {
    describeLogger<Log>('bunyan', STYLES, (options, lines) => make(library, options, lines))
    describeLogContext('bunyan', (lines) => make(library, {}, lines) as never)

    it('tells raw streams, and leaves a record alone that is emitted again', async () => {
      const tracing = await Tracing.start({ bunyan: true })
      const { RingBuffer, createLogger } = library.load<Bunyan>()
      const buffer = new RingBuffer({ limit: 10 })
      const lines: string[] = []
      const log = createLogger({ name: 'test', streams: [{ type: 'raw', stream: buffer, level: 'trace' }] })
      tracer.trace('request', () => log.debug('hello'))
      const [record] = buffer.records as { dd: { span_id?: string } }[]
      assert.ok(record?.dd.span_id)
      const mine = { level: 30, msg: 'mine' }
      const other = make(library, {}, lines)
      other._emit(record)
      other._emit(mine)
      assert.deepEqual(mine, { level: 30, msg: 'mine' })
      // The level of the stream is above that of the first.
      assert.deepEqual(
        lines.map((line) => (JSON.parse(line) as { dd: object }).dd),
        [{ service: 'test' }],
      )
      await tracing.stop()
    })

    it('leaves the library as it was, before and after', async () => {
      const { prototype } = library.load<Bunyan>()
      const found = () => Object.getOwnPropertyDescriptor(prototype, '_emit')
      const original = found()
      const tracing = await Tracing.start({ bunyan: true })
      assert.notEqual(found()?.value, original?.value)
      assert.equal(found()?.value.length, original?.value.length)
      await tracing.stop()
      assert.deepEqual(found(), original)
    })
  })
})
