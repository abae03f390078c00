// One trace as this process sees it: its id, its sampling decision, and its spans that are finished but not yet sent.
//
// Open spans are counted, never held: a span that is forgotten by the program can be collected, and holds back nothing
// but its siblings, and those only until `recorder.ts` runs out of patience.

import { monotonicMs, wallOffsetMs } from '../base/clock'
import { freshList } from '../base/fresh-list'
import { hex64 } from '../base/id'
import type { Linked } from '../base/linked-list'
import { log } from '../base/log'
import { DECISION_MAKER } from '../base/tags'
import type { Recorder } from './recorder'
import type { Span } from './span'
import { NOTHING_ELSE, type Received } from './span-context'

/** Before the year 2000 the Agent takes a time for a fault, and puts its own in place (datadog-agent, normalizer.go). */
const MIN_TIME_MS = Date.UTC(2000, 0)
/** From here on nanoseconds do not fit the wire's signed 64 bits, and the Agent would refuse the payload (year 2262). */
const MAX_TIME_MS = 2 ** 63 / 1e6

export class Trace implements Linked<Trace> {
  /** -1, 0, 1 or 2; undefined until decided or received. */
  priority: number | undefined
  /** Whether the decision has been injected, or sent with a chunk. */
  hasLeft = false
  origin: string | undefined
  /** The first span of this process; sampling looks at it and records its decision there. */
  root: Span | undefined
  /** `_dd.p.*` tags, passed on to other services and written on the first span of each chunk. */
  readonly tags: Map<string, string>

  /** Spans begun and not finished. */
  open = 0
  finished = freshList<Span>()
  /** When the oldest of `finished` began to wait, on the monotonic clock. */
  waitingSinceMs = 0
  /** Among those that wait. */
  older: Trace | undefined = undefined
  newer: Trace | undefined = undefined

  /** When it began here, in whole microseconds since the Unix epoch: its first span need not read the clock again. */
  readonly beganUs: number
  readonly upperHigh: number

  readonly #recorder: Recorder
  readonly #wallOffsetMs: number

  /**
   * @param upperHigh undefined in a new 128-bit trace id: the Unix time in seconds (RFC "Datadog 128-bit trace ids", as all tracers)
   */
  constructor(
    recorder: Recorder,
    upperHigh: number | undefined,
    readonly upperLow: number,
    readonly idHigh: number,
    readonly idLow: number,
    tags: ReadonlyMap<string, string> | undefined,
    /** What came with it from another service. */
    readonly received: Readonly<Received> = NOTHING_ELSE,
  ) {
    const nowMs = monotonicMs()
    this.#recorder = recorder
    this.#wallOffsetMs = wallOffsetMs(nowMs)
    this.beganUs = Math.round((this.#wallOffsetMs + nowMs) * 1000)
    this.upperHigh = upperHigh ?? Math.floor(this.beganUs / 1e6) | 0
    this.tags = new Map(tags)
  }

  /** Whole microseconds since the Unix epoch, never backwards within the trace. */
  nowUs(): number {
    return Math.round((this.#wallOffsetMs + monotonicMs()) * 1000)
  }

  /** A time the program gave, in whole microseconds; now, where it gave none or one that no clock shows. */
  usOf(timeMs: number | undefined): number {
    return typeof timeMs === 'number' && timeMs >= MIN_TIME_MS && timeMs < MAX_TIME_MS
      ? Math.round(timeMs * 1000)
      : this.nowUs()
  }

  /** 32 lower-case hex digits. */
  get id(): string {
    return hex64(this.upperHigh, this.upperLow) + hex64(this.idHigh, this.idLow)
  }

  /** Whether its spans end up with `recorder`: there may be several tracers. */
  isOf(recorder: Recorder): boolean {
    return this.#recorder === recorder
  }

  finish(span: Span): void {
    this.open--
    this.finished.push(span)
    this.#recorder.finished(this)
  }

  /**
   * The program's own decision (`manual.keep`, `manual.drop`, `sampling.priority`), which beats what was received and every sampler;
   * the last one counts. Once a decision has left it stands, or one trace would be half kept.
   */
  decideManually(priority: 2 | -1): void {
    if (this.hasLeft) {
      if ((this.priority ?? 1) > 0 !== priority > 0) {
        const tag = priority > 0 ? 'manual.keep' : 'manual.drop'
        log.once(`late ${tag}`, `${tag} came too late: the trace's sampling decision had been sent on already`)
      }
      return
    }
    this.priority = priority
    if (priority > 0) this.tags.set(DECISION_MAKER, '-4')
    else this.tags.delete(DECISION_MAKER)
  }

  /** Settles the sampling decision, because it is about to leave the process. */
  decide(): void {
    this.hasLeft = true
    if (this.priority === undefined) this.#recorder.decide(this)
  }
}
