// A library made for the tests of the plugin runtime, and what a plugin would say about it.

import { EventEmitter } from 'node:events'
import type { CallStart, Operation, PluginOptions, Until } from '../../src/plugin/contract'
import { Patcher } from '../../src/plugin/patcher'
import type { Tracer } from '../../src/trace/tracer'

export type Callback = (this: unknown, error: unknown, value?: unknown) => void

export const FAILURE = new RangeError('no answer')
/** Node leaves a mark on an error that an emitter throws. */
export const failure = () => new RangeError('no answer')

/** Ends calls in every way there is; asked for anything but a number, it fails with it. */
export class Library {
  private outcomeOf(question: unknown): [error: unknown, value?: number] {
    return typeof question === 'number' ? [null, question * 2] : [question]
  }

  callback(question: unknown, done?: Callback, ..._more: unknown[]): string {
    setImmediate(() => done?.apply(this, this.outcomeOf(question) as [unknown]))
    return 'queued'
  }

  callbackAtOnce(question: unknown, done: Callback): void {
    done.apply(this, this.outcomeOf(question) as [unknown])
  }

  callbackTwice(question: unknown, done: Callback): void {
    done(null, question)
    setImmediate(() => done(FAILURE))
  }

  /** The promise comes besides, as in libraries on their way from one to the other. */
  callbackAndPromise(question: unknown, done: Callback): Promise<string> {
    setImmediate(() => done(null, question))
    return Promise.resolve('beside')
  }

  async promise(question: unknown): Promise<unknown> {
    return this.settle(question)
  }

  promiseOfSubclass(question: unknown): Promise<unknown> {
    const [error, value] = this.outcomeOf(question)
    return value === undefined ? Patient.reject(error) : Patient.resolve(value)
  }

  /** Works when it is asked for the result, as query builders do. */
  lazy(question: unknown): Lazy {
    return new Lazy(() => this.settle(question))
  }

  emitter(question: unknown): EventEmitter {
    const emitter = new EventEmitter()
    setImmediate(() => this.tell(emitter, question))
    return emitter
  }

  emitterGiven(emitter: EventEmitter, question: unknown): string {
    setImmediate(() => this.tell(emitter, question))
    return 'started'
  }

  emitterGivenAtOnce(emitter: EventEmitter, question: unknown): string {
    this.tell(emitter, question)
    return 'done'
  }

  returns(question: unknown): unknown {
    const [error, value] = this.outcomeOf(question)
    if (value === undefined) throw error
    return value
  }

  private async settle(question: unknown): Promise<unknown> {
    const [error, value] = this.outcomeOf(question)
    if (value === undefined) throw error
    return value
  }

  private tell(emitter: EventEmitter, question: unknown): void {
    const [error, value] = this.outcomeOf(question)
    if (value === undefined) emitter.emit('error', error)
    else emitter.emit('end', value)
    emitter.emit('close')
  }
}

class Patient<T> extends Promise<T> {}

class Lazy {
  constructor(private readonly work: () => Promise<unknown>) {}
  // biome-ignore lint/suspicious/noThenProperty: a thenable is the subject
  then(resolved?: (value: unknown) => unknown, rejected?: (error: unknown) => unknown): Promise<unknown> {
    return this.work().then(resolved, rejected)
  }
  where(): this {
    return this
  }
}

export type Method = keyof Library

const untilResult: Until = { emitter: 'result', events: ['end', 'close'] }
const untilGiven = (args: unknown[]): Until => ({ emitter: args[0] as EventEmitter, events: ['end', 'close'] })

/** How each method ends, as a plugin would say it. */
export const endings: Record<Method, (args: unknown[]) => Partial<CallStart>> = {
  callback: () => ({ callback: 'last' }),
  callbackAtOnce: () => ({ callback: 'last' }),
  callbackTwice: () => ({ callback: 'last' }),
  callbackAndPromise: () => ({ callback: 'last' }),
  promise: () => ({ callback: 'last' }),
  promiseOfSubclass: () => ({}),
  lazy: () => ({}),
  emitter: () => ({ until: untilResult, callback: 'last' }),
  emitterGiven: (args) => ({ until: untilGiven(args) }),
  emitterGivenAtOnce: (args) => ({ until: untilGiven(args) }),
  returns: () => ({ until: untilResult }),
}

export function operationOf(
  method: Method,
  more: Partial<Operation<Library, unknown[]>> = {},
): Operation<Library, unknown[]> {
  return {
    name: `library.${method}`,
    type: 'sql',
    kind: 'client',
    system: 'library',
    start: (_library, args) => ({ resource: method, ...endings[method](args) }),
    ...more,
  }
}

/** A class of its own for each use, so that no patch outlives its test. */
export function copyOfLibrary(): typeof Library {
  const copy = { Library: class extends Library {} }
  return copy.Library
}

/** All methods of a copy of the library traced, as a plugin called `library` would do it. */
export function tracedLibrary(
  tracer: Tracer,
  more: Partial<Operation<Library, unknown[]>> = {},
  options: PluginOptions = {},
): { library: Library; patcher: Patcher } {
  const patcher = new Patcher('library', options, tracer)
  const Copy = copyOfLibrary()
  for (const method of Object.keys(endings) as Method[]) {
    patcher.trace(Copy.prototype, method, operationOf(method, more))
  }
  return { library: new Copy(), patcher }
}

/** What is the same for all operations on objects that a test makes up. */
export function operation<Self extends object>(name: string): Operation<Self, unknown[]> {
  return { name, kind: 'client', start: () => ({ resource: name }) }
}

/** What a call fails with, at once or later. */
export async function failureOf(call: () => unknown): Promise<unknown> {
  try {
    await call()
  } catch (error) {
    return error
  }
  throw new Error('it did not fail')
}
