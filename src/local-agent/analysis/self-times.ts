// How long each span itself was at work: its duration without the time in which at least one of its children ran.
//
// Time that children spend outside of their parent (work that goes on after the reply) does not count against it.

import { type TraceColumns, wholeNanoseconds } from './trace-columns'

/** Microseconds, by row. */
export function selfTimes({ parent, start, end, duration }: TraceColumns): Float64Array {
  const self = Float64Array.from(duration)
  /** Up to where the children of each row, which come by start, have covered it. */
  const coveredTo = Float64Array.from(start)
  for (let row = 0; row < parent.length; row++) {
    const above = parent[row]!
    if (above < 0) continue
    const from = Math.max(start[row]!, coveredTo[above]!)
    const to = Math.min(end[row]!, end[above]!)
    if (to <= from) continue
    self[above] = self[above]! - (to - from)
    coveredTo[above] = to
  }
  return self.map((us) => Math.max(0, wholeNanoseconds(us)))
}
