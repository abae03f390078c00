// How the latencies of a resource are spread: a bar per bucket, with the percentiles as lines. A click asks for the traces of a
// bucket.

import type { JSX } from 'preact'
import { axisTime, count, micros } from '../base/format'
import { tracesHref } from '../base/route'
import type { Resource } from '../wire'

const HEIGHT = 90

export function Histogram({ resource, query }: { resource: Resource; query: string }): JSX.Element | null {
  const { histogram, p50, p95, p99 } = resource
  const most = Math.max(1, ...histogram.map((bucket) => bucket.count))
  if (histogram.length === 0) return null
  /** Place of a latency in percent: buckets are as wide as each other. */
  const placeOf = (us: number): number => {
    const at = histogram.findIndex(({ to }) => us <= to)
    const bucket = histogram[at]
    if (bucket === undefined) return 100
    const within = bucket.to === bucket.from ? 0.5 : Math.max(0, (us - bucket.from) / (bucket.to - bucket.from))
    return ((at + within) / histogram.length) * 100
  }
  const marks = [0, 0.25, 0.5, 0.75].map((share) => Math.floor(share * histogram.length))
  return (
    <div class="histogram">
      <div class="bars" style={{ height: `${HEIGHT}px` }}>
        {histogram.map(({ from, to, count: times }) => (
          <a
            key={from}
            href={tracesHref(`${query} duration:>=${Math.floor(from)}us duration:<=${Math.ceil(to)}us`)}
            title={`${micros(from)} to ${micros(to)}: ${count(times, 'request')}`}
            aria-label={`${micros(from)} to ${micros(to)}: ${count(times, 'request')}`}
            tabIndex={times > 0 ? 0 : -1}
          >
            <i style={{ height: `${times === 0 ? 0 : Math.max(3, (times / most) * 100)}%` }} />
          </a>
        ))}
        {(
          [
            ['p50', p50],
            ['p95', p95],
            ['p99', p99],
          ] as const
        ).map(([name, us]) => (
          <span key={name} class={`mark ${name}`} style={{ left: `${placeOf(us)}%` }}>
            <small>{name}</small>
          </span>
        ))}
      </div>
      <div class="scale">
        {[...new Set(marks)].map((at) => (
          <span key={at} style={{ left: `${(at / histogram.length) * 100}%` }}>
            {axisTime(Number((histogram[at]?.from ?? 0).toPrecision(2)))}
          </span>
        ))}
      </div>
    </div>
  )
}
