// The traces the local agent remembers: in memory, bounded three ways, the one untouched for longest goes first.
//
// Payloads bring parts of traces, from several services, in any order; parts of one trace id are merged here. A span
// that comes again replaces its earlier version (a long-running span is sent in snapshots). Every change of a trace
// gives it the next revision and moves it to the end, so "what changed since revision n" is the tail of the list:
// that is all the live stream needs to resume.

import { TRACE_ID_HIGH } from '../base/tags'
import type { ReceivedSpan } from './received-span'

export interface StoredTrace {
  /** 32 hex digits, never changes. The first 16 are zeros if the trace began without them. */
  readonly id: string
  /** By span id, in order of arrival. */
  readonly spans: ReadonlyMap<string, ReceivedSpan>
  /** Counts up over all traces. */
  readonly revision: number
}

export interface StoreLimits {
  readonly maxTraces: number
  readonly maxSpans: number
  readonly maxBytes: number
}

/** A day of clicking through a program, and what a page can list without paging. */
export const MAX_TRACES = 1000

/** Ten of the largest traces that people report (10,000 spans). */
export const MAX_SPANS = 100_000

/** Estimated. Leaves most of Node's default heap to the program when both share a process. */
export const MAX_BYTES = 128 * 1024 * 1024

/** What V8 needs for a span and for a tag without their texts, in bytes: measured over thousands of ordinary spans. */
const SPAN_BYTES = 400
const TAG_BYTES = 96

interface Trace extends StoredTrace {
  readonly spans: Map<string, ReceivedSpan>
  revision: number
  /** 16 hex digits, or '' until a part of the trace brings them. */
  high: string
  low: string
  bytes: number
}

/** @param spans those that the payload brought */
export type TraceListener = (trace: StoredTrace, spans: readonly ReceivedSpan[]) => void

export class TraceStore {
  /** Traces put out to make room. */
  evictedTraces = 0
  /** Spans not taken because their trace alone would fill the store. */
  droppedSpans = 0
  spans = 0
  bytes = 0
  readonly limits: StoreLimits
  readonly #listeners = new Set<TraceListener>()
  readonly #byChange = new Set<Trace>()
  readonly #byLowId = new Map<string, Trace[]>()
  #revision = 0

  constructor({ maxTraces = MAX_TRACES, maxSpans = MAX_SPANS, maxBytes = MAX_BYTES }: Partial<StoreLimits> = {}) {
    this.limits = { maxTraces, maxSpans, maxBytes }
  }

  get traces(): number {
    return this.#byChange.size
  }

  /** Calls `listener` once per payload for each trace the payload changed. */
  subscribe(listener: TraceListener): void {
    this.#listeners.add(listener)
  }

