// The better-sqlite3 plugin: the real library and real databases.

import { describeLibrary } from '../support/library'
import { type Database, describeSqlite, type Row, type Statement } from './sqlite-suite'

interface BetterStatement extends Statement {
  pluck(): BetterStatement
  raw(): BetterStatement
  bind(...values: unknown[]): BetterStatement
}

interface BetterDatabase extends Database {
  prepare(text: string): BetterStatement
  pragma(text: string, options?: object): unknown
  transaction<F extends (...args: never[]) => unknown>(body: F): F & { immediate: F }
  function(name: string, body: (...args: never[]) => unknown): BetterDatabase
  backup(path: string): Promise<unknown>
}

type BetterSqlite3 = new (path: string, options?: object) => BetterDatabase

const rows: Row<BetterDatabase>[] = [
  { name: 'pluck', run: (db) => db.prepare('select 1').pluck().get(), resources: ['select 1'] },
  { name: 'raw', run: (db) => db.prepare('select 1').raw().all(), resources: ['select 1'] },
  { name: 'values bound before', run: (db) => db.prepare('select ?').bind(5).get(), resources: ['select ?'] },
  { name: 'pragma', run: (db) => db.pragma('user_version'), resources: ['PRAGMA user_version'] },
  {
    name: 'pragma, simple',
    run: (db) => db.pragma('user_version', { simple: true }),
    resources: ['PRAGMA user_version'],
  },
  {
    name: 'a function of the program',
    run: (db) =>
      db
        .function('twice', (n: number) => n * 2)
        .prepare('select twice(4) as n')
        .get(),
    resources: ['select twice(4) as n'],
  },
  {
    name: 'a transaction',
    run: (db) => db.transaction((n: number) => db.prepare('select ? as n').get(n))(1),
    resources: ['BEGIN', 'select ? as n', 'COMMIT'],
  },
  {
    name: 'a transaction in another',
    run: (db) => db.transaction(() => db.transaction(() => 1)()).immediate(),
    resources: ['BEGIN IMMEDIATE', 'SAVEPOINT `\t_bs3.\t`', 'RELEASE `\t_bs3.\t`', 'COMMIT'],
  },
  {
    name: 'a transaction that fails',
    run: (db) =>
      db.transaction(() => {
        throw new Error('changed my mind')
      })(),
    resources: ['BEGIN', 'ROLLBACK'],
  },
  {
    name: 'a closed database',
    run(db) {
      db.close()
      return db.pragma('user_version')
    },
    resources: [],
  },
]

describeLibrary(
  'better-sqlite3',
  {
    name: 'better-sqlite3',
    // 13 asks for Node 22.
    majors: {
      9: ['9.0.0', '9.6.0'],
      10: ['10.0.0', '10.1.0'],
      11: ['11.0.0', '11.10.0'],
      12: ['12.0.0', '12.11.1'],
      13: ['13.0.0', '13.2.0'],
    },
    builds: ['better-sqlite3'],
  },
  (library) => {
    const load = () => library.load<BetterSqlite3 & { prototype: object }>()

    describeSqlite<BetterDatabase>({
      plugin: 'better-sqlite3',
      open: (path) => new (load())(path),
      classes: () => [load()],
      rows,
    })
  },
)
