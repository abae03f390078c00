// Series and their points: what calls may give, what the API takes, and how one that is too large becomes several.
// Source: API reference, "Submit metrics" (v1 and v2) and "Submit distribution points" (v1).

import { log } from '../base/log'
import { array, FIRST_MS, list, mustBe, type OneOrMore, object, type Time, wholeSeconds } from './call-checks'

/** A number, which is now; one point; or several. */
export type MetricPoints =
  | number
  | readonly [time: Time, value: number]
  | readonly (readonly [time: Time, value: number])[]

/** Values, which are now; or several points of them. */
export type DistributionPoints =
  | number
  | readonly number[]
  | readonly (readonly [time: Time, values: readonly number[]])[]

/** By the names of the API. */
export interface Series {
  readonly metric: string
  readonly points: readonly (readonly [seconds: number, value: number])[]
  readonly type?: '' | 'gauge' | 'count' | 'rate' | undefined
  readonly interval?: number | undefined
  readonly host?: string | undefined
  readonly device?: string | undefined
  readonly tags?: readonly string[] | undefined
  readonly [member: string]: unknown
}

/** Of version 2 of the API, which knows units. */
export interface SeriesV2 {
  readonly metric: string
  readonly points: readonly { readonly timestamp: number; readonly value: number }[]
  /** 0 unspecified, 1 count, 2 rate, 3 gauge. */
  readonly type?: 0 | 1 | 2 | 3 | undefined
  readonly interval?: number | undefined
  readonly resources?: readonly { readonly type: string; readonly name: string }[] | undefined
  readonly tags?: readonly string[] | undefined
  readonly unit?: string | undefined
  readonly [member: string]: unknown
}

export interface DistributionSeries {
  readonly metric: string
  readonly points: readonly (readonly [seconds: number, values: readonly number[]])[]
  readonly type?: 'distribution' | undefined
  readonly host?: string | undefined
  readonly tags?: readonly string[] | undefined
  readonly [member: string]: unknown
}

/** Points before and after are dropped by Datadog. */
const MAX_AGE_S = 3600
const MAX_AHEAD_S = 600

/** @throws TypeError for what is no number */
export function metricPoints(points: MetricPoints, nowSeconds: number): [number, number][] {
  if (typeof points === 'number') return [[nowSeconds, finite(points)]]
  const all = array('points', points as readonly unknown[])
  const several = Array.isArray(all[0]) ? all : [all]
  return several.map((point) => {
    const [time, value] = array('points', point as readonly unknown[])
    return [wholeSeconds('the time of a point', time as Time), finite(value)]
  })
}

/** @throws TypeError for what is no number */
export function distributionPoints(points: DistributionPoints, nowSeconds: number): [number, number[]][] {
  if (typeof points === 'number') return [[nowSeconds, [finite(points)]]]
  const all = array('points', points as readonly unknown[])
  if (all.length === 0) throw new TypeError('points have at least one value')
  if (!Array.isArray(all[0])) return [[nowSeconds, all.map(finite)]]
  return all.map((point) => {
    const [time, values] = array('points', point as readonly unknown[])
    return [
      wholeSeconds('the time of a point', time as Time),
      array('the values of a point', values as readonly unknown[]).map(finite),
    ]
  })
}

/**
 * Series as a program gives them, which are sent as they are.
 * @throws TypeError for values that JSON cannot say: it would make them null, for which Datadog refuses all series of a request
 */
export function checkedSeries<T extends Series | SeriesV2 | DistributionSeries>(given: readonly T[]): readonly T[] {
  for (const one of array('series', given)) {
    const { metric, points } = object('a series', one)
    mustBe(typeof metric === 'string' && metric !== '', 'metric', 'the name of a metric', metric)
    for (const point of array(`the points of ${metric}`, points as readonly unknown[])) {
      const [, value] = timeAndValue(point)
      for (const number of Array.isArray(value) ? (value as unknown[]) : [value]) finite(number)
    }
  }
  return given
}

/** Warns of points that Datadog takes, and drops without a word. */
export function warnOfTimes(
  series: readonly { readonly metric: string; readonly points: readonly unknown[] }[],
  nowSeconds: number,
): void {
  for (const { metric, points } of series) {
    for (const point of points) {
      const [time] = timeAndValue(point)
      if (typeof time !== 'number') continue
      const why = dropReason(time, nowSeconds)
      if (why !== undefined) log.atMostEveryMinute(`points ${metric}`, () => `a point of ${metric} ${why}`)
    }
  }
}

function dropReason(time: number, nowSeconds: number): string | undefined {
  if (time > FIRST_MS) return 'has a time in milliseconds: Datadog wants seconds since the epoch, and drops it'
  if (time < nowSeconds - MAX_AGE_S)
    return 'is more than an hour old: Datadog drops it, unless it was told to take historical ones'
  if (time > nowSeconds + MAX_AHEAD_S) return 'is more than ten minutes ahead: Datadog drops it'
  return undefined
}

function timeAndValue(point: unknown): readonly unknown[] {
  if (Array.isArray(point)) return point
  const { timestamp, value } = object('a point', point as { timestamp?: unknown; value?: unknown })
  return [timestamp, value]
}

/** One by one, in series whose JSON has at most so many bytes, if its points allow. */
export function splitSeries<T extends { readonly points: readonly unknown[] }>(series: T, maxBytes: number): T[] {
  const bytes = Buffer.byteLength(JSON.stringify(series))
  if (bytes <= maxBytes) return [series]
  // A few more than the bytes ask for, so that their parts seldom have to be cut again.
  const parts = partsOf(series.points, Math.ceil((bytes / maxBytes) * 1.1))
  return parts === undefined ? [series] : parts.flatMap((points) => splitSeries({ ...series, points }, maxBytes))
}

/** A single point of a distribution is cut among its values; undefined where nothing can be cut. */
function partsOf(points: readonly unknown[], count: number): (readonly unknown[])[] | undefined {
  if (points.length === 0) return undefined
  if (points.length > 1) return cut(points, count)
  const [time, values] = timeAndValue(points[0])
  return Array.isArray(values) && values.length > 1 ? cut(values, count).map((part) => [[time, part]]) : undefined
}

function cut(items: readonly unknown[], count: number): (readonly unknown[])[] {
  const length = Math.ceil(items.length / count)
  return Array.from({ length: Math.ceil(items.length / length) }, (_, n) => items.slice(n * length, (n + 1) * length))
}

function finite(value: unknown): number {
  mustBe(Number.isFinite(value), 'a value of a point', 'a finite number', value)
  return value as number
}

export function tagsOf(tags: OneOrMore | undefined): string[] | undefined {
  return tags === undefined ? undefined : list('tags', tags)
}
