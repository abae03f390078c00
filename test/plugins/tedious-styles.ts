// The ways to ask by `tedious`, and its interface as far as the tests need it.

import type { EventEmitter } from 'node:events'
import type { CallStyle, Probe } from '../support/call-styles'

type Done = (error?: unknown, count?: number) => void

export interface Request extends EventEmitter {
  addParameter(name: string, type: unknown, value?: unknown): void
  addOutputParameter(name: string, type: unknown, value?: unknown): void
  setTimeout(milliseconds: number): void
  callback: unknown
}

interface BulkLoad {
  addColumn(name: string, type: unknown, options: object): void
}

export interface Connection extends EventEmitter {
  connect(done: (error?: Error) => void): void
  close(): void
  cancel(): boolean
  reset(done: Done): void
  execSql(request: Request): void
  execSqlBatch(request: Request): void
  callProcedure(request: Request): void
  prepare(request: Request): void
  execute(request: Request, parameters: object): void
  unprepare(request: Request): void
  newBulkLoad(table: string, done: Done): BulkLoad
  execBulkLoad(bulkLoad: BulkLoad, rows: readonly object[]): void
  beginTransaction(done: Done, name?: string): void
  commitTransaction(done: Done): void
  rollbackTransaction(done: Done): void
  saveTransaction(done: Done, name: string): void
  transaction(run: (error: unknown, done: (error: unknown, done: Done) => void) => void): void
}

export interface Tedious {
  Connection: { new (config: object): Connection; prototype: Record<string, unknown> }
  Request: { new (text: string, done: Done): Request; prototype: Record<string, unknown> }
  TYPES: Readonly<Record<'Int', unknown>>
}

export interface Subject {
  readonly tedious: Tedious
  readonly connection: Connection
}

export interface Row extends CallStyle<Subject> {
  readonly resources: readonly string[]
  /** The one of them that fails, and its message. */
  readonly failed?: readonly [resource: string, message: RegExp]
}

const TEXT = 'select 1 as n'
const WITH_PARAMETER = 'select @n as n'
const WRONG = 'wrong from the start'
const INSERT = 'insert bulk things([n] int)'
const [BEGIN, COMMIT, ROLLBACK, SAVE] = ['BEGIN', 'COMMIT', 'ROLLBACK', 'SAVE'].map(
  (verb) => `${verb} TRANSACTION`,
) as [string, string, string, string]

const asked = ({ tedious }: Subject, probe: Probe, text: string, done: Done = probe.callback()): Request => {
  const request = new tedious.Request(text, done)
  const row = probe.optional('row')
  request.on('row', function (this: unknown, columns: { value: unknown }[]) {
    row.call(
      this,
      columns.map(({ value }) => value),
    )
  })
  for (const event of ['returnValue', 'requestCompleted', 'error', 'prepared'])
    request.on(event, (...args) => probe.optional(event)(...args.slice(0, 2)))
  return request
}

const prepared = (subject: Subject, probe: Probe): Request => {
  const request = asked(subject, probe, WITH_PARAMETER)
  request.addParameter('n', subject.tedious.TYPES.Int)
  return request
}

const bulk = ({ tedious, connection }: Subject, table: string, done: Done): BulkLoad => {
  const load = connection.newBulkLoad(table, done)
  load.addColumn('n', tedious.TYPES.Int, { nullable: true })
  return load
}

