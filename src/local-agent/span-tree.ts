// Puts the spans of a trace into reading order: each span, then its children by start time, with its depth.
//
// A flat list is what both readers need, the terminal and the page, and it has no nesting that could overflow a stack.
// Spans whose parent is not there (not yet, or in a service that is not traced) stand at the top level, and so does
// one of each circle: ids come from outside.

import type { ReceivedSpan } from './received-span'

export interface TreeRow {
  readonly span: ReceivedSpan
  readonly depth: number
}

export function spanTree(spans: Iterable<ReceivedSpan>): TreeRow[] {
  const byStart = [...spans].sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0))
  const ids = new Set(byStart.map(({ spanId }) => spanId))
  const children = new Map<string, ReceivedSpan[]>()
  const roots: ReceivedSpan[] = []
  for (const span of byStart) {
    const siblings = children.get(span.parentId)
    if (!ids.has(span.parentId)) roots.push(span)
    else if (siblings) siblings.push(span)
    else children.set(span.parentId, [span])
  }

  const rows: TreeRow[] = []
  const placed = new Set<ReceivedSpan>()
  // The circles come last: whatever no root leads to.
  for (const root of [...roots, ...byStart]) {
    const next: TreeRow[] = [{ span: root, depth: 0 }]
    for (let row = next.pop(); row !== undefined; row = next.pop()) {
      if (placed.has(row.span)) continue
      placed.add(row.span)
      rows.push(row)
      const depth = row.depth + 1
      for (const span of (children.get(row.span.spanId) ?? []).toReversed()) next.push({ span, depth })
    }
  }
  return rows
}
