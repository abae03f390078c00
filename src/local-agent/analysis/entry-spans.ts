// The spans with which a trace enters a service: their parent is of another service, or is not there.
//
// They are what a service was asked to do; everything below them is how it did it.

import type { ReceivedSpan } from '../received-span'
import type { StoredTrace } from '../trace-store'

export function entrySpans({ spans }: Pick<StoredTrace, 'spans'>): ReceivedSpan[] {
  const entries: ReceivedSpan[] = []
  for (const span of spans.values()) {
    const parent = span.parentId === span.spanId ? undefined : spans.get(span.parentId)
    if (parent?.service !== span.service) entries.push(span)
  }
  return entries
}
