// What was recorded under one name, with one set of tags, on one host: a cell for each roll-up interval that still matters. Datadog keeps
// the last point it is sent for a series and a second, so a cell stays for a while after it was sent, and late calls are added to
// what it has.

import type { Reservoir } from '../reservoir'
import type { HistogramPart } from './histogram'

export type SeriesKind = 'gauge' | 'count' | 'set' | 'histogram' | 'distribution'

export class Cell {
  /** The last value of a gauge, the sum of a count. */
  value = 0
  histogram: Reservoir | undefined
  unique: Set<string> | undefined
  /** Of a distribution: those that were not sent yet, because Datadog adds them to those it has. */
  values: number[] | undefined
  /** Whether something was recorded since it was sent. */
  isDirty = false
  /** Whether it is being sent. */
  isSending = false

  constructor(
    /** Seconds since the epoch. */
    readonly start: number,
  ) {}
}

export class Series {
  /** In the order of their times. */
  readonly cells: Cell[] = []
  /** The last of the cells. */
  newest: Cell | undefined
  /** Nothing is known any more of cells up to this one. */
  forgottenUpTo = Number.NEGATIVE_INFINITY
  /** Whether it is no longer counted among the series, and has to be made again. */
  isForgotten = false

  constructor(
    readonly key: string,
    readonly kind: SeriesKind,
    readonly metric: string,
    /** Empty for none. */
    readonly host: string,
    /** Empty for none. */
    readonly device: string,
    readonly tags: readonly string[],
    /** Of a histogram. */
    readonly parts: readonly HistogramPart[],
  ) {}

  cellAt(start: number): Cell | undefined {
    return this.cells.find((cell) => cell.start === start)
  }

  open(start: number): Cell {
    const cell = new Cell(start)
    let at = this.cells.length
    while (at > 0 && (this.cells[at - 1]?.start ?? 0) > start) at--
    this.cells.splice(at, 0, cell)
    this.newest = this.cells.at(-1)
    return cell
  }

  forget(cell: Cell): void {
    this.cells.splice(this.cells.indexOf(cell), 1)
    this.newest = this.cells.at(-1)
    if (cell.start > this.forgottenUpTo) this.forgottenUpTo = cell.start
  }
}
