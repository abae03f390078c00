// The mysql2 plugin against a real server, which is MariaDB unless DD_TEST_MYSQL_URL names one: what it has in common with `mysql` is in
// mysql-suite.ts; here are prepared statements and promises.

import { strict as assert } from 'node:assert'
import { gte } from 'semver'
import { type PluginSetting, tracer } from '../../src'
import { describeWith, mysql } from '../services'
import { childrenOf, find } from '../support/agent'
import { describeCallStyles } from '../support/call-styles'
import { withAndWithoutComments } from '../support/comment-settings'
import { describeLibrary } from '../support/library'
import { Tracing } from '../support/tracing'
import {
  type Connection as Basic,
  called,
  checkRow,
  configOf,
  type Driver,
  heard,
  type Pool,
  type Query,
  type Row,
  rows,
  TEXT,
  WRONG,
  withRows,
} from './mysql-driver'
import { describeDriver } from './mysql-suite'

interface Statement {
  execute(...args: unknown[]): Query
}

type Connection = Basic & {
  execute(...args: unknown[]): Query
  prepare(sql: string, callback: (error: Error | null, statement: Statement) => void): void
}

/** Before, such values kill the connection from inside. */
const REFUSES = '1.5.2'

const on = (connection: unknown) => connection as Connection

const prepared: readonly Row[] = [
  {
    name: 'execute: text and callback',
    run: (c, probe) => void on(c).execute('select 1', withRows(probe)),
    resources: ['select 1'],
  },
  { name: 'execute: text, values and callback', run: (c, probe) => void on(c).execute(TEXT, [2], withRows(probe)) },
  {
    name: 'execute: options and callback',
    run: (c, probe) => void on(c).execute({ sql: TEXT, values: [2] }, withRows(probe)),
  },
  { name: 'execute: events', run: (c, probe) => heard(probe, on(c).execute(TEXT, [2])) },
  {
    name: 'execute: twice, the second time from the cache',
    run(c, probe) {
      const done = withRows(probe)
      on(c).execute(TEXT, [1], () => on(c).execute(TEXT, [2], done))
    },
    resources: [TEXT, TEXT],
  },
  {
    name: 'execute: an error to a callback',
    run: (c, probe) => void on(c).execute(WRONG, withRows(probe)),
    resources: [WRONG],
    failed: /syntax/,
  },
  {
    name: 'execute: an error to a listener',
    run: (c, probe) => void on(c).execute(WRONG).on('error', probe.callback('error')),
    resources: [WRONG],
    failed: /syntax/,
  },
  {
    name: 'execute: an error when it runs',
    run: (c, probe) => void on(c).execute('signal sqlstate ?', ['45000'], withRows(probe)),
    resources: ['signal sqlstate ?'],
    failed: /syntax/,
  },
  {
    name: 'execute: values it throws at',
    run: (c, probe) => void on(c).execute(TEXT, [undefined], probe.optional('callback')),
    failed: /undefined/,
    since: REFUSES,
  },
  { name: 'execute: nothing', run: (c) => void on(c).execute(null), resources: [] },
  {
    name: 'statement: values and callback',
    run(c, probe) {
      const done = withRows(probe)
      on(c).prepare(TEXT, (_error, statement) => statement.execute([2], done))
    },
  },
  {
    name: 'statement: callback alone',
    run(c, probe) {
      const done = withRows(probe)
      on(c).prepare('select 1', (_error, statement) => statement.execute(done))
    },
    resources: ['select 1'],
  },
  {
    name: 'statement: events',
    run(c, probe) {
      const ended = probe.callback('ended', () => {})
      on(c).prepare(TEXT, (_error, statement) => {
        const query = statement.execute([2])
        query.on('result', probe.optional('result'))
        query.on('end', () => ended())
      })
    },
  },
  { name: 'statement: an error to prepare', run: (c, probe) => on(c).prepare(WRONG, probe.callback()), resources: [] },
]

interface PromiseConnection {
  query(...args: unknown[]): Promise<[unknown, unknown]>
  execute(...args: unknown[]): Promise<[unknown, unknown]>
  end(): Promise<void>
}

interface PromisePool extends PromiseConnection {
  getConnection(): Promise<PromiseConnection & { release(): void }>
}

interface PromiseDriver {
  createConnection(config: object): Promise<PromiseConnection>
  createPool(config: object): PromisePool
}

