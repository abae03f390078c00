// Makes a span of what came over the wire.
//
// The reader is as lenient as the Agent where a field is wrong (it is left out or replaced) and gives up only on a span that has no
// identity or no time. It applies the Agent's cuts, so that what is shown here is what an account would show.

import { SPAN_EVENTS, SPAN_LINKS } from '../base/tags'
import { jsonOfEvents, jsonOfLinks } from './links-and-events'
import type { ReceivedSpan } from './received-span'
import { entries, finite, int64, isMap, text, uint64 } from './wire-value'

/** Where the Agent cuts, in characters. */
const MAX_NAME = 100
const MAX_RESOURCE = 5000
const MAX_KEY = 200
const MAX_VALUE = 25_000

/** A span of v0.5 has exactly so many items. */
const ROW_ITEMS = 12

/** Reads a span of v0.3 and v0.4; undefined if it is malformed. */
export function spanFromMap(raw: unknown): ReceivedSpan | undefined {
  if (!isMap(raw)) return undefined
  const traceId = uint64(raw['trace_id'])
  const spanId = uint64(raw['span_id'])
  const start = int64(raw['start'])
  const duration = int64(raw['duration'])
  if (!traceId || !spanId || start === undefined || start < 0n || duration === undefined) return undefined
  const name = text(raw['name'], MAX_NAME) || 'unnamed_operation'
  return {
    traceId: String(traceId),
    spanId: String(spanId),
    parentId: String(uint64(raw['parent_id']) ?? 0n),
    service: text(raw['service'], MAX_NAME) || 'unnamed-service',
    name,
    resource: text(raw['resource'], MAX_RESOURCE) || name,
    type: text(raw['type'], MAX_NAME),
    start,
    duration: duration < 0n ? 0n : duration,
    error: raw['error'] ? 1 : 0,
    meta: withLinksAndEvents(tagsOf(raw['meta'], tagText), raw),
    metrics: tagsOf(raw['metrics'], finite),
  }
}

/** Reads a span of v0.5, whose texts are positions in a table of strings. */
export function spanFromRow(raw: unknown, strings: readonly unknown[]): ReceivedSpan | undefined {
  if (!Array.isArray(raw) || raw.length !== ROW_ITEMS) return undefined
  const lookUp = (position: unknown) => strings[Number(position)]
  const renamed = <T>(map: unknown, read: (value: unknown) => T) =>
    Object.fromEntries(entries(map, read).map(([position, value]) => [String(lookUp(position) ?? ''), value]))
  return spanFromMap({
    service: lookUp(raw[0]),
    name: lookUp(raw[1]),
    resource: lookUp(raw[2]),
    trace_id: raw[3],
    span_id: raw[4],
    parent_id: raw[5],
    start: raw[6],
    duration: raw[7],
    error: raw[8],
    meta: renamed(raw[9], lookUp),
    metrics: renamed(raw[10], finite),
    type: lookUp(raw[11]),
  })
}

function tagText(value: unknown): string | undefined {
  return typeof value === 'string' ? text(value, MAX_VALUE) : undefined
}

/** Those that `read` understands. Without a prototype, so that a tag may have any name. */
function tagsOf<T>(raw: unknown, read: (value: unknown) => T | undefined): Record<string, T> {
  const tags: Record<string, T> = Object.create(null)
  if (!isMap(raw)) return tags
  for (const key of Object.keys(raw)) {
    const value = read(raw[key])
    if (value !== undefined) tags[text(key, MAX_KEY)] = value
  }
  return tags
}

function withLinksAndEvents(meta: Record<string, string>, raw: Record<string, unknown>): Record<string, string> {
  const links = jsonOfLinks(raw['span_links'])
  const events = jsonOfEvents(raw['span_events'])
  if (links) meta[SPAN_LINKS] = links
  if (events) meta[SPAN_EVENTS] = events
  return meta
}