  /** Takes the chunks of one payload. Returns the traces that they changed and that are still here. */
  add(chunks: readonly (readonly ReceivedSpan[])[]): StoredTrace[] {
    const changed = new Map<Trace, ReceivedSpan[]>()
    for (const chunk of chunks) {
      // A chunk's first span speaks for those of its trace; the others of a 128-bit trace do not repeat the high half.
      const speaker = chunk.find((span) => span.meta[TRACE_ID_HIGH])
      for (const span of chunk) {
        const high = span.traceId === speaker?.traceId ? highHalf(speaker) : highHalf(span)
        const trace = this.#traceOf(span.traceId, high)
        if (!this.#put(trace, span, changed)) continue
        const spans = changed.get(trace)
        if (spans) spans.push(span)
        else changed.set(trace, [span])
      }
    }
    const kept = [...changed.keys()].sort((a, b) => a.revision - b.revision)
    for (const trace of kept) this.#tell(trace, changed)
    return kept
  }

  #tell(trace: Trace, changed: ReadonlyMap<Trace, ReceivedSpan[]>): void {
    for (const listener of this.#listeners) listener(trace, changed.get(trace) ?? [])
  }

  /** By 32 hex digits, or by the decimal low half. */
  find(id: string): StoredTrace | undefined {
    if (/^\d{1,20}$/.test(id)) return this.#match(String(BigInt(id)), '')
    const [, high, low] = /^([0-9a-f]{16})([0-9a-f]{16})$/i.exec(id) ?? []
    if (high === undefined) return undefined
    return this.#match(String(BigInt(`0x${low}`)), /^0+$/.test(high) ? '' : high.toLowerCase())
  }

  /** Of the latest change; 0 before the first. */
  get revision(): number {
    return this.#revision
  }

  /** The latest change first. */
  latest(limit: number): StoredTrace[] {
    return [...this.#byChange].slice(-limit).toReversed()
  }

  /** The latest change last. */
  changedSince(revision: number): StoredTrace[] {
    return [...this.#byChange].filter((trace) => trace.revision > revision)
  }

  #traceOf(low: string, high: string): Trace {
    const known = this.#match(low, high)
    if (known) {
      known.high ||= high
      return known
    }
    const id = high.padStart(16, '0') + BigInt(low).toString(16).padStart(16, '0')
    return { id, low, high, spans: new Map(), revision: 0, bytes: 0 }
  }

  /** A half that one side does not know is no difference: services that know only 64 bits take part in such traces. */
  #match(low: string, high: string): Trace | undefined {
    const sameLow = this.#byLowId.get(low)
    return sameLow?.find((trace) => trace.high === high) ?? sameLow?.find((trace) => trace.high === '' || high === '')
  }

  /** @param changed what the payload has changed so far and nobody was told of yet */
  #put(trace: Trace, span: ReceivedSpan, changed: Map<Trace, ReceivedSpan[]>): boolean {
    const { maxSpans, maxBytes, maxTraces } = this.limits
    const earlier = trace.spans.get(span.spanId)
    const addedSpans = earlier ? 0 : 1
    const addedBytes = approximateBytes(span) - (earlier ? approximateBytes(earlier) : 0)
    if (trace.spans.size + addedSpans > maxSpans || trace.bytes + addedBytes > maxBytes) {
      this.droppedSpans++
      return false
    }
    if (trace.spans.size === 0) this.#byLowId.set(trace.low, [...(this.#byLowId.get(trace.low) ?? []), trace])
    trace.spans.set(span.spanId, span)
    trace.bytes += addedBytes
    this.spans += addedSpans
    this.bytes += addedBytes
    this.#byChange.delete(trace)
    this.#byChange.add(trace)
    trace.revision = ++this.#revision
    while (this.spans > maxSpans || this.bytes > maxBytes || this.#byChange.size > maxTraces) this.#evictOldest(changed)
    return true
  }

  #evictOldest(changed: Map<Trace, ReceivedSpan[]>): void {
    const [oldest] = this.#byChange
    if (oldest === undefined) return
    // One payload can hold more than the store. Listeners that keep or count what comes hear of that, too, before it is gone.
    if (changed.has(oldest)) this.#tell(oldest, changed)
    changed.delete(oldest)
    this.#byChange.delete(oldest)
    this.spans -= oldest.spans.size
    this.bytes -= oldest.bytes
    this.evictedTraces++
    const sameLow = this.#byLowId.get(oldest.low)?.filter((trace) => trace !== oldest) ?? []
    if (sameLow.length > 0) this.#byLowId.set(oldest.low, sameLow)
    else this.#byLowId.delete(oldest.low)
  }
}

function highHalf(span: ReceivedSpan): string {
  const high = span.meta[TRACE_ID_HIGH]?.toLowerCase() ?? ''
  return /^[0-9a-f]{16}$/.test(high) && !/^0+$/.test(high) ? high : ''
}

function approximateBytes(span: ReceivedSpan): number {
  let bytes = SPAN_BYTES + span.name.length + span.service.length + span.resource.length + span.type.length
  for (const key in span.meta) bytes += TAG_BYTES + key.length + span.meta[key]!.length
  for (const key in span.metrics) bytes += TAG_BYTES + key.length
  return bytes
}
