// What the async scope carries from call to call: the active span, the baggage, and whether `dd` must keep quiet.
//
// Immutable, so that a callback that runs later sees what was true when it was created.

import { type Baggage, mergedBaggage } from './baggage'
import type { Span } from './span'

export class Context {
  constructor(
    readonly span: Span | undefined,
    /** True inside `dd`'s own traffic: plugins then call straight through. */
    readonly muted = false,
    /** What goes on to other services with or without a span; undefined where there is nothing. */
    readonly baggage: Baggage | undefined = undefined,
  ) {}

  /** The same with another span active. A trace that came with baggage brings it along where it is entered. */
  with(span: Span | undefined): Context {
    const baggage = this.baggageIn(span)
    return span === undefined && baggage === undefined ? ROOT_CONTEXT : new Context(span, false, baggage)
  }

  /** The baggage of what `span` does here. */
  baggageIn(span: Span | undefined): Baggage | undefined {
    const { baggage } = this
    const received = span?.trace.received.baggage
    if (received === undefined || this.span?.trace === span?.trace) return baggage
    return mergedBaggage(baggage, received)
  }
}

/** No span is active. */
export const ROOT_CONTEXT = new Context(undefined)

/** `dd`'s own work: nothing it does is traced. */
export const MUTED_CONTEXT = new Context(undefined, true)
