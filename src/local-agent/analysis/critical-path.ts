// The critical path of a trace: which span kept its root waiting, at each moment of the root's duration.
//
// Defined as Jaeger does: begin at the end of the root and go backwards. Among the children of the span at hand that had
// finished by then, the one that finished last is what it waited for: from that child's end on, the time is the span's own;
// before it, the same question is asked of the child. At the child's start the search goes on in the span, from that moment.
// What the parts of a span cannot be waited for is cut away first: a child counts only where its parent runs, so work that goes
// on after the reply, and children that begin after it, are not on the path.
// Source: jaegertracing/jaeger-ui, packages/jaeger-ui/src/components/TracePage/CriticalPath (the idea is CRISP's, Zhang et al.,
// USENIX ATC 2022). One difference: a child that ends in the very moment in which the next one begins counts as finished.
//
// It is wall time: children that run side by side are on the path one at a time, and the sections are as long as the root.

import { type TraceColumns, wholeNanoseconds } from './trace-columns'

export interface CriticalSection {
  /** Row of the span. */
  readonly span: number
  /** Microseconds from the start of the trace. */
  readonly start: number
  readonly end: number
}

/** By time. Of a trace with several spans at the top, the path of its root: see `rootRow`. */
export function criticalPath(columns: TraceColumns): CriticalSection[] {
  const root = rootRow(columns)
  if (root < 0) return []
  const { parent } = columns
  const { from, to } = cutToParents(columns)
  const { first, next } = lastFinishingFirst(parent, from, to)
  const sections: CriticalSection[] = []
  let span = root
  let until = to[root]!
  for (;;) {
    let child = first[span]!
    while (child >= 0 && to[child]! > until) child = next[child]!
    const since = child < 0 ? from[span]! : to[child]!
    if (since < until) {
      const section = { span, start: wholeNanoseconds(since), end: wholeNanoseconds(until) }
      const later = sections.at(-1)
      if (later?.span === span && later.start === section.end) sections.pop()
      sections.push(later?.span === span && later.start === section.end ? { ...section, end: later.end } : section)
    }
    until = since
    if (child >= 0) {
      first[span] = next[child]!
      span = child
    } else if (span === root) {
      return sections.reverse()
    } else {
      first[span] = -1
      span = parent[span]!
    }
  }
}

/** The first span without a parent; else the first of those whose parent is not there. −1 in an empty trace. */
export function rootRow({ spans, depth }: Pick<TraceColumns, 'spans' | 'depth'>): number {
  const row = spans.findIndex(({ parentId }, index) => parentId === '0' && depth[index] === 0)
  return row < 0 && spans.length > 0 ? 0 : row
}

/** When each span runs while its parent does. Parents come first, so the cuts of a parent reach its children's children. */
function cutToParents({ parent, start, end }: TraceColumns): { from: Float64Array; to: Float64Array } {
  const from = Float64Array.from(start)
  const to = Float64Array.from(end)
  for (let row = 0; row < parent.length; row++) {
    const above = parent[row]!
    if (above < 0) continue
    from[row] = Math.max(from[row]!, from[above]!)
    to[row] = Math.min(to[row]!, to[above]!)
  }
  return { from, to }
}

/** Children as lists in two columns; without those that never ran. Of two that end together, the one that began first. */
function lastFinishingFirst(parent: Int32Array, from: Float64Array, to: Float64Array) {
  const first = new Int32Array(parent.length).fill(-1)
  const next = new Int32Array(parent.length).fill(-1)
  const order = Uint32Array.from(parent.keys()).sort((a, b) => to[a]! - to[b]! || from[b]! - from[a]! || b - a)
  for (const row of order) {
    const above = parent[row]!
    if (above < 0 || to[row]! <= from[row]!) continue
    next[row] = first[above]!
    first[above] = row
  }
  return { first, next }
}
