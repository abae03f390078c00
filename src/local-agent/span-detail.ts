// One span with everything that it says: events and links are read out of their tags, and an error out of its three.

import { SPAN_EVENTS, SPAN_LINKS } from '../base/tags'
import { errorOf } from './analysis/span-errors'
import { parseExactJson } from './parse-exact-json'
import type { ReceivedSpan } from './received-span'
import { Refusal } from './refusal'
import { spanTitle } from './span-title'
import { isMap } from './wire-value'

type Item = Readonly<Record<string, unknown>>

/**
 * The members of the span, `error` being `{type, message, stack}` if it failed and 0 if not; besides `title`, `events`, `links`.
 *
 * @param isHere whether a trace of this id can be looked at
 */
export function spanDetail(span: ReceivedSpan, isHere: (traceId: string) => boolean): object {
  return {
    ...span,
    title: spanTitle(span),
    error: errorOf(span) ?? 0,
    events: items(span.meta[SPAN_EVENTS]),
    links: items(span.meta[SPAN_LINKS]).map((link) => ({ ...link, isHere: isHere(String(link['trace_id'])) })),
  }
}

/** The tag was cut, or written by hand, if it is no list; it can be read as a tag then. */
function items(json: string | undefined): Item[] {
  if (json === undefined) return []
  try {
    const list = parseExactJson(Buffer.from(json))
    return Array.isArray(list) ? list.filter(isMap) : []
  } catch (error) {
    if (error instanceof Refusal) return []
    throw error
  }
}
