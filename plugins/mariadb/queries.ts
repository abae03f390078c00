// The classes of `mariadb`, as their objects come along: connections, statements, pools, clusters.
//
// An object knows its server by the options that it, or its pool, was made with. Public methods call each other, in some versions;
// what the library does inside a call of ours belongs to that. A query of a pool includes its wait for a connection.

import {
  type AnyFunction,
  belongs,
  type CallStart,
  hiddenField,
  mimic,
  type Operation,
  type Patcher,
  type Span,
  tags,
} from '../../src/plugin'
import { copyWith, DatabaseComment, elapsedMs } from '../../src/plugin/clients'
import { connectionTags, type SqlConnection } from '../sql-connection'

export type Methods = Record<string, unknown>
type Text = (self: object, first: unknown) => unknown
type See = (given: object, args: readonly unknown[], self: object) => void

const all = new WeakMap<Patcher, Queries>()
const optionsOf = hiddenField<SqlConnection>()
const isOurs = hiddenField<true>()

const TEXTS: Readonly<Record<string, string>> = {
  beginTransaction: 'START TRANSACTION',
  commit: 'COMMIT',
  rollback: 'ROLLBACK',
}
const template = { type: 'sql', kind: 'client', system: 'mariadb', peerTags: [tags.DB_NAME] } as const
const UNTIL = { emitter: 'result', events: ['end', 'close'] } as const
const QUERIES = ['query', 'execute', 'batch']
/** What calls back, and is no query. */
const OTHERS = ['connect', 'changeUser', 'ping', 'reset', 'end', 'importFile', 'prepare']

export class Queries {
  /** The prototypes that are traced. */
  readonly #known = new WeakSet<object>()

  readonly #comments: DatabaseComment | undefined

  private constructor(private readonly patcher: Patcher) {
    this.#comments = DatabaseComment.of(patcher, template)
  }

  /** All hooks share one, as promises and callbacks share classes. */
  static of(patcher: Patcher): Queries {
    const known = all.get(patcher) ?? new Queries(patcher)
    all.set(patcher, known)
    return known
  }

  seeConnection(connection: object, options: SqlConnection): void {
    optionsOf.set(connection, options)
    this.traceConnection(prototypeOf(connection))
  }

  seePool(pool: object, options: SqlConnection): void {
    optionsOf.set(pool, options)
    this.traceGiver(prototypeOf(pool))
  }

  seeCluster(cluster: object): void {
    const prototype = prototypeOf(cluster)
    if (this.#known.has(prototype)) return
    this.traceGiver(prototype)
    this.given(prototype, 'of', (filtered, _args, self) => {
      belongs(filtered, self)
      this.traceGiver(prototypeOf(filtered))
    })
    const seePool: See = (pool, [options], self) => {
      belongs(pool, self)
      this.seePool(pool, (options as { connOptions?: SqlConnection }).connOptions ?? {})
    }
    this.given(prototype, '_createPool', seePool)
  }

  traceConnection(prototype: Methods): void {
    if (this.#isKnown(prototype)) return
    for (const method of [...QUERIES, 'queryStream']) this.#traceQueries(prototype, method)
    for (const method of ['query', 'queryStream']) this.#bindEmitters(prototype, method)
    for (const [method, text] of Object.entries(TEXTS)) this.#trace(prototype, method, () => text)
    this.given(prototype, 'prepare', (statement, _args, self) => {
      belongs(statement, self)
      this.#seeStatement(statement, optionsOf.get(self) ?? {})
    })
    for (const method of OTHERS) if (method in prototype) this.patcher.bind(prototype, method)
  }

  /** A pool or a cluster. */
  traceGiver(prototype: Methods): void {
    if (this.#isKnown(prototype)) return
    for (const method of QUERIES) this.#traceQueries(prototype, method)
    const name = 'mariadb.pool.acquire'
    this.given(prototype, 'getConnection', (connection, _args, self) => {
      belongs(connection, self)
      this.seeConnection(connection, optionsOf.get(connection) ?? optionsOf.get(self) ?? {})
    })
    this.#trace(prototype, 'getConnection', () => name, {
      name,
      finish: (span: Span) => span.put('mariadb.pool.wait_time', elapsedMs(span)),
    })
  }

  /** Makes the active span, if it is one of ours, say where `self` leads, before each call of `prototype[method]`. */
  locate<Self extends object>(
    prototype: Self,
    method: keyof Self & string,
    options: (self: Self) => SqlConnection | undefined,
  ): void {
    const { patcher } = this
    patcher.wrap(prototype, method, (original) => {
      return {
        located(this: Self, ...args: unknown[]) {
          patcher.guarded('locate', () => {
            const { activeSpan } = patcher.tracer
            if (activeSpan === undefined || !isOurs.get(activeSpan) || activeSpan.isFinished) return
            for (const [key, value] of Object.entries(connectionTags('mariadb', options(this)))) {
              if (value !== undefined) activeSpan.put(key, value)
            }
          })
          return Reflect.apply(original, this, args)
        },
      }.located
    })
  }

  /** Sees what `target[method]` gives, by return, promise or callback. */
  given<Target extends object>(target: Target, method: keyof Target & string, see: See): void {
    if (typeof target[method] !== 'function') return
    const { patcher } = this
    patcher.wrap(target, method, (original) => {
      return {
        given(this: object, ...args: unknown[]) {
          const saw = <T>(value: T): T => {
            if (typeof value === 'object' && value !== null) patcher.guarded(method, () => see(value, args, this))
            return value
          }
          const last = args.length - 1
          const callback = args[last]
          if (typeof callback === 'function') {
            args[last] = function (this: unknown, ...results: unknown[]) {
              saw(results[1])
              return Reflect.apply(callback as AnyFunction, this, results)
            }
          }
          const result = Reflect.apply(original, this, args) as unknown
          return result instanceof Promise ? result.then(saw) : saw(result)
        },
      }.given
    })
  }

  /** The emitters given run their listeners when the socket has something to say: in the context of who opened that, otherwise. */
  #bindEmitters(prototype: Methods, method: string): void {
    if (typeof prototype[method] !== 'function') return
    const { patcher } = this
    patcher.wrap(prototype, method, (original) => {
      return {
        given(this: unknown, ...args: unknown[]) {
          const given = Reflect.apply(original, this, args) as { emit?: AnyFunction }
          const { emit } = given ?? {}
          if (emit === undefined) return given
          patcher.guarded('bind', () => {
            const { activeSpan } = patcher.tracer
            const value = {
              emit(this: unknown, ...event: unknown[]) {
                return patcher.run(activeSpan, emit, this, event)
              },
            }.emit
            Object.defineProperty(given, 'emit', { configurable: true, writable: true, value: mimic(value, emit) })
          })
          return given
        },
      }.given
    })
  }

