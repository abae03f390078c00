// What each kind of server can be told. The protocols look alike, but what one server does not know it reads as something else: statsd
// takes a histogram for a counter, and the Datadog Agent takes a gauge's `+5` for 5.
//
// Sources: stats.js of statsd/statsd; plugins/inputs/statsd/statsd.go of influxdata/telegraf; comp/dogstatsd/server/impl of
// DataDog/datadog-agent.

export type DialectName = 'datadog' | 'statsd' | 'telegraf'

// In the order in which aggregated metrics are sent: that of Datadog's own clients.
export const SET = 0
export const GAUGE = 1
export const COUNT = 2
export const HISTOGRAM = 3
export const DISTRIBUTION = 4
export const TIMING = 5

export type Kind = 0 | 1 | 2 | 3 | 4 | 5
export const KINDS: readonly Kind[] = [SET, GAUGE, COUNT, HISTOGRAM, DISTRIBUTION, TIMING]
export const KIND_NAMES = ['set', 'gauge', 'count', 'histogram', 'distribution', 'timing'] as const
/** How the type stands in a line. */
export const TYPES = ['|s', '|g', '|c', '|h', '|d', '|ms'] as const

export interface Dialect {
  readonly name: DialectName
  /** Whether it knows a kind of metric. */
  readonly knows: readonly boolean[]
  /** Where tags stand: in a field of the line, in the metric's name, or nowhere. */
  readonly tags: 'field' | 'name' | 'none'
  /** Whether a number with a sign changes a gauge. A negative value then needs a line with 0 before it. */
  readonly hasGaugeDeltas: boolean
  /** Whether a colon begins another value in the text of a set, and whether samples below zero are refused. */
  readonly isPlain: boolean
  /** Whether it has events, service checks, timestamps, several values in a line, and fields that tell the origin. */
  readonly isDatadog: boolean
}

const plain = { hasGaugeDeltas: true, isPlain: true, isDatadog: false } as const

export const DIALECTS: Readonly<Record<DialectName, Dialect>> = {
  datadog: {
    name: 'datadog',
    knows: [true, true, true, true, true, true],
    tags: 'field',
    hasGaugeDeltas: false,
    isPlain: false,
    isDatadog: true,
  },
  statsd: { name: 'statsd', knows: [true, true, true, false, false, true], tags: 'none', ...plain },
  telegraf: { name: 'telegraf', knows: [true, true, true, true, false, true], tags: 'name', ...plain },
}

/** For a method that means nothing to the server. */
export function notInDialect(what: string, { name }: Dialect): TypeError {
  const instead: Readonly<Record<string, string>> = {
    'gauge deltas': "use gauge() with the whole value, or the dialect 'statsd'",
    histograms: "use timing(), or the dialect 'datadog'",
    timestamps: 'only gauge() and count() take one',
  }
  return new TypeError(`the dialect '${name}' has no ${what}: ${instead[what] ?? "use the dialect 'datadog'"}`)
}
