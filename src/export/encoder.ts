// Writes chunks as the body of `PUT /v0.4/traces`: an array of chunks, a chunk being an array of span maps.
//
// One pass, no intermediate object: keys are byte constants, tags are walked as the span holds them, the payload's count is
// patched in at the end. What is true of the whole trace (sampling, the upper id bits, who runs) goes on the first span of
// its chunk, as the Agent expects. Source: datadog-agent, pkg/proto/datadog/trace/span.proto, and its v0.4 receiver.

import { hex64 } from '../base/id'
import { log } from '../base/log'
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

/** Tags that are the same for many spans, ready to copy; a span's own tag of the same name wins. */
class FixedTags {
  readonly #keys: readonly string[]
  readonly #each: readonly Uint8Array[]
  readonly #all: Uint8Array

  constructor(tags: Readonly<Record<string, string>>) {
    const entries = Object.entries(tags)
    this.#keys = Object.keys(tags)
    this.#each = entries.map((entry) => encoded(...entry))
    this.#all = encoded(...entries.flat())
  }

  /** Returns how many it has written. */
  write(writer: MsgpackWriter, own: FinishedSpan['tags']): number {
    const keys = this.#keys
    for (const key of keys) if (has(own, key)) return this.#writeOthers(writer, own)
    writer.raw(this.#all)
    return keys.length
  }

  #writeOthers(writer: MsgpackWriter, own: FinishedSpan['tags']): number {
    let count = 0
    for (const [i, key] of this.#keys.entries()) {
      if (has(own, key)) continue
      writer.raw(this.#each[i]!)
      count++
    }
    return count
  }
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
  readonly #everySpan: FixedTags
  /** Of every span of the process's own service. */
  readonly #ownService: FixedTags
  readonly #lowerService: string
  #firstSpan: FixedTags | undefined

  constructor(process: ProcessTags) {
    this.#process = process
    const { env, version, tags } = this.#process
    this.#everySpan = new FixedTags(env === undefined ? tags : { ...tags, [ENV]: env })
    this.#ownService = new FixedTags(version === undefined ? {} : { [VERSION]: version })
    this.#lowerService = process.service.toLowerCase()
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

  /**
   * Appends a chunk, unless the payload would then be longer than `maxBytes`: then it is left as it was and false returned. It is
   * also left as it was when a span holds what cannot be written, which throws.
   */
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
      if (isAdded) this.#chunks++
      else writer.length = begin
    }
    return isAdded
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
    count += this.#everySpan.write(writer, tags)
    // The Agent puts services into lower case.
    if (service === this.#process.service || service.toLowerCase() === this.#lowerService) {
      count += this.#ownService.write(writer, tags)
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
    if (events !== undefined && !has(tags, SPAN_EVENTS)) {
      writer.string(SPAN_EVENTS)
      writer.string(eventsText(events))
      count++
    }
    if (first) count += this.#traceMeta(trace, tags)
    writer.patch16(countAt, count)
  }

  #traceMeta(trace: Chunk['trace'], tags: FinishedSpan['tags']): number {
    const writer = this.#writer
    this.#firstSpan ??= new FixedTags({ [LANGUAGE]: 'javascript', [RUNTIME_ID]: this.#process.runtimeId() })
    const count = this.#firstSpan.write(writer, tags) + trace.tags.size
    for (const [key, value] of trace.tags) {
      writer.string(key)
      writer.string(value)
    }
    if (trace.upperHigh === 0 && trace.upperLow === 0) return count
    writer.string(TRACE_ID_HIGH)
    writer.string(hex64(trace.upperHigh, trace.upperLow))
    return count + 1
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
      count++
      if (!has(tags, PROCESS_ID)) {
        writer.string(PROCESS_ID)
        writer.number(this.#process.pid)
        count++
      }
    }
    writer.patch16(countAt, count)
  }
}

function cut(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max - 3)}...`
}

/** The JSON form of links, which every Agent passes on. */
function linksText(links: NonNullable<FinishedSpan['links']>): string {
  return jsonArray(
    links.map(({ traceId, spanId, attributes }) => json({ trace_id: traceId, span_id: spanId, attributes })),
  )
}

/** The JSON form of events; times are nanoseconds, written as text because they exceed what a number holds. */
function eventsText(events: NonNullable<FinishedSpan['events']>): string {
  return jsonArray(
    events.map(({ name, timeUs, attributes }) => {
      const rest = attributes === undefined ? '' : `,"attributes":${json(attributes)}`
      return `{"name":${json(name)},"time_unix_nano":${timeUs}000${rest}}`
    }),
  )
}

/** As many of the items as the Agent takes: it would cut the text, and nobody could read the rest. */
function jsonArray(items: readonly string[]): string {
  let text = ''
  let bytes = 1
  for (const item of items) {
    bytes += Buffer.byteLength(item) + 1
    if (bytes > MAX_VALUE_LENGTH) {
      log.once('span json', `links or events of a span exceed ${MAX_VALUE_LENGTH} bytes; the rest is dropped`)
      break
    }
    text += text === '' ? item : `,${item}`
  }
  return `[${text}]`
}

/** Attributes are the program's: what JSON does not know becomes text or, failing that, nothing. */
function json(value: unknown): string {
  try {
    return JSON.stringify(value, (_key, item: unknown) => (typeof item === 'bigint' ? String(item) : item)) ?? 'null'
  } catch {
    return '{}'
  }
}

/** Whether a span has a tag of its own by this name. */
function has(tags: FinishedSpan['tags'], key: string): boolean {
  for (let i = 0; i < tags.length; i += 2) if (tags[i] === key) return true
  return false
}
