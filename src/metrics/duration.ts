// Spans of time as programs have them: milliseconds, or an object that knows them.

/** A span of time that knows its milliseconds, as `Temporal.Duration` does. */
export interface DurationLike {
  total(unit: 'milliseconds'): number
}

/** Its milliseconds; what has none is given back as it is. */
export function milliseconds(duration: unknown): unknown {
  if (typeof duration !== 'object' || duration === null) return duration
  try {
    return (duration as DurationLike).total('milliseconds')
  } catch {
    return duration
  }
}

/** The same of a span of time, or of what began at a Date; one in the future is of another clock, and gives 0. */
export function millisecondsSince(duration: unknown, wallNow: () => number): unknown {
  return duration instanceof Date ? Math.max(0, wallNow() - duration.getTime()) : milliseconds(duration)
}
