// Times, durations and counts in words. Absolute times come from the agent as decimal text in nanoseconds, because a
// number would round them; differences of two of them are exact as numbers.
//
// Dates and times of day are in the zone of the browser, durations are as in the terminal.

/** Three digits and the unit that fits, from nanoseconds. A test compares it with src/cli/duration-text.ts. */
export function duration(ns) {
  if (ns >= 59_950_000_000) {
    const seconds = Math.round(ns / 1e9)
    return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`
  }
  if (ns >= 999_500_000) return `${threeDigits(ns / 1e9)} s`
  if (ns >= 999_500) return `${threeDigits(ns / 1e6)} ms`
  return `${threeDigits(ns / 1e3)} µs`
}

/** Nanoseconds between two times of the agent. */
export function between(from, to) {
  return Number(BigInt(to) - BigInt(from))
}

export function clock(time) {
  const date = new Date(Number(BigInt(time) / 1_000_000n))
  return `${date.toLocaleTimeString([], { hour12: false })}.${String(date.getMilliseconds()).padStart(3, '0')}`
}

export function day(time) {
  return new Date(Number(BigInt(time) / 1_000_000n)).toLocaleDateString([], { dateStyle: 'medium' })
}

export function count(number, word) {
  return `${number.toLocaleString('en')} ${word}${number === 1 ? '' : 's'}`
}

function threeDigits(number) {
  return number.toFixed(number < 9.995 ? 2 : number < 99.95 ? 1 : 0)
}
