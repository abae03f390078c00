// What the local agent sends, as the page reads it. Times in nanoseconds are text where a number would round them.
//
// Only types: what does not look as it says here comes from an agent of another version, and each view shows what it can.

export interface Summary {
  readonly id: string
  readonly revision?: number
  readonly name: string
  readonly title: string
  readonly service: string
  readonly resource?: string
  readonly type?: string
  readonly env?: string
  readonly status?: 'ok' | 'error'
  /** Of the root, '' if it has none. */
  readonly statusCode?: string
  /** Nanoseconds since the Unix epoch. */
  readonly start: string | number
  /** Nanoseconds. */
  readonly duration: number | string
  readonly spanCount: number
  readonly errorCount: number
  readonly services: readonly string[]
}

export interface TraceList {
  readonly traces: readonly Summary[]
  readonly matched?: number
  readonly total?: number
  readonly revision?: number
}

export interface Facet {
  readonly field: string
  readonly label: string
  readonly values: readonly {
    readonly value: string
    readonly count: number
    /** The query that finds such traces. */
    readonly query: string
  }[]
}

/** One list per column, in reading order; `name`, `service`, `resource` and `type` are positions in the tables of texts. */
export interface Skeleton {
  readonly id: string
  readonly revision: number
  /** Milliseconds since the Unix epoch. */
  readonly start: number
  /** Microseconds, as all times below. */
  readonly duration: number
  readonly summary: Summary
  readonly names: readonly string[]
  readonly services: readonly string[]
  readonly resources: readonly string[]
  readonly types: readonly string[]
  /** What to write on spans instead of their resource, where `title` is not −1. */
  readonly titles: readonly string[]
  readonly spans: {
    readonly id: readonly string[]
    readonly parent: readonly number[]
    readonly depth: readonly number[]
    readonly start: readonly number[]
    readonly duration: readonly number[]
    readonly self: readonly number[]
    readonly name: readonly number[]
    readonly service: readonly number[]
    readonly resource: readonly number[]
    readonly type: readonly number[]
    readonly title: readonly number[]
    readonly error: readonly number[]
  }
  readonly critical: readonly { readonly span: number; readonly start: number; readonly end: number }[]
}

export interface SpanEvent {
  readonly name?: string
  readonly time_unix_nano?: string | number
  readonly attributes?: Readonly<Record<string, unknown>>
}

export interface SpanLink {
  readonly trace_id?: string
  readonly span_id?: string
  readonly attributes?: Readonly<Record<string, unknown>>
}

export interface WholeSpan {
  readonly spanId: string
  readonly parentId: string
  readonly name: string
  readonly title: string
  readonly service: string
  readonly resource: string
  readonly type: string
  readonly start: string | number
  readonly duration: string | number
  readonly error: unknown
  readonly meta: Readonly<Record<string, string>>
  readonly metrics: Readonly<Record<string, number>>
  readonly events?: readonly SpanEvent[]
  readonly links?: readonly SpanLink[]
  readonly logs?: readonly LogLine[]
}

export interface LogLine {
  readonly id: number | string
  /** Milliseconds since the Unix epoch. */
  readonly time: number
  readonly stream: string
  readonly level: string
  readonly service: string
  readonly message: string
  readonly traceId?: string
  readonly spanId?: string
  readonly attributes?: Readonly<Record<string, unknown>>
}

export interface ErrorGroup {
  readonly type: string
  readonly message: string
  readonly service: string
  readonly resource: string
  readonly count: number
  /** Milliseconds since the Unix epoch. */
  readonly first: number
  readonly last: number
  readonly traceId: string
  readonly spanId: string
  readonly stack?: string
}

export interface ServiceNode {
  readonly name: string
  readonly type: string
  readonly requests: number
  readonly errors: number
  /** Microseconds. */
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly isExternal?: boolean
}

export interface ServiceEdge {
  readonly from: string
  readonly to: string
  readonly calls: number
  readonly errors: number
  readonly p95: number
}

export interface ServiceGraph {
  readonly services: readonly ServiceNode[]
  readonly edges: readonly ServiceEdge[]
  /** How many services are left out. */
  readonly capped?: number
}

export interface Resource {
  readonly service: string
  /** The operation. */
  readonly name: string
  readonly resource: string
  readonly type: string
  readonly count: number
  readonly errors: number
  /** Per second. */
  readonly rate: number
  /** Microseconds. */
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly max: number
  readonly total: number
  readonly histogram: readonly { readonly from: number; readonly to: number; readonly count: number }[]
  readonly slowest?: { readonly traceId: string; readonly spanId: string }
}

export interface ComparedRow {
  readonly path: readonly string[]
  readonly depth: number
  readonly service: string
  readonly name: string
  readonly resource: string
  readonly change: 'same' | 'added' | 'removed' | 'slower' | 'faster'
  readonly countA: number
  readonly countB: number
  /** Microseconds. */
  readonly durationA: number
  readonly durationB: number
}

export interface Comparison {
  readonly a: Summary
  readonly b: Summary
  readonly rows: readonly ComparedRow[]
}

export interface MetricWindow {
  /** Seconds since the Unix epoch. */
  readonly start: number
  readonly value?: number
  readonly count?: number
  readonly sum?: number
  readonly min?: number
  readonly max?: number
  readonly avg?: number
  readonly median?: number
  readonly p95?: number
  readonly p99?: number
}

export interface Series {
  readonly source: string
  readonly type: string
  readonly name: string
  readonly host: string
  readonly tags: readonly string[]
  readonly lines: number
  readonly values: number
  readonly total: Omit<MetricWindow, 'start'>
  readonly windows: readonly MetricWindow[]
}

export interface MetricNote {
  readonly receivedAt: number
  readonly title?: string
  readonly text?: string
  readonly name?: string
  readonly status?: number | string
  readonly message?: string
  readonly alertType?: string
  readonly hostname?: string
  readonly tags: readonly string[]
}

export interface RejectedLine {
  readonly receivedAt: number
  readonly line: string
  readonly reason: string
}
