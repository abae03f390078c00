// Makes spans, keeps track of the active one, and wraps functions in them: what programs call.
//
// It knows interfaces only: `start.ts` hands it the scope, the recorder, the sampler and the propagator. Until then,
// and when tracing is off, every call still works and makes nothing.

import { randomIdHigh, randomIdLow } from '../base/id'
import { mimic } from '../base/mimic'
import { MEASURED, SPAN_KIND } from '../base/tags'
import { Context, ROOT_CONTEXT } from './context'
import { NOOP_SPAN } from './noop-span'
import type { Propagator, ReadableHeaders, WritableHeaders } from './propagation/propagator'
import type { Recorder } from './recorder'
import type { PrioritySampler } from './sampling/priority-sampler'
import type { Sampler } from './sampling/sampler'
import type { Scope } from './scope/scope'
import { isThenable, whenSettled } from './settle'
import { Span } from './span'
import { SpanContext } from './span-context'
import { newUpperHigh, Trace } from './trace'

export interface TracerParts {
  readonly service: string
  readonly scope: Scope
  readonly recorder: Recorder
  readonly sampler: PrioritySampler
  readonly propagator: Propagator
  readonly traceId128Bit: boolean
  /** Sends what has finished; resolves when it was sent or given up. */
  flush(): Promise<void>
  /** Sends what has finished, undoes all patching and stops. */
  shutdown(): Promise<void>
}

export type SpanKind = 'server' | 'client' | 'producer' | 'consumer' | 'internal'

/** What can be said of a span when it is made. */
export interface SpanOptions {
  /** Default: the tracer's service. */
  service?: string
  /** What is worked on: a route, a query. Default: the span's name. */
  resource?: string
  /** `web`, `http`, `sql`, `worker` … */
  type?: string
  kind?: SpanKind
  tags?: Readonly<Record<string, unknown>>
  /** Ask Datadog for statistics of this span. */
  measured?: boolean
  /** The parent: a span, what `extract` returned, or null for a new trace. Default: the active span. */
  childOf?: Span | SpanContext | null
  /** When it began, in ms since the Unix epoch. Default: now. */
  startTime?: number
  /** Other spans it has to do with. */
  links?: readonly { traceId: string; spanId: string; attributes?: Readonly<Record<string, string>> }[]
}

type Done = (error?: unknown) => void
// biome-ignore lint/suspicious/noExplicitAny: the constraint that lets any function keep its own parameter types
export type AnyFunction = (this: any, ...args: any[]) => unknown

/** Decorates a method in the standard (TC39) or the legacy TypeScript way. */
export interface WrapDecorator {
  <F extends AnyFunction>(method: F, context: ClassMethodDecoratorContext): F
  (target: object, key: string | symbol, descriptor: PropertyDescriptor): PropertyDescriptor
}

export class Tracer {
  #parts: TracerParts | undefined

  /** @internal Puts the tracer to work, or (without parts) to rest. */
  protected configure(parts: TracerParts | undefined): void {
    this.#parts = parts
  }

  /** Whether spans are made. */
  get isEnabled(): boolean {
    return this.#parts !== undefined
  }

  /** The tracer's service: the default of every span. Empty while the tracer is off. */
  get service(): string {
    return this.#parts?.service ?? ''
  }

  /** The active span, if there is one. */
  get activeSpan(): Span | undefined {
    return this.#parts?.scope.active().span
  }

  /** Decides which traces are kept; undefined leaves it to the Agent's rates. */
  get sampler(): Sampler | undefined {
    return this.#parts?.sampler.sampler
  }

