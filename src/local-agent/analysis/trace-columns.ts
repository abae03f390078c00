// A trace as columns of numbers: what every analysis of one trace begins with.
//
// Rows are in reading order (see span-tree), so a parent comes before its children and children come by start. Times are
// microseconds from the start of the trace, with fractions: exact to the nanosecond in a trace shorter than 104 days.

import type { ReceivedSpan } from '../received-span'
import { spanTree } from '../span-tree'
import type { StoredTrace } from '../trace-store'

export interface TraceColumns {
  /** Nanoseconds since the Unix epoch, of the earliest span. */
  readonly traceStart: bigint
  readonly spans: readonly ReceivedSpan[]
  /** Row of the parent, −1 for what stands at the top. */
  readonly parent: Int32Array
  readonly depth: Int32Array
  readonly start: Float64Array
  readonly end: Float64Array
  readonly duration: Float64Array
}

export function traceColumns(trace: StoredTrace): TraceColumns {
  const rows = spanTree(trace.spans.values())
  let traceStart = rows[0]?.span.start ?? 0n
  for (const { span } of rows) {
    if (span.start < traceStart) traceStart = span.start
  }
  const count = rows.length
  const parent = new Int32Array(count)
  const depths = new Int32Array(count)
  const start = new Float64Array(count)
  const end = new Float64Array(count)
  const duration = new Float64Array(count)
  /** The last row of each depth. */
  const open: number[] = []
  for (const [row, { span, depth }] of rows.entries()) {
    open[depth] = row
    parent[row] = depth === 0 ? -1 : open[depth - 1]!
    depths[row] = depth
    start[row] = microseconds(span.start - traceStart)
    duration[row] = durationOf(span)
    end[row] = start[row]! + duration[row]!
  }
  return { traceStart, spans: rows.map(({ span }) => span), parent, depth: depths, start, end, duration }
}

/** Microseconds; never negative, whatever clocks say. */
export function durationOf({ duration }: Pick<ReceivedSpan, 'duration'>): number {
  return duration > 0n ? microseconds(duration) : 0
}

/** Milliseconds since the Unix epoch. */
export function milliseconds(ns: bigint): number {
  return Number(ns) / 1e6
}

/** Without the noise of adding and subtracting fractions. */
export function wholeNanoseconds(us: number): number {
  const ns = us * 1000
  return Number.isSafeInteger(Math.round(ns)) ? Math.round(ns) / 1000 : us
}

function microseconds(ns: bigint): number {
  return Number(ns) / 1e3
}
