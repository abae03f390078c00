// Sees to it that a span ends when its call does, and that the program cannot tell.
//
// A call ends in one of seven ways: a callback, among the arguments or kept on an object; an emitter; a promise or thenable; a
// deferred that the library settles; an iterator's last step; a throw; the plain return. Whatever comes first counts. The program's
// callback runs in its caller's context, with the `this` and the arguments it would have got.

import { errorMonitor } from 'node:events'
import { hiddenField } from '../base/hidden-field'
import { isThenable, whenInnerSettled, whenSettled } from '../base/settle'
import type { Context } from '../trace/context'
import type { Scope } from '../trace/scope/scope'
import type { Span } from '../trace/span'
import { type Attached, attach, attachedTo } from './attached'
import type { CallStart, Deferred, EmitterLike, Operation } from './contract'
import type { Guard } from './guard'

/** `emit` methods that tell of their events (`Patcher.bindEvents`): on what has one, no listener is needed, nor seen. */
const telling = new WeakSet<object>()
/** Iterators that are the result of a call and not at their end. */
const iterating = hiddenField<Call>()

const NONE: readonly string[] = []
const TOLD: CallStart = { resource: '' }

/** `method`: an `emit`, or the `next` of an iterator. */
export function nowTells(method: object): void {
  telling.add(method)
}

/** Called after the last step of an iterator. */
export function tellEnd(iterator: object, error: unknown, failed: boolean): void {
  const call = iterating.get(iterator)
  if (call === undefined) return
  iterating.set(iterator, undefined)
  call.end(iterator, error, failed)
}

export class Call {
  #ended = false
  /** Whether something is known to tell the end, so that the return does not. */
  #awaited = false
  /**
   * What tells the end without listeners. No closure in its place: on Node 24 those kept a quarter of the young objects alive
   * until the next full collection, which doubled what tracing a request costs.
   */
  #emitter: object | undefined
  #attached: Attached | undefined
  /** Of the emitter. */
  #events: readonly string[] = NONE
  #stopWatching: (() => void) | undefined

  constructor(
    readonly span: Span,
    /** Where the library is to run. */
    readonly inside: Context,
    /** What the library is to be called with. */
    readonly args: unknown[],
    /** What the plugin told, until the library has returned: kept for longer it would make V8 take it for what lives long. */
    private start: CallStart,
    private readonly operation: Operation<never, never>,
    private readonly guard: Guard,
  ) {}

  /** Before the library runs: watches the callback in the arguments and the emitter given, where there are such. */
  watch(scope: Scope, caller: Context): void {
    const { callback, until, deferred } = this.start
    if (callback === 'last') this.#watchCallback(scope, caller, this.args, lastGiven(this.args))
    else if (callback !== undefined) this.#watchCallback(scope, caller, callback.of, callback.key)
    if (until !== undefined) this.#watchEmitter(until.emitter, until.events)
    if (deferred !== undefined) this.#watchDeferred(deferred)
  }

  /** Takes what the library returned; gives what the program is to get. */
  follow(result: unknown): unknown {
    if (this.#ended) return result
    const { until, iterates, eager } = this.start
    this.start = TOLD
    try {
      if (until?.emitter === 'result') this.#watchEmitter(result, until.events)
      if (iterates === true) this.#watchIterator(result)
      if (this.#awaited) return result
      const settled = eager === true ? whenInnerSettled : whenSettled
      if (isThenable(result)) return settled(result, (error, value, failed) => this.end(value, error, failed))
    } catch (fault) {
      this.guard.report('follow', fault)
    }
    this.end(result)
    return result
  }

  /** Ends the span; only the first call counts. */
  end(value: unknown, error?: unknown, failed = false): void {
    if (this.#ended) return
    this.#ended = true
    const { span, operation } = this
    try {
      try {
        if (failed) span.setError(error)
        if (this.#attached?.call === this) this.#attached.call = undefined
        this.#stopWatching?.()
        operation.finish?.(span, value, this.args as never, error)
      } finally {
        span.finish()
      }
    } catch (fault) {
      this.guard.report('finish', fault)
    }
  }

  /** An emitter's event that may be the end. */
  hear(event: unknown, value: unknown): void {
    if (event === 'error') this.end(this.#emitter, value, true)
    else if (this.#events.includes(event as string)) this.#endBy(this.#emitter, value)
  }

  /** Some emitters tell what went wrong only with their last event. */
  #endBy(emitter: unknown, value: unknown): void {
    if (value instanceof Error) this.end(emitter, value, true)
    else this.end(emitter)
  }

  /** Puts itself before the callback. */
  #watchCallback(scope: Scope, caller: Context, of: object, key: PropertyKey): void {
    const place = of as Record<PropertyKey, unknown>
    const callback = place[key]
    if (typeof callback !== 'function') return
    this.#awaited = true
    const call = this
    place[key] = function (this: unknown, ...results: unknown[]) {
      const [error, value] = results
      call.end(value, error, Boolean(error))
      return scope.run(caller, callback, this, results)
    }
  }

  #watchDeferred(deferred: Deferred): void {
    const { resolve, reject } = deferred
    this.#awaited = true
    const call = this
    // First the library's own, which may turn a value that it cannot read into a rejection.
    deferred.resolve = function (this: unknown, value: unknown) {
      const result = Reflect.apply(resolve, this, [value])
      call.end(value)
      return result
    }
    deferred.reject = function (this: unknown, error: unknown) {
      call.end(undefined, error, true)
      return Reflect.apply(reject, this, [error])
    }
  }

  #watchIterator(iterator: unknown): void {
    const { next } = iterator as { next: object }
    if (!telling.has(next)) return
    this.#awaited = true
    iterating.set(iterator as object, this)
  }

  #watchEmitter(emitter: unknown, events: readonly string[]): void {
    if (!isEmitter(emitter)) return
    this.#awaited = true
    if (telling.has(emitter.emit)) {
      this.#emitter = emitter
      this.#events = events
      this.#attached = attach(emitter)
      this.#attached.call = this
      return
    }
    const ended = (value: unknown) => this.#endBy(emitter, value)
    // A listener for `error` itself would hide from the program that it has none.
    const failed = (error: unknown) => this.end(emitter, error, true)
    this.#stopWatching = () => {
      emitter.removeListener(errorMonitor, failed)
      for (const event of events) emitter.removeListener(event, ended)
    }
    emitter.on(errorMonitor, failed)
    for (const event of events) emitter.on(event, ended)
  }
}

/** Ends the call that waits for an emitter, as if that had emitted an error. */
export function fail(emitter: object, error: unknown): void {
  attachedTo(emitter)?.call?.hear('error', error)
}

/** The index of the last argument that is not undefined: callers spell out optional ones. */
export function lastGiven(args: readonly unknown[]): number {
  let last = args.length - 1
  while (last > 0 && args[last] === undefined) last--
  return last
}

function isEmitter(value: unknown): value is EmitterLike {
  if (typeof value !== 'object' || value === null) return false
  const { on, removeListener, emit } = value as Partial<EmitterLike>
  return [on, removeListener, emit].every((method) => typeof method === 'function')
}
