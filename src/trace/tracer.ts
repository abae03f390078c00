// Makes spans, keeps track of the active one, and runs functions in them: what programs call.
//
// It knows interfaces only: `start.ts` hands it the scope, the recorder, the sampler and the propagator. Until then,
// and when tracing is off, every call still works and makes nothing.

import { randomIdHigh, randomIdLow } from '../base/id'
import { MEASURED, SPAN_KIND } from '../base/tags'
import { NOOP_SPAN } from './noop-span'
import type { Propagator, ReadableHeaders, WritableHeaders } from './propagation/propagator'
import type { Recorder } from './recorder'
import { type AnyFunction, type Done, finisher, runInSpan } from './run-in-span'
import type { PrioritySampler } from './sampling/priority-sampler'
import type { Sampler } from './sampling/sampler'
import type { Scope } from './scope/scope'
import { Span } from './span'
import { SpanContext } from './span-context'
import type { SpanOptions } from './span-options'
import { newUpperHigh, Trace } from './trace'
import { TracerScope } from './tracer-scope'
import { type WrapDecorator, type WrapOptions, wrapDecorator, wrapFunction } from './wrap'

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

/** The carriers `inject` and `extract` know. */
export type CarrierFormat = 'http_headers' | 'text_map'

export class Tracer {
  #parts: TracerParts | undefined
  #sampler: Sampler | undefined

  /** @internal Puts the tracer to work. */
  protected configure(parts: TracerParts): void {
    this.#parts = parts
    parts.sampler.sampler = this.#sampler
  }

  /** Whether spans are made. */
  get isEnabled(): boolean {
    return this.#parts !== undefined
  }

  /** The service of spans that name no other; empty while the tracer is off. */
  get service(): string {
    return this.#parts?.service ?? ''
  }

  /** The active span, if there is one. */
  get activeSpan(): Span | undefined {
    return this.#parts?.scope.active().span
  }

  /**
   * Decides which traces are kept: a `RateSampler`, or any object with `sample(span)`. Undefined, the default, leaves it to
   * the Agent's rates. Throws a TypeError for anything else.
   */
  get sampler(): Sampler | undefined {
    return this.#sampler
  }

  set sampler(sampler: Sampler | undefined) {
    if (sampler !== undefined && typeof sampler?.sample !== 'function') {
      throw new TypeError('tracer.sampler takes an object with a method sample(span) that returns true to keep a trace')
    }
    this.#sampler = sampler
    if (this.#parts !== undefined) this.#parts.sampler.sampler = sampler
  }

  /** Starts a span. It is not made active: pass it to `scope().activate`, or use `trace`. */
  startSpan(name: string, options: SpanOptions = {}): Span {
    const { service, resource, type, childOf, startTime, tags, kind, measured, links } = options
    const span = this.open(name, service ?? '', resource ?? '', type ?? '', childOf, startTime)
    if (kind !== undefined) span.setMeta(SPAN_KIND, kind)
    if (measured !== undefined) span.setMetric(MEASURED, measured ? 1 : 0)
    if (tags !== undefined) span.setTags(tags)
    if (links !== undefined) {
      for (const { traceId, spanId, attributes } of links) span.addLink({ traceId, spanId }, attributes)
    }
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
    let trace: Trace
    let parentHigh = 0
    let parentLow = 0
    let parentService: string | undefined
    if (parent instanceof Span && parent !== NOOP_SPAN) {
      trace = parent.trace
      parentHigh = parent.idHigh
      parentLow = parent.idLow
      parentService = parent.service
    } else if (parent instanceof SpanContext) {
      trace = continueTrace(parts, parent)
      parentHigh = parent.spanHigh
      parentLow = parent.spanLow
    } else {
      // The root's id is also the trace's lower half, as in Datadog's Node tracer.
      trace = new Trace(parts.recorder, parts.traceId128Bit ? newUpperHigh() : 0, 0, idHigh, idLow, undefined)
    }
    const startUs = startTimeMs === undefined ? trace.nowUs() : trace.usOf(startTimeMs)
    const span = new Span(
      trace,
      idHigh,
      idLow,
      parentHigh,
      parentLow,
      name,
      service === '' ? parts.service : service,
      resource === '' ? name : resource,
      type,
      startUs,
      parentService,
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
    const [options, fn] = typeof optionsOrFn === 'function' ? [{}, optionsOrFn] : [optionsOrFn, givenFn]
    if (fn !== undefined && typeof fn !== 'function') {
      throw new TypeError(`tracer.trace(name, options, fn): fn is a function, not ${typeof fn}`)
    }
    const span = this.startSpan(name, options)
    if (fn === undefined) return span
    const hasDone = fn.length > 1
    const args = hasDone ? [span, finisher(span)] : [span]
    const scope = this.#parts?.scope
    if (scope === undefined) return Reflect.apply(fn, undefined, args)
    return runInSpan(scope, span, fn, undefined, args, hasDone) as T
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
    if (fn === undefined) return wrapDecorator(this, name, args[0] as SpanOptions | undefined)
    return wrapFunction(this, name, args[0] as WrapOptions<AnyFunction> | undefined, fn)
  }

  /** Access to the scope: the active span, and running or binding functions under another one. */
  scope(): TracerScope {
    return new TracerScope(this.#parts?.scope)
  }

  /** Writes the headers (or other text fields) by which the next process goes on with the span's trace. */
  inject(span: Span | SpanContext, _format: CarrierFormat, carrier: WritableHeaders): void {
    const parts = this.#parts
    if (parts === undefined || span === NOOP_SPAN) return
    if (span instanceof Span) span.trace.decide()
    parts.propagator.inject(span instanceof Span ? contextOf(span) : span, carrier)
  }

  /** Reads what `inject` wrote in another process; undefined when there is nothing usable. */
  extract(_format: CarrierFormat, carrier: ReadableHeaders): SpanContext | undefined {
    return this.#parts?.propagator.extract(carrier)
  }

  /** Sends every finished span; resolves when they were sent or given up. Never rejects. */
  async flush(): Promise<void> {
    await this.#parts?.flush()
  }

  /** Sends every finished span, undoes all patching and stops; `init` starts anew. Never rejects. */
  async shutdown(): Promise<void> {
    const parts = this.#parts
    this.#parts = undefined
    await parts?.shutdown()
  }

  /** @internal The scope of a tracer that is on. */
  get scopeOrNothing(): Scope | undefined {
    return this.#parts?.scope
  }
}

/** The identity of a span, for the wire. */
function contextOf({ trace, idHigh, idLow }: Span): SpanContext {
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
