// Records everything a program could notice about one call into a library: what came back and of what kind, how it
// failed, how often and with which `this` each callback ran, and which errors nobody handled. Two observations of the
// same call, with and without instrumentation, must be deeply equal.
// mocha listens for unhandled errors to fail the running test; its listeners step aside while a call is observed.

import { setImmediate as nextTurn } from 'node:timers/promises'
import { kindOf, plainSnapshot } from './plain-snapshot'

interface CallbackCall {
  callback: string
  /** `globalThis`, `undefined`, a class, or the label of a value that was noted before. */
  this: string
  args: unknown[]
  /** Called before the observed function returned. */
  sync: boolean
}

export interface Observation {
  /** Kind of what the call returned: `undefined`, `Promise`, `emitter Query` … */
  returned: string
  /** The value in the end: returned, or what the returned promise or thenable became. */
  value?: unknown
  /** Thrown by the call itself. */
  thrown?: unknown
  /** What the returned promise or thenable was rejected with. */
  rejected?: unknown
  callbacks: CallbackCall[]
  notes: Record<string, { kind: string; value: unknown }>
  unhandledRejections: unknown[]
  uncaughtExceptions: unknown[]
  /** What did not happen in time: a promise that stays open, a callback that is not called. */
  missing: string[]
}

type CallbackBody = (...args: never[]) => unknown

export interface Probe {
  /**
   * A callback to hand to the library. The observation waits for its first call and records all of them; `body` runs
   * inside, and what it throws goes to the library as from any callback.
   */
  callback(name?: string, body?: CallbackBody): (...args: unknown[]) => unknown
  /** The same for a callback that need not be called, such as an `error` listener: recorded, not waited for. */
  optional(name: string, body?: CallbackBody): (...args: unknown[]) => unknown
  /** Records a value on the way and gives it back; callbacks whose `this` it is name it. */
  note<T>(name: string, value: T): T
  /** Settles at the next error that nobody handled: for calls whose promise is dropped on purpose. */
  unhandled(): Promise<void>
}

interface ObserveOptions {
  timeoutMs?: number
}

interface Expected {
  promise: Promise<void>
  otherwise: string
}

/** `call` should return what the library returned, untouched: an `async` function would make a Promise of everything. */
export async function observe(call: (probe: Probe) => unknown, options: ObserveOptions = {}): Promise<Observation> {
  const observation: Observation = {
    returned: 'nothing: it threw',
    callbacks: [],
    notes: {},
    unhandledRejections: [],
    uncaughtExceptions: [],
    missing: [],
  }
  const labels = new Map<unknown, string>()
  let awaited: Expected[] = []
  const onUnhandled = new Set<() => void>()
  let returned = false

  const probe: Probe = {
    callback(name = 'callback', body) {
      const called = deferred()
      awaited.push({ otherwise: `${name} was not called`, promise: called.promise })
      return probe.optional(name, function (this: unknown, ...args) {
        called.resolve()
        return body?.apply(this, args)
      })
    },
    optional(name, body) {
      return function (this: unknown, ...args: unknown[]) {
        const self = labels.get(this) ?? kindOf(this)
        observation.callbacks.push({ callback: name, this: self, args: args.map(plainSnapshot), sync: !returned })
        return body?.apply(this, args as never[])
      }
    },
    note(name, value) {
      if (typeof value === 'object' || typeof value === 'function') labels.set(value, name)
      observation.notes[name] = { kind: kindOf(value), value: plainSnapshot(value) }
      return value
    },
    unhandled() {
      const happened = deferred()
      onUnhandled.add(happened.resolve)
      return happened.promise
    },
  }

  const restore = replaceListeners({
    unhandledRejection: (reason) => {
      observation.unhandledRejections.push(plainSnapshot(reason))
      for (const resolve of onUnhandled) resolve()
    },
    uncaughtException: (error) => {
      observation.uncaughtExceptions.push(plainSnapshot(error))
      for (const resolve of onUnhandled) resolve()
    },
  })
  try {
    try {
      const result = call(probe)
      returned = true
      observation.returned = kindOf(result)
      const settled = async (): Promise<void> => {
        try {
          observation.value = plainSnapshot(await result)
        } catch (reason) {
          observation.rejected = plainSnapshot(reason)
        }
      }
      awaited.push({ otherwise: 'what was returned did not settle', promise: settled() })
    } catch (error) {
      returned = true
      observation.thrown = plainSnapshot(error)
      // What throws need not call back; if it does all the same, the call is recorded.
      awaited = []
    }
    observation.missing = await missingAfter(awaited, options.timeoutMs ?? 5000)
    // Unhandled rejections are reported when the microtasks have drained, and a second call of a callback may be a turn away.
    for (let turn = 0; turn < 3; turn++) await nextTurn()
    return observation
  } finally {
    restore()
  }
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => {}
  const promise = new Promise<void>((fulfil) => {
    resolve = fulfil
  })
  return { promise, resolve }
}

/** The complaints of those that are still open after `timeoutMs`. */
async function missingAfter(awaited: readonly Expected[], timeoutMs: number): Promise<string[]> {
  const open = new Set(awaited)
  const all = Promise.all(awaited.map((one) => one.promise.then(() => open.delete(one))))
  let timer: NodeJS.Timeout | undefined
  const expiry = new Promise((resolve) => {
    timer = setTimeout(resolve, timeoutMs)
  })
  await Promise.race([all, expiry])
  clearTimeout(timer)
  return [...open].map(({ otherwise }) => otherwise)
}

type UnhandledEvent = 'unhandledRejection' | 'uncaughtException'

function replaceListeners(own: Record<UnhandledEvent, (error: unknown) => void>): () => void {
  const events = Object.keys(own) as UnhandledEvent[]
  // rawListeners keeps the wrappers of `once`, and the same functions come back, so mocha can still remove its own.
  const others = events.map((event) => process.rawListeners(event as 'uncaughtException'))
  for (const event of events) {
    process.removeAllListeners(event)
    process.on(event as 'uncaughtException', own[event])
  }
  return () => {
    events.forEach((event, index) => {
      process.removeListener(event, own[event])
      for (const listener of others[index]!) process.on(event as 'uncaughtException', listener as () => void)
    })
  }
}
