// The part of Node's own SQLite that is used here, loaded where it is asked for: Node 20 has none, and Node 22 says on stderr that it is experimental.

import { isBuiltin } from 'node:module'

type Value = string | number | null

export interface Statement {
  run(...values: Value[]): { readonly lastInsertRowid: number | bigint; readonly changes: number | bigint }
  get(...values: Value[]): Record<string, unknown> | undefined
  iterate(...values: Value[]): Iterable<Record<string, unknown>>
}

export interface Database {
  exec(sql: string): void
  prepare(sql: string): Statement
  close(): void
}

interface Sqlite {
  readonly DatabaseSync: new (file: string, options?: { readonly readOnly?: boolean }) => Database
}

/** Source: SQLite's "Result and Error Codes". */
export const BUSY = 5
export const READONLY = 8
export const IO_ERROR = 10
export const CORRUPT = 11
export const CANNOT_OPEN = 14
export const NOT_A_DATABASE = 26

/** Why runs cannot be kept with this Node; undefined where they can. */
export function sqliteProblem(): string | undefined {
  if (isBuiltin('node:sqlite')) return undefined
  return `keeping runs in a file needs Node 22.13 or newer, which has SQLite; this is Node ${process.versions.node}`
}

export function openDatabase(file: string, options: { readonly readOnly?: boolean } = {}): Database {
  const { DatabaseSync } = require('node:sqlite') as Sqlite
  return new DatabaseSync(file, options)
}

/** The primary code of an error of SQLite's; 0 for other errors. */
export function sqliteCode(error: unknown): number {
  const { errcode } = error as { errcode?: unknown }
  return typeof errcode === 'number' ? errcode & 0xff : 0
}
