// The ways in which the language and its timers and events come back to a program, as a table. What is active there is the program's own
// span, the one the case was run in, unless the row names another one and the reason.

import { EventEmitter, on, once } from 'node:events'
import { setTimeout as delay, setInterval as ticks, setImmediate as turn } from 'node:timers/promises'
import { tracer } from '../../../src'
import type { ContextCase, Reach, Run } from './context-case'

const nothing = (): void => {}
const EMITTED = 'listeners run where the event is emitted'

const timers: readonly ContextCase[] = [
  { title: 'setTimeout', run: (reach) => setTimeout(reach, 1) },
  {
    title: 'setTimeout, refreshed by another',
    share: sharedTimer,
    sees: 'maker',
    because: 'a timer belongs to who set it',
  },
  { title: 'setInterval, its second call', run: secondCall },
  { title: 'setImmediate', run: (reach) => setImmediate(reach) },
  { title: 'process.nextTick', run: (reach) => process.nextTick(reach) },
  { title: 'queueMicrotask', run: (reach) => queueMicrotask(reach) },
  { title: 'timers/promises setTimeout', run: (reach) => delay(1).then(reach) },
  { title: 'timers/promises setImmediate', run: (reach) => turn().then(reach) },
  {
    title: 'timers/promises setInterval',
    run: async (reach) => {
      for await (const _ of ticks(1)) break
      reach()
    },
  },
]

/** A promise, and what settles it. */
function deferred<T = void>(): { promise: Promise<T>; resolve: (value: T) => void; reject: (reason: Error) => void } {
  let resolve: (value: T) => void = nothing
  let reject: (reason: Error) => void = nothing
  const promise = new Promise<T>((onValue, onReason) => {
    resolve = onValue
    reject = onReason
  })
  return { promise, resolve, reject }
}

const promises: readonly ContextCase[] = [
  { title: 'then', run: (reach) => Promise.resolve().then(reach) },
  { title: 'catch', run: (reach) => Promise.reject(new Error('x')).catch(reach) },
  { title: 'finally', run: (reach) => Promise.resolve().finally(reach) },
  { title: 'Promise.all', run: (reach) => Promise.all([delay(1), turn(), 5]).then(reach) },
  { title: 'Promise.allSettled', run: (reach) => Promise.allSettled([delay(1), Promise.reject(1)]).then(reach) },
  { title: 'Promise.race', run: (reach) => Promise.race([delay(1), turn()]).then(reach) },
  { title: 'Promise.any', run: (reach) => Promise.any([Promise.reject(1), turn()]).then(reach) },
  {
    title: 'a promise settled from outside (withResolvers)',
    run: (reach) => {
      const { promise, resolve } = deferred()
      setImmediate(resolve)
      return promise.then(reach)
    },
  },
  {
    title: 'await of a promise that all share and another settles',
    share: () => {
      const { promise, resolve } = deferred()
      setTimeout(resolve, 2)
      return async (reach) => {
        await promise
        reach()
      }
    },
  },
  {
    title: 'then on a promise that all share and another rejects',
    share: () => {
      const { promise, reject } = deferred()
      setTimeout(() => reject(new Error('x')), 2)
      return (reach) => promise.then(nothing, reach)
    },
  },
  {
    title: 'await of a value, of a timer and of a rejection',
    run: async (reach) => {
      await null
      await delay(1)
      await Promise.reject(new Error('x')).catch(nothing)
      reach()
    },
  },
  {
    title: 'await in a catch and in a finally',
    run: async (reach) => {
      try {
        await Promise.reject(new Error('x'))
      } catch {
        await turn()
      } finally {
        await turn()
        reach()
      }
    },
  },
  { title: 'a subclass of Promise', run: (reach) => class extends Promise<void> {}.resolve().then(reach) },
  { title: 'import()', run: (reach) => import('node:os').then(reach) },
]

const thenables: readonly ContextCase[] = [
  {
    title: 'await of a thenable',
    run: async (reach) => {
      // biome-ignore lint/suspicious/noThenProperty: thenables are what this is about
      await { then: (resolve: () => void) => void setImmediate(resolve) }
      reach()
    },
  },
  {
    title: 'the work of a lazy thenable',
    // biome-ignore lint/suspicious/noThenProperty: thenables are what this is about
    run: (reach) => Promise.resolve({ then: (resolve: () => void) => [reach(), resolve()] }),
  },
  {
    title: 'await of a thenable that another settles',
    share: () => {
      const waiting: (() => void)[] = []
      setTimeout(() => waiting.map((resolve) => resolve()), 2)
      return async (reach) => {
        // biome-ignore lint/suspicious/noThenProperty: thenables are what this is about
        await { then: (resolve: () => void) => waiting.push(resolve) }
        reach()
      }
    },
  },
  {
    title: 'then of a thenable that another settles',
    share: () => {
      const waiting: (() => void)[] = []
      setTimeout(() => waiting.map((resolve) => resolve()), 2)
      return (reach) => void waiting.push(reach)
    },
    sees: 'maker',
    because: 'a thenable calls back where it likes; `await` it',
  },
]

