// What leaves the tracer: finished spans of one trace, read-only, in the shape the encoder walks.

import type { Trace } from './trace'

/** A link from a span to another one, of any trace. */
export interface SpanLink {
  /** 32 lower-case hex digits. */
  readonly traceId: string
  /** 16 lower-case hex digits. */
  readonly spanId: string
  readonly attributes?: Readonly<Record<string, string>>
}

/** Something that happened during a span. */
export interface SpanEvent {
  readonly name: string
  readonly timeUs: number
  readonly attributes?: Readonly<Record<string, string | number | boolean>>
}

/** The side of a span that exporters see. */
export interface FinishedSpan {
  readonly idHigh: number
  readonly idLow: number
  readonly parentHigh: number
  readonly parentLow: number
  readonly name: string
  readonly service: string
  readonly resource: string
  readonly type: string
  readonly error: 0 | 1
  /** Whole microseconds since the Unix epoch. */
  readonly startUs: number
  readonly durationUs: number
  /** Keys and values in turn; numbers are metrics, strings are meta. */
  readonly tags: readonly (string | number)[]
  /** Whether it is where its service was entered. */
  readonly isTopLevel: boolean
  readonly links: readonly SpanLink[] | undefined
  readonly events: readonly SpanEvent[] | undefined
}

/** Finished spans that go out together; the first one carries what is known of the trace. */
export interface Chunk {
  readonly trace: Trace
  readonly spans: readonly FinishedSpan[]
  /** Sent in place of the trace's, where only some of its spans are sent. */
  readonly priority?: number
}
