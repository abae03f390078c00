// The counters of the aggregator: what was recorded, and what became of it.

import type { LineListener, NotRecorded } from './buckets'
import type { FateListener } from './due-batches'
import type { CycleListener } from './flush-cycle'
import type { Problem } from './sender'

/** What `stats()` gives: counts since the aggregator was made. `recorded` is the sum of `linesSent`, `waiting`, `aggregated` and all `dropped…`. */
export interface ApiCounts {
  /** Calls, without those that the sample rate left out. */
  readonly recorded: number
  /** Calls that the sample rate left out. */
  readonly sampledOut: number
  /** Calls that became part of a line that waited already. */
  readonly aggregated: number
  /** Lines that wait to be sent: a series in a roll-up interval, an event, a service check. */
  readonly waiting: number
  /** Lines that Datadog has taken; one that is sent again because more came to it counts again. */
  readonly linesSent: number
  /** Bodies that were taken. */
  readonly packetsSent: number
  /** Of them, compressed. */
  readonly bytesSent: number
  /** Attempts after a first one. */
  readonly retries: number
  /** Calls with what cannot be sent: not a number, no name, no time. */
  readonly droppedInvalid: number
  /** Calls with names above 200 characters. */
  readonly droppedTooLong: number
  /** Calls before `start()`, after `stop()`, or while disabled. */
  readonly droppedClosed: number
  /** Calls for times that Datadog does not take any more or yet, or whose interval was sent and is no longer kept; lines that became too old. */
  readonly droppedLate: number
  /** Calls and lines for which there was no room. */
  readonly droppedQueue: number
  /** Lines that Datadog refused, or that were lost on the way. */
  readonly droppedWriter: number
  /** Calls that found no place for a new series; they are among `droppedQueue`. */
  readonly contextsOverflowed: number
  /** Series that are known now. */
  readonly series: number
  readonly errors: number
}

export class ApiStats implements LineListener, FateListener, CycleListener {
  recorded = 0
  sampledOut = 0
  invalid = 0
  tooLong = 0
  closed = 0
  late = 0
  noRoom = 0
  overflowed = 0
  errors = 0
  #begun = 0
  #sent = 0
  #merged = 0
  #tooOld = 0
  #pushedOut = 0
  #lost = 0
  #requests = 0
  #bytes = 0
  #retries = 0
  readonly #onProblem: (problem: Problem) => void

  constructor(onProblem: (problem: Problem) => void) {
    this.#onProblem = onProblem
  }

  /** Lines that were begun. */
  get lines(): number {
    return this.#begun
  }

  get waiting(): number {
    return this.#begun - this.#sent - this.#merged - this.#tooOld - this.#pushedOut - this.#lost
  }

  refused(why: NotRecorded): void {
    switch (why) {
      case 'long-name':
        this.tooLong++
        break
      case 'late':
        this.late++
        break
      case 'no-room':
        this.noRoom++
        break
      case 'overflow':
        this.noRoom++
        this.overflowed++
        break
      default:
        this.invalid++
    }
  }

  begun(): void {
    this.#begun++
  }

  dropped(reason: 'room' | 'age', lines: number): void {
    if (reason === 'age') this.#tooOld += lines
    else this.#pushedOut += lines
  }

  sent(lines: number): void {
    this.#sent += lines
  }

  lost(lines: number): void {
    this.#lost += lines
  }

  merged(lines: number): void {
    this.#merged += lines
  }

  posted(requests: number, bytes: number, retries: number): void {
    this.#requests += requests
    this.#bytes += bytes
    this.#retries += retries
  }

  failed(problem: Problem): void {
    this.errors++
    this.#onProblem(problem)
  }

  counts(series: number): ApiCounts {
    const { recorded, sampledOut, invalid, tooLong, closed, late, noRoom, overflowed, errors, waiting } = this
    return {
      recorded,
      sampledOut,
      aggregated: recorded - invalid - tooLong - closed - late - noRoom - this.#begun + this.#merged,
      waiting,
      linesSent: this.#sent,
      packetsSent: this.#requests,
      bytesSent: this.#bytes,
      retries: this.#retries,
      droppedInvalid: invalid,
      droppedTooLong: tooLong,
      droppedClosed: closed,
      droppedLate: late + this.#tooOld,
      droppedQueue: noRoom + this.#pushedOut,
      droppedWriter: this.#lost,
      contextsOverflowed: overflowed,
      series,
      errors,
    }
  }
}
