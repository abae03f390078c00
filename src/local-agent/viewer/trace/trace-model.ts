// One trace as its views need it: columns of numbers in reading order, so that ten thousand spans are a few arrays and no
// objects. What a subtree covers is known by position: from a row to the next one that is not deeper.

import type { Skeleton } from '../wire'

interface Segment {
  /** Microseconds since the trace began. */
  readonly start: number
  readonly end: number
}

export class TraceModel {
  readonly count: number
  readonly ids: readonly string[]
  readonly parent: readonly number[]
  readonly depth: readonly number[]
  /** Microseconds since the trace began. */
  readonly start: readonly number[]
  readonly end: Float64Array
  readonly self: readonly number[]
  /** The first row behind a span's subtree. */
  readonly subtreeEnd: Int32Array
  /** Never 0, so that one may divide by it. */
  readonly duration: number
  readonly errorRows: readonly number[]
  /** The parts of a span that the trace had to wait for. */
  readonly critical: ReadonlyMap<number, readonly Segment[]>
  readonly #rowOf: ReadonlyMap<string, number>

  constructor(readonly skeleton: Skeleton) {
    const { spans, critical } = skeleton
    this.ids = spans.id
    this.parent = spans.parent
    this.depth = spans.depth
    this.start = spans.start
    this.self = spans.self
    this.count = spans.id.length
    this.end = new Float64Array(this.count)
    this.subtreeEnd = new Int32Array(this.count)
    const open: number[] = []
    const errors: number[] = []
    let last = skeleton.duration
    for (let row = 0; row < this.count; row++) {
      this.end[row] = spans.start[row]! + spans.duration[row]!
      last = Math.max(last, this.end[row]!)
      while (open.length > 0 && spans.depth[open.at(-1)!]! >= spans.depth[row]!) this.subtreeEnd[open.pop()!] = row
      open.push(row)
      if (spans.error[row]) errors.push(row)
    }
    for (const row of open) this.subtreeEnd[row] = this.count
    this.duration = Math.max(last, 1)
    this.errorRows = errors
    this.#rowOf = new Map(spans.id.map((id, row) => [id, row]))
    const segments = new Map<number, Segment[]>()
    for (const { span, start, end } of critical) {
      const known = segments.get(span)
      if (known) known.push({ start, end })
      else segments.set(span, [{ start, end }])
    }
    this.critical = segments
  }

  /** −1 if the span is not there. */
  rowOf(id: string): number {
    return this.#rowOf.get(id) ?? -1
  }

  service(row: number): string {
    return this.skeleton.services[this.skeleton.spans.service[row]!] ?? ''
  }

  name(row: number): string {
    return this.skeleton.names[this.skeleton.spans.name[row]!] ?? ''
  }

  resource(row: number): string {
    return this.skeleton.resources[this.skeleton.spans.resource[row]!] ?? ''
  }

  /** What to call a span: its resource, or what says more than that. */
  title(row: number): string {
    return this.skeleton.titles[this.skeleton.spans.title[row]!] ?? (this.resource(row) || this.name(row))
  }

  isError(row: number): boolean {
    return this.skeleton.spans.error[row] === 1
  }

  hasChildren(row: number): boolean {
    return this.subtreeEnd[row]! > row + 1
  }

  /** Spans below a span, of all depths. */
  descendants(row: number): number {
    return this.subtreeEnd[row]! - row - 1
  }

  /** The rows that are left when what is below `folded` spans is hidden. */
  visibleRows(folded: ReadonlySet<string>): number[] {
    const rows: number[] = []
    for (let row = 0; row < this.count; ) {
      rows.push(row)
      row = folded.has(this.ids[row]!) ? this.subtreeEnd[row]! : row + 1
    }
    return rows
  }

  /** All spans above one, the nearest first. */
  ancestors(row: number): number[] {
    const found: number[] = []
    // No longer than the trace is deep, whatever the parents say.
    for (let up = this.parent[row]!; up >= 0 && found.length < this.count; up = this.parent[up]!) found.push(up)
    return found
  }
}
