// What a DogStatsD client is made with, and what is wrong with it, said at once where it is given.

import type { Writable } from 'node:stream'
import type { OnError } from '../error-reporter'
import { check, checkOneOf, checkRate, checkWhole } from '../option-checks'
import type { Tags } from '../tag-set'
import type { OpenTransportOptions } from '../transport/open-transport'
import { MAX_UDP_BYTES, type Transport } from '../transport/transport'
import { DIALECTS, type Dialect, type DialectName } from './dialect'
import { type Cardinality, knownCardinality } from './origin'

/** What a child may have of its own. */
export interface DogStatsdScope {
  /** Stands before each name, with exactly one dot between; a child's comes after that of its parent. Events and service checks have none. */
  readonly prefix?: string | undefined
  /** Stands behind each name; a child's comes before that of its parent. */
  readonly suffix?: string | undefined
  /** Tags of all metrics, events and service checks. A tag of a call takes the place of one with the same key. */
  readonly tags?: Tags | undefined
  /** How many tags of its origin the Agent adds. Default: `DD_CARDINALITY`, else as the Agent is set. */
  readonly cardinality?: Cardinality | undefined
  /** Is told what went wrong, at most once in ten seconds for each kind. Default: a warning on stderr, once a minute. */
  readonly onError?: OnError | undefined
}

export interface AggregationOptions {
  /** How long series are held, in ms. Default: 2000, which divides the Agent's ten seconds. */
  readonly flushIntervalMs?: number | undefined
  /** Series that are held at most, each value of a set for itself; calls for others are sent by themselves. Default: 5000. */
  readonly maxContexts?: number | undefined
  /** Whether histograms, distributions and timings are held as well, and share lines: for Agents from 7.25 on. Default: false. */
  readonly extended?: boolean | undefined
  /** How many samples of a series are sent; of more, as many are chosen at random. Default: all. */
  readonly maxSamplesPerContext?: number | undefined
}

export interface TelemetryOptions {
  /** Default: 10,000; 0: with each packet. */
  readonly flushIntervalMs?: number | undefined
}

export interface DogStatsdOptions extends DogStatsdScope, OpenTransportOptions {
  /** `udp://host:port`, `unixstream:///path`, `tcp://host:port` or `\\.\pipe\name`. Default: `DD_DOGSTATSD_URL`. */
  readonly url?: string | undefined
  /** For UDP. Wins over a URL of the environment. Default: `DD_AGENT_HOST`, else `localhost`. */
  readonly host?: string | undefined
  /** Default: `DD_DOGSTATSD_PORT`, else 8125. */
  readonly port?: number | undefined
  /** Of a Unix stream socket, or a Windows pipe. */
  readonly path?: string | undefined
  /** Takes the packets instead of a socket. */
  readonly stream?: Writable | undefined
  /** Takes the packets instead of a socket. */
  readonly transport?: Transport | undefined
  /** Who listens: `datadog`, the Agent; `statsd`; `telegraf`. What it does not understand is never sent. Default: `datadog`. */
  readonly dialect?: DialectName | undefined
  /** The rate of calls that name none, from 0 to 1. Metrics that are aggregated are all counted instead. Default: 1. */
  readonly rate?: number | undefined
  /** How long a line waits at most to share a packet, in ms; 0: each is a packet of its own. Default: 100. */
  readonly flushIntervalMs?: number | undefined
  /** Default: 1432 for UDP, 4096 for UDP to an Agent on this machine, 8192 for streams. */
  readonly maxPacketBytes?: number | undefined
  /** Whether calls for one series become one line. Default: false. */
  readonly aggregation?: boolean | AggregationOptions | undefined
  /** Whether `env`, `service`, `version` and `DD_TAGS` are tags of all metrics. Default: true. */
  readonly environmentTags?: boolean | undefined
  /** Which tags are written first: those of the call, or those of the client. Default: `call-first`. */
  readonly tagOrder?: 'call-first' | 'constant-first' | undefined
  /** Whether to tell the Agent in which container this is. Default: `DD_ORIGIN_DETECTION_ENABLED`, else true. */
  readonly originDetection?: boolean | undefined
  /** Told instead of what is found. */
  readonly containerId?: string | undefined
  /** Whether the client tells Datadog about itself. Default: true. */
  readonly telemetry?: boolean | TelemetryOptions | undefined
  /** Whether to record nothing. Default: `DD_DOGSTATSD_DISABLE`. */
  readonly disabled?: boolean | undefined
  /** For tests: numbers from 0 to 1, and clocks in ms, for timers and since the epoch. */
  readonly random?: (() => number) | undefined
  readonly now?: (() => number) | undefined
  readonly wallNow?: (() => number) | undefined
}

