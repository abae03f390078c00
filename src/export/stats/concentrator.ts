// Counts spans in buckets of ten seconds, by when they ended.
//
// Only this and the previous ten seconds have a bucket: a span that comes later still is counted with the earliest, and one
// from the future with the present, as the Agent does, which has no place for others either. So there are never more than two
// that gather and one that is about to leave. Source: datadog-agent, pkg/trace/stats/span_concentrator.go.

import type { Chunk } from '../../trace/chunk'
import type { SpanReader } from './span-reader'
import { StatsBucket, type StatsLimits } from './stats-bucket'

export const BUCKET_US = 10_000_000

export class Concentrator {
  readonly #limits: StatsLimits
  readonly #buckets = new Map<number, StatsBucket>()
  /** The bucket of the last span. */
  #last: StatsBucket | undefined

  constructor(limits: StatsLimits) {
    this.#limits = limits
  }

  get isEmpty(): boolean {
    return this.#buckets.size === 0
  }

  /** Counts those spans of the chunk that count. */
  add(chunk: Chunk, reader: SpanReader, nowUs: number): void {
    for (const span of chunk.spans) {
      if (reader.read(span, chunk)) this.#bucketAt(span.startUs + span.durationUs, nowUs).add(span, reader)
    }
  }

  /** The buckets that began before `us`, which are then no longer here. */
  takeUntil(us: number): StatsBucket[] {
    const taken = [...this.#buckets.values()].filter(({ startUs }) => startUs < us)
    for (const { startUs } of taken) this.#buckets.delete(startUs)
    this.#last = undefined
    return taken
  }

  #bucketAt(endUs: number, nowUs: number): StatsBucket {
    const present = startOf(nowUs)
    const startUs = Math.min(present, Math.max(present - BUCKET_US, startOf(endUs)))
    if (this.#last?.startUs === startUs) return this.#last
    let bucket = this.#buckets.get(startUs)
    if (bucket === undefined) {
      bucket = new StatsBucket(startUs, this.#limits)
      this.#buckets.set(startUs, bucket)
    }
    this.#last = bucket
    return bucket
  }
}

/** When the bucket of a time begins. */
export function startOf(us: number): number {
  return us - (us % BUCKET_US)
}
