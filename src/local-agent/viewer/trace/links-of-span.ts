// The events and links of a span: as the agent lists them, or out of the tags that carry them as JSON.

import type { SpanEvent, SpanLink, WholeSpan } from '../wire'

export const eventsOf = (span: WholeSpan): readonly SpanEvent[] => span.events ?? list<SpanEvent>(span.meta['events'])

export const linksOf = (span: WholeSpan): readonly SpanLink[] =>
  span.links ?? list<SpanLink>(span.meta['_dd.span_links'])

function list<T>(text: string | undefined): T[] {
  try {
    const found: unknown = JSON.parse(text ?? '[]')
    return Array.isArray(found) ? found : []
  } catch {
    // Cut short.
    return []
  }
}

/** Links have ids as hex digits, spans as decimal ones. */
export function idInDecimal(hex: string): string {
  return /^[0-9a-f]{1,16}$/i.test(hex) ? String(BigInt(`0x${hex}`)) : hex
}
