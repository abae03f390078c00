// Spans of one tracer, kept as they finish instead of sent, and the questions a test may ask of them.

import type { FinishedSpan } from '../trace/chunk'
import { Recorder } from '../trace/recorder'
import type { Trace } from '../trace/trace'
import type { Tracer } from '../trace/tracer'
import { type RecordedNode, type RecordedSpan, recordedSpan, treeOf } from './recorded-span'
import { type SnapshotOptions, type SnapshotSpan, snapshotOf } from './snapshot'
import { checkQuery, matches, noSpan, type SpanQuery, treeText } from './span-query'

// Kept from before a test puts a clock of its own in their place.
const { setTimeout, clearTimeout } = globalThis

/** How long `waitFor` waits unless it is told, in ms: less than the patience of every test runner. */
const WAIT_TIMEOUT_MS = 1000

/** `dd/testing` was asked for what cannot be; the message says what to do instead. */
export class RecordingError extends Error {
  override readonly name = 'RecordingError'
}

export interface WaitOptions {
  /** How long to wait at most, in ms. Default: 1000. */
  timeoutMs?: number
}

/** Hands on every span as it finishes, and sends none. */
class TellingRecorder extends Recorder {
  constructor(
    own: Recorder,
    private readonly tell: (span: FinishedSpan, trace: Trace) => void,
  ) {
    super({ ...own.parts, emit: () => {}, partialFlushMinSpans: Number.POSITIVE_INFINITY })
  }

  override finished(trace: Trace): void {
    const span = trace.finished.at(-1)
    super.finished(trace)
    if (span !== undefined) this.tell(span, trace)
  }
}

type Kept = readonly [span: FinishedSpan, trace: Trace]

export class Recording {
  /** Whose spans these are: what the program calls `tracer`, or one of the test's own. */
  readonly tracer: Tracer
  #kept: Kept[] = []
  readonly #waiting = new Set<() => void>()
  #isStopped = false
  readonly #onStop: () => Promise<void> | undefined

  /** @internal Use `recordSpans` or `createTestTracer`. */
  constructor(tracer: Tracer, onStop: () => Promise<void> | undefined) {
    this.tracer = tracer
    this.#onStop = onStop
    this.clear()
  }

  /** All spans that have finished, in the order in which they did. */
  spans(): RecordedSpan[] {
    return this.#kept.map(([span, trace]) => recordedSpan(span, trace))
  }

  /**
   * The first to begin of the spans that fit.
   * @param query the span's name, or what it must have
   * @throws NoSpanError with a drawing of all spans, if none fits; a TypeError for a field that no query has
   */
  find(query: string | SpanQuery): RecordedSpan {
    const wanted = checkQuery(query)
    const spans = this.spans()
    const [found] = matching(spans, wanted)
    if (found === undefined) throw noSpan('no span', wanted, spans)
    return found
  }

  /** All spans that fit, the first begun first; none is no error. */
  findAll(query: string | SpanQuery): RecordedSpan[] {
    return matching(this.spans(), checkQuery(query))
  }

  /**
   * Waits for a span that fits to finish: the server's, when the client has its answer already.
   * @throws NoSpanError (as a rejection) with a drawing of all spans, if none did in time
   */
  async waitFor(query: string | SpanQuery, { timeoutMs = WAIT_TIMEOUT_MS }: WaitOptions = {}): Promise<RecordedSpan> {
    const wanted = checkQuery(query)
    const [found] = matching(this.spans(), wanted)
    if (found !== undefined) return found
    // Made here, so that its stack leads to the test.
    const failure = noSpan('', wanted, [])
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(look)
        failure.message = noSpan(`after ${timeoutMs} ms there is no span`, wanted, this.spans()).message
        reject(failure)
      }, timeoutMs)
      const look = () => {
        const [now] = matching(this.spans(), wanted)
        if (now === undefined) return
        this.#waiting.delete(look)
        clearTimeout(timer)
        resolve(now)
      }
      this.#waiting.add(look)
    })
  }

  /** The spans whose parent is not among them, each with those below it, the first begun first. */
  tree(): RecordedNode[] {
    return treeOf(this.spans())
  }

  /**
   * All spans as a value that is the same in every run: nested, ids counted, keys sorted, without times, processes and `_dd.*`
   * tags, and with `<port>`, `<uuid>` and `<stack>` in place of these. For `toMatchSnapshot` and `t.assert.snapshot`.
   */
  snapshot(options?: SnapshotOptions): SnapshotSpan[] {
    return snapshotOf(this.spans(), options)
  }

  /** Forgets all spans, also those of traces under way: what a test leaves behind is not found by the next one. */
  clear(): void {
    const kept: Kept[] = []
    this.#kept = kept
    if (this.#isStopped) return
    this.tracer.divert(
      (own) =>
        new TellingRecorder(own, (...finished) => {
          kept.push(finished)
          for (const look of [...this.#waiting]) look()
        }),
    )
  }

  /** Gives the tracer back as it was before; what was recorded can still be asked for. A second call changes nothing. */
  async stop(): Promise<void> {
    if (this.#isStopped) return
    this.#isStopped = true
    this.tracer.divert(undefined)
    await this.#onStop()
  }

  /** `using recorded = recordSpans()` stops at the end of the block. */
  [Symbol.dispose](): void {
    void this.stop()
  }

  /** A drawing of all spans, a line for each. */
  toString(): string {
    return treeText(this.spans())
  }
}

function matching(spans: readonly RecordedSpan[], query: SpanQuery): RecordedSpan[] {
  return spans.filter((span) => matches(span, query)).sort((a, b) => a.startMs - b.startMs)
}
