// Writes chunks as the body of `PUT /v0.4/traces`: an array of chunks, a chunk being an array of span maps.
//
// No intermediate object: what the spans of a name have in common is copied (span-form.ts), tags are walked as the span holds
// them, counts are patched in at the end. What is true of the whole trace (sampling, the upper id bits, who runs) goes on the first span of
// its chunk, as the Agent expects. Source: datadog-agent, pkg/proto/datadog/trace/span.proto, and its v0.4 receiver.

import { hex64 } from '../base/id'
import { ORIGIN, PROCESS_ID, SAMPLING_PRIORITY, SPAN_EVENTS, SPAN_LINKS, TOP_LEVEL, TRACE_ID_HIGH } from '../base/tags'
import type { Chunk, FinishedSpan } from '../trace/chunk'
import { type ChunkEncoder, MAP_PATH } from './chunk-encoder'
import { FixedTags, hasTag } from './fixed-tags'
import { encoded, remember } from './known-field'
import { MsgpackWriter } from './msgpack-writer'
import { writeNativeEvents } from './native-events'
import { agentService, serviceName } from './normalize'
import { firstSpanTags, otherSpanTags, ownSpanTags, type ProcessTags } from './process-tags'
import { DURATION_AT, ERROR_AT, PARENT_ID_AT, SPAN_ID_AT, SpanForm, START_AT, TRACE_ID_AT } from './span-form'
import { eventsText, linksText } from './span-json'
import { TagFields } from './tag-field'
import { METRICS } from './usual-tags'
import { cut, MAX_RESOURCE_LENGTH, MAX_VALUE_LENGTH } from './wire-limits'

const INITIAL_BYTES = 64 * 1024
/** A payload begins with an array32 header, whose count is known only at the end. */
const HEADER_BYTES = 5
const PRIORITY = encoded(SAMPLING_PRIORITY)
const PID = encoded(PROCESS_ID)
const IS_TOP_LEVEL = Uint8Array.of(...encoded(TOP_LEVEL), 1)

export class TraceEncoder implements ChunkEncoder {
  readonly path = MAP_PATH
  hasNativeEvents = false
  #writer = new MsgpackWriter(INITIAL_BYTES)
  #chunks = 0
  #spans = 0
  readonly #process: ProcessTags
  /** Of the spans of the process's own service, and of all others. */
  readonly #ownSpan: FixedTags
  readonly #otherSpan: FixedTags
  readonly #ownService: string
  #firstSpan: FixedTags | undefined
  readonly #forms = new Map<string, SpanForm>()
  readonly #fields: TagFields
  /** The upper half of the last trace's id as a tag: it is the second in which the trace began. */
  #upper = { high: 0, low: 0, tag: encoded() }
  /** A buffer that has come back. */
  #spare: Buffer | undefined

  constructor(process: ProcessTags) {
    this.#process = process
    this.#ownSpan = new FixedTags(ownSpanTags(process))
    this.#otherSpan = new FixedTags(otherSpanTags(process))
    this.#fields = new TagFields(this.#ownSpan, this.#otherSpan)
    this.#ownService = serviceName(process.service)
    this.#writer.length = HEADER_BYTES
  }

  get chunks(): number {
    return this.#chunks
  }

  get spans(): number {
    return this.#spans
  }

  get bytes(): number {
    return this.#writer.length
  }

  add(chunk: Chunk, maxBytes: number): boolean {
    const writer = this.#writer
    const begin = writer.length
    let isAdded = false
    try {
      writer.array32(chunk.spans.length)
      let first = true
      for (const span of chunk.spans) {
        this.#span(span, chunk, first)
        first = false
      }
      isAdded = writer.length <= maxBytes
    } finally {
      if (isAdded) {
        this.#chunks++
        this.#spans += chunk.spans.length
      } else writer.length = begin
    }
    return isAdded
  }

  take(): Buffer {
    const { buffer, length } = this.#writer
    buffer[0] = 0xdd
    this.#writer.patch32(1, this.#chunks)
    // The bytes are handed over, not copied.
    this.#writer = new MsgpackWriter(this.#spare ?? INITIAL_BYTES)
    this.#spare = undefined
    this.#writer.length = HEADER_BYTES
    this.#chunks = 0
    this.#spans = 0
    return buffer.subarray(0, length)
  }

  /** Fresh memory costs as much as what is written into it. One that was mostly empty is let go, so that a burst does not stay. */
  giveBack(payload: Buffer): void {
    const whole = Buffer.from(payload.buffer)
    if (payload.length >= whole.length / 4) this.#spare = whole
  }