  set sampler(sampler: Sampler | undefined) {
    if (sampler !== undefined && typeof sampler?.sample !== 'function') {
      throw new TypeError(
        'tracer.sampler takes an object with a method sample(span) that returns true to keep the trace',
      )
    }
    if (this.#parts !== undefined) this.#parts.sampler.sampler = sampler
  }

  /** Starts a span. It is not made active: pass it to `scope().activate`, or use `trace`. */
  startSpan(name: string, options: SpanOptions = {}): Span {
    const { service, resource, type, childOf, startTime, tags, kind, measured, links } = options
    const span = this.open(name, service ?? '', resource ?? '', type ?? '', childOf, startTime)
    if (kind !== undefined) span.setMeta(SPAN_KIND, kind)
    if (measured !== undefined) span.setMetric(MEASURED, measured ? 1 : 0)
    if (tags !== undefined) span.setTags(tags)
    for (const { traceId, spanId, attributes } of links ?? []) span.addLink({ traceId, spanId }, attributes)
    return span
  }

  /** @internal `startSpan` for those in a hurry; an empty service or resource takes the default. */
  open(
    name: string,
    service: string,
    resource: string,
    type: string,
    childOf?: Span | SpanContext | null,
    startTimeMs?: number,
  ): Span {
    const parts = this.#parts
    if (parts === undefined) return NOOP_SPAN
    const parent = childOf === undefined ? parts.scope.active().span : childOf
    const idHigh = randomIdHigh()
    const idLow = randomIdLow()
    const local = parent instanceof Span ? parent : undefined
    const trace =
      local?.trace ??
      (parent == null ? this.#newTrace(parts, idHigh, idLow) : continueTrace(parts, parent as SpanContext))
    const span = new Span(
      trace,
      idHigh,
      idLow,
      local !== undefined ? local.idHigh : ((parent as SpanContext | null | undefined)?.spanHigh ?? 0),
      local !== undefined ? local.idLow : ((parent as SpanContext | null | undefined)?.spanLow ?? 0),
      name,
      service === '' ? parts.service : service,
      resource === '' ? name : resource,
      type,
      startTimeMs === undefined ? trace.nowUs() : Math.round(startTimeMs * 1000),
      local?.service,
    )
    trace.root ??= span
    return span
  }

  /**
   * Runs `fn` inside a new span and returns what it returns. The span finishes when `fn` returns, when the promise it
   * returned settles or, if `fn` takes a second parameter, when that is called: `fn(span, done)`, `done(error?)`. An error
   * is put on the span and goes on to the caller.
   *
   * Without `fn` it returns a started child span, for `finish()` or `using`; that one is not made active.
   */
  trace(name: string, options?: SpanOptions): Span
  trace<T>(name: string, fn: (span: Span, done: Done) => T): T
  trace<T>(name: string, options: SpanOptions, fn: (span: Span, done: Done) => T): T
  trace<T>(
    name: string,
    optionsOrFn: SpanOptions | ((span: Span, done: Done) => T) = {},
    givenFn?: (span: Span, done: Done) => T,
  ): T | Span {
    const fn = typeof optionsOrFn === 'function' ? optionsOrFn : givenFn
    const span = this.startSpan(name, typeof optionsOrFn === 'function' ? {} : optionsOrFn)
    if (fn === undefined) return span
    if (typeof fn !== 'function') throw new TypeError(`tracer.trace("${name}", options, fn): fn is not a function`)
    const done = fn.length > 1 ? finisher(span) : undefined
    return this.#runIn(span, fn, undefined, done === undefined ? [span] : [span, done], done !== undefined) as T
  }

  /**
   * Returns a function that runs `fn` inside a span: same parameters, `this`, name and length, and same result. The span
   * finishes as in `trace`; if the last argument of a call is a function, it is taken for a callback, and the
   * span finishes when it is called. Without `fn` it returns a decorator for methods, standard or legacy.
   * @param name default: the function's name
   * @param options of the span; a function is given the arguments of each call
   */
  wrap<F extends AnyFunction>(fn: F): F
  wrap<F extends AnyFunction>(name: string, fn: F): F
  wrap<F extends AnyFunction>(name: string, options: WrapOptions<F>, fn: F): F
  wrap(name?: string, options?: SpanOptions): WrapDecorator
  wrap(...args: unknown[]): unknown {
    const name = typeof args[0] === 'string' ? (args.shift() as string) : undefined
    const fn = typeof args.at(-1) === 'function' ? (args.pop() as AnyFunction) : undefined
    const options = args[0] as WrapOptions<AnyFunction> | undefined
    if (fn !== undefined) return this.#wrapped(name ?? (fn.name || 'anonymous'), options, fn)
    return (target: unknown, key: unknown, descriptor?: PropertyDescriptor) => {
      if (typeof target === 'function' && descriptor === undefined) {
        const method = String((key as ClassMethodDecoratorContext).name)
        return this.#wrapped(name ?? method, options, target as AnyFunction)
      }
      return { ...descriptor, value: this.#wrapped(name ?? String(key), options, descriptor?.value as AnyFunction) }
    }
  }

  /** Access to the scope: the active span, and running or binding functions under another one. */
  scope(): TracerScope {
    return new TracerScope(this.#parts?.scope)
  }

  /** Writes the headers (or other text fields) that let the next process go on with the trace; `format`: `http_headers`, `text_map`. */
  inject(span: Span | SpanContext, _format: string, carrier: WritableHeaders): void {
    const parts = this.#parts
    if (parts === undefined || span === NOOP_SPAN) return
    if (span instanceof Span) span.trace.decide()
    parts.propagator.inject(span instanceof Span ? contextOf(span) : span, carrier)
  }

  /** Reads what `inject` wrote in another process; undefined when there is nothing usable. */
  extract(_format: string, carrier: ReadableHeaders): SpanContext | undefined {
    return this.#parts?.propagator.extract(carrier)
  }

  /** Sends every finished span; resolves when they were sent or given up. Never rejects. */
  async flush(): Promise<void> {
    await this.#parts?.flush()
  }

  /** Sends every finished span, undoes all patching and stops tracing. Never rejects. */
  async shutdown(): Promise<void> {
    const parts = this.#parts
    this.#parts = undefined
    await parts?.shutdown()
  }

  /** @internal The scope of a tracer that is on. */
  get scopeOrNothing(): Scope | undefined {
    return this.#parts?.scope
  }

  #newTrace(parts: TracerParts, idHigh: number, idLow: number): Trace {
    const upperHigh = parts.traceId128Bit ? newUpperHigh() : 0
    return new Trace(parts.recorder, upperHigh, 0, idHigh, idLow, undefined)
  }

  #wrapped(name: string, options: WrapOptions<AnyFunction> | undefined, fn: AnyFunction): AnyFunction {
    const tracer = this
    function wrapper(this: unknown, ...args: unknown[]): unknown {
      const parts = tracer.#parts
      if (parts === undefined) return Reflect.apply(fn, this, args)
      const span = tracer.startSpan(name, typeof options === 'function' ? options.apply(this, args) : options)
      const callback = args.at(-1)
      if (typeof callback !== 'function') return tracer.#runIn(span, fn, this, args, false)
      const done = finisher(span)
      const caller = parts.scope.active()
      args[args.length - 1] = mimic(function (this: unknown, ...results: unknown[]) {
        done(results[0] instanceof Error ? results[0] : undefined)
        return parts.scope.run(caller, callback, this, results)
      }, callback)
      return tracer.#runIn(span, fn, this, args, true)
    }
    return mimic(wrapper, fn)
  }

  // biome-ignore lint/complexity/noBannedTypes: any function of the program
  #runIn(span: Span, fn: Function, self: unknown, args: ArrayLike<unknown>, byCallback: boolean): unknown {
    const scope = this.#parts?.scope
    if (scope === undefined) return Reflect.apply(fn, self, args)
    let result: unknown
    try {
      result = scope.run(new Context(span), fn, self, args)
    } catch (error) {
      span.setError(error).finish()
      throw error
    }
    if (isThenable(result)) {
      return whenSettled(result, (error, _value, failed) => {
        if (failed) span.setError(error)
        span.finish()
      })
    }
    if (!byCallback) span.finish()
    return result
  }
}

type WrapOptions<F extends AnyFunction> = SpanOptions | ((...args: Parameters<F>) => SpanOptions)

/** What `tracer.scope()` returns. */
export class TracerScope {
  readonly #scope: Scope | undefined

