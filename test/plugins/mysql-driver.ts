// What the tests of `mysql` and `mysql2` have in common: their interface, the ways to call it that both know, and what their spans
// look like.

import { strict as assert } from 'node:assert'
import type { EventEmitter } from 'node:events'
import type { RunningService } from '../services'
import { find, type ReceivedSpan } from '../support/agent'
import type { CallStyle, Probe } from '../support/call-styles'

type Callback<T> = (error: Error | null, value: T) => void

export interface Query extends EventEmitter {
  stream(options?: object): NodeJS.ReadableStream
}

export interface Connection extends EventEmitter {
  connect(callback: Callback<unknown>): void
  query(...args: unknown[]): Query
  ping(callback: Callback<unknown>): void
  beginTransaction(callback: Callback<unknown>): void
  commit(callback: Callback<unknown>): void
  rollback(callback: Callback<unknown>): void
  end(callback: Callback<unknown>): void
  destroy(): void
  release(): void
}

export interface Pool extends EventEmitter {
  query(...args: unknown[]): Query
  getConnection(callback: Callback<Connection>): void
  end(callback: Callback<unknown>): void
}

export interface Cluster {
  add(name: string, config: object): void
  of(pattern: string, selector?: string): Pool
  getConnection(pattern: string, selector: string, callback: Callback<Connection>): void
  end(callback?: Callback<unknown>): void
}

export interface Driver {
  createConnection(config: object): Connection
  createPool(config: object): Pool
  createPoolCluster(config?: object): Cluster
}

export const WRONG = 'select from where'
export const TEXT = 'select ? as n'

export interface Row<Subject = Connection> extends CallStyle<Subject> {
  /** The queries asked. Default: one, `TEXT`. */
  readonly resources?: readonly string[]
  readonly failed?: RegExp
  /** The first version that answers at all. */
  readonly since?: string
}

/** What the driver connects with. */
export function configOf(server: RunningService): Record<string, unknown> {
  const { hostname, port, pathname, username, password } = new URL(server.url)
  return { host: hostname, port: Number(port), user: username, password, database: pathname.slice(1) }
}

export async function connected(driver: Driver, config: object): Promise<Connection> {
  const connection = driver.createConnection({ multipleStatements: true, ...config })
  // What an unheard error does to the connection is not the subject.
  connection.on('error', () => {})
  await called((callback) => connection.connect(callback))
  return connection
}

/** A promise of what a callback is given. */
export function called<T>(call: (callback: Callback<T>) => unknown): Promise<T> {
  return new Promise((resolve, reject) => {
    call((error, value) => (error ? reject(error) : resolve(value)))
  })
}

/** Fields hold buffers and parsers of the driver; rows are what a program wants. */
export const withRows = (probe: Probe) => {
  const callback = probe.callback()
  return function (this: unknown, error: unknown, result: unknown) {
    callback.call(this, error, result)
  }
}

/** Listens for all that a query emits, and does not return it: mysql2's has a `then` that throws. */
export const heard = (probe: Probe, query: EventEmitter) => {
  query.on('error', probe.optional('error'))
  const fields = probe.optional('fields')
  query.on('fields', function (this: unknown, list: { name: string }[] | undefined) {
    fields.call(
      this,
      list?.map(({ name }) => name),
    )
  })
  query.on('result', probe.optional('result'))
  query.on(
    'end',
    probe.callback('end', () => {}),
  )
}

