// The default scope: Node's own AsyncLocalStorage.

import { AsyncLocalStorage } from 'node:async_hooks'
import { type Context, ROOT_CONTEXT } from '../context'
import { Scope } from './scope'

const NO_ARGS: ArrayLike<unknown> = []

export class AsyncLocalScope extends Scope {
  readonly #storage = new AsyncLocalStorage<Context>()

  active(): Context {
    return this.#storage.getStore() ?? ROOT_CONTEXT
  }

  /** Up to Node 22 each storage that has been used makes every promise and timer of the process a little slower. */
  override leave(): void {
    this.#storage.disable()
  }

  // biome-ignore lint/complexity/noBannedTypes: see Scope
  run(context: Context, fn: Function, self?: unknown, args: ArrayLike<unknown> = NO_ARGS): unknown {
    // Reflect.apply as the callee saves a closure per call.
    return this.#storage.run(context, Reflect.apply, fn, self, args)
  }
}
