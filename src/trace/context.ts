// What the async scope carries from call to call: the active span, the baggage, where metrics are collected, and whether `dd` must keep
// quiet.
//
// Immutable, so that a callback that runs later sees what was true when it was created.

import type { Collection } from '../base/collection'
import { type Baggage, mergedBaggage } from './baggage'
import type { Span } from './span'

export class Context {
  constructor(
    readonly span: Span | undefined,
    /** True inside `dd`'s own traffic: plugins then call straight through. */
    readonly muted = false,
    /** What goes on to other services with or without a span; undefined where there is nothing. */
    readonly baggage: Baggage | undefined = undefined,
    /** The innermost one that this runs in. */
    readonly collection: Collection | undefined = undefined,
  ) {}

  /**
   * The same with another span active. A trace that came with baggage brings it along where it is entered.
   * @param collection of the request that the span is of
   */
  with(span: Span | undefined, collection: Collection | undefined = this.collection): Context {
    const baggage = this.baggageIn(span)
    if (span === undefined && baggage === undefined && collection === undefined) return ROOT_CONTEXT
    return new Context(span, false, baggage, collection)
  }

  /** The same inside of a request or job. */
  collecting(collection: Collection): Context {
    return new Context(this.span, this.muted, this.baggage, collection)
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