const first = ([found]: [unknown, unknown]) => found

const promised: readonly Row<PromiseConnection>[] = [
  { name: 'query', run: (c) => c.query('select 1').then(first), resources: ['select 1'] },
  { name: 'query with values', run: (c) => c.query(TEXT, [2]).then(first) },
  { name: 'query by options', run: (c) => c.query({ sql: TEXT, values: [2] }).then(first) },
  { name: 'execute', run: (c) => c.execute('select 1').then(first), resources: ['select 1'] },
  { name: 'execute with values', run: (c) => c.execute(TEXT, [2]).then(first) },
  { name: 'an error of query', run: (c) => c.query(WRONG), resources: [WRONG], failed: /syntax/ },
  { name: 'an error of execute', run: (c) => c.execute(WRONG), resources: [WRONG], failed: /syntax/ },
  {
    name: 'values that execute refuses',
    run: (c) => c.execute(TEXT, [undefined]),
    failed: /undefined/,
    since: REFUSES,
  },
  {
    name: 'an error that nobody handles',
    run(c, probe) {
      void c.query(WRONG)
      return probe.unhandled()
    },
    resources: [WRONG],
    failed: /syntax/,
  },
]

const majors = { 1: ['1.0.0', '1.7.0'], 2: ['2.0.0', '2.3.3'], 3: ['3.0.0', '3.24.6'] } as const

describeLibrary('mysql2', { name: 'mysql2', majors }, (library) => {
  describeWith(mysql, 'mysql2', (server) => {
    describeDriver('mysql2', library, server, [...rows, ...prepared])

    describe('by promise', () => {
      let tracing: Tracing
      let driver: PromiseDriver
      const load = () => {
        driver = library.load<PromiseDriver>('mysql2/promise')
      }
      const start = async (setting: PluginSetting = true) => {
        tracing = await Tracing.start({ mysql2: setting })
        load()
      }
      const open = () => driver.createConnection(configOf(server()))
      const close = (connection: PromiseConnection) => connection.end().catch(() => {})

      const known = promised.filter(({ since = '1.0.0' }) => gte(library.version, since))

      for (const [title, setting] of withAndWithoutComments) {
        describeCallStyles<PromiseConnection, Row<PromiseConnection>>(title, known, {
          without: { before: load, open, close },
          with: {
            before: () => start(setting),
            open,
            check: async (row) => checkRow(await tracing.spans(), row, 'mysql2', server()),
            close: (connection) => close(connection).then(() => tracing.clear()),
            after: () => tracing.stop(),
          },
        })
      }

      it('goes on in the context of the call, on a pool that is shared', async () => {
        await start()
        const pool = driver.createPool({ ...configOf(server()), connectionLimit: 3 })
        const ask = (n: number) =>
          tracer.trace('request', { resource: `r${n}` }, async (span) => {
            await pool.query(`select ${n}`)
            assert.equal(tracer.activeSpan, span)
            await pool.execute('select ?', [n])
            const borrowed = await pool.getConnection()
            assert.equal(tracer.activeSpan, span)
            await borrowed.execute('select ? + 1', [n])
            assert.equal(tracer.activeSpan, span)
            borrowed.release()
          })
        await Promise.all(Array.from({ length: 20 }, (_, n) => ask(n)))
        await pool.end()
        const spans = await tracing.spans()
        await tracing.stop()
        for (let n = 0; n < 20; n++) {
          const children = childrenOf(find(spans, { name: 'request', resource: `r${n}` }), spans)
          assert.deepEqual(
            children.map(({ resource }) => resource),
            [`select ${n}`, 'select ?', 'mysql2.pool.acquire', 'select ? + 1'],
          )
          const waits = children.map(({ metrics }) => metrics['mysql2.pool.wait_time'] !== undefined)
          assert.deepEqual(waits, [true, true, true, false])
        }
      })
    })

    it('finishes a statement that a pool executes for a callback', async () => {
      const tracing = await Tracing.start({ mysql2: true })
      const pool = library.load<Driver>().createPool(configOf(server())) as Pool & { execute: Pool['query'] }
      await called((callback) => pool.execute('select ?', [1], callback))
      await called((callback) => pool.end(callback))
      const span = find(await tracing.spans(), 'mysql.query')
      assert.ok((span.metrics['mysql2.pool.wait_time'] ?? 0) > 0)
      await tracing.stop()
    })
  })
})
