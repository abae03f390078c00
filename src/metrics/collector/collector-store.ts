// How a collector is found in the middle of its request or job: by the async context. With the tracer that is the tracer's; alone it is one
// of our own, made when it is first used.

import { AsyncLocalStorage } from 'node:async_hooks'
import type { Collection } from '../../base/collection'
import type { Scope } from '../../trace/scope/scope'

export interface CollectorStore {
  /** The innermost collection that the running code belongs to. */
  active(): Collection | undefined
  /** Runs `fn`, and all that it starts, inside a collection; returns and throws what it does. */
  run<T>(collection: Collection, fn: () => T): T
}

let storage: AsyncLocalStorage<Collection> | undefined

/** The one for collectors without a tracer. */
export const ownStore: CollectorStore = {
  active: () => storage?.getStore(),
  run(collection, fn) {
    storage ??= new AsyncLocalStorage()
    return storage.run(collection, fn)
  },
}

/** The tracer's, and while that is off the one of our own. */
export function scopeStore(scopeNow: () => Scope | undefined): CollectorStore {
  return {
    active() {
      const scope = scopeNow()
      return scope === undefined ? ownStore.active() : scope.active().collection
    },
    run<T>(collection: Collection, fn: () => T): T {
      const scope = scopeNow()
      return scope === undefined
        ? ownStore.run(collection, fn)
        : (scope.run(scope.active().collecting(collection), fn) as T)
    },
  }
}
