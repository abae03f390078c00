// A duration for people: three digits and the unit that fits.
//
// Three digits, because the fourth is noise in every measurement that ends up here. The page has the same function for
// the browser (viewer/base/format.ts), and a test that holds the two together.

/** From nanoseconds. */
export function durationText(ns: bigint): string {
  const nanoseconds = Number(ns)
  if (nanoseconds >= 59_950_000_000) {
    const seconds = Math.round(nanoseconds / 1e9)
    return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`
  }
  // The bounds are where rounding to three digits would give 1000 of the smaller unit.
  if (nanoseconds >= 999_500_000) return `${threeDigits(nanoseconds / 1e9)} s`
  if (nanoseconds >= 999_500) return `${threeDigits(nanoseconds / 1e6)} ms`
  return `${threeDigits(nanoseconds / 1e3)} µs`
}

function threeDigits(number: number): string {
  return number.toFixed(number < 9.995 ? 2 : number < 99.95 ? 1 : 0)
}
