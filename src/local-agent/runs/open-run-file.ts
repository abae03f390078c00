// Opens the file that runs are kept in, or makes it. A file of somebody else, or one that is damaged, is refused before anything is written to it.

import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { RunFileError } from './run-record'
import {
  BUSY,
  CANNOT_OPEN,
  CORRUPT,
  type Database,
  IO_ERROR,
  NOT_A_DATABASE,
  openDatabase,
  READONLY,
  sqliteCode,
} from './sqlite'

/** In the header of the file: whose it is. */
const APPLICATION_ID = 0x64646f67
/** Of the tables. */
const FORMAT = 1

/** Source: SQLite's "Database File Format", 1.3. */
const MAGIC = 'SQLite format 3\0'
const APPLICATION_ID_OFFSET = 68
const HEADER_BYTES = 100

const TABLES = `
  PRAGMA auto_vacuum = INCREMENTAL;
  BEGIN;
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${FORMAT};
  CREATE TABLE runs (id INTEGER PRIMARY KEY AUTOINCREMENT, start REAL NOT NULL);
  CREATE TABLE traces (seq INTEGER PRIMARY KEY AUTOINCREMENT, run INTEGER NOT NULL, id TEXT NOT NULL, UNIQUE (run, id));
  CREATE TABLE spans (trace INTEGER NOT NULL, span TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (trace, span)) WITHOUT ROWID;
  CREATE TABLE logs (seq INTEGER PRIMARY KEY AUTOINCREMENT, run INTEGER NOT NULL, body TEXT NOT NULL);
  CREATE INDEX logs_of_run ON logs (run);
  CREATE TABLE series (seq INTEGER PRIMARY KEY AUTOINCREMENT, run INTEGER NOT NULL, key TEXT NOT NULL, body TEXT NOT NULL, UNIQUE (run, key));
  CREATE TABLE windows (series INTEGER NOT NULL, start INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (series, start)) WITHOUT ROWID;
  COMMIT;`

interface OpenRunFile {
  readonly database: Database
  readonly isReadOnly: boolean
}

/** Throws a `RunFileError` that says what is wrong with the file. */
export function openRunFile(file: string): OpenRunFile {
  const isNew = mustBeOurs(file)
  let database: Database | undefined
  try {
    database = openDatabase(file)
    // One process at a time: the lock is kept from the first statement on. A journal that is cut needs no rights in the folder later.
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = TRUNCATE; PRAGMA synchronous = NORMAL')
    if (isNew) database.exec(TABLES)
    else {
      database.exec('BEGIN IMMEDIATE; COMMIT')
      mustBeWhole(database, file)
      // SQLite itself would say only when the first batch comes. Rolled back, so nothing of it stays.
      database.exec(`BEGIN IMMEDIATE; PRAGMA user_version = ${FORMAT}; ROLLBACK`)
    }
    return { database, isReadOnly: false }
  } catch (error) {
    database?.close()
    const code = sqliteCode(error)
    if (!isNew && (code === READONLY || code === CANNOT_OPEN || code === IO_ERROR)) return openReadOnly(file)
    throw told(error, file)
  }
}

function openReadOnly(file: string): OpenRunFile {
  let database: Database | undefined
  try {
    database = openDatabase(file, { readOnly: true })
    mustBeWhole(database, file)
    return { database, isReadOnly: true }
  } catch (error) {
    database?.close()
    throw told(error, file)
  }
}

/** Returns whether there is nothing yet. Looks at the bytes, because to open a file with SQLite may change it. */
function mustBeOurs(file: string): boolean {
  if (!existsSync(file)) {
    if (!existsSync(dirname(file))) throw new RunFileError(`there is no folder ${dirname(file)} to make the file in`)
    return true
  }
  const stat = statSync(file)
  if (!stat.isFile()) throw new RunFileError(`${file} is no file`)
  if (stat.size === 0) return true
  const header = Buffer.alloc(HEADER_BYTES)
  try {
    const descriptor = openSync(file, 'r')
    try {
      readSync(descriptor, header, 0, HEADER_BYTES, 0)
    } finally {
      closeSync(descriptor)
    }
  } catch (error) {
    throw new RunFileError(`${file} cannot be read: ${(error as Error).message}`)
  }
  const isOurs =
    header.toString('latin1', 0, MAGIC.length) === MAGIC &&
    header.readUInt32BE(APPLICATION_ID_OFFSET) === APPLICATION_ID
  if (!isOurs) throw new RunFileError(`${file} is not a file of dog, and stays as it is: choose another name`)
  return false
}

function mustBeWhole(database: Database, file: string): void {
  const format = database.prepare('PRAGMA user_version').get()?.['user_version']
  if (Number(format) > FORMAT) throw new RunFileError(`${file} was written by a newer dog`)
  const found = database.prepare('PRAGMA quick_check(1)').get()?.['quick_check']
  if (format !== FORMAT || found !== 'ok') throw new RunFileError(damaged(file, String(found)))
}

function told(error: unknown, file: string): Error {
  if (error instanceof RunFileError) return error
  const { message } = error as Error
  const code = sqliteCode(error)
  if (code === BUSY) return new RunFileError(`${file} is in use by another dog`)
  if (code === CORRUPT || code === NOT_A_DATABASE) return new RunFileError(damaged(file, message))
  return new RunFileError(`${file} cannot be opened: ${message}`)
}

function damaged(file: string, how: string): string {
  return `${file} is damaged (${how}), and stays as it is: move it away, or choose another name`
}
