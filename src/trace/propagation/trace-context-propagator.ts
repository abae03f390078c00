// W3C Trace Context: `traceparent` has the ids and whether the trace is kept, `tracestate` what each vendor adds to that.

import { hex32, hex32At, hex64 } from '../../base/id'
import { DECISION_MAKER, LAST_SPAN_ID, PROPAGATION_ERROR } from '../../base/tags'
import { Received, SpanContext } from '../span-context'
import { joinedText, onlyText, trimmed } from './header-text'
import type { Propagator, ReadableHeaders, WritableHeaders } from './propagator'
import { OwnMember, splitTraceState, traceStateText } from './tracestate'

const TRACEPARENT = 'traceparent'
const TRACESTATE = 'tracestate'

// Later versions may add something behind a dash (W3C Trace Context, 3.2.4); letters are lower case (3.2.2.3).
const PATTERN = /^(?!ff)[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}(?:$|(?<!^00.*)-)/

export class TraceContextPropagator implements Propagator {
  readonly style = 'tracecontext'
  /** The upper halves of ids are seconds, which many traces have in common. */
  #upper = { high: 0, low: 0, text: hex64(0, 0) }

  inject(context: SpanContext, headers: WritableHeaders): undefined {
    const { priority, spanHigh, spanLow } = context
    const spanId = hex64(spanHigh, spanLow)
    const flags = priority !== undefined && priority > 0 ? '01' : '00'
    headers[TRACEPARENT] = `00-${this.#traceId(context)}-${spanId}-${flags}`
    const state = traceStateText(context, spanId)
    if (state !== '') headers[TRACESTATE] = state
    return undefined
  }

  extract(headers: ReadableHeaders): SpanContext | undefined {
    const text = readTraceParent(headers)
    if (text === undefined) return undefined
    const { own, others } = splitTraceState(joinedText(headers, TRACESTATE))
    const member = new OwnMember(own)
    const { tags, lastSpanId, traceIdHigh, origin } = member
    const priority = mergedPriority((Number.parseInt(text.slice(53, 55), 16) & 1) === 1, member)
    const received = new Received()
    received.tracestate = others
    received.lastSpanId = lastSpanId ?? ''
    const rootTags: string[] = []
    if (lastSpanId !== undefined) rootTags.push(LAST_SPAN_ID, lastSpanId)
    if (traceIdHigh !== undefined && traceIdHigh !== text.slice(3, 19)) {
      const what = /^[0-9a-f]{16}$/.test(traceIdHigh) ? 'inconsistent' : 'malformed'
      rootTags.push(PROPAGATION_ERROR, `${what}_tid ${traceIdHigh}`)
    }
    if (rootTags.length > 0) received.rootTags = rootTags
    return new SpanContext(
      hex32At(text, 3),
      hex32At(text, 11),
      hex32At(text, 19),
      hex32At(text, 27),
      hex32At(text, 36),
      hex32At(text, 44),
      priority,
      origin,
      tags,
      received,
    )
  }

  /**
   * What Trace Context adds to a context of another style. The same trace: its parent is the nearer one, and the other vendors'
   * members go on. Another trace: undefined.
   */
  join(context: SpanContext, headers: ReadableHeaders): SpanContext | undefined {
    // Between Datadog's tracers both say the same, which is seen without reading everything.
    const isPlain = context.priority !== undefined && !MAY_HAVE_MORE.test(joinedText(headers, TRACESTATE) ?? '')
    if (isPlain && readTraceParent(headers)?.startsWith(idsOf(context), 3)) return context
    const other = this.extract(headers)
    if (other === undefined || !isSameTrace(context, other)) return undefined
    const isParent = other.spanHigh === context.spanHigh && other.spanLow === context.spanLow
    const { priority = other.priority, tags } = context
    const received = Object.assign(new Received(), context.received)
    received.tracestate = other.received.tracestate
    if (!isParent) {
      // Datadog's headers name the last span of Datadog's, whatever came after it.
      const lastSpanId = other.received.lastSpanId || (context.received.lastSpanId ?? context.spanId)
      received.lastSpanId = lastSpanId
      if (lastSpanId !== '') received.rootTags = [...(received.rootTags ?? []), LAST_SPAN_ID, lastSpanId]
    }
    const isUndecided = context.priority === undefined
    // A service that knows no 128-bit ids drops the upper half.
    const upper = context.traceUpperHigh !== 0 || context.traceUpperLow !== 0 ? context : other
    return new SpanContext(
      upper.traceUpperHigh,
      upper.traceUpperLow,
      context.traceHigh,
      context.traceLow,
      other.spanHigh,
      other.spanLow,
      priority,
      context.origin ?? other.origin,
      isUndecided ? new Map([...other.tags, ...tags]) : tags,
      received,
    )
  }

  #traceId({ traceUpperHigh: high, traceUpperLow: low, traceHigh, traceLow }: SpanContext): string {
    if (high !== this.#upper.high || low !== this.#upper.low) this.#upper = { high, low, text: hex64(high, low) }
    return this.#upper.text + hex32(traceHigh) + hex32(traceLow)
  }
}

/** More than our own member. */
const MAY_HAVE_MORE = /^(?!dd=)|,/

/** The trace's and the span's id, as `traceparent` has them. */
function idsOf(context: SpanContext): string {
  return `${context.traceId}-${context.spanId}-`
}

/** Whether both are of one trace: an upper half that one of them does not know may be any. */
export function isSameTrace(one: SpanContext, other: SpanContext): boolean {
  if (one.traceHigh !== other.traceHigh || one.traceLow !== other.traceLow) return false
  const isEqual = one.traceUpperHigh === other.traceUpperHigh && one.traceUpperLow === other.traceUpperLow
  return isEqual || has64Bits(one) || has64Bits(other)
}

function has64Bits({ traceUpperHigh, traceUpperLow }: SpanContext): boolean {
  return traceUpperHigh === 0 && traceUpperLow === 0
}

/** A `traceparent` that can be gone on with: the wire's trace ids are the lower 64 bits, which must not all be 0. */
function readTraceParent(headers: ReadableHeaders): string | undefined {
  const header = onlyText(headers, TRACEPARENT)
  if (header === undefined) return undefined
  const text = trimmed(header)
  if (!PATTERN.test(text)) return undefined
  return text.startsWith(ZEROS, 19) || text.startsWith(ZEROS, 36) ? undefined : text
}

const ZEROS = '0'.repeat(16)

/**
 * The flag of `traceparent` is what everybody on the way knew to read and write, so our own member counts only as far as it agrees.
 * Where it does not, whoever decided as it says is not the one who decided.
 */
function mergedPriority(isKept: boolean, { priority, origin, tags }: OwnMember): number | undefined {
  // A browser decides nothing: its trace is sampled here.
  if (priority === undefined && origin === 'rum') return undefined
  if (priority !== undefined && priority > 0 === isKept) return priority
  if (!isKept) tags.delete(DECISION_MAKER)
  else if (priority !== undefined) tags.set(DECISION_MAKER, '-0')
  return isKept ? 1 : 0
}