/** Settings of what is built once for a client and its children. */
interface DogStatsdSettings {
  readonly dialect: Dialect
  readonly rate: number
  readonly flushIntervalMs: number
  readonly maxPacketBytes: number | undefined
  readonly aggregation: Required<Omit<AggregationOptions, 'maxSamplesPerContext'>> & AggregationOptions
  readonly isAggregating: boolean
  /** Undefined: none. */
  readonly telemetryIntervalMs: number | undefined
}

const LONGEST_MS = 3_600_000

/** @throws TypeError that says what would be right */
export function settingsOf(options: DogStatsdOptions): DogStatsdSettings {
  const { dialect: name = 'datadog', rate = 1, flushIntervalMs = 100, maxPacketBytes } = options
  checkOneOf('dialect', name, Object.keys(DIALECTS))
  const dialect = DIALECTS[name]
  checkRate(rate)
  checkWhole('flushIntervalMs', flushIntervalMs, 0, LONGEST_MS)
  if (maxPacketBytes !== undefined) checkWhole('maxPacketBytes', maxPacketBytes, 1, MAX_UDP_BYTES)
  const { random, now, wallNow } = options
  for (const [key, fn] of Object.entries({ random, now, wallNow })) if (fn !== undefined) check(key, fn, 'function')
  checkOneOf('tagOrder', options.tagOrder ?? 'call-first', ['call-first', 'constant-first'])
  checkScope(options, dialect)
  const telemetry = partOf('telemetry', options.telemetry ?? dialect.isDatadog)
  const { flushIntervalMs: telemetryIntervalMs = 10_000 } = telemetry ?? {}
  checkWhole('telemetry.flushIntervalMs', telemetryIntervalMs, 0, LONGEST_MS)
  if (telemetry !== undefined && !dialect.isDatadog) refuse('telemetry', dialect)
  if (options.containerId !== undefined && !dialect.isDatadog) refuse('containerId', dialect)
  return {
    dialect,
    rate,
    flushIntervalMs,
    maxPacketBytes,
    ...aggregationOf(options.aggregation, dialect),
    telemetryIntervalMs: telemetry === undefined ? undefined : telemetryIntervalMs,
  }
}

/** @throws TypeError */
export function checkScope(scope: DogStatsdScope, dialect: Dialect): void {
  const { prefix = '', suffix = '', tags, cardinality, onError } = scope
  check('prefix', prefix, 'string')
  check('suffix', suffix, 'string')
  if (onError !== undefined) check('onError', onError, 'function')
  if (tags !== undefined && (typeof tags !== 'object' || tags === null)) {
    throw new TypeError("tags are a list, ['env:prod'], an object, { env: 'prod' }, or a tagSet()")
  }
  if (tags !== undefined && dialect.tags === 'none') refuse('tags', dialect)
  if (cardinality === undefined) return
  if (!dialect.isDatadog) refuse('cardinality', dialect)
  if (knownCardinality(cardinality) === undefined) {
    throw new TypeError(`cardinality is one of none, low, orchestrator, high, not ${String(cardinality)}`)
  }
}

function aggregationOf(
  given: DogStatsdOptions['aggregation'],
  dialect: Dialect,
): Pick<DogStatsdSettings, 'aggregation' | 'isAggregating'> {
  const asked = partOf('aggregation', given ?? false)
  const { flushIntervalMs = 2000, maxContexts = 5000, extended = false, maxSamplesPerContext } = asked ?? {}
  checkWhole('aggregation.flushIntervalMs', flushIntervalMs, 1, LONGEST_MS)
  checkWhole('aggregation.maxContexts', maxContexts, 1, 10_000_000)
  if (maxSamplesPerContext !== undefined) checkWhole('aggregation.maxSamplesPerContext', maxSamplesPerContext, 1, 1e6)
  if (extended && !dialect.isDatadog) refuse('aggregation.extended', dialect)
  return {
    isAggregating: asked !== undefined,
    aggregation: { flushIntervalMs, maxContexts, extended, maxSamplesPerContext },
  }
}

/** Undefined for false. */
function partOf<T extends object>(name: string, value: boolean | T): Partial<T> | undefined {
  if (typeof value === 'boolean') return value ? {} : undefined
  if (typeof value === 'object' && value !== null) return value
  throw new TypeError(`${name} is true, false, or an object of options`)
}

function refuse(option: string, { name }: Dialect): never {
  throw new TypeError(`the option ${option} means nothing in the dialect '${name}'`)
}
