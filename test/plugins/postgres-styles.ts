// The ways to ask postgres.js for something, and what each of them sends.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import type { CallStyle } from '../support/call-styles'

export interface Query extends Promise<unknown[]> {
  cursor(rows: number): AsyncIterable<unknown[]>
  cursor(rows: number, step: (rows: unknown[]) => unknown): Query
  forEach(row: (row: unknown) => void): Query
  describe(): Query
  raw(): Query
  simple(): Query
  execute(): Query
  cancel(): unknown
  readable(): Promise<NodeJS.ReadableStream>
  writable(): Promise<NodeJS.WritableStream>
}

export interface Sql {
  (strings: TemplateStringsArray, ...values: unknown[]): Query
  (name: string): unknown
  unsafe(text: string, values?: unknown[]): Query
  file(path: string, values?: unknown[]): Query
  begin<T>(body: (sql: Sql) => T | Promise<T>): Promise<T>
  savepoint<T>(body: (sql: Sql) => T | Promise<T>): Promise<T>
  reserve(): Promise<Sql & { release(): void }>
  listen(channel: string, heard: (payload: string) => void): Promise<{ unlisten(): Promise<void> }>
  notify(channel: string, payload: string): Promise<unknown>
  end(options?: { timeout: number }): Promise<void>
  readonly CLOSE: object
}

const TWO = 'select n from generate_series(1, $1::int) n'

export interface Row extends CallStyle<Sql> {
  /** The texts of its spans. */
  readonly resources: readonly string[]
  readonly failed?: boolean
}

/** A result knows the connection; rows are what a program wants. */
export const rowsOf = (result: unknown) => [...(result as unknown[])]
export const two = (sql: Sql) => sql`select n from generate_series(1, ${2}::int) n`

