// Functions and methods that make a span of each of their calls: what `tracer.wrap` returns.

import { mimic } from '../base/mimic'
import { type AnyFunction, finisher, runInSpan } from './run-in-span'
import type { Span } from './span'
import type { SpanOptions } from './span-options'
import type { Tracer } from './tracer'
import { type Generated, isGeneratorFunction, spanIteration } from './wrap-generator'

/** The options of the spans; a function is given the arguments of each call. */
export type WrapOptions<F extends AnyFunction> = SpanOptions | ((...args: Parameters<F>) => SpanOptions)

/** Decorates a method in the standard (TC39) or the legacy TypeScript way. */
export interface WrapDecorator {
  <F extends AnyFunction>(method: F, context: ClassMethodDecoratorContext): F
  (target: object, key: string | symbol, descriptor: PropertyDescriptor): PropertyDescriptor
}

export function wrapFunction(
  tracer: Tracer,
  name: string | undefined,
  options: WrapOptions<AnyFunction> | undefined,
  fn: AnyFunction,
): AnyFunction {
  const spanName = name ?? (fn.name || 'anonymous')
  if (isGeneratorFunction(fn)) return wrapGenerator(tracer, spanName, options, fn)
  function wrapper(this: unknown, ...args: unknown[]): unknown {
    const scope = tracer.scopeOrNothing
    const target = new.target
    // A class is wrapped as well as a function, and can be subclassed.
    const call = target === undefined ? fn : (...given: unknown[]) => Reflect.construct(fn, given, target)
    if (scope === undefined) return Reflect.apply(call, this, args)
    const span = tracer.startSpan(spanName, typeof options === 'function' ? options.apply(this, args) : options)
    const callback = args.at(-1)
    const hasCallback = typeof callback === 'function'
    if (hasCallback) {
      const done = finisher(span)
      const caller = scope.active()
      args[args.length - 1] = mimic(function (this: unknown, ...results: unknown[]) {
        // Only an Error: what a callback's first argument means is the program's affair.
        done(results[0] instanceof Error ? results[0] : undefined)
        return scope.run(caller, callback, this, results)
      }, callback)
    }
    return runInSpan(scope, span, call, this, args, hasCallback)
  }
  return mimic(wrapper, fn)
}

function wrapGenerator(
  tracer: Tracer,
  spanName: string,
  options: WrapOptions<AnyFunction> | undefined,
  fn: AnyFunction,
): AnyFunction {
  function wrapper(this: unknown, ...args: unknown[]): unknown {
    const generator = Reflect.apply(fn, this, args)
    const scope = tracer.scopeOrNothing
    if (scope === undefined) return generator
    const given = typeof options === 'function' ? options.apply(this, args) : options
    const open = scope.bind(() => tracer.startSpan(spanName, given)) as () => Span
    spanIteration(scope, generator as Generated, open)
    return generator
  }
  return mimic(wrapper, fn)
}

export function wrapDecorator(
  tracer: Tracer,
  name: string | undefined,
  options: SpanOptions | undefined,
): WrapDecorator {
  function decorate(target: unknown, key: unknown, descriptor?: PropertyDescriptor): unknown {
    // The standard decorator gets the method itself and a context; the legacy one gets the class's prototype.
    if (descriptor === undefined) {
      const method = String((key as ClassMethodDecoratorContext).name)
      return wrapFunction(tracer, name ?? method, options, target as AnyFunction)
    }
    return {
      ...descriptor,
      value: wrapFunction(tracer, name ?? String(key), options, descriptor.value as AnyFunction),
    }
  }
  return decorate as WrapDecorator
}
