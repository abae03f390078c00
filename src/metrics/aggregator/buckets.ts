// Gathers calls in roll-up intervals: who was called, when, and what there is room for.
//
// A flush takes the cells of all intervals that are over; the one that runs stays, because Datadog keeps only the last point of a series
// and a second. What could not be sent stays where it is and goes with the next flush, with all that came to it, so there is nothing to
// be merged. What is too old for Datadog is let go, and what takes too much room: the oldest first.

import { anySecondsOf } from '../timestamp'
import type { HistogramShape } from './histogram'
import type { Cell, Series, SeriesKind } from './series'
import { type NoSeries, SeriesIndex, type SeriesIndexSettings, type SeriesOptions } from './series-index'

/** Datadog drops points that are further ahead. */
const MAX_AHEAD_S = 600
/** An estimate of what a cell takes, without its values. */
const CELL_BYTES = 150
export const SAMPLE_BYTES = 8
/** Of a value of a set, beyond its text. */
export const UNIQUE_BYTES = 60
/** A series that was not used for so long is forgotten. */
const IDLE_S = 3600

export interface CallOptions extends SeriesOptions {
  /** Seconds since the epoch, or a Date. Default, and for 0: now. */
  readonly timestamp?: number | Date | undefined
  /** The part of the calls that is recorded, from 0 (none) to 1 (all); counts and histograms are scaled by it. Default: 1. */
  readonly rate?: number | undefined
}

export interface HistogramOptions extends CallOptions, Partial<HistogramShape> {}

interface BucketSettings extends SeriesIndexSettings {
  readonly rollUpIntervalS: number
  readonly keepBuckets: number
  readonly maxAgeS: number
  readonly maxBytes: number
  readonly nowMs: () => number
}

/** What is told of lines: each begins when something is recorded in a cell that has nothing to send. */
export interface LineListener {
  begun(): void
  /** Lines that are let go: no room, or too old. */
  dropped(reason: 'room' | 'age', lines: number): void
}

/** Why a call was not recorded. */
export type NotRecorded = NoSeries | 'no-value' | 'no-time' | 'no-room' | 'late'

/** What is to be sent of a series. */
export interface TakenSeries {
  readonly series: Series
  readonly cells: readonly Cell[]
}

export class Buckets {
  readonly #settings: BucketSettings
  readonly #index: SeriesIndex
  readonly #listener: LineListener
  /** The interval that runs, in ms, and its start in seconds. */
  #fromMs = 0
  #toMs = 0
  #open = 0
  #bytes = 0
  /** The interval in which it was found that nothing more can be forgotten: to look again at each call would be slow. */
  #noRoomIn: number | undefined
  #noUnusedIn: number | undefined

  constructor(settings: BucketSettings, listener: LineListener) {
    this.#settings = settings
    this.#index = new SeriesIndex(settings)
    this.#listener = listener
  }

  get seriesCount(): number {
    return this.#index.size
  }

