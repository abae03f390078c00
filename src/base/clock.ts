// The only place that reads a clock.
//
// Wall time jumps (NTP, suspend) and has millisecond steps; the monotonic clock has neither fault but knows no date.
// A trace therefore takes one anchor, the distance between the two, when it begins, and adds it to monotonic readings
// from then on: times inside a trace never run backwards and keep the microsecond.

// The global is a getter, which would cost as much as the reading.
const { performance } = globalThis

/** Milliseconds since an arbitrary origin, with fractions; never runs backwards. */
export function monotonicMs(): number {
  return performance.now()
}

/** Milliseconds since the Unix epoch, whole. */
export function wallMs(): number {
  return Date.now()
}

// Distance from the monotonic to the wall clock, in ms. `Date.now()` is cut to whole milliseconds, so a reading up to
// one millisecond behind is no news; anything further means that the wall clock was set.
let offsetMs = performance.timeOrigin

/** The anchor of a trace: what to add to `monotonicMs()` to get milliseconds since the Unix epoch. */
export function wallOffsetMs(monotonic: number): number {
  const behind = offsetMs + monotonic - Date.now()
  if (behind < -1 || behind > 2) offsetMs -= behind - 0.5
  return offsetMs
}
