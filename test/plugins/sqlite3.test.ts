// The sqlite3 plugin: the real library and real databases. It calls back from its own threads; a program must not notice that `dd`
// leads it back.

import { strict as assert } from 'node:assert'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type PluginSetting, tracer } from '../../src'
import { childrenOf, find } from '../support/agent'
import { type CallStyle, describeCallStyles } from '../support/call-styles'
import { describeLibrary } from '../support/library'
import { Tracing } from '../support/tracing'

type Callback = (this: unknown, error: Error | null, ...rest: never[]) => void

interface Methods {
  run(...args: unknown[]): unknown
  get(...args: unknown[]): unknown
  all(...args: unknown[]): unknown
  map(...args: unknown[]): unknown
  each(...args: unknown[]): unknown
}

interface Statement extends Methods, NodeJS.EventEmitter {
  bind(...args: unknown[]): Statement
  reset(callback?: Callback): Statement
  finalize(callback?: () => void): Database
}

interface Database extends Methods, NodeJS.EventEmitter {
  exec(text: string, callback?: Callback): Database
  prepare(text: string, ...args: unknown[]): Statement
  wait(callback: Callback): Database
  serialize(body?: () => void): void
  close(callback?: Callback): void
}

interface Sqlite3 {
  readonly Database: (new (path: string, opened?: Callback) => Database) & { prototype: Database }
  readonly Statement: { prototype: Statement }
  verbose(): Sqlite3
}

/** Neither a callback that throws nor a query without a text: the library's native code ends the process then. */
interface Row extends CallStyle<Database> {
  readonly resources: readonly string[]
  readonly failed?: boolean
}

const TWO = 'select value as n from json_each(?)'
const WRONG = 'select from'

const rows: Row[] = [
  { name: 'get', run: (db, probe) => db.get('select 1 as n', probe.callback()) === db, resources: ['select 1 as n'] },
  { name: 'get with a value', run: (db, probe) => db.get(TWO, '[1]', probe.callback()) === db, resources: [TWO] },
  { name: 'all with values', run: (db, probe) => db.all(TWO, ['[1,2]'], probe.callback()) === db, resources: [TWO] },
  {
    name: 'all with named values',
    run: (db, probe) => db.all('select $n as n', { $n: 2 }, probe.callback()) === db,
    resources: ['select $n as n'],
  },
  { name: 'map', run: (db, probe) => db.map(TWO, '[1,2]', probe.callback()) === db, resources: [TWO] },
  {
    name: 'each with both callbacks',
    run: (db, probe) => db.each(TWO, '[1,2]', probe.callback('row'), probe.callback('complete')) === db,
    resources: [TWO],
  },
  {
    name: 'each with a callback for rows',
    run(db, probe) {
      db.each(TWO, '[1,2]', probe.callback('row'))
      return new Promise<void>((resolve) => db.wait(() => resolve()))
    },
    resources: [TWO],
  },
  {
    name: 'run',
    run(db, probe) {
      const inserted = probe.callback()
      return db.run('create table t (n integer)', () => db.run('insert into t values (?)', 5, inserted)) === db
    },
    resources: ['create table t (n integer)', 'insert into t values (?)'],
  },
  {
    name: 'exec',
    run: (db, probe) => db.exec('select 1; select 2', probe.callback()) === db,
    resources: ['select 1; select 2'],
  },
  {
    name: 'calls without callbacks',
    run(db, probe) {
      db.serialize(() => {
        db.run('create table t (n integer)')
        db.exec('insert into t values (1)')
        db.all('select n from t', probe.callback())
      })
    },
    resources: ['create table t (n integer)', 'insert into t values (1)', 'select n from t'],
  },
  {
    name: 'a callback that is not last',
    run(db, probe) {
      db.get('select 1 as n', probe.optional('ignored'), undefined)
      return new Promise<void>((resolve) => db.wait(() => resolve()))
    },
    resources: ['select 1 as n'],
  },
  {
    name: 'a prepared statement',
    run(db, probe) {
      const statement = probe.note('statement', db.prepare(TWO, probe.callback('prepared')))
      statement.get('[1]', probe.callback('get'))
      statement.all('[1,2]', probe.callback('all'))
      statement.each('[1,2]', probe.callback('row'), probe.callback('complete'))
      statement.map('[3]', probe.callback('map'))
      statement.run('[1]', probe.callback('run'))
      return statement.finalize(probe.callback('finalized')) === db
    },
    resources: [TWO, TWO, TWO, TWO, TWO],
  },
  {
    name: 'a prepared statement with values, no callbacks',
    run(db, probe) {
      const statement = db.prepare(TWO, '[1]')
      statement.get()
      statement.reset()
      statement.all(probe.callback())
      statement.finalize()
    },
    resources: [TWO, TWO],
  },
  {
    name: 'an error to a callback',
    run: (db, probe) => db.all(WRONG, probe.callback()) === db,
    resources: [WRONG],
    failed: true,
  },
  {
    name: 'an error to a map',
    run: (db, probe) => db.map(WRONG, probe.callback()) === db,
    resources: [WRONG],
    failed: true,
  },
  {
    name: 'an error to an exec',
    run: (db, probe) => db.exec(WRONG, probe.callback()) === db,
    resources: [WRONG],
    failed: true,
  },
  {
    name: 'an error to an each for rows',
    run: (db, probe) => db.each(WRONG, probe.callback()) === db,
    resources: [WRONG],
    failed: true,
  },
  {
    name: 'an error to an each with both callbacks',
    run: (db, probe) => db.each(WRONG, probe.optional('row'), probe.callback('complete')) === db,
    resources: [WRONG],
    failed: true,
  },
  {
    name: 'an error that nobody handles',
    run(db, probe) {
      db.run(WRONG)
      return probe.unhandled()
    },
    resources: [WRONG],
  },
  {
    name: 'a statement that cannot be prepared',
    run(db, probe) {
      const statement = db.prepare(WRONG, probe.callback('prepared'))
      statement.get(probe.optional('never called'))
      statement.each(probe.optional('never called'))
    },
    resources: [WRONG, WRONG],
    failed: true,
  },
  {
    name: 'a statement that is finalized',
    run(db, probe) {
      const statement = db.prepare('select 1')
      statement.finalize()
      statement.get(probe.callback())
    },
    resources: ['select 1'],
    failed: true,
  },
]

