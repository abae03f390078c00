// Datadog's own headers: `x-datadog-trace-id`, `-parent-id`, `-sampling-priority`, `-origin`, `-tags`.
//
// Ids are decimal and 64 bits; the upper half of a 128-bit trace id travels as `_dd.p.tid` in the tags header, which is
// all or nothing: one bad entry drops the header, but a bad `_dd.p.tid` only itself.

import { decimal64, hex64, type IdHalves, parseDecimal64, parseHex64 } from '../../base/id'
import { PROPAGATION_ERROR, TRACE_ID_HIGH } from '../../base/tags'
import { NOTHING_ELSE, Received, SpanContext } from '../span-context'
import { joinedText, lastText, PRINTABLE } from './header-text'
import type { Propagator, ReadableHeaders, WritableHeaders } from './propagator'
import { TagText } from './tag-text'

const TRACE_ID = 'x-datadog-trace-id'
const PARENT_ID = 'x-datadog-parent-id'
const PRIORITY = 'x-datadog-sampling-priority'
const ORIGIN = 'x-datadog-origin'
const TAGS = 'x-datadog-tags'

// `_dd.p.` and printable ASCII without space and comma; values may hold `=` and spaces.
const TAG = /^(_dd\.p\.[\x21-\x2b\x2d-\x3c\x3e-\x7e]+)=([\x20-\x2b\x2d-\x7e]+)$/
const NO_UPPER: IdHalves = { high: 0, low: 0 }
/** Stands for a line that cannot be written. */
const UNWRITABLE = '\0'

export class DatadogPropagator implements Propagator {
  readonly style = 'datadog'
  readonly #maxTagsLength: number
  readonly #tagText = new TagText(tagLine)

  /** @param maxTagsLength longer tags headers are neither sent nor read; 0 turns them off */
  constructor(maxTagsLength: number) {
    this.#maxTagsLength = maxTagsLength
  }

  inject(context: SpanContext, headers: WritableHeaders): string | undefined {
    headers[TRACE_ID] = decimal64(context.traceHigh, context.traceLow)
    headers[PARENT_ID] = decimal64(context.spanHigh, context.spanLow)
    if (context.priority !== undefined) headers[PRIORITY] = String(context.priority)
    if (context.origin !== undefined) headers[ORIGIN] = context.origin
    const { traceUpperHigh, traceUpperLow } = context
    let line = this.#tagText.of(context.tags)
    if (line === UNWRITABLE) return 'encoding_error'
    if (traceUpperHigh !== 0 || traceUpperLow !== 0) {
      line += `${line && ','}${TRACE_ID_HIGH}=${hex64(traceUpperHigh, traceUpperLow)}`
    }
    if (line === '') return undefined
    if (line.length > this.#maxTagsLength) return this.#maxTagsLength === 0 ? 'disabled' : 'inject_max_size'
    headers[TAGS] = line
    return undefined
  }

  extract(headers: ReadableHeaders): SpanContext | undefined {
    const traceText = lastText(headers, TRACE_ID)
    if (traceText === undefined) return undefined
    const trace = parseDecimal64(traceText)
    const span = parseDecimal64(lastText(headers, PARENT_ID) ?? '')
    if (trace === undefined || span === undefined || (trace.high === 0 && trace.low === 0)) return undefined
    const originText = lastText(headers, ORIGIN)
    const origin = originText !== undefined && PRINTABLE.test(originText) ? originText : undefined
    // A parent of 0 is legal only at the root of a synthetic test.
    if (span.high === 0 && span.low === 0 && !origin?.startsWith('synthetics')) return undefined
    const priority = readPriority(lastText(headers, PRIORITY))
    const tags = new Map<string, string>()
    let upper = NO_UPPER
    let error = this.#readTags(joinedText(headers, TAGS), tags)
    const upperText = tags.get(TRACE_ID_HIGH)
    if (upperText !== undefined) {
      tags.delete(TRACE_ID_HIGH)
      upper = parseHex64(upperText) ?? NO_UPPER
      if (upper === NO_UPPER) error = `malformed_tid ${upperText}`
    }
    const { high, low } = span
    return new SpanContext(
      upper.high,
      upper.low,
      trace.high,
      trace.low,
      high,
      low,
      priority,
      origin,
      tags,
      failed(error),
    )
  }

  /** Returns what went wrong. */
  #readTags(raw: string | undefined, tags: Map<string, string>): string | undefined {
    if (raw === undefined || raw === '') return undefined
    if (raw.length > this.#maxTagsLength) return this.#maxTagsLength === 0 ? 'disabled' : 'extract_max_size'
    for (const entry of raw.split(/, ?/)) {
      const match = TAG.exec(entry)
      if (match === null) {
        tags.clear()
        return 'decoding_error'
      }
      tags.set(match[1]!, match[2]!)
    }
    return undefined
  }
}

/** A priority as text: -1, 0, 1 or 2. */
export function readPriority(raw: string | undefined): number | undefined {
  switch (raw) {
    case '-1':
      return -1
    case '0':
      return 0
    case '1':
      return 1
    case '2':
      return 2
    default:
      return undefined
  }
}

/** Whether a tag can be handed on by every style. */
export function isHandedOn(key: string, value: string): boolean {
  return TAG.exec(`${key}=${value}`)?.[1] === key
}

/** What came with the ids is only what was wrong with it. */
function failed(error: string | undefined): Readonly<Received> {
  if (error === undefined) return NOTHING_ELSE
  const received = new Received()
  received.rootTags = [PROPAGATION_ERROR, error]
  return received
}

function tagLine(tags: ReadonlyMap<string, string>): string {
  let line = ''
  for (const [key, value] of tags) {
    const entry = `${key}=${value}`
    if (!TAG.test(entry)) return UNWRITABLE
    line += line === '' ? entry : `,${entry}`
  }
  return line
}
