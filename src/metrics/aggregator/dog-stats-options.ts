// The options of `DogStatsApi.start()`: checked, and completed from the environment and the defaults.

import { hostname as machineName } from 'node:os'
import { type ApiAddress, type ApiAddressOptions, apiAddressOf, apiEnvironment } from '../../api-transport/api-settings'
import type { OnError } from '../error-reporter'
import { environment } from '../metrics-environment'
import { checkOneOf, checkWhole } from '../option-checks'
import { TagSet, type Tags } from '../tag-set'
import { AGGREGATES, type Aggregate, DEFAULT_SHAPE } from './histogram'
import type { CountForm } from './series-payload'

/** All of 10 s intervals by which Datadog stores points. */
const DEFAULT_INTERVAL_S = 10
const DEFAULT_TIMEOUT_S = 10
/** Older points Datadog drops, unless it was told to take historical ones. */
const DEFAULT_MAX_AGE_S = 3600
const DEFAULT_KEEP_BUCKETS = 3
const DEFAULT_MAX_SERIES = 10_000
const DEFAULT_MAX_BYTES = 32 * 1024 * 1024

/** The key is needed, unless `apiHost` is a server of your own. */
export interface DogStatsApiOptions extends ApiAddressOptions {
  /** Seconds between flushes. Default: 10. */
  readonly flushInterval?: number | undefined
  /** Whole seconds that make one point. Default: 10. */
  readonly rollUpInterval?: number | undefined
  /**
   * `interval`: every `flushInterval`, in the program's thread; `worker`: the same, written out, compressed and sent in a thread of its
   * own; `manual`: when `flush()` is called, and when the process ends. Default: `interval`.
   */
  readonly flushIn?: 'interval' | 'worker' | 'manual' | undefined
  /** Record and send nothing. Default: false. */
  readonly disabled?: boolean | undefined
  /** An empty one leaves it out. Default: `DD_HOSTNAME`, else the machine's name. */
  readonly host?: string | undefined
  readonly device?: string | undefined
  /** Before each name, with a dot between. */
  readonly prefix?: string | undefined
  /** On all; those of `DD_TAGS`, `DD_ENV`, `DD_SERVICE` and `DD_VERSION` are added. */
  readonly tags?: Tags | undefined
  /** The version of the API that takes series. Default: `v2`. */
  readonly api?: 'v1' | 'v2' | undefined
  /**
   * How counts are sent: as `count` with the interval, which Datadog can show both as sum and as rate; as `rate` by second; as
   * `gauge` of the sum. Default: `count`.
   */
  readonly counts?: CountForm | undefined
  /** Of histograms. Default: `min`, `max`, `count`, `avg`. */
  readonly aggregates?: readonly Aggregate[] | undefined
  /** Of histograms, between 0 and 1. Default: 0.75, 0.85, 0.95, 0.99. */
  readonly percentiles?: readonly number[] | undefined
  /** Calls that would make more are dropped. Default: 10,000. */
  readonly maxSeries?: number | undefined
  /** What is gathered takes about so much memory at most; the oldest is dropped first. Default: 32 MiB. */
  readonly maxBytes?: number | undefined
  /** Points that were sent are kept for so many intervals, so that late calls are added to them. Default: 3. */
  readonly keepBuckets?: number | undefined
  /** Seconds after which a point is not sent any more; Infinity where Datadog takes historical points. Default: 3600. */
  readonly maxAge?: number | undefined
  /** Attempts after the first one within one flush; what failed is sent again with the next. Default: 2. */
  readonly retries?: number | undefined
  /** Seconds for each request. Default: 10. */
  readonly timeout?: number | undefined
  /** Is told what goes wrong. Default: a warning on stderr. */
  readonly onError?: OnError | undefined
}

export type DogStatsApiSettings = ReturnType<typeof settingsOf>

/** @throws TypeError for an option that cannot be what it is */
export function settingsOf(options: DogStatsApiOptions) {
  const { tags, threadEnv = {} } = environment()
  const { hostname } = apiEnvironment.read()
  const { prefix = '', flushIn = 'interval', api = 'v2', counts = 'count', onError } = options
  const { aggregates = DEFAULT_SHAPE.aggregates, percentiles = DEFAULT_SHAPE.percentiles } = options
  checkOneOf('flushIn', flushIn, ['interval', 'worker', 'manual'])
  checkOneOf('api', api, ['v1', 'v2'])
  checkOneOf('counts', counts, ['count', 'rate', 'gauge'])
  for (const aggregate of listOf('aggregates', aggregates)) checkOneOf('aggregates', aggregate, AGGREGATES)
  for (const part of listOf('percentiles', percentiles)) number('percentiles', part, { above: 0, max: 1 })
  if (onError !== undefined && typeof onError !== 'function') throw new TypeError('onError is a function')
  const envTags = Object.entries(tags ?? {}).filter(([key]) => !key.startsWith('dd.internal.'))
  const start = text('prefix', prefix).replace(/\.+$/, '')
  const flushInterval = options.flushInterval ?? DEFAULT_INTERVAL_S
  return {
    ...addressOf(options),
    flushIn,
    api,
    counts,
    onError,
    flushIntervalMs: number('flushInterval', flushInterval, { above: 0, max: 86_400 }) * 1000,
    rollUpIntervalS: whole('rollUpInterval', options.rollUpInterval ?? DEFAULT_INTERVAL_S, 1),
    host: text('host', options.host ?? hostname ?? machineName()),
    device: text('device', options.device ?? ''),
    prefix: start === '' ? '' : `${start.replace(/[^\w.]/g, '_')}.`,
    tags: TagSet.of(options.tags).over(TagSet.of(Object.fromEntries(envTags))),
    shape: { aggregates, percentiles },
    maxSeries: whole('maxSeries', options.maxSeries ?? DEFAULT_MAX_SERIES, 1),
    maxBytes: number('maxBytes', options.maxBytes ?? DEFAULT_MAX_BYTES, { above: 0 }),
    keepBuckets: whole('keepBuckets', options.keepBuckets ?? DEFAULT_KEEP_BUCKETS, 0),
    maxAgeS: number('maxAge', options.maxAge ?? DEFAULT_MAX_AGE_S, { above: 0 }),
    retries: whole('retries', options.retries ?? 2, 0),
    timeoutMs: number('timeout', options.timeout ?? DEFAULT_TIMEOUT_S, { above: 0, max: 3600 }) * 1000,
    threadEnv,
  }
}

/** Without a key nothing of Datadog's can be reached. */
function addressOf(options: DogStatsApiOptions): ApiAddress {
  const address = apiAddressOf(options)
  if (address.apiKey === undefined && !address.isOwnHost) {
    throw new TypeError(
      'an API key is needed: start({ apiKey }) or DD_API_KEY; start({ disabled: true }) records nothing',
    )
  }
  return address
}

function text(name: string, value: unknown): string {
  if (typeof value !== 'string') throw new TypeError(`${name} is a text, not ${typeof value}`)
  return value
}

function listOf<T>(name: string, value: readonly T[]): readonly T[] {
  if (!Array.isArray(value)) throw new TypeError(`${name} is a list`)
  return value
}

function whole(name: string, value: number, min: number): number {
  checkWhole(name, value, min)
  return value
}

function number(
  name: string,
  value: unknown,
  { above, max = Number.POSITIVE_INFINITY }: { above: number; max?: number },
) {
  if (typeof value !== 'number' || !(value > above) || value > max) {
    const end = max === Number.POSITIVE_INFINITY ? '' : ` and at most ${max}`
    throw new TypeError(`${name} is a number above ${above}${end}, not ${String(value)}`)
  }
  return value
}
