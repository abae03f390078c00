// The ways to call `mariadb`, by promise and by callback, and its interface as far as the tests need it.

import type { CallStyle, Probe } from '../support/call-styles'
import { TEXT, WRONG } from './mysql-driver'

type Asked = (...args: unknown[]) => Promise<unknown>

interface Statement {
  execute(...args: unknown[]): Promise<unknown>
  close(): void
}

export interface Connection {
  query: Asked
  execute: Asked
  batch: Asked
  queryStream(...args: unknown[]): NodeJS.ReadableStream
  prepare(sql: string): Promise<Statement>
  beginTransaction(): Promise<unknown>
  commit(): Promise<unknown>
  rollback(): Promise<unknown>
  ping(): Promise<unknown>
  end(): Promise<unknown>
  release(): Promise<unknown>
  destroy(): void
}

interface Pool extends Pick<Connection, 'query' | 'execute' | 'batch' | 'end'> {
  getConnection(): Promise<Connection>
}

interface Cluster {
  add(name: string, options: object): void
  of(pattern: string, selector?: string): Pool
  getConnection(pattern: string, selector?: string): Promise<Connection>
  end(): Promise<unknown>
}

export interface Driver {
  createConnection(options: unknown): Promise<Connection>
  createPool(options: unknown): Pool
  createPoolCluster(options?: object): Cluster
}

export type Callback = (error: Error | null, value?: unknown) => void
type Calling = (...args: unknown[]) => NodeJS.EventEmitter

/** The same by callback. */
export interface CallbackConnection {
  connect(callback: Callback): void
  query: Calling
  execute: Calling
  batch: Calling
  queryStream(...args: unknown[]): NodeJS.ReadableStream
  prepare(sql: string, callback: (error: Error | null, statement: { execute: Calling }) => void): void
  beginTransaction(callback: Callback): void
  commit(callback: Callback): void
  ping(callback: Callback): void
  release(): void
  on(event: 'error', listener: () => void): void
  end(callback?: Callback): void
}

interface CallbackPool extends Pick<CallbackConnection, 'query' | 'execute' | 'batch' | 'end'> {
  getConnection(callback: (error: Error | null, connection: CallbackConnection) => void): void
}

export interface CallbackDriver {
  createConnection(options: unknown): CallbackConnection
  createPool(options: unknown): CallbackPool
}

const FILL = 'insert into dd_batch values (?)'
const TABLE = 'create or replace temporary table dd_batch (n int)'
/** Its answer is told to a stream by events, with two rows. */
const ROWS = 'select ? as n union select 2'

export interface Row<Subject> extends CallStyle<Subject> {
  /** The queries asked. Default: one, `TEXT`. */
  readonly resources?: readonly string[]
  readonly failed?: boolean
  /** The first tested version that can be asked so. */
  readonly since?: string
}

const streamed = (probe: Probe, stream: NodeJS.ReadableStream) => {
  stream.on('error', probe.optional('error'))
  stream.on('data', probe.optional('data'))
  stream.on(
    'end',
    probe.callback('end', () => {}),
  )
}

/** Takes the number of the connection out of an error. */
const anonymous = (error: unknown) => {
  if (error instanceof Error) {
    error.message = error.message.replace(/conn[=:]-?\d+/g, 'conn')
    if ('sqlMessage' in error) error.sqlMessage = String(error.sqlMessage).replace(/conn[=:]-?\d+/g, 'conn')
  }
  return error
}
const anonymously = (error: unknown) => Promise.reject(anonymous(error))

