// What the plugins for SQLite have in common: the span of a query, and the statements of the two libraries that wait for it.
//
// A database in the process has no host and nothing below it that is traced, so its queries never become parents.

import { basename } from 'node:path'
import { type AnyFunction, belongs, hiddenField, type Operation, type Patcher, type Start, tags } from '../src/plugin'
import { pinsOfParts } from '../src/plugin/clients'

export const SQLITE_QUERY = {
  name: 'sqlite.query',
  type: 'sql',
  kind: 'client',
  system: 'sqlite',
  activate: false,
  peerTags: [tags.DB_NAME],
} as const

/** The prototype of prepared statements that run at once. */
export interface Statements {
  run: AnyFunction
  get: AnyFunction
  all: AnyFunction
  iterate: AnyFunction
}

interface Steps {
  next: AnyFunction
  return?: AnyFunction
}

const IN_MEMORY = ':memory:'
const names = hiddenField<string>()

/** Describes a query; `path` is asked once per database. */
export function sqliteQuery<D extends object>(
  text: string,
  database: D,
  path: (database: D) => string | undefined,
): Start {
  let name = names.get(database)
  if (name === undefined) {
    const file = path(database)
    name = file === undefined ? undefined : databaseName(file)
    names.set(database, name)
  }
  return { resource: text, tags: { [tags.DB_TYPE]: 'sqlite', [tags.DB_NAME]: name } }
}

/** The file's name, from a path or a `file:` URI; a database without a file is in memory. */
export function databaseName(path: string): string {
  if (!path.startsWith('file:')) return basename(path) || IN_MEMORY
  const [file = ''] = path.slice('file:'.length).split('?')
  return basename(file) || IN_MEMORY
}

/** Traces the statements of a prototype; what `iterate` gives is known by the first one. */
export function traceStatements<S extends Statements>(
  prototype: S,
  patcher: Patcher,
  describe: (statement: S) => Start | undefined,
  databaseOf: (statement: S) => object | undefined,
): void {
  const query: Operation<Statements, unknown[]> = {
    ...SQLITE_QUERY,
    start: (statement) => describe(statement as S),
    pinOn(statement) {
      const database = databaseOf(statement as S)
      if (database !== undefined) belongs(statement, database)
      return undefined
    },
  }
  pinsOfParts(patcher, prototype, databaseOf)
  for (const method of ['run', 'get', 'all'] as const) patcher.trace(prototype as Statements, method, query)
  const known = new WeakSet<object>()
  patcher.wrap(prototype as Statements, 'iterate', (original) => {
    return {
      iterate(this: unknown, ...args: unknown[]) {
        const steps: unknown = Reflect.apply(original, this, args)
        const shared = Object.getPrototypeOf(steps) as Steps
        if (known.has(shared)) return steps
        known.add(shared)
        patcher.guarded('iterate', () => patcher.bindSteps(shared))
        return steps
      },
    }.iterate
  })
  patcher.trace(prototype as Statements, 'iterate', {
    ...query,
    start(statement) {
      const start = describe(statement as S)
      return start && { ...start, iterates: true }
    },
  })
}
