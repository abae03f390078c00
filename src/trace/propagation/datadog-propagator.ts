// Datadog's own headers: `x-datadog-trace-id`, `-parent-id`, `-sampling-priority`, `-origin`, `-tags`.
//
// Ids are decimal and 64 bits; the upper half of a 128-bit trace id travels as `_dd.p.tid` in the tags header, which is
// all or nothing: one bad entry drops the header, but a bad `_dd.p.tid` only itself.

import { decimal64, hex64, type IdHalves, parseDecimal64, parseHex64 } from '../../base/id'
import { TRACE_ID_HIGH } from '../../base/tags'
import { SpanContext } from '../span-context'
import type { Propagator, ReadableHeaders, WritableHeaders } from './propagator'

const TRACE_ID = 'x-datadog-trace-id'
const PARENT_ID = 'x-datadog-parent-id'
const PRIORITY = 'x-datadog-sampling-priority'
const ORIGIN = 'x-datadog-origin'
const TAGS = 'x-datadog-tags'

/** Longer tags headers are neither sent nor read (DD_TRACE_X_DATADOG_TAGS_MAX_LENGTH's default). */
export const MAX_TAGS_LENGTH = 512

// `_dd.p.` and printable ASCII without space and comma; values may hold `=` and spaces.
const TAG = /^(_dd\.p\.[\x21-\x2b\x2d-\x3c\x3e-\x7e]+)=([\x20-\x2b\x2d-\x7e]+)$/
const HEADER_TEXT = /^[\x20-\x7e]+$/
const NO_UPPER: IdHalves = { high: 0, low: 0 }

export class DatadogPropagator implements Propagator {
  inject(context: SpanContext, headers: WritableHeaders): void {
    headers[TRACE_ID] = decimal64(context.traceHigh, context.traceLow)
    headers[PARENT_ID] = decimal64(context.spanHigh, context.spanLow)
    if (context.priority !== undefined) headers[PRIORITY] = String(context.priority)
    if (context.origin !== undefined) headers[ORIGIN] = context.origin
    const tags = writeTags(context)
    if (tags !== '') headers[TAGS] = tags
  }

  extract(headers: ReadableHeaders): SpanContext | undefined {
    const traceText = text(headers?.[TRACE_ID])
    if (traceText === undefined) return undefined
    const trace = parseDecimal64(traceText)
    const span = parseDecimal64(text(headers[PARENT_ID]) ?? '')
    if (trace === undefined || span === undefined || (trace.high === 0 && trace.low === 0)) return undefined
    const originText = text(headers[ORIGIN])
    const origin = originText !== undefined && HEADER_TEXT.test(originText) ? originText : undefined
    // A parent of 0 is legal only at the root of a synthetic test.
    if (span.high === 0 && span.low === 0 && !origin?.startsWith('synthetics')) return undefined
    const tags = readTags(joined(headers[TAGS]))
    const upper = parseHex64(tags.get(TRACE_ID_HIGH) ?? '') ?? NO_UPPER
    tags.delete(TRACE_ID_HIGH)
    const priority = readPriority(text(headers[PRIORITY]))
    return new SpanContext(upper.high, upper.low, trace.high, trace.low, span.high, span.low, priority, origin, tags)
  }
}

/** A header's text; the last one counts. Carriers other than HTTP's may hold anything. */
function text(value: unknown): string | undefined {
  const last: unknown = Array.isArray(value) ? value.at(-1) : value
  return typeof last === 'string' ? last : undefined
}

/** The one header that may be split over several: Node joins those with a comma and a space. */
function joined(value: unknown): string | undefined {
  return Array.isArray(value) ? value.join(',') : text(value)
}

function readPriority(raw: string | undefined): number | undefined {
  return raw !== undefined && /^(-1|0|1|2)$/.test(raw) ? Number(raw) : undefined
}

function readTags(raw: string | undefined): Map<string, string> {
  const tags = new Map<string, string>()
  if (raw === undefined || raw === '' || raw.length > MAX_TAGS_LENGTH) return tags
  for (const entry of raw.split(/, ?/)) {
    const match = TAG.exec(entry)
    if (match === null) return new Map()
    tags.set(match[1]!, match[2]!)
  }
  return tags
}

function writeTags(context: SpanContext): string {
  const { tags, traceUpperHigh, traceUpperLow } = context
  let line = ''
  for (const [key, value] of tags) line += `${line && ','}${key}=${value}`
  if (traceUpperHigh !== 0 || traceUpperLow !== 0) {
    line += `${line && ','}${TRACE_ID_HIGH}=${hex64(traceUpperHigh, traceUpperLow)}`
  }
  return line.length > MAX_TAGS_LENGTH ? '' : line
}