export const promised: readonly Row<Connection>[] = [
  { name: 'query', run: (c) => c.query('select 1'), resources: ['select 1'] },
  { name: 'query with values', run: (c) => c.query(TEXT, [2]) },
  { name: 'query by options', run: (c) => c.query({ sql: TEXT, rowsAsArray: true }, [2]) },
  { name: 'execute', run: (c) => c.execute(TEXT, [2]) },
  {
    name: 'execute, the second time from the cache',
    run: (c) => c.execute(TEXT, [1]).then(() => c.execute(TEXT, [2])),
    resources: [TEXT, TEXT],
  },
  { name: 'batch', run: (c) => c.query(TABLE).then(() => c.batch(FILL, [[1], [2]])), resources: [TABLE, FILL] },
  {
    name: 'batch of single statements',
    run: (c) => c.query(TABLE).then(() => c.batch({ sql: FILL, bulk: false }, [[1], [2]])),
    resources: [TABLE, FILL],
  },
  { name: 'statement', run: (c) => c.prepare(TEXT).then((statement) => statement.execute([2])) },
  { name: 'stream', run: (c, probe) => streamed(probe, c.queryStream(ROWS, [1])), resources: [ROWS] },
  {
    name: 'transaction',
    run: (c) => c.beginTransaction().then(() => c.query(TEXT, [2]).then(() => c.commit().then(() => c.rollback()))),
    resources: ['START TRANSACTION', TEXT, 'COMMIT', 'ROLLBACK'],
  },
  { name: 'ping', run: (c) => c.ping(), resources: [] },
  { name: 'an error of query', run: (c) => c.query(WRONG).catch(anonymously), resources: [WRONG], failed: true },
  { name: 'an error of execute', run: (c) => c.execute(WRONG).catch(anonymously), resources: [WRONG], failed: true },
  { name: 'an error of batch', run: (c) => c.batch(WRONG, [[1]]).catch(anonymously), resources: [WRONG], failed: true },
  {
    name: 'an error of stream',
    run(c, probe) {
      const stream = c.queryStream(WRONG)
      const failed = probe.callback('error')
      stream.on('error', (error) => failed(anonymous(error)))
      stream.resume()
    },
    resources: [WRONG],
    failed: true,
  },
  {
    name: 'an error that nobody handles',
    run(c, probe) {
      void c.query(WRONG).catch(anonymously)
      return probe.unhandled()
    },
    resources: [WRONG],
    failed: true,
  },
  { name: 'a query of nothing', run: (c) => c.query(undefined).catch(anonymously), resources: [] },
]

/** Meta data hold what differs from run to run. */
const withRows = (probe: Probe) => {
  const callback = probe.callback()
  return function (this: unknown, error: unknown, result: unknown) {
    callback.call(this, anonymous(error), result)
  }
}

export const calling: readonly Row<CallbackConnection>[] = [
  { name: 'text and callback', run: (c, probe) => void c.query('select 1', withRows(probe)), resources: ['select 1'] },
  { name: 'text, values and callback', run: (c, probe) => void c.query(TEXT, [2], withRows(probe)) },
  { name: 'options, values and callback', run: (c, probe) => void c.query({ sql: TEXT }, [2], withRows(probe)) },
  {
    name: 'events',
    run(c, probe) {
      const query = c.query(TEXT, [2])
      query.on('data', probe.optional('data'))
      query.on(
        'end',
        probe.callback('end', () => {}),
      )
    },
  },
  {
    name: 'stream',
    run: (c, probe) => streamed(probe, c.queryStream(ROWS, [1])),
    resources: [ROWS],
    since: '3.5.4',
  },
  { name: 'execute', run: (c, probe) => void c.execute(TEXT, [2], withRows(probe)) },
  {
    name: 'batch',
    run(c, probe) {
      const done = withRows(probe)
      c.query(TABLE, () => c.batch(FILL, [[1], [2]], done))
    },
    resources: [TABLE, FILL],
  },
  {
    name: 'statement',
    run(c, probe) {
      const done = withRows(probe)
      c.prepare(TEXT, (_error, statement) => statement.execute([2], done))
    },
  },
  {
    name: 'transaction',
    run(c, probe) {
      const done = probe.callback('committed', () => {})
      c.beginTransaction(() => c.query(TEXT, [2], () => c.commit(() => done())))
    },
    resources: ['START TRANSACTION', TEXT, 'COMMIT'],
  },
  { name: 'ping', run: (c, probe) => c.ping(probe.callback()), resources: [] },
  {
    name: 'an error of query',
    run: (c, probe) => void c.query(WRONG, withRows(probe)),
    resources: [WRONG],
    failed: true,
  },
  {
    name: 'an error of execute',
    run: (c, probe) => void c.execute(WRONG, withRows(probe)),
    resources: [WRONG],
    failed: true,
  },
  {
    name: 'an error that comes with the end',
    run(c, probe) {
      const ended = probe.callback('end')
      c.query(WRONG).on('end', (error: unknown) => ended(anonymous(error)))
    },
    resources: [WRONG],
    failed: true,
  },
  {
    name: 'a callback that throws',
    run(c, probe) {
      c.query('select 1', () => {
        throw new Error('from the callback')
      })
      return probe.unhandled()
    },
    resources: ['select 1'],
  },
]
