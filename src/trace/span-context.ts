// What travels between processes about a span: its ids, its trace's sampling decision and what must be handed on.

import { hex64 } from '../base/id'
import type { Baggage } from './baggage'
import type { SpanLink } from './chunk'

/** What may come with the ids; one class, so that all contexts and traces share its shape. */
export class Received {
  /** The members of `tracestate` that are other vendors', as text. */
  tracestate = ''
  /** The last span that Datadog knows of, 16 hex digits; empty where that is unknown, undefined where it is the parent. */
  lastSpanId: string | undefined = undefined
  baggage: Baggage | undefined = undefined
  /** The items of the baggage that came as `ot-baggage-*` headers, and go on as such. */
  legacyKeys: readonly string[] | undefined = undefined
  /** Links for the first span here: traces that are not gone on with. */
  links: readonly SpanLink[] | undefined = undefined
  /** Tags for the first span here, keys and values in turn. */
  rootTags: readonly string[] | undefined = undefined
}

/** Nothing but the ids. */
export const NOTHING_ELSE: Readonly<Received> = new Received()

export class SpanContext {
  constructor(
    /** The upper 64 bits of the trace id, 0 when it has only 64. */
    readonly traceUpperHigh: number,
    readonly traceUpperLow: number,
    readonly traceHigh: number,
    readonly traceLow: number,
    readonly spanHigh: number,
    readonly spanLow: number,
    /** -1, 0, 1 or 2; undefined while nobody has decided. */
    readonly priority: number | undefined = undefined,
    readonly origin: string | undefined = undefined,
    /** The `_dd.p.*` tags that every service of the trace passes on. */
    readonly tags: ReadonlyMap<string, string> = new Map(),
    readonly received: Readonly<Received> = NOTHING_ELSE,
  ) {}

  /** A context without ids: what came is for the new trace that begins here. */
  static withoutTrace(priority: number | undefined, received: Readonly<Received>): SpanContext {
    return new SpanContext(0, 0, 0, 0, 0, 0, priority, undefined, new Map(), received)
  }

  /** The same with something else beside the ids. */
  with(received: Readonly<Received>): SpanContext {
    const { traceUpperHigh, traceUpperLow, traceHigh, traceLow, spanHigh, spanLow, priority, origin, tags } = this
    return new SpanContext(
      traceUpperHigh,
      traceUpperLow,
      traceHigh,
      traceLow,
      spanHigh,
      spanLow,
      priority,
      origin,
      tags,
      received,
    )
  }

  /** Whether there is a trace to go on with. The wire's trace id has 64 bits, so those must not all be 0. */
  get hasTrace(): boolean {
    return this.traceHigh !== 0 || this.traceLow !== 0
  }

  /** Whether there is a parent: the root of a synthetic test has none. */
  get hasSpan(): boolean {
    return this.spanHigh !== 0 || this.spanLow !== 0
  }

  /** 32 lower-case hex digits. */
  get traceId(): string {
    return hex64(this.traceUpperHigh, this.traceUpperLow) + hex64(this.traceHigh, this.traceLow)
  }

  /** 16 lower-case hex digits. */
  get spanId(): string {
    return hex64(this.spanHigh, this.spanLow)
  }

  /** What came with it. */
  get baggage(): Baggage {
    return new Map(this.received.baggage)
  }

  /** What a span links to that is not below it: this one or, where its trace is not gone on with, what stands for it. */
  get links(): readonly SpanLink[] {
    const { hasTrace, hasSpan, traceId, spanId, received } = this
    if (!hasTrace) return received.links ?? []
    return hasSpan ? [{ traceId, spanId }] : []
  }
}
