// The numbers of a chart: what its lines are, how far its axis goes, where its marks stand.

import type { MetricWindow } from '../wire'

/** Seconds of a window, as the Agent's. */
export const WINDOW_S = 10
/** The last ten minutes, so that all charts have one axis. */
export const SHOWN_WINDOWS = 60

export interface Line {
  readonly label: string
  /** Name of a colour of the style sheet. */
  readonly colour: string
  /** By window, the earliest first; undefined where nothing came. */
  readonly values: readonly (number | undefined)[]
}

export const isCount = (type: string): boolean => type === 'count' || type === 'set'

const PERCENTILES: readonly (readonly [label: 'median' | 'p95' | 'p99', colour: string])[] = [
  ['median', 's4'],
  ['p95', 's2'],
  ['p99', 's7'],
]

/** The seconds at which the shown windows begin. */
export function windowStarts(endS: number): number[] {
  const last = Math.floor(endS / WINDOW_S) * WINDOW_S
  return Array.from({ length: SHOWN_WINDOWS }, (_, index) => last - (SHOWN_WINDOWS - 1 - index) * WINDOW_S)
}

/** Windows in which nothing came are 0 for counts, and gaps for the others. */
export function linesOf(type: string, windows: readonly MetricWindow[], starts: readonly number[]): Line[] {
  const byStart = new Map(windows.map((window) => [window.start, window]))
  const valuesOf = (key: 'value' | 'median' | 'p95' | 'p99'): (number | undefined)[] =>
    starts.map((start) => byStart.get(start)?.[key] ?? (isCount(type) ? 0 : undefined))
  if (!['histogram', 'distribution', 'timing'].includes(type))
    return [{ label: type, colour: 'accent', values: valuesOf('value') }]
  return PERCENTILES.map(([label, colour]) => ({ label, colour, values: valuesOf(label) }))
}

/** From 0, unless what varies is small beside where it lies. */
export function rangeOf(lines: readonly Line[], type: string): readonly [low: number, high: number] {
  const values = lines.flatMap((line) => line.values.filter((value) => value !== undefined))
  const [low, high] = [Math.min(...values), Math.max(...values)]
  if (values.length === 0) return [0, 1]
  const isFlat = !isCount(type) && low > 0 && high - low < low * 0.5
  const bottom = isFlat ? low - (high - low || low) * 0.3 : Math.min(0, low)
  return [bottom, high === bottom ? bottom + 1 : high + (high - bottom) * 0.1]
}
