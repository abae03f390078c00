// The pins of objects that a plugin does not meet where it makes a span: a collection of MongoDB is asked, a connection sends the
// command. While the program's call of such an object runs, its context says which object that is; and a span that was made with a pin
// hands it on to those below it whose templates ask for that.

import { hiddenField } from '../base/hidden-field'
import { Context } from '../trace/context'
import { findPin, isPartOf, type Pin } from '../trace/pin'
import type { AnyFunction } from '../trace/run-in-span'
import type { Scope } from '../trace/scope/scope'
import type { Span } from '../trace/span'

/** On a context: the object that the program has called, and the plugins whose spans are meant. */
interface Held {
  readonly object: object
  readonly plugins: readonly string[]
}

interface Noted {
  readonly pin: Pin
  readonly plugin: string
  readonly held: Held | undefined
}

const holds = hiddenField<Held>()
/** On a span, or on a context in place of one. */
const noted = hiddenField<Noted>()

/** @param above the plugins whose spans hand on their pin to the spans of `plugin` */
export function heldPin(context: Context, plugin: string, above: readonly string[] | undefined): Pin | undefined {
  const held = heldIn(context)
  const pin = held?.plugins.includes(plugin) ? findPin(held.object) : undefined
  if (pin !== undefined || above === undefined) return pin
  const parent = noted.get(context) ?? (context.span && noted.get(context.span))
  return parent !== undefined && above.includes(parent.plugin) ? parent.pin : undefined
}

/** An active span stands in a context of its own. */
function heldIn(context: Context): Held | undefined {
  return holds.get(context) ?? noted.get(context)?.held ?? (context.span && noted.get(context.span)?.held)
}

/**
 * Who is called, where `object` is: a collection that asks its client for something is still what the program has called.
 */
export function calledBy(caller: Context, object: object): object {
  const outer = heldIn(caller)?.object
  return outer !== undefined && isPartOf(outer, object) ? outer : object
}

/** Runs what the program calls on an object, in a context that says so. */
export function runHeld(scope: Scope, held: Held, fn: AnyFunction, self: unknown, args: unknown[]): unknown {
  const caller = scope.active()
  if (caller.muted || heldIn(caller)?.object === held.object) return Reflect.apply(fn, self, args)
  const context = copyOf(caller)
  holds.set(context, held)
  return scope.run(context, fn, self, args)
}

/** @param caller where it was opened */
export function notePin(span: Span, pin: Pin, plugin: string, caller?: Context): void {
  noted.set(span, { pin, plugin, held: caller && heldIn(caller) })
}

/** Makes a span that was opened by hand follow the pin of another one, above it. */
export function followPin(span: Span, above: Span, plugin: string): void {
  const pin = pinOfSpan(above)
  if (pin === undefined) return
  if (pin.tags !== undefined) span.setTags(pin.tags)
  notePin(span, pin, plugin)
}

/** A copy of `caller` that stands for a span which would have been made with `pin`. */
export function pinnedContext(caller: Context, pin: Pin, plugin: string): Context {
  const context = copyOf(caller)
  noted.set(context, { pin, plugin, held: heldIn(caller) })
  return context
}

/** Whatever there is in it: others run in the original. */
function copyOf(context: Context): Context {
  return Object.assign(new Context(undefined), context)
}

/** The pin that a span was made with. */
export function pinOfSpan(span: Span): Pin | undefined {
  return noted.get(span)?.pin
}
