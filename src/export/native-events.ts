// Events of a span in their own form on the wire, for Agents that know it: values keep their types.
//
// Source: datadog-agent, pkg/proto/datadog/trace/span.proto, SpanEvent and AttributeAnyValue.

import type { SpanEvent } from '../trace/chunk'
import { encoded } from './known-field'
import type { MsgpackWriter } from './msgpack-writer'
import { cut, MAX_VALUE_LENGTH } from './wire-limits'

const KEY = encoded('span_events')
const TIME = encoded('time_unix_nano')
const NAME = encoded('name')
const ATTRIBUTES = encoded('attributes')
/** `{type: n, <key>: …}` up to the value. */
const TEXT = typed(0, 'string_value')
const YES_OR_NO = typed(1, 'bool_value')
const INTEGER = typed(2, 'int_value')
const FRACTION = typed(3, 'double_value')
/** Of an array: `{values: …}`. */
const ARRAY = Uint8Array.of(...typed(4, 'array_value'), 0x81, ...encoded('values'))

/** Writes the key and the list. */
export function writeNativeEvents(writer: MsgpackWriter, events: readonly SpanEvent[]): void {
  writer.raw(KEY)
  writer.array(events.length)
  for (const { name, timeUs, attributes } of events) {
    writer.map(attributes === undefined ? 2 : 3)
    writer.raw(TIME)
    writer.microsAsNanos(timeUs)
    writer.raw(NAME)
    writer.string(name)
    if (attributes === undefined) continue
    writer.raw(ATTRIBUTES)
    const countAt = writer.map16(0)
    let count = 0
    // What a program gives may be more than its types say.
    for (const [key, value] of Object.entries<unknown>(attributes)) {
      if (!isKnown(value) && !(Array.isArray(value) && isUniform(value))) continue
      writer.string(key)
      writeValue(writer, value)
      count++
    }
    writer.patch16(countAt, count)
  }
}

function typed(type: number, key: string): Uint8Array {
  return Uint8Array.of(0x82, ...encoded('type'), type, ...encoded(key))
}

function writeValue(writer: MsgpackWriter, value: unknown, asFraction = false): void {
  if (Array.isArray(value)) {
    writer.raw(ARRAY)
    writer.array(value.length)
    const hasFractions = !value.every(Number.isSafeInteger)
    for (const item of value) writeValue(writer, item, hasFractions)
  } else if (typeof value === 'boolean') {
    writer.raw(YES_OR_NO)
    writer.bool(value)
  } else if (typeof value === 'number') {
    const isInteger = !asFraction && Number.isSafeInteger(value)
    writer.raw(isInteger ? INTEGER : FRACTION)
    if (isInteger) writer.int64(value)
    else writer.float64(value)
  } else {
    writer.raw(TEXT)
    writer.string(cut(String(value), MAX_VALUE_LENGTH))
  }
}

function isKnown(value: unknown): boolean {
  return (
    typeof value === 'string' || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))
  )
}

/** Arrays have values of one type. */
function isUniform(values: readonly unknown[]): boolean {
  return values.every((value) => isKnown(value) && typeof value === typeof values[0])
}
