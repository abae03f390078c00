// One row of the stats: what its spans have in common, and what they add up to.
// Source of the fields: datadog-agent, pkg/proto/datadog/trace/stats.proto, ClientGroupedStats.

import type { FinishedSpan } from '../../trace/chunk'
import { Sketch } from './sketch'

/** Whether the spans have no parent: not known where rows were put together, they have none, they have one. */
export type RootFlag = 0 | 1 | 2

/** What the spans of a row have in common; texts are empty where there is none. */
export interface Dimensions {
  readonly service: string
  readonly name: string
  readonly resource: string
  readonly type: string
  readonly dbType: string
  readonly spanKind: string
  readonly serviceSource: string
  readonly httpStatus: number
  readonly httpMethod: string
  readonly httpEndpoint: string
  readonly grpcStatus: string
  /** `key:value`, sorted. */
  readonly peerTags: readonly string[]
  readonly isSynthetic: boolean
  readonly root: RootFlag
}

export class StatsRow {
  hits = 0
  topLevelHits = 0
  errors = 0
  durationUs = 0
  /** Durations in ns of spans without and with an error. */
  readonly ok = new Sketch()
  readonly failed = new Sketch()

  constructor(readonly dimensions: Dimensions) {}

  add({ durationUs, error, isTopLevel }: FinishedSpan): void {
    this.hits++
    if (isTopLevel) this.topLevelHits++
    this.errors += error
    this.durationUs += durationUs
    const sketch = error === 0 ? this.ok : this.failed
    sketch.add(durationUs * 1000)
  }
}
