// What travels between processes about a span: its ids, its trace's sampling decision and what must be handed on.

import { hex64 } from '../base/id'

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
  ) {}

  /** 32 lower-case hex digits. */
  get traceId(): string {
    return hex64(this.traceUpperHigh, this.traceUpperLow) + hex64(this.traceHigh, this.traceLow)
  }

  /** 16 lower-case hex digits. */
  get spanId(): string {
    return hex64(this.spanHigh, this.spanLow)
  }
}
