// What `tracer.scope()` returns: the scope in terms of spans, for programs.

import type { AnyFunction } from './run-in-span'
import type { Scope } from './scope/scope'
import type { Span } from './span'

export class TracerScope {
  readonly #scope: Scope | undefined

  /** @param scope undefined: the tracer is off */
  constructor(scope: Scope | undefined) {
    this.#scope = scope
  }

  /** The active span, or null. */
  active(): Span | null {
    return this.#scope?.active().span ?? null
  }

  /** Runs `fn` with `span` active (null: none) and returns what it returns. */
  activate<T>(span: Span | null, fn: () => T): T {
    if (this.#scope === undefined) return fn()
    return this.#scope.run(this.#scope.active().with(span ?? undefined), fn) as T
  }

  /** Returns a function, with the same `length`, that runs `fn` with `span` active (default: the span active now). */
  bind<F extends AnyFunction>(fn: F, span?: Span | null): F {
    const scope = this.#scope
    if (scope === undefined) return fn
    const active = scope.active()
    const context = span === undefined ? active : active.with(span ?? undefined)
    const bound = scope.bind(fn, context)
    // Frameworks tell handlers by it. To look like `fn` in all else would cost ten times what a call does.
    if (fn.length > 0) Object.defineProperty(bound, 'length', { value: fn.length })
    return bound as F
  }
}
