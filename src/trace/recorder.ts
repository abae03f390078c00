// Decides when the finished spans of a trace leave: when its last open span finishes, when enough have gathered, or
// when one that never finishes has held the others back for too long.
//
// The Agent needs no whole traces, so parts may leave early; what must not happen is that one forgotten span
// keeps a trace from being sent, or keeps its spans in memory, for ever.

import { AsyncResource } from 'node:async_hooks'
import { monotonicMs } from '../base/clock'
import { freshList } from '../base/fresh-list'
import { later } from '../base/later'
import { LinkedList } from '../base/linked-list'
import { kindOf, log } from '../base/log'
import { quietly } from '../base/quietly'
import type { Chunk } from './chunk'
import type { Span } from './span'
import type { Trace } from './trace'

/** Traces that wait at most; beyond it the oldest leaves early, which loses nothing. */
export const MAX_WAITING_TRACES = 10_000

export interface RecorderParts {
  /** Takes a chunk; must not throw. */
  emit(chunk: Chunk): void
  /** Sets the priority of a trace that has none. */
  decide(trace: Trace): void
  /** Marks the spans of a rejected trace that are to be kept all the same. */
  markKeptSpans?(spans: readonly Span[]): void
  partialFlushMinSpans: number
  traceMaxAgeMs: number
}

export class Recorder {
  /** Traces with finished spans that wait for an open one. */
  readonly #waiting = new LinkedList<Trace>()
  readonly #parts: RecorderParts
  /** Where timers are set, so that they do not keep the request in memory whose span was the first to wait. */
  readonly #outside = new AsyncResource('dd')
  #timer: NodeJS.Timeout | undefined

  constructor(parts: RecorderParts) {
    this.#parts = parts
  }

  /** What it was made with, for one that differs in some of it. */
  get parts(): RecorderParts {
    return this.#parts
  }

  decide(trace: Trace): void {
    try {
      this.#parts.decide(trace)
    } catch (fault) {
      trace.priority ??= 1
      log.once('decide', `a sampling decision could not be made (${kindOf(fault)}); the trace is kept`)
    }
  }

  /** A span of `trace` has just finished. */
  finished(trace: Trace): void {
    const count = trace.finished.length
    if (trace.open <= 0 || count >= this.#parts.partialFlushMinSpans) {
      if (count > 1) this.#waiting.delete(trace)
      this.#release(trace)
    } else if (count === 1) {
      trace.waitingSinceMs = monotonicMs()
      this.#waiting.add(trace)
      if (this.#waiting.size > MAX_WAITING_TRACES) this.#releaseWaiting(this.#waiting.oldest!)
      this.#timer ??= quietly('setting a timer', () => this.#sweepIn(this.#parts.traceMaxAgeMs))
    }
  }

  /** Releases traces that have waited longer than the maximum age at `nowMs`. */
  sweep(nowMs: number = monotonicMs()): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    for (let trace = this.#waiting.oldest; trace !== undefined; trace = this.#waiting.oldest) {
      const leftMs = trace.waitingSinceMs + this.#parts.traceMaxAgeMs - nowMs
      if (leftMs > 0) {
        this.#timer = this.#sweepIn(leftMs)
        return
      }
      this.#releaseWaiting(trace)
    }
  }

  /** Releases everything finished, whatever is still open. */
  releaseAll(): void {
    for (const trace of this.#waiting.toArray()) this.#releaseWaiting(trace)
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #sweepIn(ms: number): NodeJS.Timeout {
    return this.#outside.runInAsyncScope(() => later('gathering finished spans', () => this.sweep(), ms))
  }

  #releaseWaiting(trace: Trace): void {
    this.#waiting.delete(trace)
    this.#release(trace)
  }

  /** Whoever finishes a span, or waits for all, is not to hear of what goes wrong here. */
  #release(trace: Trace): void {
    try {
      const spans = trace.finished
      trace.finished = freshList()
      trace.decide()
      if ((trace.priority ?? 1) <= 0) this.#parts.markKeptSpans?.(spans)
      this.#parts.emit({ trace, spans })
    } catch (fault) {
      log.once('release', `the finished spans of a trace are lost (${kindOf(fault)})`)
    }
  }
}
