// What a plugin patches with: `trace` puts a span around every call of a method, `bind` only keeps a callback in its
// caller's context, `bindEvents` keeps an emitter's events in theirs, `wrap` does anything else.
//
// Every call of the program goes through the wrappers made here, so they are short, guard each step of the plugin, and fall
// through to the library at once when tracing is off, the plugin is undone, or the traffic is `dd`'s own. They are written as
// methods of a literal because a method, unlike a function, has no `prototype` that the original may not have.

import { Collection } from '../base/collection'
import { mimic } from '../base/mimic'
import { isThenable, whenSettled } from '../base/settle'
import { Context, MUTED_CONTEXT, ROOT_CONTEXT } from '../trace/context'
import { type Meaning, pinsAreThere, whenPinned } from '../trace/pin'
import type { AnyFunction } from '../trace/run-in-span'
import type { Scope } from '../trace/scope/scope'
import type { Span } from '../trace/span'
import { SpanContext } from '../trace/span-context'
import type { Tracer } from '../trace/tracer'
import { Call, fail, lastGiven, nowTells } from './completion'
import type { CallStart, Operation, PluginOptions } from './contract'
import { Guard } from './guard'
import { Opener } from './opener'
import { replaceMethod } from './replace-method'
import { bindEmitters, bindToCaller, closed, type EmitterPrototype, watchedEmit, watchedStep } from './watched-methods'

export class Patcher<Options extends PluginOptions = PluginOptions> {
  readonly #undo: (() => void)[] = []
  readonly #guard: Guard
  #active = true

  constructor(
    /** The plugin's name. */
    readonly plugin: string,
    /** What the program or the environment says about this plugin. */
    readonly options: Options,
    /** For what a plugin wraps by hand. */
    readonly tracer: Tracer,
  ) {
    this.#guard = new Guard(plugin)
  }

  /** Puts a span around every call of `target[method]`. */
  trace<Self extends object, Args extends unknown[] = unknown[]>(
    target: Self,
    method: keyof Self & string,
    operation: Operation<Self, Args>,
  ): void {
    this.wrap(target, method, this.tracing(operation))
  }

