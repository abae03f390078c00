// Numbers as they stand in a packet: plain digits. An exponent is read wrongly by some servers (statsd/statsd takes `@1e-05` for a rate
// of 1), and `-0` is no number to them.

/** The shortest plain digits of a finite number, or a bigint's. */
export function numberText(value: number | bigint): string {
  const text = String(value)
  // Only below 1e-6 and from 1e21 on does a number have an exponent.
  return text.includes('e') ? withoutExponent(text) : text
}

/** Milliseconds with at most six decimals, as StatsD clients write them. */
export function millisecondsText(value: number): string {
  return Number.isInteger(value) || Math.abs(value) >= 1e21 ? numberText(value) : value.toFixed(6)
}

/** Milliseconds, to the nanosecond that clocks know, as short as can be. */
export function timeText(ms: number | bigint): string {
  if (typeof ms === 'bigint' || Number.isInteger(ms) || Math.abs(ms) >= 1e9) return numberText(ms)
  return numberText(Math.round(ms * 1e6) / 1e6)
}

/** `1.5e-7` as `0.00000015`. */
function withoutExponent(text: string): string {
  const [mantissa = '', power = '0'] = text.split('e')
  const sign = mantissa.startsWith('-') ? '-' : ''
  const [whole = '', fraction = ''] = mantissa.replace('-', '').split('.')
  const digits = whole + fraction
  const point = whole.length + Number(power)
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`
  return sign + digits.padEnd(point, '0')
}
