// From the metrics of an OTLP body to series of the metric store, as Datadog makes them: sums become counts, what only ever grows is turned into what
// came since the last time, histograms become distributions, and of a summary the count, the sum and the quantiles are series of their own.
// Source: datadog-agent, pkg/opentelemetry-mapping-go/otlp/metrics (metrics_translator.go), and Datadog's "OTLP Metrics Types".

import type { MetricStore } from '../dogstatsd/metric-store'
import type { SeriesType } from '../dogstatsd/series'
import type { Distribution } from '../dogstatsd/value-sketch'
import { isMap } from '../wire-value'
import type { CumulativeValues } from './cumulative-values'
import type { ExponentialShape } from './exponential-shape'
import { type Buckets, explicitValues, exponentialValues, MAX_BUCKETS } from './histogram-values'
import {
  type Attributes,
  attributesOf,
  count,
  double,
  enumeration,
  firstText,
  mapsIn,
  nanoseconds,
  sentOf,
  textOf,
} from './otlp-value'

type Fields = Record<string, unknown>

/** What all points of a metric share. */
interface Metric {
  readonly name: string
  readonly host: string
  /** Those of the resource. */
  readonly tags: readonly string[]
  /** Tells the series of two processes apart, which may have the same tags. */
  readonly identity: string
}

const DELTA = 1
const CUMULATIVE = 2
const TEMPORALITIES = ['UNSPECIFIED', 'DELTA', 'CUMULATIVE'] as const

/** A point that only says that there is none. */
const NO_VALUE = 1

/** Of a histogram that counts from the start of its process the smallest and the largest value are those of its whole life. */
const UNKNOWN = { min: undefined, max: undefined }

/** Attributes of a resource that are tags of its metrics. Others stay away, because many are different in each process. */
const RESOURCE_TAGS: readonly (readonly [tag: string, ...keys: string[]])[] = [
  ['service', 'service.name'],
  ['env', 'deployment.environment.name', 'deployment.environment'],
  ['version', 'service.version'],
]

export class OtlpMetrics {
  /** @param cumulative of this agent, for all bodies */
  constructor(
    private readonly store: MetricStore,
    private readonly cumulative: CumulativeValues,
    private readonly nowNs: () => bigint,
  ) {}

  /** Returns how many points were taken, and how many had no name, no time or no value. */
  take(body: Fields): { points: number; rejected: number } {
    const taken = { points: 0, rejected: 0 }
    for (const { resource, items } of sentOf(body, 'resourceMetrics', 'scopeMetrics', 'metrics')) {
      const tags = RESOURCE_TAGS.map(([tag, ...keys]) => [tag, firstText(resource, ...keys)] as const)
        .filter(([, value]) => value !== '')
        .map(([tag, value]) => `${tag}:${value}`)
      const host = firstText(resource, 'datadog.host.name', 'host.name')
      const identity = [...resource].map(([key, value]) => `${key}=${textOf(value)}`).join('\n')
      for (const metric of mapsIn(items)) {
        const name = typeof metric['name'] === 'string' ? metric['name'] : ''
        this.#takeMetric({ name, host, tags, identity }, metric, taken)
      }
    }
    return taken
  }