  #seeStatement(statement: object, options: SqlConnection): void {
    optionsOf.set(statement, options)
    // A batch executes statements too, which nobody was given.
    const text = (self: object) => (optionsOf.get(self) === undefined ? undefined : (self as { query?: unknown }).query)
    const methods = ['execute', 'executeStream']
    const prototype = prototypeOf(statement)
    if (!this.#isKnown(prototype)) for (const method of methods) this.#trace(prototype, method, text)
    for (const method of methods) {
      const own = Object.getOwnPropertyDescriptor(statement, method)?.value as AnyFunction | undefined
      if (own === undefined) continue
      // One from the cache borrows the methods of another, so they are its own: what is traced goes with it.
      Object.defineProperty(statement, method, { value: this.patcher.traced<object>(own, this.#operation(text)) })
    }
  }

  /** Traces a method whose first argument is the text, or an object that has it. */
  #traceQueries(prototype: Methods, method: string): void {
    const comments = this.#comments
    // The others send statements, which the server keeps.
    const isConstant = !method.startsWith('query')
    this.#trace(prototype, method, (_self, sql) => textOf(sql), {
      ...(comments && {
        before(span, args) {
          isOurs.set(span, true)
          const [sql] = args
          const text = comments.added(String(textOf(sql)), span, isConstant)
          args[0] = typeof sql === 'string' ? text : copyWith(sql as object, 'sql', text)
        },
        // They tell the text in more than one place.
        finish: (_span, _value, _args, error) => comments.takeOut(error, ['sql', 'message', 'stack']),
      }),
    })
  }

  #trace(prototype: Methods, method: string, text: Text, own?: Partial<Operation<object, unknown[]>>): void {
    if (typeof prototype[method] === 'function')
      this.patcher.trace<Methods>(prototype, method, this.#operation(text, own))
  }

  #operation(text: Text, own: Partial<Operation<object, unknown[]>> = {}): Operation<object, unknown[]> {
    const { tracer } = this.patcher
    return {
      ...template,
      name: 'mariadb.query',
      before: (span) => isOurs.set(span, true),
      ...own,
      start(self, args): CallStart | undefined {
        const active = tracer.activeSpan
        if (active !== undefined && isOurs.get(active) && !active.isFinished) return undefined
        const resource = text(self, args[0])
        if (typeof resource !== 'string') return undefined
        return {
          resource,
          tags: connectionTags('mariadb', optionsOf.get(self)),
          callback: 'last',
          // With a callback, the emitter knows nothing of errors.
          until: args.some((arg) => typeof arg === 'function') ? undefined : UNTIL,
        }
      },
    }
  }

  #isKnown(prototype: object): boolean {
    if (this.#known.has(prototype)) return true
    this.#known.add(prototype)
    return false
  }
}

function prototypeOf(object: object): Methods {
  return Object.getPrototypeOf(object) as Methods
}

function textOf(sql: unknown): unknown {
  return typeof sql === 'string' ? sql : (sql as { sql?: unknown } | null | undefined)?.sql
}
