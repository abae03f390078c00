// The only place that reads a clock.
//
// Wall time jumps (NTP, suspend) and has millisecond steps; the monotonic clock has neither fault but knows no date.
// A trace therefore takes one anchor, the distance between the two, when it begins, and adds it to monotonic readings
// from then on: times inside a trace never run backwards and keep the microsecond.

type Clock = typeof globalThis.performance

// Taken now, because a test of the program may put its own there. The global is a getter, and what it gets takes 1 ms to load, which is
// the first reading's affair.
const global = Object.getOwnPropertyDescriptor(globalThis, 'performance')
let performance: Clock | undefined

// Distance from the monotonic to the wall clock, in ms. `Date.now()` is cut to whole milliseconds, so a reading up to
// one millisecond behind is no news; anything further means that the wall clock was set.
let offsetMs = 0

function loaded(): Clock {
  performance = (global?.get === undefined ? global?.value : global.get.call(globalThis)) as Clock
  offsetMs = performance.timeOrigin
  return performance
}

/** Milliseconds since an arbitrary origin, with fractions; never runs backwards. */
export function monotonicMs(): number {
  return (performance ?? loaded()).now()
}

/** As `monotonicMs`, from another origin, for those who ask seldom: slower, but there is nothing to load. */
export function uptimeMs(): number {
  return process.uptime() * 1000
}

/** Milliseconds since the Unix epoch, whole. */
export function wallMs(): number {
  return Date.now()
}

/** The anchor of a trace: what to add to `monotonicMs()` to get milliseconds since the Unix epoch. */
export function wallOffsetMs(monotonic: number): number {
  const behind = offsetMs + monotonic - Date.now()
  if (behind < -1 || behind > 2) offsetMs -= behind - 0.5
  return offsetMs
}
