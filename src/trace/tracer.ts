// Makes spans, keeps track of the active one, and runs functions in them: what programs call.
//
// It knows interfaces only: `start.ts` hands it the scope, the recorder, the sampler and the propagator. Until then,
// and when tracing is off, every call still works and makes nothing.

import { kindOf, log } from '../base/log'
import { quietly } from '../base/quietly'
import { MEASURED, PROPAGATION_ERROR, SPAN_KIND } from '../base/tags'
import { type Baggage, type BaggageItems, changedBaggage, mergedBaggage } from './baggage'
import { Context } from './context'
import type { LogContext, LogFields } from './log-context'
import { DEFAULT_NAMING, type Naming, renamed } from './naming'
import { NoopSpan, noopSpan } from './noop-span'
import { contextOf, type OpenParts, openSpan } from './open-span'
import type { CompositePropagator } from './propagation/composite-propagator'
import type { ReadableHeaders, WritableHeaders } from './propagation/propagator'
import type { Recorder } from './recorder'
import { type AnyFunction, type Done, finisher, runInSpan } from './run-in-span'
import type { PrioritySampler } from './sampling/priority-sampler'
import type { Sampler } from './sampling/sampler'
import type { Scope } from './scope/scope'
import { Span } from './span'
import { SpanContext } from './span-context'
import type { SpanOptions } from './span-options'
import { TracerScope } from './tracer-scope'
import type { WrapDecorator, WrapOptions } from './wrap'

export interface TracerParts extends OpenParts {
  readonly sampler: PrioritySampler
  readonly propagator: CompositePropagator
  /** Default: `v0`, nothing renamed. */
  readonly naming?: Naming
  readonly logs: LogContext
  /** Sends what has finished; resolves when it was sent or given up. */
  flush(): Promise<void>
  /** Sends what has finished, undoes all patching and stops. */
  shutdown(): Promise<void>
}

/** The carriers `inject` and `extract` know: headers, other text fields, and log records with a member `dd`. */
export type CarrierFormat = 'http_headers' | 'text_map' | 'log'

const FORMATS: readonly unknown[] = ['http_headers', 'text_map', 'log'] satisfies CarrierFormat[]

export class Tracer {
  #parts: TracerParts | undefined
  /** What was given to `configure`. */
  #ownParts: TracerParts | undefined
  #divert: ((own: Recorder) => Recorder) | undefined
  #sampler: Sampler | undefined

