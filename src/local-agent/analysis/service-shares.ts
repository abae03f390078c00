// Where the time of one trace went, by service.

import { type TraceColumns, wholeNanoseconds } from './trace-columns'

export interface ServiceShare {
  readonly service: string
  readonly spans: number
  readonly errors: number
  /** Microseconds in which spans of the service ran and none of their children. Side by side counts twice. */
  readonly self: number
  /** Of the self time of the whole trace, 0 to 1. */
  readonly share: number
}

/** The largest share first. */
export function serviceShares({ spans }: Pick<TraceColumns, 'spans'>, self: Float64Array): ServiceShare[] {
  const byService = new Map<string, { spans: number; errors: number; self: number }>()
  let total = 0
  for (const [row, { service, error }] of spans.entries()) {
    const sum = byService.get(service) ?? { spans: 0, errors: 0, self: 0 }
    sum.spans++
    sum.errors += error
    sum.self += self[row]!
    total += self[row]!
    byService.set(service, sum)
  }
  return [...byService]
    .map(([service, sum]) => ({
      service,
      ...sum,
      self: wholeNanoseconds(sum.self),
      share: total > 0 ? Math.round((sum.self / total) * 1e4) / 1e4 : 0,
    }))
    .sort((a, b) => b.self - a.self || (a.service < b.service ? -1 : 1))
}
