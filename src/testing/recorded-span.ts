// A finished span as tests see it: plain data, with ids as text and texts and numbers apart, as the Agent gets them.

import { hex64 } from '../base/id'
import { SPAN_KIND } from '../base/tags'
import type { FinishedSpan } from '../trace/chunk'
import type { SpanKind } from '../trace/span-options'
import type { Trace } from '../trace/trace'

export interface RecordedLink {
  /** 32 lower-case hex digits. */
  readonly traceId: string
  /** 16 lower-case hex digits. */
  readonly spanId: string
  readonly attributes: Readonly<Record<string, string>>
}

export interface RecordedEvent {
  readonly name: string
  /** Milliseconds since the Unix epoch, with fractions. */
  readonly timeMs: number
  readonly attributes: Readonly<Record<string, string | number | boolean>>
}

export interface RecordedSpan {
  /** 32 lower-case hex digits. */
  readonly traceId: string
  /** 16 lower-case hex digits. */
  readonly spanId: string
  /** Undefined at the root of a trace. */
  readonly parentId: string | undefined
  readonly name: string
  readonly service: string
  readonly resource: string
  /** Empty where the span has none. */
  readonly type: string
  readonly kind: SpanKind | undefined
  /** What went wrong is in the tags `error.type`, `error.message` and `error.stack`. */
  readonly error: boolean
  /** Tags whose value is text. `env`, `version` and `DD_TAGS`, which every span is sent with, are not among them. */
  readonly tags: Readonly<Record<string, string>>
  /** Tags whose value is a number. */
  readonly metrics: Readonly<Record<string, number>>
  readonly links: readonly RecordedLink[]
  readonly events: readonly RecordedEvent[]
  /** Milliseconds since the Unix epoch, with fractions. */
  readonly startMs: number
  readonly durationMs: number
  /** The trace's sampling decision: -1 and 0 reject it, 1 and 2 keep it; undefined until it is made. */
  readonly samplingPriority: number | undefined
}

/** A span with those below it, the first begun first. */
export interface RecordedNode extends RecordedSpan {
  readonly children: readonly RecordedNode[]
}

/** @internal */
export function recordedSpan(span: FinishedSpan, trace: Trace): RecordedSpan {
  const { idHigh, idLow, parentHigh, parentLow, name, service, resource, type } = span
  const tags: Record<string, string> = {}
  const metrics: Record<string, number> = {}
  for (let i = 0; i < span.tags.length; i += 2) {
    const [key, value] = [span.tags[i] as string, span.tags[i + 1]]
    if (typeof value === 'string') tags[key] = value
    else if (value !== undefined) metrics[key] = value
  }
  return {
    traceId: trace.id,
    spanId: hex64(idHigh, idLow),
    parentId: parentHigh === 0 && parentLow === 0 ? undefined : hex64(parentHigh, parentLow),
    name,
    service,
    resource,
    type,
    kind: tags[SPAN_KIND] as SpanKind | undefined,
    error: span.error === 1,
    tags,
    metrics,
    links: (span.links ?? []).map(({ traceId, spanId, attributes }) => ({
      traceId,
      spanId,
      attributes: { ...attributes },
    })),
    events: (span.events ?? []).map(({ name, timeUs, attributes }) => ({
      name,
      timeMs: timeUs / 1000,
      attributes: { ...attributes },
    })),
    startMs: span.startUs / 1000,
    durationMs: span.durationUs / 1000,
    samplingPriority: trace.priority,
  }
}

/** @internal The spans whose parent is not among them, in the order in which they began, each with those below it. */
export function treeOf(spans: readonly RecordedSpan[]): RecordedNode[] {
  interface Node extends RecordedSpan {
    children: Node[]
  }
  const keyOf = (traceId: string, spanId: string | undefined) => `${traceId} ${spanId}`
  // Sorting is stable: what began in the same microsecond stays in the order in which it finished.
  const nodes = [...spans].sort((a, b) => a.startMs - b.startMs).map((span): Node => ({ ...span, children: [] }))
  const byId = new Map(nodes.map((node) => [keyOf(node.traceId, node.spanId), node]))
  const roots: Node[] = []
  for (const node of nodes) {
    const siblings = byId.get(keyOf(node.traceId, node.parentId))?.children ?? roots
    siblings.push(node)
  }
  return roots
}