describeLibrary(
  'sqlite3',
  { name: 'sqlite3', majors: { 5: ['5.1.0', '5.1.7'], 6: ['6.0.1'] }, builds: ['sqlite3'] },
  (library) => {
    const load = () => library.load<Sqlite3>()
    let tracing: Tracing
    let folder = ''
    const start = async (options: PluginSetting = true) => {
      tracing = await Tracing.start({ sqlite3: options })
    }
    const stop = () => tracing.stop()
    const open = (path = ':memory:') =>
      new Promise<Database>((resolve) => {
        const db = new (load().Database)(path, () => resolve(db))
      })
    /** An open statement keeps a database open; the run does not care. */
    const close = (db: Database) => new Promise<void>((resolve) => db.close(() => resolve()))

    before(() => {
      folder = mkdtempSync(join(tmpdir(), 'dd-sqlite3-'))
    })
    after(() => {
      if (folder !== '') rmSync(folder, { recursive: true })
    })

    describeCallStyles<Database, Row>('asked by', rows, {
      without: { open: () => open(), close },
      with: {
        before: () => start(),
        open() {
          tracing.clear()
          return open()
        },
        async check({ resources, failed = false }) {
          const spans = await tracing.spans()
          assert.deepEqual(spans.map(({ resource }) => resource).sort(), [...resources].sort())
          for (const span of spans) {
            assert.equal(span.name, 'sqlite.query')
            assert.equal(span.type, 'sql')
            assert.equal(span.service, 'test-sqlite')
            assert.equal(span.error, failed ? 1 : 0)
            assert.equal(span.meta['component'], 'sqlite3')
            assert.equal(span.meta['span.kind'], 'client')
            assert.equal(span.meta['db.type'], 'sqlite')
            assert.equal(span.meta['db.name'], ':memory:')
          }
        },
        close,
        after: stop,
      },
    })

    describe('in a program', () => {
      let db: Database

      before(async () => {
        await start()
        db = await open(join(folder, 'orders.db'))
      })
      beforeEach(() => tracing.clear())
      after(async () => {
        await close(db)
        await stop()
      })

      it('names the database after its file', async () => {
        await new Promise((resolve) => db.exec('select 1', resolve))
        assert.equal(find(await tracing.spans(), 'sqlite.query').meta['db.name'], 'orders.db')
      })

      it('gives each of 20 concurrent requests its own queries, and calls back in its context', async () => {
        const shared = db.prepare('select ? as fourth')
        const ask = (n: number) =>
          tracer.trace(
            'request',
            { resource: `r${n}` },
            (span) =>
              new Promise<void>((resolve) => {
                const active = () => assert.equal(tracer.activeSpan, span)
                db.get(`select ${n} as first`, () => {
                  active()
                  db.each(`select ${n} as second`, active, () => {
                    active()
                    db.each(`select ${n} as third`, active)
                    shared.get(n, () => {
                      active()
                      const own = db.prepare(`select ${n} as fifth`, () => {
                        active()
                        own.all(() => own.reset(() => own.finalize(() => resolve(active()))))
                      })
                    })
                  })
                })
              }),
          )
        await Promise.all(Array.from({ length: 20 }, (_, n) => ask(n)))
        shared.finalize()
        await new Promise<void>((resolve) => db.wait(() => resolve()))
        const spans = await tracing.spans()
        for (let n = 0; n < 20; n++) {
          assert.deepEqual(
            childrenOf(find(spans, { name: 'request', resource: `r${n}` }), spans).map(({ resource }) => resource),
            [
              `select ${n} as first`,
              `select ${n} as second`,
              `select ${n} as third`,
              'select ? as fourth',
              `select ${n} as fifth`,
            ],
          )
        }
        assert.equal(spans.length, 20 * 6)
      })

      it('lasts until the last row of an each', async () => {
        const text = "select value from json_each('[1,2,3]')"
        await tracer.trace(
          'request',
          () =>
            new Promise<void>((resolve) =>
              db.each(
                text,
                () => tracer.trace('row', () => {}),
                () => resolve(),
              ),
            ),
        )
        const spans = await tracing.spans()
        const query = find(spans, { resource: text })
        const found = spans.filter(({ name }) => name === 'row')
        assert.equal(found.length, 3)
        for (const row of found) {
          assert.equal(row.parent_id, query.parent_id)
          assert.ok(query.start + query.duration >= row.start + row.duration)
        }
      })
    })

    it('takes its service from the options', async () => {
      await start({ service: 'orders-db' })
      const db = await open()
      await new Promise((resolve) => db.exec('select 1', resolve))
      await close(db)
      assert.equal(find(await tracing.spans(), 'sqlite.query').service, 'orders-db')
      await stop()
    })

    it('leaves the library as it was, before and after', async () => {
      const { Database, Statement } = load()
      const patched = () => [Database, Statement].map(({ prototype }) => Object.getOwnPropertyDescriptors(prototype))
      const original = patched()
      await start(false)
      assert.deepEqual(patched(), original)
      await stop()
      await start()
      assert.notEqual(Database.prototype.get, original[0]!['get']!.value)
      for (const method of ['run', 'get', 'all', 'each', 'map', 'exec', 'prepare'] as const) {
        assert.equal(Database.prototype[method].name, original[0]![method]!.value.name)
        assert.equal(Database.prototype[method].length, original[0]![method]!.value.length)
      }
      await stop()
      assert.deepEqual(patched(), original)
    })

    // In the last suite, because it cannot be undone: it wraps the methods once more.
    describe('verbose', () =>
      it('traces databases too', async () => {
        await start()
        load().verbose()
        const db = await open()
        const error = await new Promise<Error>((resolve) => db.get(WRONG, resolve))
        await close(db)
        assert.match(String(error.stack), /--> in Database#get\('select from'/)
        assert.equal(find(await tracing.spans(), 'sqlite.query').error, 1)
        await stop()
      }))
  },
)
