// What a list shows of a trace. Lists are sent without spans: a thousand summaries weigh less than one large trace.

import { ENV, HTTP_STATUS_CODE } from '../base/tags'
import type { ReceivedSpan } from './received-span'
import { spanTitle } from './span-title'
import type { StoredTrace } from './trace-store'

export interface TraceSummary {
  readonly id: string
  readonly revision: number
  /** Decimal, of the root, or of the earliest span while the root is not there; so is what follows, up to `statusCode`. */
  readonly rootId: string
  readonly name: string
  readonly title: string
  readonly service: string
  readonly resource: string
  readonly type: string
  /** '' where the span does not say, as below. */
  readonly env: string
  /** Of HTTP or gRPC. */
  readonly statusCode: string
  /** 'error' if any span failed. */
  readonly status: 'ok' | 'error'
  /** Nanoseconds since the Unix epoch, of the earliest span. */
  readonly start: bigint
  /** Nanoseconds from there to the end of the span that ends last. */
  readonly duration: bigint
  readonly spanCount: number
  readonly errorCount: number
  /** The one that started first first; at most MAX_SERVICES. */
  readonly services: readonly string[]
}

/** So that a summary stays small whatever the spans say; no trace of a real system gets there. */
export const MAX_SERVICES = 100

/** Some tracers write the first as a number. */
const STATUS_CODES = [HTTP_STATUS_CODE, 'grpc.status.code', 'rpc.grpc.status_code']

export function summarize(trace: StoredTrace): TraceSummary {
  let [root] = trace.spans.values()
  if (root === undefined) throw new Error(`trace ${trace.id} has no spans`)
  let start = root.start
  let end = root.start
  let errorCount = 0
  const firstSeen = new Map<string, bigint>()
  for (const span of trace.spans.values()) {
    const isRoot = span.parentId === '0'
    const wasRoot = root.parentId === '0'
    if (isRoot === wasRoot ? span.start < root.start : isRoot) root = span
    if (span.start < start) start = span.start
    if (span.start + span.duration > end) end = span.start + span.duration
    errorCount += span.error
    const seen = firstSeen.get(span.service)
    if (seen === undefined || span.start < seen) firstSeen.set(span.service, span.start)
  }
  const byStart = [...firstSeen].sort(([, a], [, b]) => (a < b ? -1 : a > b ? 1 : 0))
  const services = byStart.slice(0, MAX_SERVICES).map(([name]) => name)
  const { name, service, resource, type, meta } = root
  const spanCount = trace.spans.size
  return {
    id: trace.id,
    revision: trace.revision,
    rootId: root.spanId,
    name,
    title: spanTitle(root),
    service,
    resource,
    type,
    env: meta[ENV] ?? '',
    statusCode: statusCodeOf(root),
    status: errorCount > 0 ? 'error' : 'ok',
    start,
    duration: end - start,
    spanCount,
    errorCount,
    services,
  }
}

/** '' where the span does not say. */
export function statusCodeOf({ meta, metrics }: Pick<ReceivedSpan, 'meta' | 'metrics'>): string {
  const tag = STATUS_CODES.find((name) => name in meta || name in metrics) ?? ''
  return meta[tag] ?? String(metrics[tag] ?? '')
}