  /** @internal Puts the tracer to work. */
  protected configure(parts: TracerParts): void {
    this.#ownParts = parts
    this.divert(this.#divert)
    parts.sampler.sampler = this.#sampler
  }

  /**
   * @internal Makes the traces that begin from now on end in the recorder that `make` returns, given the tracer's own, also after
   * another start; undefined: in the tracer's own. For `dd/testing`.
   */
  divert(make: ((own: Recorder) => Recorder) | undefined): void {
    this.#divert = make
    const parts = this.#ownParts
    this.#parts = parts === undefined || make === undefined ? parts : { ...parts, recorder: make(parts.recorder) }
  }

  /** Whether spans are made. */
  get isEnabled(): boolean {
    return this.#parts !== undefined
  }

  /** The service of spans that name no other; empty while the tracer is off. */
  get service(): string {
    return this.#parts?.service ?? ''
  }

  /** @internal The program's service, env and version, as far as they are known. */
  get unified(): LogFields {
    return this.#parts?.logs.fields(undefined) ?? {}
  }

  /** @internal How services and peers are named. */
  get naming(): Naming {
    return this.#parts?.naming ?? DEFAULT_NAMING
  }

  /** The active span, if there is one. */
  get activeSpan(): Span | undefined {
    return this.#parts?.scope.active().span
  }

  /**
   * Decides which traces are kept: a `RateSampler`, or any object with `sample(span)`. Undefined, the default, leaves it to
   * the sampling rules and the Agent's rates. Throws a TypeError for anything else.
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
    const named = service === undefined ? '' : renamed(service, this.naming)
    const span = this.open(name, named, resource ?? '', type ?? '', childOf, startTime)
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
    if (parts === undefined) return noopSpan()
    return openSpan(parts, name, service, resource, type, childOf, startTimeMs)
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
   * span finishes when it is called. The span of a generator function, sync or async, is there from the first step of the
   * iteration to the last. Without `fn` it returns a decorator for methods, standard or legacy.
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
    const { wrapDecorator, wrapFunction } = require('./wrap') as typeof import('./wrap')
    if (fn === undefined) return wrapDecorator(this, name, args[0] as SpanOptions | undefined)
    return wrapFunction(this, name, args[0] as WrapOptions<AnyFunction> | undefined, fn)
  }

  /** Access to the scope: the active span, and running or binding functions under another one. */
  scope(): TracerScope {
    return new TracerScope(this.#parts?.scope)
  }

  /**
   * Writes the headers (or other text fields) by which the next process goes on with the span's trace, and the baggage.
   * @param span without one, only the baggage is written
   * @param format `log` writes the member `dd` that ties a log record to the span
   * @param carrier an object, a Map, `Headers` or a request that has not gone out. Throws a TypeError for anything else.
   */
  inject(span: Span | SpanContext | null | undefined, format: CarrierFormat, carrier: object): void {
    const { refuseUnwritable, writeInto } = carriers()
    refuseUnwritable(carrier)
    if (!FORMATS.includes(format)) throw new TypeError(`inject knows the formats ${FORMATS.join(', ')}, not ${format}`)
    if (span !== null && span !== undefined && !(span instanceof Span) && !(span instanceof SpanContext)) {
      throw new TypeError('inject takes a span, what extract returned, or null')
    }
    if (this.#parts === undefined || span instanceof NoopSpan) return
    if (format === 'log') this.#writeRecord(span ?? undefined, carrier)
    else writeInto(carrier, this.headersOf(span ?? undefined))
  }

  /** @internal The headers by which the next process goes on. */
  headersOf(span: Span | SpanContext | undefined): WritableHeaders {
    const headers: WritableHeaders = {}
    const parts = this.#parts
    if (parts === undefined) return headers
    const active = parts.scope.active()
    if (span instanceof Span) {
      span.trace.decide()
      const error = parts.propagator.inject(contextOf(span), active.baggageIn(span), headers)
      if (error !== undefined) span.trace.root?.put(PROPAGATION_ERROR, error)
    } else {
      parts.propagator.inject(span, mergedBaggage(active.baggage, span?.received.baggage), headers)
    }
    return headers
  }

  #writeRecord(span: Span | SpanContext | undefined, carrier: { dd?: unknown }): void {
    const logs = this.#parts?.logs
    if (logs === undefined) return
    const fields = span instanceof SpanContext ? logs.fieldsOf(span) : logs.fields(span)
    carrier.dd = { ...(typeof carrier.dd === 'object' ? carrier.dd : undefined), ...fields }
  }

  /**
   * Reads what `inject` wrote in another process: a parent for spans here. Undefined when there is nothing usable. Never throws.
   * @param carrier an object, a Map, `Headers` or a list of headers, with names in any case
   */
  extract(format: CarrierFormat, carrier: object | null | undefined): SpanContext | undefined {
    if (this.#parts === undefined || typeof carrier !== 'object' || carrier === null) return undefined
    try {
      const { contextOfRecord, readableOf } = carriers()
      return format === 'log' ? contextOfRecord(carrier) : this.received(readableOf(carrier))
    } catch (error) {
      log.once('extract', `a carrier of headers cannot be read (${kindOf(error)}); it is taken for empty`)
      return undefined
    }
  }

  /** @internal `extract` where names are known to be in lower case. */
  received(headers: ReadableHeaders): SpanContext | undefined {
    return this.#parts?.propagator.extract(headers)
  }

  /** What the running code hands on to every service that it calls: names and values. A copy. */
  get baggage(): Baggage {
    return new Map(this.#parts?.scope.active().baggage)
  }

  /**
   * Runs `fn`, and all that it starts, with changed baggage and returns what it returns.
   * @param items what to change: a value of undefined or null takes an item out. Throws a TypeError for a name that is no token
   *   (RFC 9110, 5.6.2) and a value that is no text.
   */
  withBaggage<T>(items: BaggageItems, fn: () => T): T {
    const scope = this.#parts?.scope
    const active = scope?.active()
    const baggage = changedBaggage(active?.baggage, items)
    if (typeof fn !== 'function')
      throw new TypeError(`tracer.withBaggage(items, fn): fn is a function, not ${typeof fn}`)
    if (scope === undefined || active === undefined) return fn()
    return scope.run(new Context(active.span, active.muted, baggage, active.collection), fn) as T
  }

  /**
   * What ties a record of a logger of your own to the active span, to be spread into it:
   * `{ dd: { trace_id, span_id, service, env, version } }`. Without an active span only what is known of the program; empty
   * while the tracer is off. The loggers that `dd` knows have it already.
   */
  logContext(): { dd?: LogFields } {
    const dd = this.logFields()
    return dd === undefined ? {} : { dd }
  }

  /** @internal The fields of a log record written now. */
  logFields(): LogFields | undefined {
    const parts = this.#parts
    return parts?.logs.fields(parts.scope.active().span)
  }

  /** @internal The same as JSON. */
  logJson(): string | undefined {
    const parts = this.#parts
    return parts?.logs.json(parts.scope.active().span)
  }

  /** Sends every finished span; resolves when they were sent or given up. Never rejects. */
  async flush(): Promise<void> {
    await quietly('sending spans', () => this.#parts?.flush())
  }

  /** Sends every finished span, undoes all patching and stops; `init` starts anew. Never rejects. */
  async shutdown(): Promise<void> {
    const parts = this.#parts
    this.#parts = undefined
    this.#ownParts = undefined
    await quietly('shutting down', () => parts?.shutdown())
  }

  /**
   * @internal What a span of this tracer belongs below, where `other` has one active or `given`: one of another tracer only as if it
   * came from another process, and after what is active here.
   */
  parentAmong(
    other: Tracer,
    given: Span | SpanContext | null | undefined = other.activeSpan,
  ): Span | SpanContext | null | undefined {
    const parts = this.#parts
    if (parts === undefined || !(given instanceof Span) || given.trace.isOf(parts.recorder)) return given
    const own = this.activeSpan
    if (own !== undefined) return own
    given.trace.decide()
    return contextOf(given)
  }

  /** @internal The scope of a tracer that is on. */
  get scopeOrNothing(): Scope | undefined {
    return this.#parts?.scope
  }
}

type Carriers = typeof import('./propagation/carrier')

let loadedCarriers: Carriers | undefined

/** Loaded when a program first asks: plugins carry headers without it. */
function carriers(): Carriers {
  loadedCarriers ??= require('./propagation/carrier') as Carriers
  return loadedCarriers
}