export const rows: Row[] = [
  {
    name: 'a tagged template',
    run: (sql, probe) => probe.note('query', sql`select 1 as n`).then(rowsOf),
    resources: ['select 1 as n'],
  },
  { name: 'a template with values', run: (sql) => two(sql).then(rowsOf), resources: [TWO] },
  {
    name: 'a template of pieces and names',
    run: (sql) => sql`select ${1}::int ${sql`as ${sql('n')}`}`.then(rowsOf),
    resources: ['select $1::int as "n"'],
  },
  { name: 'text', run: (sql) => sql.unsafe('select 1 as n').then(rowsOf), resources: ['select 1 as n'] },
  { name: 'text and values', run: (sql) => sql.unsafe(TWO, [2]).then(rowsOf), resources: [TWO] },
  {
    name: 'several statements',
    run: (sql) => sql.unsafe('select 1 as a; select 2 as b').then((all) => all.map(rowsOf)),
    resources: ['select 1 as a; select 2 as b'],
  },
  { name: 'a file', run: (sql) => sql.file(sqlFile, [2]).then(rowsOf), resources: [TWO] },
  {
    name: 'a query awaited three times',
    async run(sql) {
      const query = two(sql)
      const seen = await Promise.all([query, query.catch(() => {}), query.finally(() => {})])
      return seen.map(rowsOf as (value: unknown) => unknown[])
    },
    resources: [TWO],
  },
  { name: 'raw', run: (sql) => two(sql).raw().then(rowsOf), resources: [TWO] },
  {
    name: 'describe',
    run: (sql) =>
      two(sql)
        .describe()
        .then((statement) => (statement as unknown as { string: string }).string),
    resources: [TWO],
  },
  {
    name: 'execute, awaited later',
    run(sql, probe) {
      const query = two(sql)
      probe.note('the same', query.execute() === query)
      return query.then(rowsOf)
    },
    resources: [TWO],
  },
  {
    name: 'forEach',
    run: (sql, probe) =>
      two(sql)
        .forEach((row) => void probe.note('row', row))
        .then(rowsOf),
    resources: [TWO],
  },
  {
    name: 'cursor with a callback',
    run: (sql, probe) =>
      two(sql)
        .cursor(1, (some) => probe.note('rows', rowsOf(some)))
        .then(rowsOf),
    resources: [TWO],
  },
  {
    name: 'cursor that its callback closes',
    run: (sql) =>
      two(sql)
        .cursor(1, () => sql.CLOSE)
        .then(rowsOf),
    resources: [TWO],
  },
  {
    name: 'cursor whose callback throws',
    run: (sql) =>
      two(sql).cursor(1, () => {
        throw new Error('from the callback')
      }),
    resources: [TWO],
    failed: true,
  },
  {
    name: 'cursor by iteration',
    async run(sql) {
      const seen = []
      for await (const some of two(sql).cursor(1)) seen.push(rowsOf(some))
      return seen
    },
    resources: [TWO],
  },
  {
    name: 'cursor by iteration, left early',
    async run(sql) {
      let first: unknown
      for await (const some of two(sql).cursor(1)) {
        first = rowsOf(some)
        break
      }
      // On the one connection, so that it comes after the end of the other.
      await sql`select 1`
      return first
    },
    resources: [TWO, 'select 1'],
  },
  {
    name: 'COPY to a stream',
    run: async (sql) => text(await sql`copy (select 1) to stdout`.readable()),
    resources: ['copy (select 1) to stdout'],
  },
  {
    name: 'COPY from a stream',
    async run(sql) {
      await sql`create temp table copied (n int)`
      await pipeline([Buffer.from('1\n2\n')], await sql`copy copied from stdin`.writable())
      return rowsOf(await sql`select n from copied`)
    },
    resources: ['create temp table copied (n int)', 'copy copied from stdin', 'select n from copied'],
  },
  {
    name: 'a transaction',
    run: (sql) => sql.begin(async (inner) => rowsOf(await inner`select 1 as n`)),
    resources: ['begin ', 'select 1 as n', 'commit'],
  },
  {
    name: 'a transaction that returns its queries',
    run: (sql) =>
      sql
        .begin((inner) => [inner`select 1 as n`, two(inner)])
        .then((all) => (all as unknown as unknown[][]).map(rowsOf)),
    resources: ['begin ', 'select 1 as n', TWO, 'commit'],
  },
  {
    name: 'a savepoint that is rolled back',
    run: (sql) =>
      sql.begin(async (inner) => {
        await inner.savepoint(() => Promise.reject(new Error('no'))).catch(() => {})
        return rowsOf(await inner`select 1 as n`)
      }),
    resources: ['begin ', 'savepoint "s0"', 'rollback to "s0"', 'select 1 as n', 'commit'],
  },
  {
    name: 'a transaction that fails',
    run: (sql) => sql.begin(() => Promise.reject(new Error('changed my mind'))),
    resources: ['begin ', 'rollback'],
  },
  {
    name: 'an error',
    run: (sql, probe) => probe.note('query', sql`select from where`),
    resources: ['select from where'],
    failed: true,
  },
  {
    name: 'an error that nobody handles',
    run(sql, probe) {
      sql`select from where`.execute()
      return probe.unhandled()
    },
    resources: ['select from where'],
    failed: true,
  },
  {
    name: 'a value that cannot be sent',
    run: (sql) => sql`select ${undefined as unknown as string} as n`,
    resources: ['select $1 as n'],
    failed: true,
  },
  {
    name: 'a query that is cancelled before it is sent',
    async run(sql) {
      // It opens a connection all the same, and the driver trips over one that is closed while it asks for types.
      await sql`select 1`
      const query = two(sql)
      query.cancel()
      return query.catch((error: Error) => error)
    },
    resources: ['select 1'],
  },
  {
    name: 'a query that nobody awaits',
    run: (sql, probe) => void probe.note('query', two(sql)),
    resources: [],
  },
]

const folder = mkdtempSync(join(tmpdir(), 'dd-postgres-'))
const sqlFile = join(folder, 'two.sql')
writeFileSync(sqlFile, TWO)
after(() => rmSync(folder, { recursive: true }))