  #span(span: FinishedSpan, { trace, priority }: Chunk, first: boolean): void {
    const writer = this.#writer
    const form = this.#formOf(span)
    const usual = form.habit.of(span.tags)
    const at = writer.length
    writer.raw((usual ?? form).opening)
    writer.patch64(at + TRACE_ID_AT, trace.idHigh, trace.idLow)
    writer.patch64(at + SPAN_ID_AT, span.idHigh, span.idLow)
    writer.patch64(at + PARENT_ID_AT, span.parentHigh, span.parentLow)
    writer.patchMicrosAsNanos(at + START_AT, span.startUs)
    writer.patchMicrosAsNanos(at + DURATION_AT, span.durationUs)
    writer.buffer[at + ERROR_AT] = span.error
    const { tags } = span
    const texts = usual === undefined ? this.#texts(tags, form) : usual.writeTexts(writer, tags)
    writer.patch16(at + form.opening.length - 2, texts + this.#moreTexts(span, trace, first))
    const numbersAt = writer.length
    const numbers = usual === undefined ? this.#numbers(tags, form) : usual.writeNumbers(writer, tags)
    const more = this.#moreNumbers(span, first, priority ?? trace.priority ?? 1)
    writer.patch16(numbersAt + METRICS.length - 2, numbers + more)
    form.resource.write(writer, cut(span.resource || form.name, MAX_RESOURCE_LENGTH))
    if (this.hasNativeEvents && span.events !== undefined) {
      // One more key in the span's map.
      writer.buffer[at]!++
      writeNativeEvents(writer, span.events)
    }
  }

  #formOf(span: FinishedSpan): SpanForm {
    const known = this.#forms.get(span.name)
    if (known?.fits(span) === true) return known
    const ownService = this.#ownService
    const isOwn = agentService(span.service, ownService) === agentService(ownService)
    const form = new SpanForm(span, ownService, isOwn ? this.#ownSpan : this.#otherSpan, this.#fields)
    return remember(this.#forms, span.name, form)
  }

  /** Returns how many. */
  #texts(tags: FinishedSpan['tags'], { fields, fixed }: SpanForm): number {
    const writer = this.#writer
    let count = 0
    let hasFixed = false
    for (let i = 0; i < tags.length; i += 2) {
      const place = i >> 1
      let field = fields[place]
      if (field === undefined || field.name !== tags[i]) {
        field = this.#fields.of(tags[i] as string)
        fields[place] = field
      }
      hasFixed ||= field.isFixed
      const value = tags[i + 1]!
      if (typeof value !== 'string') continue
      field.write(writer, cut(value, MAX_VALUE_LENGTH))
      count++
    }
    return count + (hasFixed ? fixed.write(writer, tags) : fixed.writeAll(writer))
  }

  /** Those that are no tags. */
  #moreTexts({ tags, links, events }: FinishedSpan, trace: Chunk['trace'], first: boolean): number {
    const writer = this.#writer
    let count = 0
    if (trace.origin !== undefined) {
      writer.string(ORIGIN)
      writer.string(trace.origin)
      count++
    }
    if (links !== undefined) {
      writer.string(SPAN_LINKS)
      writer.string(linksText(links))
      count++
    }
    if (events !== undefined && !this.hasNativeEvents && !hasTag(tags, SPAN_EVENTS)) {
      writer.string(SPAN_EVENTS)
      writer.string(eventsText(events))
      count++
    }
    return first ? count + this.#traceMeta(trace, tags) : count
  }

  #traceMeta(trace: Chunk['trace'], tags: FinishedSpan['tags']): number {
    const writer = this.#writer
    this.#firstSpan ??= new FixedTags(firstSpanTags(this.#process))
    const count = this.#firstSpan.write(writer, tags) + trace.tags.size
    for (const [key, value] of trace.tags) this.#fields.of(key).write(writer, value)
    const { upperHigh, upperLow } = trace
    if (upperHigh === 0 && upperLow === 0) return count
    if (upperHigh !== this.#upper.high || upperLow !== this.#upper.low) {
      this.#upper = { high: upperHigh, low: upperLow, tag: encoded(TRACE_ID_HIGH, hex64(upperHigh, upperLow)) }
    }
    writer.raw(this.#upper.tag)
    return count + 1
  }

  /** After `#texts`, which has put the right fields into the form. */
  #numbers(tags: FinishedSpan['tags'], { fields }: SpanForm): number {
    const writer = this.#writer
    writer.raw(METRICS)
    let count = 0
    for (let i = 0; i < tags.length; i += 2) {
      const value = tags[i + 1]!
      if (typeof value !== 'number') continue
      writer.raw(fields[i >> 1]!.key)
      writer.number(value)
      count++
    }
    return count
  }

  #moreNumbers({ isTopLevel, tags }: FinishedSpan, first: boolean, priority: number): number {
    const writer = this.#writer
    if (isTopLevel) writer.raw(IS_TOP_LEVEL)
    let count = isTopLevel ? 1 : 0
    if (!first) return count
    writer.raw(PRIORITY)
    writer.float64(priority)
    count++
    if (!hasTag(tags, PROCESS_ID)) {
      writer.raw(PID)
      writer.number(this.#process.pid)
      count++
    }
    return count
  }
}
