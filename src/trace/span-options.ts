// What can be said of a span when it is made.

import type { Span } from './span'
import type { SpanContext } from './span-context'

/** Which side of a call a span is on. */
export type SpanKind = 'server' | 'client' | 'producer' | 'consumer' | 'internal'

export interface SpanOptions {
  /** Default: the tracer's service. */
  service?: string
  /** What is worked on: a route, a query. Default: the span's name. */
  resource?: string
  /** `web`, `http`, `sql`, `worker` … */
  type?: string
  kind?: SpanKind
  tags?: Readonly<Record<string, unknown>>
  /** Ask Datadog for statistics of this span. */
  measured?: boolean
  /** The parent: a span, what `extract` returned, or null for a new trace. Default: the active span. */
  childOf?: Span | SpanContext | null
  /** When it began, in ms since the Unix epoch. Default: now. */
  startTime?: number
  /** Other spans it has to do with. */
  links?: readonly { traceId: string; spanId: string; attributes?: Readonly<Record<string, string>> }[]
}
