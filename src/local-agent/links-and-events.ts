// Span links and span events have two forms on the wire: native lists, and JSON in a tag for Agents that do not know
// the native ones. The local agent keeps one form, the JSON, so that everything behind it has one thing to show.

import { exactJson } from './exact-json'
import { entries, isMap, scalar, uint64 } from './wire-value'

/** Bit 31 of a link's flags only says that flags were given. */
const FLAGS_GIVEN = 0x80000000

/** The fields that hold an event attribute's value, whatever its type number says. */
const ATTRIBUTE_VALUES = ['string_value', 'bool_value', 'int_value', 'double_value']

export function jsonOfLinks(raw: unknown): string | undefined {
  return jsonOf(raw, (link) => ({
    trace_id: hex(link['trace_id_high']) + hex(link['trace_id']),
    span_id: hex(link['span_id']),
    attributes: Object.fromEntries(entries(link['attributes'], scalar)),
    tracestate: scalar(link['tracestate']) || undefined,
    flags: link['flags'] === undefined ? undefined : Number(scalar(link['flags'])) % FLAGS_GIVEN,
  }))
}

export function jsonOfEvents(raw: unknown): string | undefined {
  return jsonOf(raw, (event) => ({
    name: scalar(event['name']),
    time_unix_nano: uint64(event['time_unix_nano']),
    attributes: Object.fromEntries(entries(event['attributes'], attribute)),
  }))
}

function jsonOf(raw: unknown, read: (item: Record<string, unknown>) => object): string | undefined {
  return Array.isArray(raw) && raw.length > 0 ? exactJson(raw.filter(isMap).map(read)) : undefined
}

function hex(id: unknown): string {
  return (uint64(id) ?? 0n).toString(16).padStart(16, '0')
}

function attribute(value: unknown): unknown {
  if (!isMap(value)) return scalar(value)
  const list = value['array_value']
  if (isMap(list) && Array.isArray(list['values'])) return list['values'].map(attribute)
  const field = ATTRIBUTE_VALUES.find((name) => name in value)
  return field === undefined ? undefined : scalar(value[field])
}
