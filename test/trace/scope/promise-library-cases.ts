// The same table for promises of other makes, which call back from queues of their own: what `await` gives is always one's own,
// what `then` does is the library's affair.

import { setImmediate as turn } from 'node:timers/promises'
import type { ContextCase } from './context-case'

/** What is used of bluebird. */
export interface BluebirdLike extends PromiseLike<void> {
  delay(ms: number): BluebirdLike
  resolve(): BluebirdLike
  config(options: { asyncHooks: boolean }): void
  coroutine(fn: () => Generator<unknown>): () => BluebirdLike
}

/** What is used of q. */
export interface QLike {
  (value: unknown): PromiseLike<unknown>
  delay(ms: number): PromiseLike<unknown>
}

const QUEUE =
  'its queue works off the callbacks of all in one go, where the first was put in; `await` it, or bind the callback'

/** Two promises that are pending together, so that both flows' callbacks are in the queue at once. */
const QUEUED = ['own', 'other'] as const

export function bluebirdCases(load: () => BluebirdLike): readonly ContextCase[] {
  const hooked: ContextCase['run'] = (reach) => {
    load().config({ asyncHooks: true })
    return load()
      .resolve()
      .then(reach)
      .then(() => load().config({ asyncHooks: false }))
  }
  return [
    {
      title: 'await',
      run: async (reach) => {
        await load().delay(1)
        reach()
      },
    },
    { title: 'then', run: (reach) => load().resolve().then(reach), sees: QUEUED, because: QUEUE },
    {
      title: 'a coroutine',
      run: (reach) =>
        load().coroutine(function* () {
          yield turn()
          reach()
        })(),
      sees: QUEUED,
      because: QUEUE,
    },
    { title: 'then, with its asyncHooks option', run: hooked },
  ]
}

export function qCases(load: () => QLike): readonly ContextCase[] {
  return [
    {
      title: 'await',
      run: async (reach) => {
        await load().delay(1)
        reach()
      },
    },
    { title: 'then', run: (reach) => load()(1).then(reach), sees: QUEUED, because: QUEUE },
  ]
}