  constructor(scope: Scope | undefined) {
    this.#scope = scope
  }

  /** The active span, or null. */
  active(): Span | null {
    return this.#scope?.active().span ?? null
  }

  /** Runs `fn` with `span` active (null: none) and returns what it returns. */
  activate<T>(span: Span | null, fn: () => T): T {
    if (this.#scope === undefined) return fn()
    return this.#scope.run(span === null ? ROOT_CONTEXT : new Context(span), fn) as T
  }

  /** Returns a function that runs `fn` with `span` active (default: the span active now). */
  bind<F extends AnyFunction>(fn: F, span?: Span | null): F {
    const scope = this.#scope
    if (scope === undefined) return fn
    const context = span === undefined ? scope.active() : span === null ? ROOT_CONTEXT : new Context(span)
    return mimic(scope.bind(fn, context), fn) as F
  }
}

/** The identity of a span, for the wire. */
export function contextOf({ trace, idHigh, idLow }: Span): SpanContext {
  const { upperHigh, upperLow, priority, origin, tags } = trace
  return new SpanContext(upperHigh, upperLow, trace.idHigh, trace.idLow, idHigh, idLow, priority, origin, tags)
}

function continueTrace(parts: TracerParts, remote: SpanContext): Trace {
  const { traceUpperHigh, traceUpperLow, traceHigh, traceLow, tags } = remote
  const trace = new Trace(parts.recorder, traceUpperHigh, traceUpperLow, traceHigh, traceLow, tags)
  trace.priority = remote.priority
  trace.origin = remote.origin
  return trace
}

/** Finishes `span` at its first call, with the error it is given if any. */
function finisher(span: Span): Done {
  return (error) => {
    if (span.isFinished) return
    if (error !== undefined && error !== null) span.setError(error)
    span.finish()
  }
}
