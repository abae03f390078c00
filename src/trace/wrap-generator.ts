// A span around an iteration: what `tracer.wrap` makes of generator functions, where calling does no work yet.
//
// The span begins with the first step, as nothing has run before and a generator nobody iterates must leave nothing open, under
// the span of the call. It ends with the last step, a `return` or a throw. The generator itself is handed out, with its
// three methods covered by its own: it stays one for `yield*`, for iterator helpers and for whoever looks at it.

import { isThenable, whenSettled } from '../base/settle'
import type { Context } from './context'
import type { AnyFunction } from './run-in-span'
import type { Scope } from './scope/scope'
import type { Span } from './span'

type Step = 'next' | 'return' | 'throw'

/** What a generator function returns. */
export type Generated = Record<Step, (value: unknown) => unknown>

/** Whether `fn` is a generator function, sync or async, of any realm. */
export function isGeneratorFunction(fn: AnyFunction): boolean {
  return /^(Async)?GeneratorFunction$/.test(String(Reflect.get(fn, Symbol.toStringTag)))
}

/** Makes every step of `generator` run in the span that `open` makes at the first of them. */
export function spanIteration(scope: Scope, generator: Generated, open: () => Span): void {
  const original: Generated = { next: generator.next, return: generator.return, throw: generator.throw }
  let span: Span | undefined
  let context: Context | undefined

  function end(error: unknown, failed: boolean): void {
    if (span === undefined || span.isFinished) return
    if (failed) span.setError(error)
    span.finish()
  }

  function take(step: Step, value: unknown): unknown {
    // What is left before it has begun runs nothing.
    if (span === undefined && step === 'next') {
      span = open()
      context = scope.active().with(span)
    }
    if (span === undefined || context === undefined || span.isFinished) return original[step].call(generator, value)
    let result: unknown
    try {
      result = scope.run(context, original[step], generator, [value])
    } catch (error) {
      end(error, true)
      throw error
    }
    if (!isThenable(result)) {
      if (isLast(result)) end(undefined, false)
      return result
    }
    return whenSettled(result, (error, settled, failed) => {
      if (failed || isLast(settled)) end(error, failed)
    })
  }

  // With the names, the lengths and the attributes of the originals.
  const covered: Generated = {
    next(value) {
      return take('next', value)
    },
    return(value) {
      return take('return', value)
    },
    throw(error) {
      return take('throw', error)
    },
  }
  for (const step of ['next', 'return', 'throw'] as const) {
    Object.defineProperty(generator, step, { value: covered[step], configurable: true, writable: true })
  }
}

function isLast(result: unknown): boolean {
  return (result as IteratorResult<unknown> | undefined)?.done === true
}
