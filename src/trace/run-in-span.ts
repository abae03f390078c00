// Runs a function of the program inside a span, and ends the span when the function's work ends.

import { isThenable, whenSettled } from '../base/settle'
import type { Scope } from './scope/scope'
import type { Span } from './span'

// biome-ignore lint/suspicious/noExplicitAny: the constraint that lets any function keep its own parameter types
export type AnyFunction = (this: any, ...args: any[]) => unknown

/** Tells that the work is over, and what went wrong if anything did. */
export type Done = (error?: unknown) => void

/** The work ends by a throw, by a promise settling or, unless somebody has the span's `Done`, by returning. */
export function runInSpan(
  scope: Scope,
  span: Span,
  fn: AnyFunction,
  self: unknown,
  args: ArrayLike<unknown>,
  hasDone: boolean,
): unknown {
  let result: unknown
  try {
    result = scope.run(scope.active().with(span), fn, self, args)
  } catch (error) {
    fail(span, error)
    throw error
  }
  if (isThenable(result)) {
    return whenSettled(result, (error, _value, failed) => {
      if (failed) fail(span, error)
      else span.finish()
    })
  }
  if (!hasDone) span.finish()
  return result
}

/** Finishes `span` with any thrown value, unless it has ended before in another way. */
function fail(span: Span, error: unknown): void {
  if (!span.isFinished) span.setError(error).finish()
}

/** Finishes `span` at its first call, with the error it is given if any. */
export function finisher(span: Span): Done {
  return (error) => {
    if (span.isFinished) return
    if (error !== undefined && error !== null) span.setError(error)
    span.finish()
  }
}
