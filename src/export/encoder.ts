// Writes chunks as the body of `PUT /v0.4/traces`: an array of chunks, a chunk being an array of span maps.
//
// One pass, no intermediate object: keys are byte constants, tags are walked as the span holds them, the payload's count is
// patched in at the end. What is true of the whole trace (sampling, the upper id bits, who runs) goes on the first span of
// its chunk, as the Agent expects. Source: datadog-agent, pkg/proto/datadog/trace/span.proto, and its v0.4 receiver.

import { hex64 } from '../base/id'
import {
  BASE_SERVICE,
  ENV,
  LANGUAGE,
  ORIGIN,
  PROCESS_ID,
  RUNTIME_ID,
  SAMPLING_PRIORITY,
  SPAN_EVENTS,
  SPAN_LINKS,
  TOP_LEVEL,
  TRACE_ID_HIGH,
  VERSION,
} from '../base/tags'
import type { Chunk, FinishedSpan } from '../trace/chunk'
import { MsgpackWriter } from './msgpack-writer'

const INITIAL_BYTES = 64 * 1024
/** A payload begins with an array32 header, whose count is known only at the end. */
const HEADER_BYTES = 5

/** The Agent cuts longer values; sending more is waste (datadog-agent, pkg/trace/agent/truncator.go). */
export const MAX_RESOURCE_LENGTH = 5000
export const MAX_VALUE_LENGTH = 25_000
export const MAX_KEY_LENGTH = 200

/** What is the same for every span of this process. */
export interface ProcessTags {
  readonly service: string
  readonly env?: string | undefined
  readonly version?: string | undefined
  readonly tags: Readonly<Record<string, string>>
  /** Asked at the first payload: making one loads Node's crypto. */
  runtimeId(): string
  readonly pid: number
}

/** `text` as it stands in MessagePack: for what is written again and again. */
function encoded(...texts: string[]): Uint8Array {
  const writer = new MsgpackWriter(64)
  for (const text of texts) writer.string(text)
  return new Uint8Array(writer.buffer.subarray(0, writer.length))
}

const KEYS = {
  traceId: encoded('trace_id'),
  spanId: encoded('span_id'),
  parentId: encoded('parent_id'),
  name: encoded('name'),
  service: encoded('service'),
  resource: encoded('resource'),
  type: encoded('type'),
  error: encoded('error'),
  start: encoded('start'),
  duration: encoded('duration'),
  meta: encoded('meta'),
  metrics: encoded('metrics'),
}

/** The keys above that every span has: all but `type`. */
const KEY_COUNT = 11

export class TraceEncoder {
  #writer = new MsgpackWriter(INITIAL_BYTES)
  #chunks = 0
  readonly #process: ProcessTags
  /** Tags of every span, and of every span of the process's own service, ready to copy. */
  readonly #everySpan: Uint8Array
  readonly #everySpanCount: number
  readonly #ownService: Uint8Array
  readonly #ownServiceCount: number
  #firstSpan: Uint8Array | undefined

  constructor(process: ProcessTags) {
    this.#process = process
    const every = Object.entries(process.tags)
    if (process.env !== undefined) every.push([ENV, process.env])
    this.#everySpan = encoded(...every.flat())
    this.#everySpanCount = every.length
    this.#ownService = process.version === undefined ? encoded() : encoded(VERSION, process.version)
    this.#ownServiceCount = process.version === undefined ? 0 : 1
    this.#writer.length = HEADER_BYTES
  }

  /** Chunks written since the last `take`. */
  get chunks(): number {
    return this.#chunks
  }

  /** Bytes of the payload so far. */
  get bytes(): number {
    return this.#writer.length
  }

  /** Appends a chunk, unless the payload would then be longer than `maxBytes`: then it is left as it was and false returned. */
  add(chunk: Chunk, maxBytes: number): boolean {
    const writer = this.#writer
    const begin = writer.length
    writer.array32(chunk.spans.length)
    let first = true
    for (const span of chunk.spans) {
      this.#span(span, chunk, first)
      first = false
    }
    if (writer.length > maxBytes) {
      writer.length = begin
      return false
    }
    this.#chunks++
    return true
  }

  /** The finished payload; the next one begins empty. */
  take(): Buffer {
    const { buffer, length } = this.#writer
    buffer[0] = 0xdd
    this.#writer.patch32(1, this.#chunks)
    // The bytes are handed over, not copied; the next buffer is about as large as this payload was.
    this.#writer = new MsgpackWriter(Math.max(INITIAL_BYTES, Math.min(length, buffer.length)))
    this.#writer.length = HEADER_BYTES
    this.#chunks = 0
    return buffer.subarray(0, length)
  }

