// Opens a span: finds its parent and its trace, or begins one, and gives it its ids.

import { randomIdHigh, randomIdLow } from '../base/id'
import { NoopSpan } from './noop-span'
import type { Recorder } from './recorder'
import type { Scope } from './scope/scope'
import { Span } from './span'
import { NOTHING_ELSE, Received, SpanContext } from './span-context'
import { Trace } from './trace'

/** What of a tracer a span needs. */
export interface OpenParts {
  readonly service: string
  readonly scope: Scope
  readonly recorder: Recorder
  readonly traceId128Bit: boolean
}

/** An empty service or resource takes the default. */
export function openSpan(
  parts: OpenParts,
  name: string,
  service: string,
  resource: string,
  type: string,
  childOf: Span | SpanContext | null | undefined,
  startTimeMs: number | undefined,
): Span {
  const parent = childOf === undefined ? parts.scope.active().span : childOf
  const idHigh = randomIdHigh()
  const idLow = randomIdLow()
  let trace: Trace
  let parentHigh = 0
  let parentLow = 0
  let parentService: string | undefined
  if (parent instanceof Span && !(parent instanceof NoopSpan)) {
    trace = parent.trace
    parentHigh = parent.idHigh
    parentLow = parent.idLow
    parentService = parent.service
  } else if (parent instanceof SpanContext) {
    trace = receivedTrace(parts, parent, idHigh, idLow)
    parentHigh = parent.spanHigh
    parentLow = parent.spanLow
  } else {
    // The root's id is also the trace's lower half, as in Datadog's Node tracer.
    trace = new Trace(parts.recorder, parts.traceId128Bit ? undefined : 0, 0, idHigh, idLow, undefined)
  }
  const startUs = startTimeMs === undefined && trace.root === undefined ? trace.beganUs : trace.usOf(startTimeMs)
  const span = new Span(
    trace,
    idHigh,
    idLow,
    parentHigh,
    parentLow,
    name,
    service === '' ? parts.service : service,
    resource === '' ? name : resource,
    type,
    startUs,
    parentService,
  )
  if (trace.root === undefined) {
    trace.root = span
    if (trace.received !== NOTHING_ELSE) tagArrival(span, trace.received)
  }
  return span
}

/** The identity of a span, for the wire. */
export function contextOf({ trace, idHigh, idLow }: Span): SpanContext {
  const { upperHigh, upperLow, priority, origin, tags, received } = trace
  return new SpanContext(
    upperHigh,
    upperLow,
    trace.idHigh,
    trace.idLow,
    idHigh,
    idLow,
    priority,
    origin,
    tags,
    received,
  )
}

/** The trace that came, or a new one that begins with the span of this id and takes what came without a trace. */
function receivedTrace(parts: OpenParts, remote: SpanContext, idHigh: number, idLow: number): Trace {
  const { traceUpperHigh, traceUpperLow, traceHigh, traceLow, tags, hasTrace } = remote
  let { received } = remote
  if (received.lastSpanId !== undefined) {
    // From here on the last span that Datadog knows of is one of ours.
    received = Object.assign(new Received(), received, { lastSpanId: undefined })
  }
  const trace = hasTrace
    ? new Trace(parts.recorder, traceUpperHigh, traceUpperLow, traceHigh, traceLow, tags, received)
    : new Trace(parts.recorder, parts.traceId128Bit ? undefined : 0, 0, idHigh, idLow, tags, received)
  trace.priority = remote.priority
  trace.origin = remote.origin
  return trace
}

/** What came for the first span here. */
function tagArrival(span: Span, { links, rootTags }: Readonly<Received>): void {
  if (links !== undefined) span.links = [...links]
  if (rootTags === undefined) return
  for (let i = 0; i < rootTags.length; i += 2) span.put(rootTags[i]!, rootTags[i + 1]!)
}
