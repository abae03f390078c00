// The `emit` of emitters and the steps of iterators, wrapped so that listeners run where their emitter belongs, and calls hear of
// their end without listeners of their own.

import type { Collection } from '../base/collection'
import { quietly } from '../base/quietly'
import type { Context } from '../trace/context'
import type { AnyFunction } from '../trace/run-in-span'
import type { Scope } from '../trace/scope/scope'
import { type Attached, attach, attachedTo } from './attached'
import { tellEnd } from './completion'
import type { Bound } from './contract'

export interface EmitterPrototype {
  emit: AnyFunction
  listenerCount(event: string | symbol): number
}

export function bindEmitters(emitters: readonly object[], context: Context): void {
  for (const emitter of emitters) attach(emitter).context = context
}

/** Binds what a call without a span leaves to its caller. */
export function bindToCaller(scope: Scope, caller: Context, { bind, callback: place }: Bound): void {
  bindEmitters(bind, caller)
  if (place === undefined) return
  const { key } = place
  const of = place.of as Record<string, unknown>
  const callback = of[key]
  if (typeof callback === 'function') of[key] = scope.bind(callback, caller)
}

/** @param scopeNow the scope while the plugin is on */
export function watchedEmit(original: AnyFunction, scopeNow: () => Scope | undefined): AnyFunction {
  return {
    emit(this: EmitterPrototype, ...args: unknown[]) {
      const attached = attachedTo(this)
      if (attached === undefined) return Reflect.apply(original, this, args)
      const { context } = attached
      const isHeard = context !== undefined && this.listenerCount(args[0] as string) > 0
      let scope = isHeard ? scopeNow() : undefined
      // Entering a context costs more than asking for it, and most events come from inside.
      const active = scope?.active()
      if (active === context || (active?.span !== undefined && active.span === context?.span)) scope = undefined
      try {
        return scope === undefined ? Reflect.apply(original, this, args) : scope.run(context!, original, this, args)
      } finally {
        tell(this, attached, args[0], args[1])
      }
    },
  }.emit
}

/** As if the emitter had emitted `close`, which nobody but us gets to know. */
export function closed(emitter: object): void {
  const attached = attachedTo(emitter)
  if (attached !== undefined) tell(emitter, attached, 'close', undefined)
}

/** Tells those who wait for an emitter's events of one: the call, and the metrics of a request, which end when it closes. */
function tell(emitter: object, attached: Attached, event: unknown, value: unknown): void {
  attached.call?.hear(event, value)
  const collection = attached.context?.collection
  if (event === 'close' && collection?.endsWith === emitter) end(collection)
}

/** The response is closed, be it complete or given up. Its listeners have recorded what they had to. */
function end(collection: Collection): void {
  const { collector } = collection
  collection.isOver = true
  collection.collector = collection.endsWith = undefined
  if (collector !== undefined) quietly('sending the metrics of a request', () => collector.end())
}

/** For an iterator's `next` and `return`. */
export function watchedStep(original: AnyFunction): AnyFunction {
  return {
    step(this: object, ...args: unknown[]) {
      let step: unknown
      try {
        step = Reflect.apply(original, this, args)
      } catch (error) {
        tellEnd(this, error, true)
        throw error
      }
      if ((step as IteratorResult<unknown> | undefined)?.done === true) tellEnd(this, undefined, false)
      return step
    },
  }.step
}
