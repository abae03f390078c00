// The statements that a program of `sqlite3` has prepared, and what becomes of calls that wait for one which cannot be.

import { EventEmitter, errorMonitor } from 'node:events'
import { type AnyFunction, hiddenField, type Patcher } from '../../src/plugin'

export interface Database {
  readonly filename: string
}

/** A statement that the program has prepared. Those that a database makes for one call are not known, and not traced again. */
class Prepared extends EventEmitter {
  failed = false

  constructor(readonly database: Database) {
    super()
    this.setMaxListeners(0)
  }

  /** Nothing that waits for the statement will be called back. */
  fail(error: unknown): void {
    this.failed = true
    this.emit(errorMonitor, error)
  }
}

export const statements = hiddenField<Prepared>()

export function knowStatements(original: AnyFunction, patcher: Patcher): AnyFunction {
  return {
    prepare(this: Database, ...args: unknown[]) {
      const known = new Prepared(this)
      const callback = args.at(-1)
      if (typeof callback === 'function') {
        args[args.length - 1] = function (this: unknown, ...results: unknown[]) {
          if (results[0]) patcher.guarded('prepare', () => known.fail(results[0]))
          return Reflect.apply(callback, this, results)
        }
      }
      const statement = Reflect.apply(original, this, args) as object
      statements.set(statement, known)
      return statement
    },
  }.prepare
}
