// Writes chunks as the body of `PUT /v0.5/traces`: a table of all texts, then the chunks, a span being a row of numbers that point
// into the table.
//
// The table comes first and is complete only at the end, so both parts are written apart and put together when the payload is
// taken. Rows have no place for links and events: these go as JSON among the texts.
// Source: datadog-agent, pkg/trace/api/version.go (v05) and pkg/proto/pbgo/trace/decoder_v05.go.

import { hex64 } from '../base/id'
import { ORIGIN, PROCESS_ID, SAMPLING_PRIORITY, SPAN_EVENTS, SPAN_LINKS, TOP_LEVEL, TRACE_ID_HIGH } from '../base/tags'
import type { Chunk, FinishedSpan } from '../trace/chunk'
import { type ChunkEncoder, TABLE_PATH } from './chunk-encoder'
import { hasTag } from './fixed-tags'
import { MsgpackWriter } from './msgpack-writer'
import { serviceName, spanName, spanType, tagNormalizer } from './normalize'
import { firstSpanTags, isOwnService, otherSpanTags, ownSpanTags, type ProcessTags } from './process-tags'
import { eventsText, linksText } from './span-json'
import { cut, MAX_KEY_LENGTH, MAX_RESOURCE_LENGTH, MAX_VALUE_LENGTH } from './wire-limits'

/** What a row holds, in this order. */
export const ROW_FIELDS = [
  'service',
  'name',
  'resource',
  'trace_id',
  'span_id',
  'parent_id',
  'start',
  'duration',
  'error',
  'meta',
  'metrics',
  'type',
] as const

const INITIAL_BYTES = 64 * 1024
/** The payload's array of two, and the counts of the texts and of the chunks. */
const HEADER_BYTES = 11

type Tags = readonly (readonly [key: string, value: string])[]

export class TableEncoder implements ChunkEncoder {
  readonly path = TABLE_PATH
  /** There is no place for them. */
  hasNativeEvents = false
  #chunks = 0
  #spans = 0
  #rows = new MsgpackWriter(INITIAL_BYTES)
  #texts = new MsgpackWriter(INITIAL_BYTES / 4)
  readonly #indexes = new Map<string, number>()
  readonly #process: ProcessTags
  readonly #ownService: string
  readonly #ownSpan: Tags
  readonly #otherSpan: Tags
  #firstSpan: Tags | undefined

  constructor(process: ProcessTags) {
    this.#process = process
    this.#ownService = serviceName(process.service)
    this.#ownSpan = Object.entries(ownSpanTags(process))
    this.#otherSpan = Object.entries(otherSpanTags(process))
    this.#begin()
  }

  get chunks(): number {
    return this.#chunks
  }

  get spans(): number {
    return this.#spans
  }

  get bytes(): number {
    return HEADER_BYTES + this.#texts.length + this.#rows.length
  }

