// Plays vectors of the collector: calls on a real one, over a sink that notes what it is told.

import { DogstatsdCollector } from '../../../src/metrics/collector/dogstatsd-collector'
import type { MetricKind, MetricSink, MetricValue, SinkOptions } from '../../../src/metrics/collector/metric-sink'
import type { Tags } from '../../../src/metrics/tag-set'
import type { Outcome, Player, Vector } from './vector'

/** What a sink was told: method, name, value, options. */
export type Told = [kind: MetricKind, name: string, value: MetricValue, options: { tags: readonly string[] }]

/** @param failing the calls that throw, the first is 1 */
export function notingSink(told: Told[], failing: readonly number[] = []): MetricSink {
  let calls = 0
  const note =
    (kind: MetricKind) =>
    (name: string, value: MetricValue, { tags }: SinkOptions) => {
      if (failing.includes(++calls)) throw new RangeError('the sink fails')
      told.push([kind, name, value, { tags }])
    }
  return {
    increment: note('increment'),
    histogram: note('histogram'),
    gauge: note('gauge'),
    set: note('set'),
    distribution: note('distribution'),
    timing: note('timing'),
  }
}

/** A run that is under way. */
interface Run {
  readonly collector: DogstatsdCollector
  readonly end: () => Promise<void>
}

type Methods = Record<string, ((...args: unknown[]) => unknown) | undefined>

export const play: Player = async ({ given, calls, expect }: Vector): Promise<Outcome> => {
  const items: (Told | object)[] = []
  const collector = new DogstatsdCollector(
    notingSink(items as Told[], given['sink_fails_on_calls'] as number[] | undefined),
    {
      baseTags: given['base_tags'] as Tags | undefined,
      maxSeries: given['max_series'] as number | undefined,
      histograms: given['histograms'] as 'sum' | 'samples' | undefined,
      onError: () => {},
    },
  )
  const runs = new Map<string, Run>()
  for (const [at, [called, args = [], options]] of calls.entries()) {
    const [handle = '', method = ''] = called.includes('.') ? called.split('.') : ['', called]
    const run = runs.get(handle)
    const { as, ...rest } = options ?? {}
    try {
      if (method === 'run') runs.set(as as string, begin(run?.collector ?? collector, rest))
      else if (method === 'end') await run?.end()
      else if (method === 'stats') items.push(countsOf(collector, expect[items.length]))
      else
        call(
          (run?.collector ?? collector) as unknown as Methods,
          method,
          args,
          options === undefined ? undefined : rest,
        )
    } catch (error) {
      return { items, thrown: { at, error: (error as Error).name, message: (error as Error).message } }
    }
  }
  return { items }
}

/** Those that are wanted. */
function countsOf(collector: DogstatsdCollector, wanted: unknown): object {
  const counts = Object.entries(collector.stats())
  const named = new Map(
    counts.map(([name, count]) => [name.replace(/[A-Z]/g, (big) => `_${big.toLowerCase()}`), count]),
  )
  return Object.fromEntries(Object.keys(wanted ?? {}).map((name) => [name, named.get(name)]))
}

function begin(outside: DogstatsdCollector, options: Readonly<Record<string, unknown>>): Run {
  const { promise, resolve } = withResolvers()
  let inside = outside
  const ended = outside.run(
    (own) => {
      inside = own
      return promise
    },
    { baseTags: options['base_tags'] as Tags | undefined, nested: options['nested'] as 'fold' | 'isolate' | undefined },
  )
  return {
    collector: inside,
    end() {
      resolve()
      return ended
    },
  }
}

function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => {}
  const promise = new Promise<void>((given) => {
    resolve = given
  })
  return { promise, resolve }
}

/** What Python gives by name is the value, or our options. */
function call(on: Methods, method: string, args: readonly unknown[], options: object | undefined): void {
  const { value, sample_rate: rate, ...others } = (options ?? {}) as Record<string, unknown>
  const [name, given] = args
  const all = rate === undefined ? others : { ...others, rate }
  if (args.length === 0) on[method]?.()
  else on[method]?.(name, given ?? value, Object.keys(all).length === 0 ? undefined : all)
}
