// What the plugins for the SQLite libraries that answer at once must do; better-sqlite3 and node:sqlite differ in little else than
// how a database is opened.

import { strict as assert } from 'node:assert'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { type PluginSetting, tracer } from '../../src'
import { childrenOf, find, type ReceivedSpan } from '../support/agent'
import { type CallStyle, describeCallStyles } from '../support/call-styles'
import { Tracing } from '../support/tracing'

export interface Statement {
  run(...values: unknown[]): unknown
  get(...values: unknown[]): unknown
  all(...values: unknown[]): unknown[]
  iterate(...values: unknown[]): IterableIterator<unknown>
}

export interface Database {
  prepare(text: string): Statement
  exec(text: string): unknown
  close(): void
}

export interface Row<D extends Database> extends CallStyle<D> {
  /** The texts of its spans. */
  readonly resources: readonly string[]
  readonly failed?: boolean
}

export interface Library<D extends Database> {
  readonly plugin: string
  open(path: string): D
  /** The class of databases, after it was loaded. */
  classes(): { prototype: object }[]
  readonly rows: readonly Row<D>[]
}

const MAKE = 'create table t (n integer primary key)'
const INSERT = 'insert into t values (?)'
const TWO = 'select value as n from json_each(?)'
const LATE = "select case value when 2 then json('{') else value end as n from json_each('[1,2]')"

const rows: Row<Database>[] = [
  { name: 'get', run: (db) => db.prepare('select ? as n').get(1), resources: ['select ? as n'] },
  { name: 'get of nothing', run: (db) => db.prepare('select 1 where 0').get(), resources: ['select 1 where 0'] },
  { name: 'all', run: (db) => db.prepare(TWO).all('[1,2]'), resources: [TWO] },
  { name: 'named values', run: (db) => db.prepare('select @n as n').all({ n: 3 }), resources: ['select @n as n'] },
  {
    name: 'run',
    run: (db) => [db.exec(MAKE) === db, db.prepare(INSERT).run(7)],
    resources: [MAKE, INSERT],
  },
  {
    name: 'a statement used three times',
    run(db) {
      const statement = db.prepare('select ? as n')
      return [statement.get(1), statement.all(2), [...statement.iterate(3)]]
    },
    resources: ['select ? as n', 'select ? as n', 'select ? as n'],
  },
  {
    name: 'iterate',
    run: (db, probe) => [...probe.note('iterator', db.prepare(TWO).iterate('[1,2]'))],
    resources: [TWO],
  },
  {
    name: 'iterate, left early',
    run(db) {
      for (const row of db.prepare(TWO).iterate('[1,2]')) return row
      return undefined
    },
    resources: [TWO],
  },
  {
    name: 'iterate, asked on after its end',
    run(db) {
      const steps = db.prepare('select 1 as n').iterate()
      return [steps.next(), steps.next(), steps.next()]
    },
    resources: ['select 1 as n'],
  },
  {
    name: 'iterate that fails on the way',
    run: (db) => [...db.prepare(LATE).iterate()],
    resources: [LATE],
    failed: true,
  },
  { name: 'exec of several', run: (db) => db.exec('select 1; select 2') === db, resources: ['select 1; select 2'] },
  { name: 'exec of an error', run: (db) => db.exec('select from'), resources: ['select from'], failed: true },
  { name: 'exec of no text', run: (db) => db.exec(undefined as unknown as string), resources: [] },
  { name: 'a statement that cannot be prepared', run: (db) => db.prepare('select from'), resources: [] },
  {
    name: 'a value that cannot be bound',
    run: (db) => db.prepare('select ? as n').get(Symbol('no')),
    resources: ['select ? as n'],
    failed: true,
  },
  {
    name: 'an error of the database',
    run(db) {
      db.exec(MAKE)
      const insert = db.prepare('insert into t values (1), (1)')
      return insert.run()
    },
    resources: [MAKE, 'insert into t values (1), (1)'],
    failed: true,
  },
]