export const rows: readonly Row[] = [
  { name: 'text and callback', run: (c, probe) => void c.query('select 1', withRows(probe)), resources: ['select 1'] },
  { name: 'text, values and callback', run: (c, probe) => void c.query(TEXT, [2], withRows(probe)) },
  { name: 'options and callback', run: (c, probe) => void c.query({ sql: TEXT, values: [2] }, withRows(probe)) },
  { name: 'options, values and callback', run: (c, probe) => void c.query({ sql: TEXT }, [2], withRows(probe)) },
  { name: 'events', run: (c, probe) => heard(probe, c.query(TEXT, [2])) },
  { name: 'events of options', run: (c, probe) => heard(probe, c.query({ sql: TEXT }, [2])) },
  {
    name: 'several statements and callback',
    run: (c, probe) => void c.query('select 1; select 2', withRows(probe)),
    resources: ['select 1; select 2'],
  },
  {
    name: 'several statements and events',
    run: (c, probe) => heard(probe, c.query('select 1; select 2')),
    resources: ['select 1; select 2'],
  },
  {
    name: 'a statement without rows',
    run: (c, probe) => void c.query('set @a = ?', ['secret'], withRows(probe)),
    resources: ['set @a = ?'],
  },
  {
    name: 'a stream',
    run(c, probe) {
      const stream = c.query(TEXT, [2]).stream({ highWaterMark: 5 })
      stream.on('data', probe.callback('data'))
      stream.on(
        'end',
        probe.callback('end', () => {}),
      )
    },
  },
  {
    name: 'a transaction',
    run(c, probe) {
      const done = probe.callback()
      c.beginTransaction((error) => c.query(TEXT, [2], () => c.commit(() => c.rollback(() => done(error)))))
    },
    resources: ['START TRANSACTION', TEXT, 'COMMIT', 'ROLLBACK'],
  },
  { name: 'a ping', run: (c, probe) => void c.ping(probe.callback('ping', () => {})), resources: [] },
  {
    name: 'an error to a callback',
    run: (c, probe) => void c.query(WRONG, withRows(probe)),
    resources: [WRONG],
    failed: /syntax/,
  },
  {
    name: 'an error to a listener',
    run(c, probe) {
      const query = c.query(WRONG)
      query.on('error', probe.callback('error'))
      query.on('end', probe.optional('end'))
    },
    resources: [WRONG],
    failed: /syntax/,
  },
  {
    name: 'an error to a stream',
    run(c, probe) {
      const stream = c.query(WRONG).stream()
      stream.on('error', probe.callback('error'))
      stream.resume()
    },
    resources: [WRONG],
    failed: /syntax/,
  },
  {
    // It goes to the connection, or to nobody in mysql2 before 3.
    name: 'an error that the query has no listener for',
    run(c, probe) {
      const heard = new Promise<void>((resolve) => c.on('error', probe.optional('connection', resolve)))
      c.query(WRONG)
      return Promise.race([heard, probe.unhandled()])
    },
    resources: [WRONG],
    failed: /syntax/,
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
  { name: 'a query of nothing', run: (c) => void c.query(null), resources: [] },
]

/** Checks the spans of a row. */
export function checkRow(
  spans: readonly ReceivedSpan[],
  row: Row<never>,
  plugin: string,
  server: RunningService,
): void {
  const { resources = [TEXT], failed } = row
  assert.deepEqual(
    spans.map(({ name, resource }) => [name, resource]),
    resources.map((resource) => ['mysql.query', resource]),
  )
  for (const span of spans) checkSpan(span, plugin, server)
  for (const span of spans) assert.equal(span.error, failed === undefined ? 0 : 1)
  if (failed !== undefined) assert.match(find(spans, 'mysql.query').meta['error.message'] ?? '', failed)
}

export function checkSpan(span: ReceivedSpan, plugin: string, server: RunningService): void {
  const { host, port, user, database } = configOf(server)
  assert.equal(span.type, 'sql')
  assert.equal(span.service, 'test-mysql')
  assert.deepEqual(
    {
      component: span.meta['component'],
      'span.kind': span.meta['span.kind'],
      'db.type': span.meta['db.type'],
      'db.name': span.meta['db.name'],
      'db.user': span.meta['db.user'],
      'out.host': span.meta['out.host'],
      port: span.metrics['network.destination.port'],
      'base service': span.meta['_dd.base_service'],
    },
    {
      component: plugin,
      'span.kind': 'client',
      'db.type': 'mysql',
      'db.name': database,
      'db.user': user,
      'out.host': host,
      port,
      'base service': 'test',
    },
  )
}

/** `name resource` of each. */
export const linesOf = (spans: readonly ReceivedSpan[]) => spans.map(({ name, resource }) => `${name} ${resource}`)
