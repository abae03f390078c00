// Links and events of a span as JSON, the form that every Agent passes on.

import { log } from '../base/log'
import type { FinishedSpan } from '../trace/chunk'
import { MAX_VALUE_LENGTH } from './wire-limits'

export function linksText(links: NonNullable<FinishedSpan['links']>): string {
  return jsonArray(
    links.map(({ traceId, spanId, attributes }) => json({ trace_id: traceId, span_id: spanId, attributes })),
  )
}

/** Times are nanoseconds, written as text because they exceed what a number holds. */
export function eventsText(events: NonNullable<FinishedSpan['events']>): string {
  return jsonArray(
    events.map(({ name, timeUs, attributes }) => {
      const rest = attributes === undefined ? '' : `,"attributes":${json(attributes)}`
      return `{"name":${json(name)},"time_unix_nano":${timeUs}000${rest}}`
    }),
  )
}

/** As many of the items as the Agent takes: it would cut the text, and nobody could read the rest. */
function jsonArray(items: readonly string[]): string {
  let text = ''
  let bytes = 1
  for (const item of items) {
    bytes += Buffer.byteLength(item) + 1
    if (bytes > MAX_VALUE_LENGTH) {
      log.once('span json', `links or events of a span exceed ${MAX_VALUE_LENGTH} bytes; the rest is dropped`)
      break
    }
    text += text === '' ? item : `,${item}`
  }
  return `[${text}]`
}

/** Attributes are the program's: what JSON does not know becomes text or, failing that, nothing. */
function json(value: unknown): string {
  try {
    return JSON.stringify(value, (_key, item: unknown) => (typeof item === 'bigint' ? String(item) : item)) ?? 'null'
  } catch {
    return '{}'
  }
}
