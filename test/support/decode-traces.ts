// Reads a `/v0.4/traces` body with msgpack-lite, which shares no code with our encoder, and says everything that is
// wrong with its types. It is stricter than the Agent, which takes a float where an integer belongs as long as it can
// guess: here the kind of number on the wire, duplicate keys, unknown keys and bytes after the payload count too.

import { type Codec, createCodec, Decoder, type Int64 } from 'msgpack-lite'
import type { ReceivedSpan } from './received-span'

type Complain = (violation: string) => void
type WireMap = Map<unknown, unknown>

export interface DecodedTraces {
  chunks: ReceivedSpan[][]
  violations: string[]
}

/** A float of the wire. msgpack-lite would give a plain number and so hide that it was not an integer. */
class WireFloat {
  constructor(readonly value: number) {}
}

const keysOfSpan = new Set(
  'service name resource type trace_id span_id parent_id start duration error meta metrics meta_struct span_links span_events'.split(
    ' ',
  ),
)

export function decodeTraces(body: Buffer): DecodedTraces {
  const violations: string[] = []
  const complain: Complain = (violation) => violations.push(violation)
  const decoder = new Decoder({ codec: strictCodec(complain) })
  decoder.write(body)
  let payload: unknown
  try {
    payload = decoder.fetch()
  } catch (error) {
    return { chunks: [], violations: [...violations, `the body is not MessagePack: ${(error as Error).message}`] }
  }
  if (decoder.offset !== body.length) complain(`${body.length - decoder.offset} bytes follow the payload`)
  const chunks = arrayOf(payload, 'payload', complain).map((chunk, index) =>
    arrayOf(chunk, `chunk ${index}`, complain).flatMap((span, position) => {
      if (span instanceof Map) return [readSpan(span, complain)]
      complain(`chunk ${index} span ${position} is ${typeName(span)}, not a map`)
      return []
    }),
  )
  return { chunks, violations }
}

function strictCodec(complain: Complain): Codec {
  const codec = createCodec({ int64: true, usemap: true })
  const decodeValue = codec.decode
  codec.decode = (decoder) => {
    const { buffer, offset } = decoder
    const format = buffer[offset]
    const value = decodeValue(decoder)
    if (format === 0xca || format === 0xcb) return new WireFloat(value as number)
    if (value instanceof Map && value.size !== announcedEntries(buffer, offset)) {
      complain(`a map has a key twice; its keys: ${[...value.keys()].join(', ')}`)
    }
    return value
  }
  return codec
}

function announcedEntries(buffer: Buffer, offset: number): number {
  const format = buffer.readUInt8(offset)
  if (format === 0xde) return buffer.readUInt16BE(offset + 1)
  if (format === 0xdf) return buffer.readUInt32BE(offset + 1)
  return format & 0x0f
}

function readSpan(span: WireMap, complain: Complain): ReceivedSpan {
  const label = `span "${String(span.get('name'))}"`
  for (const key of span.keys()) {
    if (!keysOfSpan.has(key as string)) complain(`${label}: unknown key ${String(key)}`)
  }
  const text = (key: string): string => {
    const value = span.get(key)
    if (typeof value === 'string') return value
    complain(`${label}: ${key} is ${typeName(value)}, not a string`)
    return ''
  }
  const integer = (key: string): bigint => {
    const value = wholeNumber(span.get(key))
    if (value !== undefined) return value
    complain(`${label}: ${key} is ${typeName(span.get(key))}, not an integer`)
    return 0n
  }
  return {
    service: text('service'),
    name: text('name'),
    resource: text('resource'),
    ...(span.has('type') && { type: text('type') }),
    trace_id: String(integer('trace_id')),
    span_id: String(integer('span_id')),
    parent_id: String(integer('parent_id')),
    start: integer('start'),
    duration: integer('duration'),
    error: Number(integer('error')),
    meta: readEntries(span.get('meta'), `${label}: meta`, 'a string', readText, complain),
    metrics: readEntries(span.get('metrics'), `${label}: metrics`, 'a number', readNumber, complain),
    ...Object.fromEntries(
      ['meta_struct', 'span_links', 'span_events']
        .filter((key) => span.has(key))
        .map((key) => [key, plain(span.get(key))]),
    ),
  }
}

/** A map of string keys; one that is not there at all is empty, as in the Agent. */
function readEntries<T>(
  value: unknown,
  label: string,
  wanted: string,
  read: (value: unknown) => T | undefined,
  complain: Complain,
): Record<string, T> {
  if (value === undefined) return {}
  if (!(value instanceof Map)) {
    complain(`${label} is ${typeName(value)}, not a map`)
    return {}
  }
  const entries: Record<string, T> = {}
  for (const [key, item] of value as WireMap) {
    const taken = read(item)
    if (typeof key !== 'string') complain(`${label} has a key that is ${typeName(key)}, not a string`)
    else if (taken === undefined) complain(`${label}.${key} is ${typeName(item)}, not ${wanted}`)
    else entries[key] = taken
  }
  return entries
}

function readText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function readNumber(value: unknown): number | undefined {
  const number = value instanceof WireFloat ? value.value : wholeNumber(value)
  return number === undefined || Number.isNaN(number) ? undefined : Number(number)
}

function wholeNumber(value: unknown): bigint | undefined {
  if (typeof value === 'number') return BigInt(value)
  return isInt64(value) ? BigInt(value.toString(10)) : undefined
}

function isInt64(value: unknown): value is Int64 {
  return typeof value === 'object' && value !== null && 'toNumber' in value
}

/** Nested data as plain JavaScript; integers too long for 32 bits on the wire become bigint. */
function plain(value: unknown): unknown {
  if (value instanceof WireFloat) return value.value
  if (isInt64(value)) return BigInt(value.toString(10))
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, item]) => [String(key), plain(item)]))
  return Array.isArray(value) ? value.map(plain) : value
}

function arrayOf(value: unknown, label: string, complain: Complain): unknown[] {
  if (Array.isArray(value)) return value
  complain(`the ${label} is ${typeName(value)}, not an array`)
  return []
}

function typeName(value: unknown): string {
  if (value === undefined) return 'missing'
  if (value === null) return 'nil'
  if (value instanceof WireFloat) return `the float ${value.value}`
  if (value instanceof Map) return 'a map'
  if (Array.isArray(value)) return 'an array'
  if (Buffer.isBuffer(value)) return 'binary'
  return isInt64(value) ? 'a 64-bit integer' : `the ${typeof value} ${String(value)}`
}
