// The extension point for carrying the context through asynchronous calls.
//
// There is no way to change the context of code that already runs (`enterWith`): it leaks into whatever the caller does next.

import type { Context } from '../context'

// biome-ignore lint/complexity/noBannedTypes: any callable of the program, passed on as it came
type Callable = Function

export abstract class Scope {
  /** The context of the running code; the root context where none was set. */
  abstract active(): Context

  /** Calls `fn` with `self` and `args`, and everything it starts, inside `context`; returns and throws what it does. */
  abstract run(context: Context, fn: Callable, self?: unknown, args?: ArrayLike<unknown>): unknown

  /** Lets go of what the scope costs while nothing runs in it; every context is then the root, until the next `run`. */
  leave(): void {}

  /** Returns a function that runs `fn` inside `context`, by default the one active now. */
  bind(fn: Callable, context: Context = this.active()): (...args: unknown[]) => unknown {
    const scope = this
    return function bound(this: unknown, ...args: unknown[]) {
      return scope.run(context, fn, this, args)
    }
  }
}
