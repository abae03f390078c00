// SQLite by Node's own `node:sqlite`, on Node 22 and later.
//
// Node 26 publishes a channel, `sqlite.db.query`; it tells neither errors nor where a query begins, and its text has the values in it.

import { definePlugin, hiddenField, type Patcher } from '../src/plugin'
import { SQLITE_QUERY, type Statements, sqliteQuery, traceStatements } from './sqlite-query'

interface Database {
  prepare(text: string): Statement
  exec(text: string): void
  /** Since Node 22.16; null in memory. */
  location?(): string | null
}

interface Statement extends Statements {
  readonly sourceSQL: string
}

interface Sqlite {
  readonly DatabaseSync: { prototype: Database }
  readonly StatementSync: { prototype: Statement }
}

const databases = hiddenField<Database>()

/** Undefined where Node cannot tell. */
const pathOf = (database: Database) => (database.location === undefined ? undefined : (database.location() ?? ''))

function traceDatabases({ DatabaseSync, StatementSync }: Sqlite, patcher: Patcher): void {
  patcher.wrap(DatabaseSync.prototype, 'prepare', (original) => {
    return {
      prepare(this: Database, ...args: unknown[]) {
        const statement = Reflect.apply(original, this, args) as Statement
        databases.set(statement, this)
        return statement
      },
    }.prepare
  })
  patcher.trace<Database, [text: string]>(DatabaseSync.prototype, 'exec', {
    ...SQLITE_QUERY,
    start: (database, [text]) => (typeof text === 'string' ? sqliteQuery(text, database, pathOf) : undefined),
  })
  traceStatements(
    StatementSync.prototype,
    patcher,
    (statement) => {
      const database = databases.get(statement)
      // It was prepared before there was tracing.
      if (database === undefined) return undefined
      return sqliteQuery(statement.sourceSQL, database, pathOf)
    },
    (statement) => databases.get(statement),
  )
}

export default definePlugin({
  name: 'node-sqlite',
  hooks: [{ module: 'node:sqlite', patch: traceDatabases }],
})
