// SQLite by `better-sqlite3`: every statement that runs, also those of `pragma` and of transactions.
//
// All of them are native statements with one prototype, which can only be had from a statement: the first one gives it away.

import { definePlugin, type Patcher } from '../src/plugin'
import { SQLITE_QUERY, type Statements, sqliteQuery, traceStatements } from './sqlite-query'

interface Database {
  readonly name: string
  readonly open: boolean
  prepare(text: string): Statement
  exec(text: string): Database
}

interface Statement extends Statements {
  readonly source: string
  readonly database: Database
}

const nameOf = ({ name }: Database): string => name

function traceDatabases({ prototype }: { prototype: Database }, patcher: Patcher): void {
  const known = new WeakSet<object>()
  const learn = (statement: Statement): void => {
    const statements = Object.getPrototypeOf(statement) as Statement
    if (known.has(statements)) return
    known.add(statements)
    traceStatements(
      statements,
      patcher,
      ({ source, database }) => sqliteQuery(source, database, nameOf),
      ({ database }) => database,
    )
  }
  let learnt = false
  const { prepare } = prototype
  patcher.wrap(prototype, 'prepare', (original) => {
    return {
      prepare(this: Database, ...args: unknown[]) {
        const statement = Reflect.apply(original, this, args) as Statement
        patcher.guarded('prepare', () => learn(statement))
        learnt = true
        return statement
      },
    }.prepare
  })
  // These prepare without asking the prototype.
  for (const method of ['pragma', 'transaction', 'explain']) {
    if (!(method in prototype)) continue
    patcher.wrap(prototype, method as 'exec', (original) => {
      return {
        prepares(this: Database, ...args: unknown[]) {
          if (!learnt && this.open) patcher.guarded(method, () => learn(Reflect.apply(prepare, this, ['select 1'])))
          learnt ||= this.open
          return Reflect.apply(original, this, args)
        },
      }.prepares
    })
  }
  patcher.trace<Database, [text: string]>(prototype, 'exec', {
    ...SQLITE_QUERY,
    start: (database, [text]) => (typeof text === 'string' ? sqliteQuery(text, database, nameOf) : undefined),
  })
}

export default definePlugin({
  name: 'better-sqlite3',
  hooks: [{ module: 'better-sqlite3', versions: '>=9.0.0 <14', file: 'lib/index.js', patch: traceDatabases }],
})
