// Where metrics of the process go, and how a distribution of times is told: as the eight metrics of Datadog's tracers.

import type { Tags } from '../tag-set'

/** A `DogStatsd`, or anything with these of its methods. */
export interface RuntimeSink {
  gauge(name: string, value: number, options?: { readonly tags?: Tags | undefined }): void
  increment(name: string, value: number, options?: { readonly tags?: Tags | undefined }): void
}

/** Times in nanoseconds, as the histograms of perf_hooks have them. */
interface Times {
  readonly count: number
  readonly min: number
  readonly max: number
  readonly mean: number
  percentile(percentile: number): number
}

/** @param offset is part of each value and no part of what is meant */
export function tellTimes(sink: RuntimeSink, name: string, times: Times, offset = 0, tags?: Tags): void {
  const { count } = times
  if (count === 0) return
  const options = tags === undefined ? undefined : { tags }
  const meant = (value: number) => Math.max(0, Math.round(value - offset))
  const mean = meant(times.mean)
  sink.gauge(`${name}.min`, meant(times.min), options)
  sink.gauge(`${name}.max`, meant(times.max), options)
  sink.gauge(`${name}.avg`, mean, options)
  sink.gauge(`${name}.median`, meant(times.percentile(50)), options)
  sink.gauge(`${name}.95percentile`, meant(times.percentile(95)), options)
  sink.increment(`${name}.sum`, mean * count, options)
  // The same by another name, which dashboards of the field know.
  sink.increment(`${name}.total`, mean * count, options)
  sink.increment(`${name}.count`, count, options)
}
