// The ways in which a program itself keeps a context, or loses it: queues, stores of its own, what the tracer offers. What is active there is
// the program's own span, unless the row names another one and the reason.

import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks'
import { channel } from 'node:diagnostics_channel'
import { setImmediate as turn } from 'node:timers/promises'
import { tracer } from '../../../src'
import type { ContextCase, Reach, Run } from './context-case'

const nothing = (): void => {}

/** A queue that one loop works off for all. */
function workQueue(wrap: (reach: Reach) => Reach): () => Run {
  return () => {
    const jobs: Reach[] = []
    const timer = setInterval(() => {
      if (jobs.length < 2) return
      clearInterval(timer)
      for (const job of jobs) job()
    }, 1)
    return (reach) => void jobs.push(wrap(reach))
  }
}

const pools: readonly ContextCase[] = [
  {
    title: 'a queue that one loop works off',
    share: workQueue((reach) => reach),
    sees: 'maker',
    because: 'nothing tells whose job it is; bind it, or make an AsyncResource of it',
  },
  {
    title: 'a queue of AsyncResources',
    share: workQueue((reach) => {
      const job = new AsyncResource('job')
      return () => job.runInAsyncScope(reach)
    }),
  },
  { title: 'a queue of what AsyncResource.bind gave', share: workQueue((reach) => AsyncResource.bind(reach)) },
  { title: 'a queue of what scope().bind gave', share: workQueue((reach) => tracer.scope().bind(reach)) },
  {
    title: 'a queue of activations',
    share: workQueue((reach) => {
      const span = tracer.activeSpan ?? null
      return () => tracer.scope().activate(span, reach)
    }),
  },
  { title: 'a queue whose promise is awaited', run: (reach) => new Promise((done) => setImmediate(done)).then(reach) },
]

const stores: readonly ContextCase[] = [
  { title: 'AsyncResource.bind', run: (reach) => outside(AsyncResource.bind(reach)) },
  {
    title: 'AsyncLocalStorage.snapshot',
    run: (reach) => {
      const inside = AsyncLocalStorage.snapshot()
      outside(() => inside(reach))
    },
  },
  { title: 'AsyncLocalStorage.bind', run: (reach) => outside(AsyncLocalStorage.bind(reach)) },
  {
    title: 'run of an AsyncLocalStorage of the program',
    run: (reach) => new AsyncLocalStorage<number>().run(1, () => setImmediate(reach)),
  },
  {
    title: 'exit of an AsyncLocalStorage of the program',
    run: (reach) => new AsyncLocalStorage().exit(() => turn().then(reach)),
  },
  {
    title: 'enterWith of an AsyncLocalStorage of the program',
    run: async (reach) => {
      new AsyncLocalStorage<number>().enterWith(1)
      await turn()
      reach()
    },
  },
  {
    title: 'runStores of a channel',
    run: (reach) => {
      const store = new AsyncLocalStorage<number>()
      const requests = channel('dd-test:context')
      requests.bindStore(store)
      requests.runStores(1, () => setImmediate(reach))
      requests.unbindStore(store)
    },
  },
]

const own: readonly ContextCase[] = [
  {
    title: 'what follows a span that has ended',
    run: async (reach) => {
      await tracer.trace('inner', () => turn())
      reach()
    },
  },
  {
    title: 'what follows a span that failed',
    run: async (reach) => {
      await tracer.trace('inner', () => Promise.reject(new Error('x'))).catch(nothing)
      await turn()
      reach()
    },
  },
  {
    title: 'the callback of a wrapped function',
    run: (reach) => tracer.wrap('inner', (callback: Reach) => void setImmediate(callback))(reach),
  },
  {
    title: 'what follows a decorated method',
    run: async (reach) => {
      class Store {
        @tracer.wrap()
        async read(): Promise<void> {
          await turn()
        }
      }
      await new Store().read()
      reach()
    },
  },
  {
    title: 'what follows an activation of no span',
    run: async (reach) => {
      await tracer.scope().activate(null, () => turn())
      reach()
    },
  },
  {
    title: 'an activation of no span',
    run: (reach) => tracer.scope().activate(null, () => turn().then(reach)),
    sees: 'none',
    because: 'it was asked for',
  },
]

/** Calls `fn` where no span is active. */
function outside(fn: () => void): void {
  tracer.scope().activate(null, () => void setImmediate(fn))
}

export const programCases: Readonly<Record<string, readonly ContextCase[]>> = {
  'queues and pools': pools,
  'stores of the program': stores,
  'our own': own,
}
