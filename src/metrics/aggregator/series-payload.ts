// Writes series as Datadog's API takes them: version 1 and 2 of `series`, and `distribution_points`.
// Source: API reference, "Submit metrics" (v1, v2) and "Submit distribution points" (v1).

import { type HistogramPart, sortedSamples } from './histogram'
import type { Cell, Series } from './series'

/** How counts are sent: their sums as `count`, their sums by second as `rate`, or their sums as `gauge`, as dogapi did. */
export type CountForm = 'count' | 'rate' | 'gauge'

export interface SeriesForm {
  readonly api: 'v1' | 'v2'
  readonly counts: CountForm
  readonly rollUpIntervalS: number
}

type SentType = 'gauge' | 'count' | 'rate'
type Point = readonly [seconds: number, value: number]

/** Source: API reference v2, `MetricIntakeType`. */
const V2_TYPES: Readonly<Record<SentType, number>> = { count: 1, rate: 2, gauge: 3 }

/** More points make another item, so that none is too large for a payload. */
const MAX_POINTS = 1000
/** Values of a distribution in one item. */
export const MAX_VALUES = 10_000

/** The items for cells of one series; none for a distribution. */
export function seriesItems(series: Series, cells: readonly Cell[], form: SeriesForm): object[] {
  const items: object[] = []
  for (let from = 0; from < cells.length; from += MAX_POINTS) {
    addItems(items, series, cells.slice(from, from + MAX_POINTS), form)
  }
  return items
}

/** Values that were taken out of a cell of a distribution. */
interface TakenValues {
  readonly cell: Cell
  readonly values: readonly number[]
}

/** What goes into one item together; a cell with more values than that is a group by itself, and becomes several. */
export function valueGroups(taken: readonly TakenValues[]): TakenValues[][] {
  const groups: TakenValues[][] = []
  let room = 0
  for (const each of taken) {
    const group = groups.at(-1)
    if (group === undefined || each.values.length > room) {
      groups.push([each])
      room = MAX_VALUES
    } else group.push(each)
    room -= each.values.length
  }
  return groups
}

export function distributionItems(series: Series, group: readonly TakenValues[]): object[] {
  const [first] = group
  if (first === undefined) return []
  const item = (points: readonly (readonly [number, readonly number[]])[]) => {
    return { metric: series.metric, type: 'distribution', points, ...placeV1(series) }
  }
  if (group.length > 1) return [item(group.map(({ cell, values }) => [cell.start, values]))]
  const items: object[] = []
  for (let from = 0; from < first.values.length; from += MAX_VALUES) {
    items.push(item([[first.cell.start, first.values.slice(from, from + MAX_VALUES)]]))
  }
  return items
}

function addItems(items: object[], series: Series, cells: readonly Cell[], form: SeriesForm): void {
  switch (series.kind) {
    case 'gauge':
      items.push(item(series, series.metric, 'gauge', cells.map(pointOf), form))
      break
    case 'set':
      items.push(item(series, series.metric, 'gauge', cells.map(sizeOf), form))
      break
    case 'count':
      items.push(item(series, series.metric, form.counts, countPoints(cells.map(pointOf), form), form))
      break
    case 'histogram': {
      const sorted = cells.map(({ histogram }) => (histogram === undefined ? undefined : sortedSamples(histogram)))
      for (const part of series.parts) items.push(histogramItem(series, part, cells, sorted, form))
      break
    }
    case 'distribution':
      break
  }
}

function histogramItem(
  series: Series,
  part: HistogramPart,
  cells: readonly Cell[],
  sorted: readonly (Float64Array | undefined)[],
  form: SeriesForm,
): object {
  const points: Point[] = []
  cells.forEach(({ start, histogram }, at) => {
    const samples = sorted[at]
    if (histogram !== undefined && samples !== undefined) points.push([start, finite(part.value(histogram, samples))])
  })
  const metric = `${series.metric}.${part.ending}`
  return part.isCount
    ? item(series, metric, form.counts, countPoints(points, form), form)
    : item(series, metric, 'gauge', points, form)
}

function countPoints(points: Point[], { counts, rollUpIntervalS }: SeriesForm): Point[] {
  return counts === 'rate' ? points.map(([start, sum]) => [start, sum / rollUpIntervalS]) : points
}

function item(series: Series, metric: string, type: SentType, points: Point[], form: SeriesForm): object {
  // Without the interval a count cannot be shown as a rate.
  const interval = type === 'gauge' ? undefined : { interval: form.rollUpIntervalS }
  if (form.api === 'v1') return { metric, type, ...interval, points, ...placeV1(series) }
  return {
    metric,
    type: V2_TYPES[type],
    ...interval,
    points: points.map(([timestamp, value]) => ({ timestamp, value })),
    ...placeV2(series),
  }
}

function placeV1({ host, device, tags }: Series): object {
  return { ...(host && { host }), ...(device && { device }), ...(tags.length > 0 && { tags }) }
}

function placeV2({ host, device, tags }: Series): object {
  const resources = [
    ...(host ? [{ type: 'host', name: host }] : []),
    ...(device ? [{ type: 'device', name: device }] : []),
  ]
  return { ...(tags.length > 0 && { tags }), ...(resources.length > 0 && { resources }) }
}

function pointOf({ start, value }: Cell): Point {
  return [start, finite(value)]
}

function sizeOf({ start, unique }: Cell): Point {
  return [start, unique?.size ?? 0]
}

/** A sum of finite numbers may be none; JSON would make it null, for which the whole payload is refused. */
function finite(value: number): number {
  return Number.isFinite(value) ? value : Math.sign(value) * Number.MAX_VALUE
}