const events: readonly ContextCase[] = [
  {
    title: 'a listener of an event that is emitted here',
    share: () => {
      const emitter = new EventEmitter()
      const listeners: Reach[] = []
      emitter.on('event', () => listeners.shift()?.())
      return (reach) => {
        listeners.push(reach)
        emitter.emit('event')
      }
    },
  },
  {
    title: 'a listener added here of an event that another emits',
    share: () => {
      const emitter = new EventEmitter()
      setTimeout(() => emitter.emit('event'), 2)
      return (reach) => emitter.once('event', reach)
    },
    sees: 'maker',
    because: EMITTED,
  },
  {
    title: 'a bound listener of an event that another emits',
    share: () => {
      const emitter = new EventEmitter()
      setTimeout(() => emitter.emit('event'), 2)
      return (reach) => emitter.once('event', tracer.scope().bind(reach))
    },
  },
  {
    title: 'events.once of an event that another emits',
    share: () => {
      const emitter = new EventEmitter()
      setTimeout(() => emitter.emit('event'), 2)
      return (reach) => once(emitter, 'event').then(reach)
    },
  },
  {
    title: 'events.on of an event that another emits',
    share: () => {
      const emitter = new EventEmitter()
      setTimeout(() => emitter.emit('event'), 2)
      return async (reach) => {
        for await (const _ of on(emitter, 'event')) break
        reach()
      }
    },
  },
  {
    title: 'a listener of an EventTarget, dispatched here',
    share: () => {
      const target = new EventTarget()
      const listeners: Reach[] = []
      target.addEventListener('event', () => listeners.shift()?.())
      return (reach) => {
        listeners.push(reach)
        target.dispatchEvent(new Event('event'))
      }
    },
  },
  {
    title: 'a listener of an EventTarget that another dispatches to',
    share: () => {
      const target = new EventTarget()
      setTimeout(() => target.dispatchEvent(new Event('event')), 2)
      return (reach) => target.addEventListener('event', reach, { once: true })
    },
    sees: 'maker',
    because: EMITTED,
  },
  {
    title: 'a listener of an AbortSignal that another aborts',
    share: () => {
      const controller = new AbortController()
      setTimeout(() => controller.abort(), 2)
      return (reach) => controller.signal.addEventListener('abort', reach)
    },
    sees: 'maker',
    because: EMITTED,
  },
  {
    title: 'a timer that an AbortSignal ends',
    share: () => {
      const controller = new AbortController()
      setTimeout(() => controller.abort(), 2)
      return (reach) => delay(5000, undefined, { signal: controller.signal }).catch(reach)
    },
  },
]

const iterators: readonly ContextCase[] = [
  {
    title: 'a generator that another made, at each step',
    share: () => {
      const reaches: Reach[] = []
      function* steps(): Generator<void> {
        for (;;) {
          reaches.shift()?.()
          yield
        }
      }
      const shared = steps()
      return (reach) => {
        reaches.push(reach)
        shared.next()
      }
    },
  },
  {
    title: 'an async generator that is iterated here',
    run: async (reach) => {
      async function* steps() {
        yield 1
        await turn()
        reach()
        yield 2
      }
      for await (const _ of steps()) await turn()
    },
  },
  {
    title: 'the loop over an async generator that another made',
    share: () => {
      async function* steps(): AsyncGenerator<number> {
        for (let i = 0; ; i++) {
          await turn()
          yield i
        }
      }
      const shared = steps()
      return async (reach) => {
        await shared.next()
        reach()
      }
    },
  },
  {
    title: 'the loop over a wrapped async generator',
    run: async (reach) => {
      const steps = tracer.wrap('steps', async function* () {
        await turn()
        yield 1
      })
      for await (const _ of steps()) reach()
    },
  },
]

function secondCall(reach: Reach): void {
  let calls = 0
  const timer = setInterval(() => {
    if (++calls < 2) return
    clearInterval(timer)
    reach()
  }, 1)
}

function sharedTimer(): Run {
  const reaches: Reach[] = []
  const timer = setTimeout(() => reaches.map((reach) => reach()), 5)
  return (reach) => {
    reaches.push(reach)
    timer.refresh()
  }
}

export const languageCases: Readonly<Record<string, readonly ContextCase[]>> = {
  timers,
  promises,
  thenables,
  events,
  'iterators and generators': iterators,
}
