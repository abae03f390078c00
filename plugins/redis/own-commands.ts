// Tells the commands that a client sends for itself (its handshake, its ready check, its subscriptions renewed) from those of the
// program: they are sent while certain functions of the client run, and not later.

import type { AnyFunction } from '../../src/plugin'

export class OwnCommands {
  #areSent = false

  /** Whether what is sent now is the client's own. */
  get areSent(): boolean {
    return this.#areSent
  }

  /** Makes what `original` sends until it returns the client's own, where `isOwn` says so of its `this`. */
  during(original: AnyFunction, isOwn: (self: never) => boolean = () => true): AnyFunction {
    const own = this
    return {
      own(this: never, ...args: unknown[]) {
        const before = own.#areSent
        own.#areSent = isOwn(this)
        try {
          return Reflect.apply(original, this, args)
        } finally {
          own.#areSent = before
        }
      },
    }.own
  }
}