  add(chunk: Chunk, maxBytes: number): boolean {
    const rowsBegin = this.#rows.length
    const textsBegin = this.#texts.length
    const known = this.#indexes.size
    let isAdded = false
    try {
      this.#rows.array32(chunk.spans.length)
      for (const span of chunk.spans) this.#span(span, chunk, span === chunk.spans[0])
      isAdded = this.bytes <= maxBytes
    } finally {
      if (isAdded) {
        this.#chunks++
        this.#spans += chunk.spans.length
      } else {
        this.#rows.length = rowsBegin
        this.#texts.length = textsBegin
        for (const [text, index] of this.#indexes) if (index >= known) this.#indexes.delete(text)
      }
    }
    return isAdded
  }

  take(): Buffer {
    const whole = new MsgpackWriter(this.bytes)
    whole.array(2)
    whole.array32(this.#indexes.size)
    whole.raw(this.#texts.buffer.subarray(0, this.#texts.length))
    whole.array32(this.#chunks)
    whole.raw(this.#rows.buffer.subarray(0, this.#rows.length))
    this.#begin()
    return whole.buffer.subarray(0, whole.length)
  }

  giveBack(): void {
    // A payload is as large as it is: nothing to reuse.
  }

  #begin(): void {
    this.#chunks = this.#spans = this.#rows.length = this.#texts.length = 0
    this.#indexes.clear()
    // By convention the first.
    this.#indexOf('')
  }

  #span(span: FinishedSpan, chunk: Chunk, isFirst: boolean): void {
    const rows = this.#rows
    const { trace } = chunk
    rows.array(ROW_FIELDS.length)
    const name = spanName(span.name)
    this.#text(serviceName(span.service, this.#ownService))
    this.#text(name)
    this.#text(cut(span.resource || name, MAX_RESOURCE_LENGTH))
    rows.uint64(trace.idHigh, trace.idLow)
    rows.uint64(span.idHigh, span.idLow)
    rows.uint64(span.parentHigh, span.parentLow)
    rows.microsAsNanos(span.startUs)
    rows.microsAsNanos(span.durationUs)
    rows.number(span.error)
    this.#meta(span, trace, isFirst)
    this.#metrics(span, chunk.priority ?? trace.priority ?? 1, isFirst)
    this.#text(spanType(span.type))
  }

  #meta(span: FinishedSpan, trace: Chunk['trace'], isFirst: boolean): void {
    const { tags, links, events } = span
    const countAt = this.#rows.map16(0)
    let count = 0
    const put = (key: string, value: string) => {
      this.#text(key)
      this.#text(value)
      count++
    }
    for (let i = 0; i < tags.length; i += 2) {
      const value = tags[i + 1]!
      if (typeof value !== 'string') continue
      const key = tags[i] as string
      const normalize = tagNormalizer(key)
      if (normalize === undefined) put(cut(key, MAX_KEY_LENGTH), cut(value, MAX_VALUE_LENGTH))
      else put(...normalize(value))
    }
    const fixed = isOwnService(span.service, this.#process) ? this.#ownSpan : this.#otherSpan
    for (const [key, value] of fixed) if (!hasTag(tags, key)) put(key, value)
    if (trace.origin !== undefined) put(ORIGIN, trace.origin)
    if (links !== undefined) put(SPAN_LINKS, linksText(links))
    if (events !== undefined && !hasTag(tags, SPAN_EVENTS)) put(SPAN_EVENTS, eventsText(events))
    if (isFirst) {
      this.#firstSpan ??= Object.entries(firstSpanTags(this.#process))
      for (const [key, value] of this.#firstSpan) if (!hasTag(tags, key)) put(key, value)
      for (const [key, value] of trace.tags) put(cut(key, MAX_KEY_LENGTH), value)
      const { upperHigh, upperLow } = trace
      if (upperHigh !== 0 || upperLow !== 0) put(TRACE_ID_HIGH, hex64(upperHigh, upperLow))
    }
    this.#rows.patch16(countAt, count)
  }

  #metrics({ tags, isTopLevel }: FinishedSpan, priority: number, isFirst: boolean): void {
    const countAt = this.#rows.map16(0)
    let count = 0
    const put = (key: string, value: number) => {
      this.#text(key)
      this.#rows.float64(value)
      count++
    }
    for (let i = 0; i < tags.length; i += 2) {
      const value = tags[i + 1]!
      if (typeof value === 'number') put(cut(tags[i] as string, MAX_KEY_LENGTH), value)
    }
    if (isTopLevel) put(TOP_LEVEL, 1)
    if (isFirst) {
      put(SAMPLING_PRIORITY, priority)
      if (!hasTag(tags, PROCESS_ID)) put(PROCESS_ID, this.#process.pid)
    }
    this.#rows.patch16(countAt, count)
  }

  #text(text: string): void {
    this.#rows.number(this.#indexOf(text))
  }

  #indexOf(text: string): number {
    const known = this.#indexes.get(text)
    if (known !== undefined) return known
    const index = this.#indexes.size
    this.#texts.string(text)
    this.#indexes.set(text, index)
    return index
  }
}