export function describeSqlite<D extends Database>({ plugin, open, classes, rows: own }: Library<D>): void {
  let tracing: Tracing
  let folder = ''
  const start = async (options: PluginSetting = true) => {
    tracing = await Tracing.start({ [plugin]: options })
  }
  const stop = () => tracing.stop()
  const close = (db: D) => db.close()

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'dd-sqlite-'))
  })
  after(() => {
    if (folder !== '') rmSync(folder, { recursive: true })
  })

  describeCallStyles<D, Row<D>>('asked by', [...rows, ...own], {
    without: { open: () => open(':memory:'), close },
    with: {
      before: () => start(),
      open() {
        tracing.clear()
        return open(':memory:')
      },
      async check({ resources, failed = false }) {
        const spans = await tracing.spans()
        assert.deepEqual(
          spans.map(({ resource }) => resource),
          resources,
        )
        for (const span of spans) {
          checkTags(span)
          assert.equal(span.error, failed && span === spans.at(-1) ? 1 : 0)
        }
      },
      close,
      after: stop,
    },
  })

  describe('in a program', () => {
    let db: D

    before(async () => {
      await start()
      db = open(join(folder, 'orders.db'))
    })
    beforeEach(() => tracing.clear())
    after(async () => {
      db.close()
      await stop()
    })

    it('names the database after its file', async () => {
      db.prepare('select 1').get()
      db.exec('select 2')
      for (const span of await tracing.spans()) assert.equal(span.meta['db.name'], 'orders.db')
    })

    it('gives each of 20 concurrent requests its own queries, and is nobody’s parent', async () => {
      const second = db.prepare('select ? as second')
      await Promise.all(
        Array.from({ length: 20 }, (_, n) =>
          tracer.trace('request', { resource: `r${n}` }, async (span) => {
            db.prepare(`select ${n} as first`).get()
            await nextTurn()
            for (const _row of second.iterate(n)) assert.equal(tracer.activeSpan, span)
            await nextTurn()
            db.exec(`select ${n} as third`)
            assert.equal(tracer.activeSpan, span)
          }),
        ),
      )
      const spans = await tracing.spans()
      for (let n = 0; n < 20; n++) {
        assert.deepEqual(
          childrenOf(find(spans, { name: 'request', resource: `r${n}` }), spans).map(({ resource }) => resource),
          [`select ${n} as first`, 'select ? as second', `select ${n} as third`],
        )
      }
      assert.equal(spans.length, 20 * 4)
    })

    it('ends the span of an iteration with its last step', async () => {
      await tracer.trace('request', async () => {
        const steps = db.prepare(TWO).iterate('[1,2]')
        steps.next()
        await tracer.trace('between', () => nextTurn())
        for (const _row of steps);
      })
      const spans = await tracing.spans()
      const [query, between] = [find(spans, 'sqlite.query'), find(spans, 'between')]
      assert.equal(query.parent_id, between.parent_id)
      assert.ok(query.start <= between.start)
      assert.ok(query.start + query.duration >= between.start + between.duration)
    })
  })

  it('takes its service from the options', async () => {
    await start({ service: 'orders-db' })
    const db = open(':memory:')
    db.exec('select 1')
    db.close()
    assert.equal(find(await tracing.spans(), 'sqlite.query').service, 'orders-db')
    await stop()
  })

  it('leaves the library as it was, before and after', async () => {
    const db = open(':memory:')
    const statement = db.prepare('select 1')
    const patched = () =>
      [...classes(), { prototype: Object.getPrototypeOf(statement) as object }, stepsOf(statement)].map(
        ({ prototype }) => Object.getOwnPropertyDescriptors(prototype),
      )
    const original = patched()
    await start(false)
    assert.deepEqual(patched(), original)
    await stop()
    await start()
    db.prepare('select 1')
    assert.equal([...statement.iterate()].length, 1)
    patched().forEach((now, index) => {
      const before = original[index] as Record<string, PropertyDescriptor>
      const changed = Object.entries(now).filter(([name, { value }]) => value !== before[name]?.value)
      assert.notEqual(changed.length, 0)
      for (const [name, { value }] of changed) {
        assert.equal(value.name, before[name]?.value.name)
        assert.equal(value.length, before[name]?.value.length)
      }
    })
    await stop()
    assert.deepEqual(patched(), original)
    db.close()
  })

  function checkTags(span: ReceivedSpan): void {
    assert.equal(span.name, 'sqlite.query')
    assert.equal(span.type, 'sql')
    assert.equal(span.service, 'test-sqlite')
    assert.equal(span.meta['component'], plugin)
    assert.equal(span.meta['span.kind'], 'client')
    assert.equal(span.meta['db.type'], 'sqlite')
    assert.equal(span.meta['db.name'], ':memory:')
    assert.equal(span.meta['out.host'], undefined)
    assert.equal(span.meta['_dd.base_service'], 'test')
  }
}

function stepsOf(statement: Statement): { prototype: object } {
  const steps = statement.iterate()
  steps.return?.()
  return { prototype: Object.getPrototypeOf(steps) as object }
}
