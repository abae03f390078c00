// The three forms in which Datadog's API takes series: version 1, version 2, and distributions.
// Source: Datadog's API reference, "Submit metrics" (v1, v2) and "Submit distribution points".

import type { SeriesType } from '../dogstatsd/series'
import { finiteNumber, list, map, optionalTags, optionalText, requiredText, unexpected } from './body-value'

export interface SentSeries {
  readonly name: string
  readonly type: SeriesType
  readonly host: string
  readonly tags: readonly string[]
  readonly points: readonly { readonly second: number; readonly value: number }[]
}

/** Old clients say `counter`. */
const V1_TYPES: Readonly<Record<string, SeriesType>> = { count: 'count', counter: 'count', rate: 'rate' }
const V2_TYPES: readonly SeriesType[] = ['gauge', 'count', 'rate', 'gauge']

export function seriesOfV1(body: unknown): SentSeries[] {
  return seriesOf(body, (series, place) => ({
    type: V1_TYPES[optionalText(series['type'], `${place}.type`) ?? ''] ?? 'gauge',
    ...hostAndTags(series, place),
    points: list(series['points'], `${place}.points`).map((point, at) => {
      const [second, value] = pair(point, `${place}.points[${at}]`)
      return { second, value: finiteNumber(value, `${place}.points[${at}][1]`) }
    }),
  }))
}

export function distributionsOfV1(body: unknown): SentSeries[] {
  return seriesOf(body, (series, place) => ({
    type: 'distribution',
    ...hostAndTags(series, place),
    points: list(series['points'], `${place}.points`).flatMap((point, at) => {
      const [second, values] = pair(point, `${place}.points[${at}]`)
      const read = (value: unknown, nth: number) => finiteNumber(value, `${place}.points[${at}][1][${nth}]`)
      return list(values, `${place}.points[${at}][1]`).map((value, nth) => ({ second, value: read(value, nth) }))
    }),
  }))
}

export function seriesOfV2(body: unknown): SentSeries[] {
  return seriesOf(body, (series, place) => {
    const type = V2_TYPES[finiteNumber(series['type'] ?? 0, `${place}.type`)]
    if (type === undefined) throw unexpected(`${place}.type`, '0 (unspecified), 1 (count), 2 (rate) or 3 (gauge)')
    const resources = list(series['resources'] ?? [], `${place}.resources`).map((each, at) =>
      map(each, `${place}.resources[${at}]`),
    )
    const host = resources.find((resource) => resource['type'] === 'host')?.['name']
    return {
      type,
      host: optionalText(host, `${place}.resources`) ?? '',
      tags: optionalTags(series['tags'], `${place}.tags`),
      points: list(series['points'], `${place}.points`).map((each, at) => {
        const point = map(each, `${place}.points[${at}]`)
        return {
          second: finiteNumber(point['timestamp'], `${place}.points[${at}].timestamp`),
          value: finiteNumber(point['value'], `${place}.points[${at}].value`),
        }
      }),
    }
  })
}

type Read = (series: Record<string, unknown>, place: string) => Omit<SentSeries, 'name'>

function seriesOf(body: unknown, read: Read): SentSeries[] {
  return list(map(body, 'the body')['series'], 'series').map((each, at) => {
    const place = `series[${at}]`
    const series = map(each, place)
    return { name: requiredText(series['metric'], `${place}.metric`), ...read(series, place) }
  })
}

function hostAndTags(series: Record<string, unknown>, place: string): { host: string; tags: string[] } {
  const device = optionalText(series['device'], `${place}.device`)
  const tags = optionalTags(series['tags'], `${place}.tags`)
  const host = optionalText(series['host'], `${place}.host`) ?? ''
  return { host, tags: device ? [...tags, `device:${device}`] : tags }
}

function pair(point: unknown, place: string): [second: number, rest: unknown] {
  const [second, rest] = list(point, place)
  return [finiteNumber(second, `${place}[0]`), rest]
}
