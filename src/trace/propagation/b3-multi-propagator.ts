// B3 in several headers: `x-b3-traceid`, `-spanid`, `-sampled` and, for debug, `-flags`. Source: openzipkin/b3-propagation.

import { hex64, parseHex64 } from '../../base/id'
import { NOTHING_ELSE, SpanContext } from '../span-context'
import { lastText } from './header-text'
import type { Propagator, ReadableHeaders, WritableHeaders } from './propagator'

const TRACE_ID = 'x-b3-traceid'
const SPAN_ID = 'x-b3-spanid'
const SAMPLED = 'x-b3-sampled'
const FLAGS = 'x-b3-flags'

/** Words are from the days before the specification. */
const PRIORITIES: ReadonlyMap<string, number> = new Map([
  ['0', 0],
  ['1', 1],
  ['false', 0],
  ['true', 1],
])

export class B3MultiPropagator implements Propagator {
  readonly style = 'b3multi'

  inject(context: SpanContext, headers: WritableHeaders): undefined {
    const { priority } = context
    headers[TRACE_ID] = b3TraceId(context)
    headers[SPAN_ID] = context.spanId
    if (priority === undefined) return
    headers[SAMPLED] = priority > 0 ? '1' : '0'
    if (priority > 1) headers[FLAGS] = '1'
  }

  extract(headers: ReadableHeaders): SpanContext | undefined {
    const priority = lastText(headers, FLAGS) === '1' ? 2 : PRIORITIES.get(lastText(headers, SAMPLED) ?? '')
    return b3Context(lastText(headers, TRACE_ID), lastText(headers, SPAN_ID), priority)
  }
}

/** 16 hex digits, 32 where the trace id has 128 bits. */
export function b3TraceId({ traceId, traceUpperHigh, traceUpperLow }: SpanContext): string {
  return traceUpperHigh === 0 && traceUpperLow === 0 ? traceId.slice(16) : traceId
}

/** What both kinds of B3 say; a decision without ids is one about the trace that begins here. */
export function b3Context(
  traceText: string | undefined,
  spanText: string | undefined,
  priority: number | undefined,
): SpanContext | undefined {
  const trace = traceText === undefined ? undefined : parseHex64(traceText.slice(-16))
  const upper =
    traceText?.length === 32 ? parseHex64(traceText.slice(0, 16)) : traceText?.length === 16 ? ZERO : undefined
  const span = spanText === undefined ? undefined : parseHex64(spanText)
  const hasIds = trace !== undefined && upper !== undefined && span !== undefined
  if (hasIds && (trace.high !== 0 || trace.low !== 0) && (span.high !== 0 || span.low !== 0)) {
    return new SpanContext(upper.high, upper.low, trace.high, trace.low, span.high, span.low, priority)
  }
  return priority === undefined ? undefined : SpanContext.withoutTrace(priority, NOTHING_ELSE)
}

const ZERO = parseHex64(hex64(0, 0))
