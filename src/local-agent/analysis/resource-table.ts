// What services were asked to do, and how that went: one row for each resource of a service.

import type { ReceivedSpan } from '../received-span'
import { type HistogramBucket, histogram, type Percentiles, percentiles, sortedDurations } from './durations'
import { errorOf } from './span-errors'
import { durationOf, milliseconds, wholeNanoseconds } from './trace-columns'

/** Where to look; the trace as 32 hexadecimal digits, the span decimal. */
interface SpanPlace {
  readonly traceId: string
  readonly spanId: string
}

export interface ResourceRow extends Percentiles {
  readonly service: string
  /** Operation. */
  readonly name: string
  readonly resource: string
  readonly type: string
  readonly count: number
  readonly errors: number
  /** Per second, over the time in which spans of the table began, at least one second. */
  readonly rate: number
  /** Microseconds, of all spans together. */
  readonly total: number
  readonly histogram: readonly HistogramBucket[]
  readonly slowest: SpanPlace
  readonly lastError?: SpanPlace & { readonly type: string; readonly message: string; readonly time: number }
}

interface Collected {
  readonly span: ReceivedSpan
  readonly durations: number[]
  errors: number
  slowest: SpanPlace
  slowestUs: number
  lastError: { readonly traceId: string; readonly span: ReceivedSpan } | undefined
}

export const SORTS = ['total', 'count', 'errors', 'rate', 'p50', 'p95', 'p99', 'max'] as const

export class ResourceTable {
  readonly #rows = new Map<string, Collected>()
  #first: bigint | undefined
  #last = 0n

  add(traceId: string, span: ReceivedSpan): void {
    const us = durationOf(span)
    const key = [span.service, span.name, span.resource].join('\0')
    const place = { traceId, spanId: span.spanId }
    const row = this.#rows.get(key) ?? {
      span,
      durations: [],
      errors: 0,
      slowest: place,
      slowestUs: us,
      lastError: undefined,
    }
    if (row.durations.length === 0) this.#rows.set(key, row)
    row.durations.push(us)
    if (us > row.slowestUs) {
      row.slowest = place
      row.slowestUs = us
    }
    if (span.error) {
      row.errors++
      if (row.lastError === undefined || span.start >= row.lastError.span.start) row.lastError = { traceId, span }
    }
    if (this.#first === undefined || span.start < this.#first) this.#first = span.start
    if (span.start > this.#last) this.#last = span.start
  }

  get size(): number {
    return this.#rows.size
  }

  /** The largest first. */
  top(sort: (typeof SORTS)[number], limit: number): ResourceRow[] {
    const seconds = Math.max(1, Number(this.#last - (this.#first ?? 0n)) / 1e9)
    // Histograms only of what is shown.
    const rows = [...this.#rows.values()].map((row) => ({ ...figuresOf(row, seconds), row }))
    rows.sort((a, b) => b[sort] - a[sort] || (a.row.span.resource < b.row.span.resource ? -1 : 1))
    return rows.slice(0, limit).map(({ row, sorted, ...figures }) => ({
      service: row.span.service,
      name: row.span.name,
      resource: row.span.resource,
      type: row.span.type,
      ...figures,
      histogram: histogram(sorted),
      slowest: row.slowest,
      ...lastErrorOf(row),
    }))
  }
}

function figuresOf({ durations, errors }: Collected, seconds: number) {
  const sorted = sortedDurations(durations)
  const total = sorted.reduce((sum, us) => sum + us, 0)
  const count = durations.length
  return {
    count,
    errors,
    rate: Math.round((count / seconds) * 1000) / 1000,
    ...percentiles(sorted),
    total: wholeNanoseconds(total),
    sorted,
  }
}

function lastErrorOf({ lastError }: Collected): Pick<ResourceRow, 'lastError'> {
  if (lastError === undefined) return {}
  const { traceId, span } = lastError
  const { type = '', message = '' } = errorOf(span) ?? {}
  return { lastError: { traceId, spanId: span.spanId, type, message, time: milliseconds(span.start) } }
}
