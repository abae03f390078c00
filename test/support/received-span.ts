// A span as the fake Agent received it, and the few questions tests ask of a list of them: which one, whose children,
// what tree. Names are those of the wire, so an assertion reads like the payload. 64-bit ids are decimal strings and
// times are bigint because a JavaScript number would round them.

export interface ReceivedSpan {
  service: string
  name: string
  resource: string
  type?: string
  trace_id: string
  span_id: string
  parent_id: string
  start: bigint
  duration: bigint
  error: number
  meta: Record<string, string>
  metrics: Record<string, number>
  meta_struct?: unknown
  span_links?: unknown
  span_events?: unknown
}

export interface SpanNode {
  span: ReceivedSpan
  children: SpanNode[]
}

export type SpanQuery = Partial<Pick<ReceivedSpan, 'service' | 'name' | 'resource' | 'type' | 'trace_id' | 'span_id'>>

/** The spans as a forest, siblings by start time. A span whose parent is not among them is a root. */
export function tree(spans: readonly ReceivedSpan[]): SpanNode[] {
  const nodes = new Map(spans.map((span) => [`${span.trace_id}/${span.span_id}`, { span, children: [] } as SpanNode]))
  const roots: SpanNode[] = []
  for (const node of [...nodes.values()].sort((a, b) => compareStarts(a.span, b.span))) {
    const parent = nodes.get(`${node.span.trace_id}/${node.span.parent_id}`)
    ;(parent?.children ?? roots).push(node)
  }
  return roots
}

export function childrenOf(parent: ReceivedSpan, spans: readonly ReceivedSpan[]): ReceivedSpan[] {
  return spans
    .filter((span) => span.trace_id === parent.trace_id && span.parent_id === parent.span_id)
    .sort(compareStarts)
}

export function byStart(spans: readonly ReceivedSpan[]): ReceivedSpan[] {
  return [...spans].sort(compareStarts)
}

/** The one span that matches; a string is its operation name. None or several is an error that shows all spans. */
export function find(spans: readonly ReceivedSpan[], query: string | SpanQuery): ReceivedSpan {
  const wanted = Object.entries(typeof query === 'string' ? { name: query } : query)
  const matches = spans.filter((span) => wanted.every(([key, value]) => span[key as keyof SpanQuery] === value))
  if (matches.length === 1) return matches[0]!
  const asked = wanted.map(([key, value]) => `${key} "${value}"`).join(', ')
  throw new Error(`${matches.length} spans with ${asked}, wanted one, in:\n${outline(spans)}`)
}

/** The forest as indented lines, for the messages of failed tests. */
export function outline(spans: readonly ReceivedSpan[]): string {
  const lines = (nodes: SpanNode[], indent: string): string[] =>
    nodes.flatMap(({ span, children }) => [
      `${indent}${span.name} [${span.resource}] of ${span.service}${span.error ? ', error' : ''}`,
      ...lines(children, `${indent}  `),
    ])
  return lines(tree(spans), '  ').join('\n') || '  (no spans)'
}

function compareStarts(a: ReceivedSpan, b: ReceivedSpan): number {
  return a.start < b.start ? -1 : a.start > b.start ? 1 : 0
}
