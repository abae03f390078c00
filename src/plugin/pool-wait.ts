// How pools of connections are watched. A program that asks for a connection gets a span for the wait; a pool that fetches one
// for a query of its own gets none, but the query's span says how long it waited. In either case the callback runs in its
// caller's context, because a busy pool calls back from whoever gave the connection up.
//
// Who asks is known by looking: what a pool does while one of its own methods runs is the pool's doing. Pools also ask themselves
// again with the callback of somebody else, at a retry or when a connection is given back; such callbacks are known by a mark.

import { monotonicMs } from '../base/clock'
import { hiddenField } from '../base/hidden-field'
import { belongs } from '../trace/pin'
import type { AnyFunction } from '../trace/run-in-span'
import type { Span } from '../trace/span'
import { lastGiven } from './completion'
import type { SpanTemplate, Start } from './contract'
import type { Patcher } from './patcher'

const marked = hiddenField<true>()
const watches = new WeakMap<Patcher<never>, PoolWait>()

/** The span for a wait. */
interface Acquiring extends SpanTemplate {
  /** The tag with the milliseconds. Default: `<plugin>.pool.wait_time`. */
  readonly waitTag?: string
  /** Before the span finishes; undefined if no connection was to be had. */
  finish?(span: Span, connection: unknown): void
}

/** The milliseconds since a span began. */
export function elapsedMs({ trace, startUs }: Span): number {
  return (trace.nowUs() - startUs) / 1000
}

export class PoolWait {
  /** Whether a method of a pool is running. */
  #inside = false
  /** What the query that comes next has waited. */
  #waitedMs: number | undefined

  private constructor(private readonly patcher: Patcher) {}

  /** All hooks of a plugin share one. */
  static of(patcher: Patcher): PoolWait {
    const known = watches.get(patcher as Patcher<never>)
    if (known !== undefined) return known
    const made = new PoolWait(patcher)
    watches.set(patcher as Patcher<never>, made)
    return made
  }

  /**
   * Puts a span around every call of `pool[method]` by the program: it takes a callback for a connection as last argument, or
   * returns a promise of one.
   */
  acquire<Pool extends object>(
    pool: Pool,
    method: keyof Pool & string,
    { waitTag, finish, ...template }: Acquiring,
    start: (pool: Pool) => Omit<Start, 'resource'>,
  ): void {
    const { patcher } = this
    const tag = waitTag ?? `${patcher.plugin}.pool.wait_time`
    const operation = {
      ...template,
      activate: false,
      start: (self: Pool) => ({ ...start(self), resource: template.name, callback: 'last' as const }),
      finish(span: Span, connection: unknown) {
        span.put(tag, elapsedMs(span))
        finish?.(span, connection)
      },
    }
    patcher.wrap(pool, method, (original) => this.#asking(original, patcher.tracing<Pool>(operation)))
  }

  /** Says that `pool[method]` acquires its connection itself. */
  uses<Pool extends object>(pool: Pool, method: keyof Pool & string): void {
    const watch = this
    this.patcher.wrap(pool, method, (original) => {
      return {
        used(this: unknown, ...args: unknown[]) {
          return watch.#within(true, original, this, args)
        },
      }.used
    })
  }

  /** The milliseconds that the query which begins now has waited for its connection; undefined if it has not. */
  take(): number | undefined {
    const waited = this.#waitedMs
    this.#waitedMs = undefined
    return waited
  }

  #asking(original: AnyFunction, tracing: (original: AnyFunction) => AnyFunction): AnyFunction {
    const watch = this
    /** Replaces the callback by one that is marked, so that it is known again. */
    const ask = (self: unknown, args: unknown[], told: (callback: AnyFunction) => AnyFunction): unknown => {
      const last = lastGiven(args)
      const callback = told(args[last] as AnyFunction)
      marked.set(callback, true)
      args[last] = callback
      return watch.#within(true, original, self, args)
    }
    const spanned = tracing(
      {
        spanned(this: unknown, ...args: unknown[]) {
          if (typeof args[lastGiven(args)] !== 'function') return watch.#within(true, original, this, args)
          return ask(this, args, (callback) => watch.#outside(this as object, callback))
        },
      }.spanned,
    )
    return {
      asking(this: unknown, ...args: unknown[]) {
        const callback = args[lastGiven(args)]
        const scope = watch.patcher.tracer.scopeOrNothing
        if (scope === undefined) return Reflect.apply(original, this, args)
        const isMarked = typeof callback === 'function' && marked.get(callback) === true
        if (!isMarked && !watch.#inside) return Reflect.apply(spanned, this, args)
        if (isMarked || typeof callback !== 'function') return watch.#within(true, original, this, args)
        const startMs = monotonicMs()
        return ask(this, args, (own) => scope.bind(watch.#outside(this as object, own, startMs)))
      },
    }.asking
  }

  /** The callback, which runs outside of any method of a pool. `startMs`: since when its query has waited. */
  #outside(pool: object, callback: AnyFunction, startMs?: number): AnyFunction {
    const watch = this
    return function (this: unknown, ...results: unknown[]) {
      const connection = results[1]
      if (typeof connection === 'object' && connection !== null) belongs(connection, pool)
      if (startMs !== undefined && !results[0]) watch.#waitedMs = monotonicMs() - startMs
      try {
        return watch.#within(false, callback, this, results)
      } finally {
        watch.#waitedMs = undefined
      }
    }
  }

  #within(inside: boolean, fn: AnyFunction, self: unknown, args: unknown[]): unknown {
    const before = this.#inside
    this.#inside = inside
    try {
      return Reflect.apply(fn, self, args)
    } finally {
      this.#inside = before
    }
  }
}
