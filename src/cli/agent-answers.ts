// What a local agent answers, as far as the commands read it. Times in nanoseconds are text where a number would round them.
//
// Only types: an agent of another version may leave fields out, so whoever reads one that is newer than the first does without it, too.

export type Nanoseconds = string | number

export interface SummaryAnswer {
  readonly id: string
  readonly revision?: number
  readonly name: string
  readonly title: string
  readonly service: string
  readonly start: Nanoseconds
  readonly duration: Nanoseconds
  readonly spanCount: number
  readonly errorCount: number
  readonly services: readonly string[]
  /** Of the root, '' where it has none. */
  readonly statusCode?: string
}

export interface TracesAnswer {
  /** The latest change first. */
  readonly traces: readonly SummaryAnswer[]
  readonly matched?: number
  readonly total?: number
  readonly revision?: number
}

export interface SpanAnswer {
  readonly traceId: string
  readonly spanId: string
  readonly parentId: string
  readonly service: string
  readonly name: string
  readonly resource: string
  readonly title?: string
  readonly type: string
  readonly start: Nanoseconds
  readonly duration: Nanoseconds
  readonly error: unknown
  readonly meta: Readonly<Record<string, string>>
  readonly metrics: Readonly<Record<string, number>>
}

export interface TraceAnswer extends SummaryAnswer {
  /** In reading order. */
  readonly spans: readonly (SpanAnswer & { readonly depth: number })[]
}

export interface LogAnswer {
  readonly id: number | string
  /** Milliseconds since the Unix epoch. */
  readonly time: number
  readonly stream: string
  readonly level: string
  readonly service: string
  readonly message: string
  readonly traceId?: string
  readonly spanId?: string
}

export interface LogsAnswer {
  /** The latest first. */
  readonly logs: readonly LogAnswer[]
}

/** What has come of a series in a time; which of the figures there are depends on its type. */
export type FiguresAnswer = Readonly<Record<string, number | undefined>>

export interface SeriesAnswer {
  readonly source: string
  readonly type: string
  readonly name: string
  readonly host: string
  readonly tags: readonly string[]
  readonly values: number
  readonly total: FiguresAnswer
  /** Of ten seconds, the earliest first; `start` in seconds since the Unix epoch. */
  readonly windows: readonly (FiguresAnswer & { readonly start: number })[]
}

export interface MetricsAnswer {
  readonly series: readonly SeriesAnswer[]
}
