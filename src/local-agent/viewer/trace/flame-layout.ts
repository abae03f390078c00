// Which lane of the flame graph each span lies in. A lane below its parent's; children that run at the same time are packed as
// blocks, each with all that is below it, so that no two spans of a lane overlap and no block is torn.

import type { TraceModel } from './trace-model'

interface FlameLayout {
  /** By row of the trace. */
  readonly lane: Int32Array
  /** Rows of each lane, by start. */
  readonly lanes: readonly (readonly number[])[]
}

export function flameLayout(model: TraceModel): FlameLayout {
  const { count, parent, start, end } = model
  /** What a block covers in time: a child may outlive its parent. */
  const from = Float64Array.from(start)
  const to = Float64Array.from(end)
  const height = new Int32Array(count).fill(1)
  const offset = new Int32Array(count)
  const children = new Map<number, number[]>()
  for (let row = 0; row < count; row++) {
    const siblings = children.get(parent[row]!)
    if (siblings) siblings.push(row)
    else children.set(parent[row]!, [row])
  }
  const place = (up: number): void => {
    const blocks = children.get(up) ?? []
    blocks.sort((a, b) => from[a]! - from[b]!)
    /** When each lane of the parent's block is free again. */
    const free: number[] = []
    for (const block of blocks) {
      let lane = 0
      for (let below = 0; below < height[block]!; below++) {
        if ((free[lane + below] ?? Number.NEGATIVE_INFINITY) <= from[block]!) continue
        lane += below + 1
        below = -1
      }
      offset[block] = lane
      for (let below = 0; below < height[block]!; below++) free[lane + below] = to[block]!
      if (up < 0) continue
      from[up] = Math.min(from[up]!, from[block]!)
      to[up] = Math.max(to[up]!, to[block]!)
    }
    if (up >= 0) height[up] = 1 + free.length
  }
  // In reading order children come behind their parents.
  for (let row = count - 1; row >= 0; row--) if (children.has(row)) place(row)
  place(-1)

  const lane = new Int32Array(count)
  const lanes: number[][] = []
  for (let row = 0; row < count; row++) {
    const up = parent[row]!
    lane[row] = offset[row]! + (up < 0 ? 0 : lane[up]! + 1)
    const rows = lanes[lane[row]!]
    if (rows) rows.push(row)
    else lanes[lane[row]!] = [row]
  }
  for (let at = 0; at < lanes.length; at++) lanes[at] = (lanes[at] ?? []).sort((a, b) => start[a]! - start[b]!)
  return { lane, lanes }
}

/** The last position of a lane whose span starts at or before a time; −1 if none does. */
export function lastStarted(rows: readonly number[], start: readonly number[], time: number): number {
  let low = 0
  let high = rows.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (start[rows[middle]!]! <= time) low = middle + 1
    else high = middle
  }
  return low - 1
}
