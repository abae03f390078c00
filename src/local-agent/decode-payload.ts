// From the body of a trace request to spans: the one place that knows how the versions of the format differ.
//
// v0.3 and v0.4 have the same spans (maps with names as keys); v0.5 has rows whose texts are in a table.

import { rawPayload } from './raw-payload'
import { spanFromMap, spanFromRow } from './read-span'
import type { ReceivedSpan } from './received-span'

export type TraceVersion = 'v0.3' | 'v0.4' | 'v0.5'

interface DecodedPayload {
  /** Lists of spans that were sent together. */
  readonly chunks: ReceivedSpan[][]
  /** Spans that could not be read, or have no id or no time. */
  readonly malformedSpans: number
}

export function decodePayload(version: TraceVersion, contentType: string, body: Buffer): DecodedPayload {
  const table = version === 'v0.5'
  const json = /^(application|text)\/json\b/i.test(contentType)
  let malformedSpans = 0
  const chunks = rawPayload(body, { json, table }, table ? spanFromRow : spanFromMap).map((chunk) => {
    const spans = chunk.filter((span) => span !== undefined)
    malformedSpans += chunk.length - spans.length
    return spans
  })
  return { chunks, malformedSpans }
}
