// Plays vectors of the clients that post to Datadog's API: dogapi (`dogstatsapi`), datadogpy's ThreadStats (`threadstats`),
// datadog-metrics and what ours does beyond them (`reporter`). The calls are made on a real DogStatsApi over a transport that notes the
// bodies. What the others write out and ours leaves out because it means the same (no host, no tags), is put back for the comparison.

import { gunzipSync, inflateSync } from 'node:zlib'
import type { ApiCall } from '../../../src/api-transport/api-transport'
import type { ApiReply } from '../../../src/api-transport/exchange'
import { DogStatsApi } from '../../../src/metrics/aggregator/dog-stats-api'
import type { DogStatsApiOptions } from '../../../src/metrics/aggregator/dog-stats-options'
import { AGGREGATES, type Aggregate } from '../../../src/metrics/aggregator/histogram'
import type { SeriesTransport } from '../../../src/metrics/aggregator/series-transport'
import type { Outcome, Player, Vector } from './vector'

type Fields = Record<string, unknown>
interface Item extends Fields {
  readonly points: readonly (readonly [number, unknown])[]
}
/** What one flush posted, by endpoint. */
interface Flushed {
  series?: Item[]
  distributions?: Item[]
  events?: Fields[]
  status?: number
}

/** Answers as the vector says and notes the bodies of the flush under way. */
class NotingTransport implements SeriesTransport {
  readonly address = 'vectors'
  flushed: Flushed = {}
  readonly #statuses: number[]

  constructor(statuses: readonly number[]) {
    this.#statuses = [...statuses]
  }

  async send({ path, body = Buffer.of(), headers = {} }: ApiCall): Promise<ApiReply> {
    const encoding = headers['Content-Encoding']
    const raw = encoding === 'gzip' ? gunzipSync(body) : encoding === 'deflate' ? inflateSync(body) : body
    const read = JSON.parse(Buffer.from(raw).toString()) as { series: Item[] }
    const status = this.#statuses.shift() ?? 202
    if (status >= 300) this.flushed.status = status
    else if (path.endsWith('/series')) this.flushed.series = [...(this.flushed.series ?? []), ...read.series]
    else if (path.endsWith('/distribution_points')) this.flushed.distributions = read.series
    else if (path.endsWith('/events')) this.flushed.events = [...(this.flushed.events ?? []), read]
    return { status, headers: {}, body: '' }
  }
}

export const play: Player = async ({ kind, given, calls }: Vector): Promise<Outcome> => {
  const items: unknown[] = []
  const transport = new NotingTransport((given['responses'] as number[] | undefined) ?? [])
  const clock = { ms: startOf(given, calls) * 1000, timerMs: 0 }
  const api = new DogStatsApi({ transport, now: () => clock.ms, timerNow: () => clock.timerMs })
  api.start(optionsOf(given))
  const isOther = kind !== 'proposed'
  for (const [at, [method, args = [], options = {}]] of calls.entries()) {
    try {
      if (method === 'flush') {
        transport.flushed = {}
        // Without a time the others send everything.
        await api.flush((args[0] as number | undefined) ?? Number.POSITIVE_INFINITY)
        items.push(shapeOf(transport.flushed, given, isOther))
      } else if (method === 'timed_call') timedCall(api, args[0] as string, options, clock)
      else call(api, method, args, options)
    } catch (error) {
      return { items, thrown: { at, error: (error as Error).name } }
    }
  }
  await api.stop()
  return { items }
}

/** The clock stands at the time of the last call, so that none is too far ahead. */
function startOf(given: Vector['given'], calls: Vector['calls']): number {
  const times = calls.map(([, args = [], options = {}]) => Number(options['timestamp'] ?? args[2] ?? 0))
  return (given['now'] as number | undefined) ?? Math.max(0, ...times)
}