export const rows: Row[] = [
  { name: 'execSql', run: (s, probe) => s.connection.execSql(asked(s, probe, TEXT)), resources: [TEXT] },
  {
    name: 'execSql, with a parameter',
    run(s, probe) {
      const request = asked(s, probe, WITH_PARAMETER)
      request.addParameter('n', s.tedious.TYPES.Int, 7)
      return s.connection.execSql(request)
    },
    resources: [WITH_PARAMETER],
  },
  {
    name: 'execSql, of two rows',
    run: (s, probe) => s.connection.execSql(asked(s, probe, 'select n from two')),
    resources: ['select n from two'],
  },
  { name: 'execSqlBatch', run: (s, probe) => s.connection.execSqlBatch(asked(s, probe, TEXT)), resources: [TEXT] },
  {
    name: 'callProcedure, with an output',
    run(s, probe) {
      const request = asked(s, probe, 'twice')
      request.addParameter('n', s.tedious.TYPES.Int, 4)
      request.addOutputParameter('doubled', s.tedious.TYPES.Int)
      return s.connection.callProcedure(request)
    },
    resources: ['twice'],
  },
  {
    name: 'prepare, execute twice, and unprepare',
    run(s, probe) {
      const steps = [
        () => s.connection.execute(request, { n: 1 }),
        () => s.connection.execute(request, { n: 2 }),
        () => s.connection.unprepare(request),
      ]
      const completed = probe.callback('the last', () => {})
      const request = asked(s, probe, WITH_PARAMETER, probe.optional('completed'))
      request.addParameter('n', s.tedious.TYPES.Int)
      const next = () => {
        const step = steps.shift()
        if (step === undefined) completed()
        else step()
      }
      request.on('prepared', next)
      request.on('requestCompleted', next)
      s.connection.prepare(request)
    },
    resources: Array(4).fill(WITH_PARAMETER),
  },
  {
    name: 'execBulkLoad',
    run: (s, probe) => s.connection.execBulkLoad(bulk(s, 'things', probe.callback()), [{ n: 1 }, { n: 2 }, { n: 3 }]),
    resources: [INSERT],
  },
  {
    name: 'a transaction that is committed',
    run(s, probe) {
      const done = probe.callback()
      s.connection.beginTransaction((error) => {
        if (error) return done(error)
        return s.connection.execSql(asked(s, probe, TEXT, () => s.connection.commitTransaction(done)))
      })
    },
    resources: [BEGIN, TEXT, COMMIT],
  },
  {
    name: 'a transaction that is rolled back',
    run(s, probe) {
      const done = probe.callback()
      s.connection.beginTransaction(() =>
        s.connection.saveTransaction(() => s.connection.rollbackTransaction(done), 'half'),
      )
    },
    resources: [BEGIN, SAVE, ROLLBACK],
  },
  {
    name: 'transaction',
    run(s, probe) {
      const done = probe.callback()
      s.connection.transaction((error, end) => end(error, done))
    },
    resources: [BEGIN, COMMIT],
  },
  {
    name: 'an error of execSql',
    run: (s, probe) => s.connection.execSql(asked(s, probe, WRONG)),
    resources: [WRONG],
    failed: [WRONG, /Incorrect syntax/],
  },
  {
    name: 'an error of execSqlBatch',
    run: (s, probe) => s.connection.execSqlBatch(asked(s, probe, WRONG)),
    resources: [WRONG],
    failed: [WRONG, /Incorrect syntax/],
  },
  {
    name: 'an error of callProcedure',
    run: (s, probe) => s.connection.callProcedure(asked(s, probe, 'nothing')),
    resources: ['nothing'],
    failed: ['nothing', /Could not find/],
  },
  {
    name: 'an error of prepare',
    run(s, probe) {
      const request = asked(s, probe, WRONG, probe.optional('completed'))
      request.on(
        'error',
        probe.callback('failed', () => {}),
      )
      s.connection.prepare(request)
    },
    resources: [WRONG],
    failed: [WRONG, /Incorrect syntax/],
  },
  {
    name: 'an error of execBulkLoad',
    run: (s, probe) => s.connection.execBulkLoad(bulk(s, 'nothing', probe.callback()), [{ n: 1 }]),
    resources: ['insert bulk nothing([n] int)'],
    failed: ['insert bulk nothing([n] int)', /Incorrect syntax/],
  },
  {
    name: 'a parameter that is none',
    run(s, probe) {
      const request = prepared(s, probe)
      request.addParameter('m', s.tedious.TYPES.Int, 'no number')
      return s.connection.execSql(request)
    },
    resources: [],
  },
  {
    name: 'a request while another is being made',
    run(s, probe) {
      const first = asked(s, probe, TEXT)
      s.connection.execSql(first)
      return s.connection.execSql(asked(s, probe, WRONG, probe.callback('second')))
    },
    resources: [WRONG, TEXT],
    failed: [WRONG, /LoggedIn state/],
  },
  {
    name: 'a request that is made again before its end',
    run(s, probe) {
      const request = asked(s, probe, TEXT)
      request.on(
        'row',
        probe.callback('the row', () => {}),
      )
      s.connection.execSql(request)
      return s.connection.execSql(request)
    },
    resources: [TEXT],
    failed: [TEXT, /LoggedIn state/],
  },
  {
    name: 'a request that is taken back',
    run(s, probe) {
      s.connection.execSql(asked(s, probe, 'wait for an attention'))
      return s.connection.cancel()
    },
    resources: ['wait for an attention'],
    failed: ['wait for an attention', /Canceled/],
  },
  {
    name: 'a request that takes too long',
    run(s, probe) {
      const request = asked(s, probe, 'wait for an attention')
      request.setTimeout(20)
      return s.connection.execSql(request)
    },
    resources: ['wait for an attention'],
    failed: ['wait for an attention', /Timeout/],
  },
  {
    name: 'a request on a connection that is closed',
    run(s, probe) {
      s.connection.close()
      return s.connection.execSql(asked(s, probe, TEXT))
    },
    resources: [TEXT],
    failed: [TEXT, /LoggedIn state/],
  },
  { name: 'reset, which is for the driver', run: (s, probe) => s.connection.reset(probe.callback()), resources: [] },
  {
    name: 'a callback that throws',
    run(s, probe) {
      s.connection.execSqlBatch(
        asked(s, probe, TEXT, () => {
          throw new Error('from the callback')
        }),
      )
      return probe.unhandled()
    },
    resources: [TEXT],
  },
]
