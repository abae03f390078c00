// Where a collector sends what it has collected: a `DogStatsd`, or anything else with the same methods.

/** The methods of a sink, which are also the kinds of series. */
export type MetricKind = 'increment' | 'histogram' | 'gauge' | 'set' | 'distribution' | 'timing'

/** A number, and of sets a text. */
export type MetricValue = number | bigint | string

export interface SinkOptions {
  /** Sorted, cleaned, each once. */
  readonly tags: readonly string[]
}

type Send<Value> = (name: string, value: Value, options: SinkOptions) => unknown

export interface MetricSink {
  readonly increment: Send<number | bigint>
  readonly histogram: Send<number | bigint>
  readonly gauge: Send<number | bigint>
  readonly set: Send<string>
  readonly distribution: Send<number | bigint>
  readonly timing: Send<number | bigint>
}

const METHODS = ['increment', 'histogram', 'gauge', 'set', 'distribution', 'timing'] as const satisfies MetricKind[]

/** @throws TypeError that names the methods that are missing */
export function refuseOtherSinks(sink: unknown): void {
  const given = (sink ?? {}) as Partial<Record<MetricKind, unknown>>
  const missing = METHODS.filter((method) => typeof given[method] !== 'function')
  if (missing.length === 0) return
  throw new TypeError(
    `a collector sends to a DogStatsd or an object with its methods; here it lacks ${missing.join(', ')}`,
  )
}
