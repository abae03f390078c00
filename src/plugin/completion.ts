// Sees to it that a span ends when its call does, and that the program cannot tell.
//
// A call ends in one of five ways: a callback as last argument, an emitter, a promise or thenable, a throw, the plain
// return. (A callback kept on an object is moved to the arguments by the plugin's `start`.) Whatever comes first
// counts. The program's callback runs in its caller's context, with the `this` and the arguments it would have got.

import { errorMonitor } from 'node:events'
import type { Context } from '../trace/context'
import type { Scope } from '../trace/scope/scope'
import { isThenable, whenSettled } from '../trace/settle'
import type { Span } from '../trace/span'
import type { CallStart, EmitterLike, Operation } from './contract'
import type { Guard } from './guard'

export class Call {
  #ended = false
  #byCallback = false

  constructor(
    readonly span: Span,
    private readonly start: CallStart,
    private readonly operation: Operation<never, never>,
    private readonly args: unknown[],
    private readonly guard: Guard,
  ) {}

  /** Puts itself before the callback in the arguments, if there is one. */
  watchCallback(scope: Scope, caller: Context): void {
    const { args } = this
    const last = lastGiven(args)
    const callback = args[last]
    if (this.start.callback !== 'last' || typeof callback !== 'function') return
    this.#byCallback = true
    const call = this
    args[last] = function (this: unknown, ...results: unknown[]) {
      call.end(results[1], results[0], results[0] !== null && results[0] !== undefined)
      return scope.run(caller, callback, this, results)
    }
  }

  /** Takes what the library returned; gives what the program is to get. */
  follow(result: unknown): unknown {
    const { until } = this.start
    if (until !== undefined) {
      const emitter = until.emitter === 'result' ? result : until.emitter
      if (isEmitter(emitter)) this.#watchEmitter(emitter, until.events)
      else this.end(result)
    } else if (!this.#byCallback) {
      if (isThenable(result)) return whenSettled(result, (error, value, failed) => this.end(value, error, failed))
      this.end(result)
    }
    return result
  }

  /** Ends the span; only the first call counts. */
  end(value: unknown, error?: unknown, failed = false): void {
    if (this.#ended) return
    this.#ended = true
    const { span, operation } = this
    if (failed) span.setError(error)
    if (operation.finish !== undefined) {
      try {
        operation.finish(span, value, this.args as never)
      } catch (fault) {
        this.guard.report('finish', fault)
      }
    }
    span.finish()
  }

  #watchEmitter(emitter: EmitterLike, events: readonly string[]): void {
    const stop = () => {
      emitter.removeListener(errorMonitor, failed)
      for (const event of events) emitter.removeListener(event, ended)
    }
    const ended = () => {
      stop()
      this.end(emitter)
    }
    // A listener for `error` itself would hide from the program that it has none.
    const failed = (error: unknown) => {
      stop()
      this.end(emitter, error, true)
    }
    emitter.on(errorMonitor, failed)
    for (const event of events) emitter.on(event, ended)
  }
}

/** The index of the last argument that is not undefined: callers spell out optional ones. */
export function lastGiven(args: readonly unknown[]): number {
  let last = args.length - 1
  while (last > 0 && args[last] === undefined) last--
  return last
}

function isEmitter(value: unknown): value is EmitterLike {
  return typeof value === 'object' && value !== null && typeof (value as Partial<EmitterLike>).on === 'function'
}