  #span(span: FinishedSpan, { trace }: Chunk, first: boolean): void {
    const writer = this.#writer
    writer.map(span.type === '' ? KEY_COUNT : KEY_COUNT + 1)
    writer.raw(KEYS.traceId)
    writer.uint64(trace.idHigh, trace.idLow)
    writer.raw(KEYS.spanId)
    writer.uint64(span.idHigh, span.idLow)
    writer.raw(KEYS.parentId)
    writer.uint64(span.parentHigh, span.parentLow)
    writer.raw(KEYS.name)
    writer.string(span.name)
    writer.raw(KEYS.service)
    writer.string(span.service)
    writer.raw(KEYS.resource)
    writer.string(cut(span.resource, MAX_RESOURCE_LENGTH))
    if (span.type !== '') {
      writer.raw(KEYS.type)
      writer.string(span.type)
    }
    writer.raw(KEYS.error)
    writer.number(span.error)
    writer.raw(KEYS.start)
    writer.microsAsNanos(span.startUs)
    writer.raw(KEYS.duration)
    writer.microsAsNanos(span.durationUs)
    this.#meta(span, trace, first)
    this.#metrics(span, trace, first)
  }

  #meta(span: FinishedSpan, trace: Chunk['trace'], first: boolean): void {
    const writer = this.#writer
    const { tags, service, links, events } = span
    writer.raw(KEYS.meta)
    const countAt = writer.map16(0)
    let count = 0
    for (let i = 0; i < tags.length; i += 2) {
      const value = tags[i + 1]!
      if (typeof value !== 'string') continue
      writer.string(cut(tags[i] as string, MAX_KEY_LENGTH))
      writer.string(cut(value, MAX_VALUE_LENGTH))
      count++
    }
    writer.raw(this.#everySpan)
    count += this.#everySpanCount
    if (service === this.#process.service) {
      writer.raw(this.#ownService)
      count += this.#ownServiceCount
    } else {
      writer.string(BASE_SERVICE)
      writer.string(this.#process.service)
      count++
    }
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
    if (events !== undefined) {
      writer.string(SPAN_EVENTS)
      writer.string(eventsText(events))
      count++
    }
    if (first) count += this.#traceMeta(trace)
    writer.patch16(countAt, count)
  }

  #traceMeta(trace: Chunk['trace']): number {
    const writer = this.#writer
    this.#firstSpan ??= encoded(LANGUAGE, 'javascript', RUNTIME_ID, this.#process.runtimeId())
    writer.raw(this.#firstSpan)
    for (const [key, value] of trace.tags) {
      writer.string(key)
      writer.string(value)
    }
    if (trace.upperHigh === 0 && trace.upperLow === 0) return 2 + trace.tags.size
    writer.string(TRACE_ID_HIGH)
    writer.string(hex64(trace.upperHigh, trace.upperLow))
    return 3 + trace.tags.size
  }

  #metrics(span: FinishedSpan, trace: Chunk['trace'], first: boolean): void {
    const writer = this.#writer
    const { tags } = span
    writer.raw(KEYS.metrics)
    const countAt = writer.map16(0)
    let count = 0
    for (let i = 0; i < tags.length; i += 2) {
      const value = tags[i + 1]!
      if (typeof value !== 'number') continue
      writer.string(cut(tags[i] as string, MAX_KEY_LENGTH))
      writer.number(value)
      count++
    }
    if (span.isTopLevel) {
      writer.string(TOP_LEVEL)
      writer.number(1)
      count++
    }
    if (first) {
      writer.string(SAMPLING_PRIORITY)
      writer.float64(trace.priority ?? 1)
      writer.string(PROCESS_ID)
      writer.number(this.#process.pid)
      count += 2
    }
    writer.patch16(countAt, count)
  }
}

function cut(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max - 3)}...`
}

/** The JSON form of links, which every Agent passes on. */
function linksText(links: NonNullable<FinishedSpan['links']>): string {
  return JSON.stringify(
    links.map(({ traceId, spanId, attributes }) => ({ trace_id: traceId, span_id: spanId, attributes })),
  )
}

/** The JSON form of events; times are nanoseconds, written as text because they exceed what a number holds. */
function eventsText(events: NonNullable<FinishedSpan['events']>): string {
  const parts = events.map(({ name, timeUs, attributes }) => {
    const rest = attributes === undefined ? '' : `,"attributes":${JSON.stringify(attributes)}`
    return `{"name":${JSON.stringify(name)},"time_unix_nano":${timeUs}000${rest}}`
  })
  return `[${parts.join(',')}]`
}