  /**
   * Returns what turns a function into one whose every call is in a span, not yet made to look like it, as `traced` is: for
   * several functions, or for those that are wrapped once more.
   */
  tracing<Self extends object, Args extends unknown[] = unknown[]>(
    described: Operation<Self, Args>,
  ): (original: AnyFunction) => AnyFunction {
    const patcher = this
    const { tracer } = this
    const guard = this.#guard
    const opener = new Opener(tracer, this.plugin, described, this.options)
    const operation = opener.withPeer(described)
    const activate = operation.activate ?? true

    /**
     * `args` is a copy: a plugin that changes some and then fails has changed nothing. Returns a context where the library is to
     * run in that, without a span.
     */
    function begin(scope: Scope, caller: Context, self: Self, args: Args): Call | Context | undefined {
      let span: Span | undefined
      try {
        const pin = pinsAreThere() ? opener.pinOf(operation.pinOn?.(self, args), self, caller) : undefined
        if (pin?.tracer?.isEnabled === false) return activate ? opener.without(pin, caller) : undefined
        const start = operation.start(self, args)
        if (start === undefined) return undefined
        if ('mute' in start) {
          bindEmitters(start.mute, MUTED_CONTEXT)
          return MUTED_CONTEXT
        }
        if (!('resource' in start)) return void bindToCaller(scope, caller, start)
        const opened = opener.open(start, pin)
        span = opened
        operation.before?.(opened, args, self, () => opener.headers(opened))
        const inside = activate ? enter(caller, opened, start) : caller
        if (start.bind !== undefined) bindEmitters(start.bind, inside)
        const call = new Call(opened, inside, args, start, operation as Operation<never, never>, guard)
        call.watch(scope, caller)
        return call
      } catch (fault) {
        guard.report('start', fault)
        span?.finish()
        return undefined
      }
    }

    return (original) => {
      return {
        traced(this: unknown, ...given: unknown[]) {
          const scope = tracer.scopeOrNothing
          if (scope === undefined || !patcher.#active) return Reflect.apply(original, this, given)
          const caller = scope.active()
          const call = caller.muted ? undefined : begin(scope, caller, this as Self, [...given] as Args)
          if (call === undefined) return Reflect.apply(original, this, given)
          if (call instanceof Context) return scope.run(call, original, this, given)
          let result: unknown
          try {
            result = activate
              ? scope.run(call.inside, original, this, call.args)
              : Reflect.apply(original, this, call.args)
          } catch (error) {
            call.end(undefined, error, true)
            throw error
          }
          return call.follow(result)
        },
      }.traced
    }
  }

  /** A function that a program hands over, such as the handler of a message, with a span around each call of it. */
  traced<Self extends object, Args extends unknown[] = unknown[]>(
    fn: AnyFunction,
    operation: Operation<Self, Args>,
  ): AnyFunction {
    return mimic(this.tracing(operation)(fn), fn)
  }

  /** Makes a function given as last argument of `target[method]` run in the context of that call: for pools and queues. */
  bind<Target extends object>(target: Target, method: keyof Target & string): void {
    const patcher = this
    this.wrap(target, method, (original) => {
      return {
        bound(this: unknown, ...args: unknown[]) {
          const scope = patcher.#scope
          if (scope !== undefined) bindLast(scope, args)
          return Reflect.apply(original, this, args)
        },
      }.bound
    })
  }

  /**
   * Makes calls of `target[method]`, and all that they lead to, leave no trace: for what a library does for itself. A function
   * given as last argument runs in the context of the call.
   */
  mute<Target extends object>(target: Target, method: keyof Target & string): void {
    const patcher = this
    this.wrap(target, method, (original) => {
      return {
        muted(this: unknown, ...args: unknown[]) {
          const scope = patcher.#scope
          if (scope === undefined) return Reflect.apply(original, this, args)
          bindLast(scope, args)
          return scope.run(MUTED_CONTEXT, original, this, args)
        },
      }.muted
    })
  }

  /**
   * Makes the listeners of emitters that an operation has bound run inside its span; and lets operations see the events that
   * end them without listeners of their own, which programs count and remove.
   */
  bindEvents(prototype: EmitterPrototype): void {
    this.wrap(prototype, 'emit', (original) => watchedEmit(original, () => this.#scope))
    nowTells(prototype.emit)
  }

  /** Ends the call whose `until` an emitter is, for libraries that let an emitter down without a word. */
  fail(emitter: object, error: unknown): void {
    this.guarded('fail', () => fail(emitter, error))
  }

  /** Ends what waits for the `close` of an emitter, for libraries that let one go without it. */
  closed(emitter: object): void {
    this.guardedEnd('closed', () => closed(emitter))
  }

  /** Lets operations see the last step of the iterators that they return: the one that says so, `return`, or a throw. */
  bindSteps(prototype: { next: AnyFunction; return?: AnyFunction }): void {
    for (const method of ['next', 'return'] as const) {
      if (prototype[method] !== undefined) this.wrap(prototype, method, watchedStep)
    }
    nowTells(prototype.next)
  }

  /**
   * Replaces `target[method]` by what `make` returns for the original. Guard what you do inside with `guarded`.
   * Throws a TypeError when there is no such method.
   */
  wrap<Target extends object>(
    target: Target,
    method: keyof Target & (string | symbol),
    make: (original: AnyFunction) => AnyFunction,
  ): void {
    this.#undo.push(replaceMethod(target, method, make))
  }

  /** What is active now, to be returned to by `run`. */
  get active(): Context | undefined {
    return this.tracer.scopeOrNothing?.active()
  }

  /**
   * Calls `fn` with a span active (undefined: none), or inside what was `active`; for hand-made wrappers. Adds as little to stack
   * traces as it can.
   */
  run(inside: Span | Context | undefined, fn: AnyFunction, self: unknown, args: unknown[]): unknown {
    const scope = this.tracer.scopeOrNothing
    if (scope === undefined) return Reflect.apply(fn, self, args)
    if (inside === undefined) return scope.run(ROOT_CONTEXT, fn, self, args)
    return scope.run(inside instanceof Context ? inside : scope.active().with(inside), fn, self, args)
  }

  /**
   * `run`, and calls `ended` when the call is over: returned, thrown or settled. For hand-made wrappers whose calls share spans;
   * what belongs to one call alone is `trace`'s.
   */
  follow(
    span: Span,
    fn: AnyFunction,
    self: unknown,
    args: unknown[],
    ended: (error: unknown, failed: boolean) => void,
  ) {
    const end = (error: unknown, failed: boolean) => this.guardedEnd('end', () => ended(error, failed))
    let result: unknown
    try {
      result = this.run(span, fn, self, args)
    } catch (error) {
      end(error, true)
      throw error
    }
    if (isThenable(result)) return whenSettled(result, (error, _value, failed) => end(error, failed))
    end(undefined, false)
    return result
  }

  /** Runs `step` of a hand-made wrapper; if it throws, that is reported and undefined comes back. */
  guarded<T>(name: string, step: () => T): T | undefined {
    return this.#active ? this.guardedEnd(name, step) : undefined
  }

  /** The same, also once the plugin is undone: for what ends something that has begun. */
  guardedEnd<T>(name: string, step: () => T): T | undefined {
    try {
      return step()
    } catch (fault) {
      this.#guard.report(name, fault)
      return undefined
    }
  }

  /** Restores everything, the last change first. */
  undo(): void {
    for (const undo of this.#undo.splice(0).reverse()) this.guarded('undo', undo)
    this.#active = false
  }

  /** The scope, while the tracer and the plugin are on. */
  get #scope(): Scope | undefined {
    return this.#active ? this.tracer.scopeOrNothing : undefined
  }

  /** Asks `meaning`, of each object that the program pins, which one is meant: what it returns, or the object itself. */
  whenPinned(meaning: Meaning): void {
    this.onUndo(whenPinned((target) => this.guarded('pin', () => meaning(target))))
  }

  /** Registers something else to undo. */
  onUndo(undo: () => void): void {
    this.#undo.push(undo)
  }
}

/** A callback as last argument will run where it was given. */
function bindLast(scope: Scope, args: unknown[]): void {
  const last = lastGiven(args)
  const callback = args[last]
  if (typeof callback === 'function') args[last] = scope.bind(callback)
}

/** What comes from another service, or from none, has nothing to do with where its server or consumer was made. */
function enter(caller: Context, span: Span, { parent, collects, until }: CallStart): Context {
  const isEntry = parent !== undefined && (parent === null || parent instanceof SpanContext)
  const outside = isEntry ? ROOT_CONTEXT : caller
  if (collects !== true) return outside.with(span)
  return outside.with(span, new Collection(undefined, until?.emitter as object))
}