function optionsOf(given: Vector['given']): DogStatsApiOptions {
  const { client, api } = given
  const isSeconds = client === 'reporter' && given['roll_up_interval'] === undefined
  return {
    apiKey: 'key',
    flushIn: 'manual',
    disabled: given['disabled'] as boolean | undefined,
    host: (given['host'] as string | undefined) ?? '',
    device: given['device'] as string | undefined,
    tags: given['constant_tags'] as string[] | undefined,
    api: (api as 'v1' | 'v2' | undefined) ?? 'v1',
    counts: client === 'dogstatsapi' ? 'gauge' : client === 'threadstats' ? 'rate' : 'count',
    rollUpInterval: isSeconds ? 1 : (given['roll_up_interval'] as number),
    retries: given['retries'] as number | undefined,
    keepBuckets: given['keep_buckets'] as number | undefined,
    maxSeries: given['max_series'] as number | undefined,
    // The times of the vectors are of 1970.
    maxAge: Number.POSITIVE_INFINITY,
    aggregates: (given['aggregates'] as Aggregate[] | undefined) ?? (isSeconds ? AGGREGATES : undefined),
    percentiles: given['percentiles'] as number[] | undefined,
    onError: () => {},
  }
}

function timedCall(api: DogStatsApi, name: string, { takes_ms, throws }: Fields, clock: { timerMs: number }): void {
  const timed = api.timed(name)(() => {
    clock.timerMs += takes_ms as number
    if (throws !== undefined) throw new RangeError(String(throws))
  })
  try {
    timed()
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
  }
}

function call(api: DogStatsApi, method: string, args: readonly unknown[], options: Fields): void {
  const { value, timestamp_ms, hostname, histogram, ...others } = options
  if (method === 'event') {
    const { alert_type, aggregation_key, source_type_name, date_happened, ...rest } = others
    const renamed = { alertType: alert_type, aggregationKey: aggregation_key, sourceType: source_type_name }
    const [title, text] = args as [string, string]
    api.event(title, text, { ...rest, ...renamed, hostname, timestamp: date_happened } as never)
    return
  }
  const [name, given = value, time] = args
  // In milliseconds, half up, by datadog-metrics.
  const timestamp = timestamp_ms === undefined ? time : Math.round((timestamp_ms as number) / 1000)
  const own = { ...(timestamp !== undefined && { timestamp }), ...others, ...(histogram as object | undefined) }
  const methods = api as unknown as Record<string, (...args: unknown[]) => void>
  methods[method]?.(name, given, own)
}

function shapeOf(flushed: Flushed, given: Vector['given'], isOther: boolean): unknown {
  const { series = [], distributions = [], events = [], status } = flushed
  if (!isOther) return status === undefined ? { series } : { status }
  switch (given.client) {
    case 'dogstatsapi':
      return byTime(series).map((item) => ({ host: '', ...item }))
    case 'threadstats': {
      const own: Fields = {}
      // It says the interval with everything, and has an item for each point.
      const interval = given['roll_up_interval']
      if (series.length > 0) own['series'] = byTime(series).map((item) => ({ interval, ...item }))
      if (distributions.length > 0) own['distributions'] = byTime(distributions).map((item) => ({ interval, ...item }))
      // Ours say when they happened; here that is the time of the call.
      const now = startOf(given, [])
      if (events.length > 0) own['events'] = events.map((event) => without(event, 'date_happened', now))
      return own
    }
    default:
      return [...series, ...distributions].map(({ interval: _, ...item }) => ({ host: '', tags: [], ...item }))
  }
}

/** An item for each point, in the order of their times. */
function byTime(items: readonly Item[]): Item[] {
  return items
    .flatMap((item) => item.points.map((point) => ({ ...item, points: [point] })))
    .sort((a, b) => (a.points[0]?.[0] ?? 0) - (b.points[0]?.[0] ?? 0))
}

function without(fields: Fields, key: string, value: unknown): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([name, each]) => name !== key || each !== value))
}