  /** The cell for a call, which is marked as changed. */
  cell(kind: SeriesKind, name: string, options: CallOptions | undefined): Cell | NotRecorded {
    let series = this.#index.find(kind, name, options)
    if (typeof series === 'string') {
      if (series !== 'overflow' || !this.#forgetUnused()) return series
      series = this.#index.find(kind, name, options)
      if (typeof series === 'string') return series
    }
    const timestamp = options?.timestamp
    const start = timestamp === undefined ? this.#current() : this.#startOf(timestamp)
    if (start === undefined) return 'no-time'
    // Counts and gauges take no more room than their cell.
    if (this.#bytes > this.#settings.maxBytes && kind !== 'count' && kind !== 'gauge' && !this.#makeRoom())
      return 'no-room'
    const { newest } = series
    const cell = newest !== undefined && newest.start === start ? newest : this.#cellAt(series, start)
    if (typeof cell !== 'string' && !cell.isDirty) {
      cell.isDirty = true
      this.#listener.begun()
    }
    return cell
  }

  /** Is told that a cell has grown. */
  grow(bytes: number): void {
    this.#bytes += bytes
  }

  /** The start of the interval of a time in seconds. */
  floor(seconds: number): number {
    const { rollUpIntervalS } = this.#settings
    return Math.floor(seconds / rollUpIntervalS) * rollUpIntervalS
  }

  /**
   * Takes what has changed, and marks it as being sent.
   * @param before cells of intervals that start earlier, in seconds
   */
  take(before: number): TakenSeries[] {
    this.#letGo(before)
    const taken: TakenSeries[] = []
    for (const series of this.#index.all()) {
      const cells = series.cells.filter(({ start, isDirty }) => isDirty && start < before)
      if (cells.length === 0) continue
      for (const cell of cells) {
        cell.isDirty = false
        cell.isSending = true
      }
      taken.push({ series, cells })
    }
    return taken
  }

  /** Takes the values of a distribution's cell out of it. */
  takeValues(cell: Cell): readonly number[] {
    const values = cell.values ?? []
    cell.values = []
    this.#bytes -= values.length * SAMPLE_BYTES
    return values
  }

  /** Puts them back. */
  giveBackValues(cell: Cell, values: readonly number[]): void {
    cell.values = [...values, ...(cell.values ?? [])]
    this.#bytes += values.length * SAMPLE_BYTES
  }

  #current(): number {
    const nowMs = this.#settings.nowMs()
    if (nowMs < this.#toMs && nowMs >= this.#fromMs) return this.#open
    this.#open = this.floor(nowMs / 1000)
    this.#fromMs = this.#open * 1000
    this.#toMs = (this.#open + this.#settings.rollUpIntervalS) * 1000
    return this.#open
  }

  #startOf(timestamp: number | Date): number | undefined {
    // As in the clients of other languages, no time is now.
    if (Number(timestamp) === 0) return this.#current()
    const seconds = anySecondsOf(timestamp)
    return seconds === undefined ? undefined : this.floor(seconds)
  }

  #cellAt(series: Series, start: number): Cell | NotRecorded {
    const found = series.cellAt(start)
    if (found !== undefined) return found
    const open = this.#current()
    const { maxAgeS, maxBytes } = this.#settings
    if (start < open - maxAgeS || start > open + MAX_AHEAD_S) return 'late'
    // A part would take the place of the whole that was sent, but for distributions, which are added up.
    if (start <= series.forgottenUpTo && series.kind !== 'distribution') return 'late'
    this.#bytes += CELL_BYTES
    if (this.#bytes > maxBytes && !this.#makeRoom()) {
      this.#bytes -= CELL_BYTES
      return 'no-room'
    }
    return series.open(start)
  }

  /** Lets go of what was sent and is out of the window for late calls, and of what Datadog would not take any more. */
  #letGo(before: number): void {
    const { keepBuckets, maxAgeS, rollUpIntervalS } = this.#settings
    const open = this.#current()
    const keptFrom = Math.min(before, open) - keepBuckets * rollUpIntervalS
    let tooOld = 0
    for (const series of this.#index.all()) {
      for (const cell of [...series.cells]) {
        if (cell.isSending) continue
        const isTooOld = cell.start < open - maxAgeS
        if (cell.isDirty ? !isTooOld : cell.start >= keptFrom && !isTooOld) continue
        if (cell.isDirty) tooOld++
        this.#forget(series, cell)
      }
      if (series.cells.length === 0 && series.forgottenUpTo < open - IDLE_S) this.#index.forget(series)
    }
    if (tooOld > 0) this.#listener.dropped('age', tooOld)
  }

  /** Forgets the oldest interval, and the next, until there is room; false if only the one that runs is left. */
  #makeRoom(): boolean {
    const { maxBytes } = this.#settings
    const open = this.#current()
    if (this.#noRoomIn === open) return false
    const starts = new Set<number>()
    for (const { cells } of this.#index.all()) for (const { start } of cells) if (start < open) starts.add(start)
    for (const start of [...starts].sort((a, b) => a - b)) {
      let lines = 0
      for (const series of this.#index.all()) {
        const cell = series.cellAt(start)
        if (cell === undefined || cell.isSending) continue
        if (cell.isDirty) lines++
        this.#forget(series, cell)
      }
      if (lines > 0) this.#listener.dropped('room', lines)
      if (this.#bytes <= maxBytes) return true
    }
    this.#noRoomIn = open
    return false
  }

  /** Forgets the series without cells; whether there were any. */
  #forgetUnused(): boolean {
    const { size } = this.#index
    const open = this.#current()
    if (this.#noUnusedIn === open) return false
    this.#noUnusedIn = open
    for (const series of this.#index.all()) if (series.cells.length === 0) this.#index.forget(series)
    return this.#index.size < size
  }

  #forget(series: Series, cell: Cell): void {
    series.forget(cell)
    const { histogram, values, unique } = cell
    this.#bytes -= CELL_BYTES + ((histogram?.samples.length ?? 0) + (values?.length ?? 0)) * SAMPLE_BYTES
    for (const text of unique ?? []) this.#bytes -= UNIQUE_BYTES + text.length
  }
}
