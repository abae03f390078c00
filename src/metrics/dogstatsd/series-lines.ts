// The lines of a series that was aggregated: one for each value of a set, as few as hold all samples of a histogram
// (`name:1:2:3|h`, DogStatsD 1.1), one for all else.

import { numberText } from '../number-text'
import { COUNT, type Dialect, GAUGE, TYPES } from './dialect'
import type { LineFrame } from './line-aggregation'

/**
 * @param values texts of numbers, or of a set
 * @param rate of the samples
 * @param maxBytes of a line; one with a single value may be longer
 */
export function seriesLines(
  { kind, name, tags, cardinality }: LineFrame,
  values: readonly string[],
  rate: number,
  { hasGaugeDeltas }: Dialect,
  maxBytes: number,
): string[] {
  const start = name.start + tags.before
  const end = (rate < 1 ? `|@${numberText(rate)}` : '') + tags.fields + cardinality
  if (kind === GAUGE && hasGaugeDeltas) return values.map((value) => gaugeLine(start, value, '', end))
  if (kind <= COUNT) return values.map((value) => start + value + TYPES[kind] + end)
  const ending = TYPES[kind] + end
  const room = maxBytes - Buffer.byteLength(start) - Buffer.byteLength(ending)
  const lines: string[] = []
  let packed = ''
  for (const value of values) {
    if (packed !== '' && packed.length + 1 + value.length > room) {
      lines.push(start + packed + ending)
      packed = value
    } else packed = packed === '' ? value : `${packed}:${value}`
  }
  if (packed !== '') lines.push(start + packed + ending)
  return lines
}

/** A server that takes a number with a sign for a change is told of 0 first; the two belong together, and stand for each other's rate. */
export function gaugeLine(start: string, value: string, rate: string, end: string): string {
  return value.startsWith('-') ? `${start}0|g${end}\n${start}${value}|g${end}` : `${start}${value}|g${rate}${end}`
}
