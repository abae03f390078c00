// Where pins are kept on what a program holds of postgres.js: on the function that executes the queries of one `sql`, which each query
// knows. The `sql` of a transaction has a function of its own, which belongs to that of the `sql` that has begun it.

import { type AnyFunction, belongs, mimic, type Patcher } from '../../src/plugin'
import type { Query } from './settling'

type Sql = AnyFunction & { unsafe(text: string): Query } & Partial<Record<Method, AnyFunction>>
type Method = (typeof METHODS)[number]

/** What gives another `sql`, to a function or by a promise, or a query that is executed in a roundabout way. */
const METHODS = ['begin', 'savepoint', 'reserve', 'file'] as const

/** @param queries the prototype of queries */
export function followPins(queries: object, patcher: Patcher): void {
  const followed = new WeakSet<Sql>()

  const isQuery = (value: unknown): value is Query => Object.prototype.isPrototypeOf.call(queries, value as object)

  /** Returns what executes the queries; one that nobody waits for does nothing. */
  function follow(sql: Sql): object | undefined {
    const query = sql.unsafe('')
    if (!isQuery(query)) return undefined
    const { handler } = query
    if (followed.has(sql)) return handler
    followed.add(sql)
    for (const method of METHODS) {
      const original = sql[method]
      if (typeof original === 'function') sql[method] = mimic(giving(original, handler), original)
    }
    return handler
  }

  function giving(original: AnyFunction, handler: object): AnyFunction {
    const join = <T>(given: T): T => {
      patcher.guarded('pin', () => {
        const part = isQuery(given) ? given.handler : isSql(given) ? follow(given) : undefined
        if (part !== undefined) belongs(part, handler)
      })
      return given
    }
    return {
      give(this: unknown, ...args: unknown[]) {
        const last = args.length - 1
        const run = args[last]
        if (typeof run === 'function') args[last] = (sql: unknown) => run(join(sql))
        const result = Reflect.apply(original, this, args) as unknown
        if (isQuery(result)) return join(result)
        return typeof run === 'function' || !(result instanceof Promise) ? result : result.then(join)
      },
    }.give
  }

  patcher.whenPinned((target) => (isSql(target) ? follow(target) : undefined))
}

function isSql(value: unknown): value is Sql {
  return typeof value === 'function' && typeof (value as Partial<Sql>).unsafe === 'function'
}
