// What the local agent answers, as the page reads it: the agent's own types in the form that JSON gives them. Only types, and the only
// file of the page that may look at the agent's; what is said here of tags and notes comes from programs, and may be anything.

import type { Comparison as ComparedTraces, ComparedRow as RowOfComparison } from '../analysis/compare-traces'
import type { ErrorGroup as GroupOfErrors } from '../analysis/error-groups'
import type { Facet as FacetOfTraces } from '../analysis/facets'
import type { ResourceRow } from '../analysis/resource-table'
import type { ServiceEdge as EdgeOfMap, ServiceNode as NodeOfMap, ServiceMap } from '../analysis/service-map'
import type { Skeleton as SkeletonOfTrace } from '../analysis/skeleton'
import type { SpanError as ErrorOfSpan } from '../analysis/span-errors'
import type { ShownSeries } from '../dogstatsd/series'
import type { Log } from '../logs/log'
import type { ReceivedSpan } from '../received-span'
import type { TraceSummary } from '../trace-summary'

/** A 64-bit integer is text where a number would round it. */
type Json<T> = T extends bigint
  ? string | number
  : T extends string | number | boolean | undefined
    ? T
    : { readonly [K in keyof T]: Json<T[K]> }

export type Summary = Json<TraceSummary>
export type Facet = FacetOfTraces
export type Skeleton = Json<SkeletonOfTrace>
export type LogLine = Log
export type ErrorGroup = GroupOfErrors
export type SpanError = ErrorOfSpan
export type ServiceNode = NodeOfMap
export type ServiceEdge = EdgeOfMap
export type ServiceGraph = ServiceMap
export type Resource = ResourceRow
export type ComparedRow = RowOfComparison
export type Comparison = Json<ComparedTraces>
export type Series = ShownSeries
export type MetricWindow = Series['windows'][number]

export interface TraceList {
  readonly traces: readonly Summary[]
  readonly matched: number
  readonly total: number
  readonly revision: number
}

export interface SpanEvent {
  readonly name?: string
  readonly time_unix_nano?: string | number
  readonly attributes?: Readonly<Record<string, unknown>>
}

export interface SpanLink {
  readonly trace_id?: string
  readonly span_id?: string
  /** Whether that trace can be looked at. */
  readonly isHere: boolean
  readonly attributes?: Readonly<Record<string, unknown>>
}

export interface WholeSpan extends Json<Omit<ReceivedSpan, 'error'>> {
  readonly title: string
  /** 0 for one that is all right. */
  readonly error: 0 | SpanError
  readonly events: readonly SpanEvent[]
  readonly links: readonly SpanLink[]
  readonly logs: readonly LogLine[]
}

/** An event or a service check. */
export interface MetricNote {
  /** Milliseconds since the Unix epoch. */
  readonly receivedAt: number
  readonly title?: string
  readonly text?: string
  readonly name?: string
  readonly status?: number
  readonly message?: string
  readonly alertType?: string
  readonly tags: readonly string[]
}

export interface RejectedLine {
  readonly receivedAt: number
  readonly line: string
  readonly reason: string
}
