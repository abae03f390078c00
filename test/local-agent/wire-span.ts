// Spans as a tracer writes them, encoded by msgpack-lite, which shares no code with the decoder under test. Its 64-bit
// integers come from the package it is built on; plain numbers would round them.

import { createRequire } from 'node:module'
import { createCodec, encode } from 'msgpack-lite'

type Int64Class = new (text: string, radix: number) => object

const { Uint64BE, Int64BE } = createRequire(require.resolve('msgpack-lite'))('int64-buffer') as {
  Uint64BE: Int64Class
  Int64BE: Int64Class
}

export interface SpanFields {
  trace_id?: bigint
  span_id?: bigint
  parent_id?: bigint
  service?: string
  name?: string
  resource?: string
  type?: string
  start?: bigint
  duration?: bigint
  error?: number
  meta?: Record<string, unknown>
  metrics?: Record<string, unknown>
}

/** Writes a Map as a map, which is the only way to keys that are numbers, or that an object would not keep. */
const codec = createCodec({ usemap: true, preset: true })

/** 2023-11-14, in nanoseconds. */
export const START = 1_700_000_000_000_000_000n

const DEFAULTS = {
  trace_id: 1n,
  span_id: 1n,
  parent_id: 0n,
  service: 'web',
  name: 'web.request',
  resource: 'GET /',
  type: 'web',
  start: START,
  duration: 1_000_000n,
  error: 0,
  meta: {} as Record<string, unknown>,
  metrics: {} as Record<string, unknown>,
}

export function uint64(value: bigint): object {
  return new Uint64BE(String(value), 10)
}

export function int64(value: bigint): object {
  return new Int64BE(String(value), 10)
}

/** A span of v0.3 and v0.4. */
export function wireSpan(fields: SpanFields = {}): Record<string, unknown> {
  const span = { ...DEFAULTS, ...fields }
  return {
    ...span,
    trace_id: uint64(span.trace_id),
    span_id: uint64(span.span_id),
    parent_id: uint64(span.parent_id),
    start: int64(span.start),
    duration: int64(span.duration),
  }
}

/** The same span as JSON text, its integers written out. */
export function jsonSpan(fields: SpanFields = {}): string {
  const span = Object.entries({ ...DEFAULTS, ...fields })
  return `{${span.map(([key, value]) => `"${key}": ${typeof value === 'bigint' ? value : JSON.stringify(value)}`).join(', ')}}`
}

/** A payload of v0.5, with its table. */
export function v05(chunks: SpanFields[][]): Buffer {
  const strings: string[] = ['']
  const index = (text: string) => {
    if (!strings.includes(text)) strings.push(text)
    return strings.indexOf(text)
  }
  const row = (fields: SpanFields) => {
    const span = { ...DEFAULTS, ...fields }
    const map = (tags: Record<string, unknown>, value: (tag: unknown) => unknown) =>
      new Map(Object.entries(tags).map(([key, tag]) => [index(key), value(tag)]))
    return [
      index(span.service),
      index(span.name),
      index(span.resource),
      uint64(span.trace_id),
      uint64(span.span_id),
      uint64(span.parent_id),
      int64(span.start),
      int64(span.duration),
      span.error,
      map(span.meta, (tag) => index(String(tag))),
      map(span.metrics, (tag) => tag),
      index(span.type),
    ]
  }
  const rows = chunks.map((chunk) => chunk.map(row))
  return encode([strings, rows], { codec })
}

export function v04(...chunks: unknown[]): Buffer {
  return encode(chunks, { codec })
}