  #takeMetric(of: Metric, metric: Fields, taken: { points: number; rejected: number }): void {
    const take = (data: unknown, read: (point: Fields, seriesTags: string[], data: Fields) => boolean) => {
      if (!isMap(data)) return
      for (const point of mapsIn(data['dataPoints'])) {
        if (((typeof point['flags'] === 'number' ? point['flags'] : 0) & NO_VALUE) !== 0) continue
        taken.points++
        const isTaken = of.name !== '' && read(point, tagsOf(of.tags, attributesOf(point['attributes'])), data)
        if (!isTaken) taken.rejected++
      }
    }
    take(metric['gauge'], (point, tags) => this.#add(of, 'gauge', tags, point, valueIn(point)))
    take(metric['sum'], (point, tags, data) => this.#takeSum(of, tags, point, data))
    take(metric['histogram'], (point, tags, data) => this.#takeHistogram(of, tags, point, data))
    take(metric['exponentialHistogram'], (point, tags, data) => this.#takeExponential(of, tags, point, data))
    take(metric['summary'], (point, tags) => this.#takeSummary(of, tags, point))
  }

  #takeSum(of: Metric, tags: string[], point: Fields, data: Fields): boolean {
    const value = valueIn(point)
    if (value === undefined) return false
    const temporality = temporalityOf(data)
    if (temporality === DELTA) return this.#add(of, 'count', tags, point, value)
    // What may shrink is a level, such as the length of a queue.
    if (temporality !== CUMULATIVE || data['isMonotonic'] !== true) return this.#add(of, 'gauge', tags, point, value)
    const [added] = this.#difference(of, 'sum', tags, point, [value]) ?? []
    return added === undefined || this.#add(of, 'count', tags, point, added)
  }

  #takeHistogram(of: Metric, tags: string[], point: Fields, data: Fields): boolean {
    const bounds = numbersOf(point['explicitBounds'])
    const counts = countsOf(point['bucketCounts'])
    if (counts.length > MAX_BUCKETS || (counts.length > 0 && counts.length !== bounds.length + 1)) return false
    const [total, sum] = [count(point['count']), double(point['sum'])]
    const isCumulative = temporalityOf(data) === CUMULATIVE
    const [added, addedSum, ...buckets] = isCumulative
      ? (this.#difference(of, `histogram ${bounds.join()}`, tags, point, [total, sum ?? 0, ...counts]) ?? [])
      : [total, sum ?? 0, ...counts]
    if (added === undefined || added <= 0) return true
    const range = { min: double(point['min']), max: double(point['max']) }
    // Without buckets all that is known is the average.
    const values =
      buckets.length > 0 ? explicitValues(buckets, bounds, range) : [{ value: (addedSum ?? 0) / added, weight: added }]
    const known = added === total ? range : UNKNOWN
    return this.#addDistribution(of, tags, point, { values, sum: sum === undefined ? undefined : addedSum, ...known })
  }

  #takeExponential(of: Metric, tags: string[], point: Fields, data: Fields): boolean {
    const scale = Number(point['scale'] ?? 0)
    const [positive, negative] = [bucketsOf(point['positive']), bucketsOf(point['negative'])]
    // A scale beyond has no bucket that a number could be in.
    if (!Number.isInteger(scale) || Math.abs(scale) > 30 || positive === undefined || negative === undefined)
      return false
    const sum = double(point['sum'])
    const shapeOf = ({ offset, counts }: Buckets) => ({ offset, length: counts.length })
    const shape = { scale, positive: shapeOf(positive), negative: shapeOf(negative) }
    const all = [count(point['count']), sum ?? 0, count(point['zeroCount']), ...positive.counts, ...negative.counts]
    const isCumulative = temporalityOf(data) === CUMULATIVE
    const [added, addedSum, zeros = 0, ...counts] = isCumulative
      ? (this.#difference(of, 'exponential', tags, point, all, shape) ?? [])
      : all
    if (added === undefined || added <= 0) return true
    const above = { offset: positive.offset, counts: counts.slice(0, positive.counts.length) }
    const below = { offset: negative.offset, counts: counts.slice(positive.counts.length) }
    const range = { min: double(point['min']), max: double(point['max']) }
    const values = exponentialValues(scale, zeros, above, below, range)
    const known = added === all[0] ? range : UNKNOWN
    return this.#addDistribution(of, tags, point, { values, sum: sum === undefined ? undefined : addedSum, ...known })
  }

  #takeSummary(of: Metric, tags: string[], point: Fields): boolean {
    const [added, addedSum] =
      this.#difference(of, 'summary', tags, point, [count(point['count']), double(point['sum']) ?? 0]) ?? []
    if (added !== undefined) this.#add({ ...of, name: `${of.name}.count` }, 'count', tags, point, added)
    if (addedSum !== undefined) this.#add({ ...of, name: `${of.name}.sum` }, 'count', tags, point, addedSum)
    const name = `${of.name}.quantile`
    return mapsIn(point['quantileValues'])
      .map(({ quantile, value }) => {
        const tag = `quantile:${double(quantile) ?? 0}`
        return this.#add({ ...of, name }, 'gauge', [...tags, tag].sort(), point, double(value))
      })
      .every((isTaken) => isTaken)
  }

  #difference(
    of: Metric,
    kind: string,
    tags: string[],
    point: Fields,
    values: number[],
    shape?: ExponentialShape,
  ): number[] | undefined {
    const key = `${of.name}\n${kind}\n${tags.join('\n')}\n${of.identity}`
    const start = nanoseconds(point['startTimeUnixNano'])
    return this.cumulative.difference(key, { start, time: this.#time(point), values, ...(shape && { shape }) })
  }

  #add(of: Metric, type: SeriesType, tags: string[], point: Fields, value: number | undefined): boolean {
    if (value === undefined || !Number.isFinite(value)) return false
    return this.store.addOtlp({ type, name: of.name, host: of.host, tags }, { value, second: this.#second(point) })
  }

  #addDistribution(of: Metric, tags: string[], point: Fields, distribution: Distribution): boolean {
    const { values, sum, min, max } = distribution
    if (values.length === 0 || ![sum ?? 0, min ?? 0, max ?? 0].every(Number.isFinite)) return false
    const name = { type: 'distribution' as const, name: of.name, host: of.host, tags }
    return this.store.addOtlp(name, { value: 0, second: this.#second(point), distribution })
  }

  #second(point: Fields): number {
    return Number(this.#time(point) / 1_000_000_000n)
  }

  /** A point without a time is of now. */
  #time(point: Fields): bigint {
    return nanoseconds(point['timeUnixNano']) || this.nowNs()
  }
}

function valueIn(point: Fields): number | undefined {
  // Protobuf tells 0 from nothing here, and JSON too.
  return point['asInt'] === undefined ? double(point['asDouble']) : double(point['asInt'])
}

function tagsOf(ofResource: readonly string[], attributes: Attributes): string[] {
  const tags = [...ofResource, ...[...attributes].map(([key, value]) => `${key}:${textOf(value)}`)].sort()
  return tags.filter((tag, at) => tag !== tags[at - 1])
}

function temporalityOf(data: Fields): number {
  return enumeration(data['aggregationTemporality'], 'AGGREGATION_TEMPORALITY_', TEMPORALITIES)
}

function numbersOf(raw: unknown): number[] {
  return Array.isArray(raw) ? raw.map((item) => double(item) ?? Number.NaN) : []
}

function countsOf(raw: unknown): number[] {
  return Array.isArray(raw) ? raw.map(count) : []
}

function bucketsOf(raw: unknown): Buckets | undefined {
  if (raw === undefined || raw === null) return { offset: 0, counts: [] }
  if (!isMap(raw)) return undefined
  const offset = Number(raw['offset'] ?? 0)
  const counts = countsOf(raw['bucketCounts'])
  return Number.isInteger(offset) && counts.length <= MAX_BUCKETS ? { offset, counts } : undefined
}
