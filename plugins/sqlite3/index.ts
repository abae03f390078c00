// SQLite by `sqlite3`: every call of a database, and every call of a statement that was prepared.
//
// The library calls back from its own threads, in no context at all: each callback is led back to its caller's. Without a
// callback nobody is told the end, so that such a span covers the handing over only.

import {
  type AnyFunction,
  belongs,
  type CallStart,
  definePlugin,
  hiddenField,
  type Operation,
  type Patcher,
  type Span,
} from '../../src/plugin'
import { pinsOfParts } from '../../src/plugin/clients'
import { SQLITE_QUERY, sqliteQuery } from '../sqlite-query'
import { type Database, knowStatements, statements } from './prepared'

interface Statement {
  readonly sql: string
}

type Methods<M extends string> = Record<M, AnyFunction>
interface Sqlite3 {
  readonly Database: { prototype: Database & Methods<'run' | 'get' | 'all' | 'map' | 'each' | 'exec' | 'prepare'> }
  readonly Statement: { prototype: Statement & Methods<'run' | 'get' | 'all' | 'each'> }
  readonly Backup: { prototype: object }
}

/** What an `each` failed with, on the callback that was told. */
const failures = hiddenField<unknown>()

const nameOf = ({ filename }: Database): string => filename

/** Only a function in the very last place is a callback to the library. */
function endOf(args: unknown[]): Pick<CallStart, 'callback'> {
  return { callback: typeof args.at(-1) === 'function' ? 'last' : undefined }
}

const asked: Operation<Database, unknown[]> = {
  ...SQLITE_QUERY,
  start(database, args) {
    const [text] = args
    return typeof text === 'string' ? { ...sqliteQuery(text, database, nameOf), ...endOf(args) } : undefined
  },
  finish: noteFailure,
}

const prepared: Operation<Statement, unknown[]> = {
  ...SQLITE_QUERY,
  start(statement, args) {
    const known = statements.get(statement)
    if (known === undefined || known.failed) return undefined
    const end = endOf(args)
    const until = end.callback && { emitter: known, events: [] }
    return { ...sqliteQuery(statement.sql, known.database, nameOf), ...end, until }
  },
  pinOn(statement) {
    const database = statements.get(statement)?.database
    if (database !== undefined) belongs(statement, database)
    return undefined
  },
  finish: noteFailure,
}

function noteFailure(span: Span, _value: unknown, args: unknown[]): void {
  const failure = failures.get(args.at(-2) as object)
  if (failure !== undefined) span.setError(failure)
}

/** Rows are given to one callback, their end to a second one if there is one: now there is. */
function completeEach(original: AnyFunction, patcher: Patcher): AnyFunction {
  return {
    each(this: unknown, ...args: unknown[]) {
      const scope = patcher.tracer.scopeOrNothing
      const last = args.at(-1)
      if (scope === undefined || typeof last !== 'function') return Reflect.apply(original, this, args)
      const at = args.length - (typeof args.at(-2) === 'function' ? 2 : 1)
      const given = scope.bind(args[at] as AnyFunction)
      const row = function (this: unknown, ...values: unknown[]) {
        if (values[0]) failures.set(row, values[0])
        return Reflect.apply(given, this, values)
      }
      args[at] = row
      // What cannot be prepared is told to the last one.
      if (at === args.length - 1) args.push((error: unknown) => error && Reflect.apply(given, undefined, [error]))
      return Reflect.apply(original, this, args)
    },
  }.each
}

function traceAll({ Database, Statement, Backup }: Sqlite3, patcher: Patcher): void {
  pinsOfParts<Statement>(patcher, Statement.prototype, (statement) => statements.get(statement)?.database)
  for (const method of ['run', 'get', 'all', 'map', 'each', 'exec'] as const) {
    patcher.trace<Database & Methods<typeof method>>(Database.prototype, method, asked)
  }
  for (const method of ['run', 'get', 'all', 'each'] as const) {
    patcher.trace<Statement & Methods<typeof method>>(Statement.prototype, method, prepared)
  }
  patcher.wrap(Database.prototype, 'each', (original) => completeEach(original, patcher))
  patcher.wrap(Statement.prototype, 'each', (original) => completeEach(original, patcher))
  patcher.wrap(Database.prototype, 'prepare', (original) => knowStatements(original, patcher))
  const others: [object, string[]][] = [
    [Database.prototype, ['prepare', 'close', 'wait', 'loadExtension']],
    [Statement.prototype, ['bind', 'reset', 'finalize']],
    [Backup.prototype, ['step', 'finish']],
  ]
  for (const [prototype, methods] of others) {
    for (const method of methods) patcher.bind(prototype as Methods<string>, method)
  }
}

export default definePlugin({
  name: 'sqlite3',
  // Before 5.1 the methods of statements are read-only.
  hooks: [{ module: 'sqlite3', versions: '>=5.1.0 <7', file: 'lib/sqlite3.js', patch: traceAll }],
})
