// Times, durations and counts in words. Absolute times come from the agent as decimal text in nanoseconds, because a
// number would round them.
//
// Dates and times of day are in the zone of the browser, durations are as in the terminal.

/** Three digits and the unit that fits, from nanoseconds. A test compares it with src/cli/duration-text.ts. */
export function duration(ns: number): string {
  if (ns >= 59_950_000_000) {
    const seconds = Math.round(ns / 1e9)
    return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`
  }
  if (ns >= 999_500_000) return `${threeDigits(ns / 1e9)} s`
  if (ns >= 999_500) return `${threeDigits(ns / 1e6)} ms`
  return `${threeDigits(ns / 1e3)} µs`
}

/** From microseconds. */
export const micros = (us: number): string => (us === 0 ? '0 µs' : duration(us * 1000))

/** A mark of an axis: as few digits as it takes. From microseconds. */
export function axisTime(us: number): string {
  if (us === 0) return '0'
  const [value, unit] = us >= 1e6 ? [us / 1e6, 's'] : us >= 1e3 ? [us / 1e3, 'ms'] : [us, 'µs']
  return `${Number(value.toFixed(3))} ${unit}`
}

/** Milliseconds since the Unix epoch, from nanoseconds. */
export function millis(time: string | number): number {
  const text = String(time)
  return /^\d+$/.test(text) ? Number(BigInt(text) / 1000n) / 1000 : 0
}

const two = (number: number, width = 2): string => String(number).padStart(width, '0')

/** Time of day to the millisecond. */
export function clock(ms: number): string {
  const date = new Date(ms)
  return `${clockSeconds(ms)}.${two(date.getMilliseconds(), 3)}`
}

export function clockSeconds(ms: number): string {
  const date = new Date(ms)
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
}

export function day(ms: number): string {
  return new Date(ms).toLocaleDateString([], { dateStyle: 'medium' })
}

/** How long ago, roughly. */
export function ago(ms: number, now: number): string {
  const seconds = Math.max(0, Math.round((now - ms) / 1000))
  if (seconds < 60) return `${seconds} s ago`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`
  return day(ms)
}

export const number = (value: number): string => value.toLocaleString('en', { maximumFractionDigits: 0 })

export function count(value: number, word: string): string {
  return `${number(value)} ${word}${value === 1 ? '' : 's'}`
}

/** A value of a metric: four digits, thousands as k, M, G. */
export function quantity(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return '–'
  const size = Math.abs(value)
  const [scale, unit] = size >= 1e9 ? [1e9, 'G'] : size >= 1e6 ? [1e6, 'M'] : size >= 1e4 ? [1e3, 'k'] : [1, '']
  return `${Number((value / scale).toPrecision(4)).toLocaleString('en', { maximumFractionDigits: 6 })}${unit}`
}

export function bytes(value: number): string {
  if (value >= 1024 * 1024 * 1024) return `${threeDigits(value / (1024 * 1024 * 1024))} GiB`
  if (value >= 1024 * 1024) return `${threeDigits(value / (1024 * 1024))} MiB`
  if (value >= 1024) return `${threeDigits(value / 1024)} KiB`
  return `${value} B`
}

/** One decimal where it says something. */
export function percent(share: number): string {
  const value = share * 100
  return `${value > 0 && value < 9.95 ? value.toFixed(1) : Math.round(value)} %`
}

function threeDigits(value: number): string {
  return value.toFixed(value < 9.995 ? 2 : value < 99.95 ? 1 : 0)
}
