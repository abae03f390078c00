// The text of headers. Carriers other than HTTP's may hold anything: Kafka's have bytes, AMQP's numbers.

import type { ReadableHeaders } from './propagator'

/** Printable ASCII: what a header may hold everywhere. */
export const PRINTABLE = /^[\x20-\x7e]+$/

/** A header of which the last one counts. */
export function lastText(headers: ReadableHeaders, name: string): string | undefined {
  const value: unknown = headers[name]
  if (typeof value === 'string' || value === undefined) return value
  return one(Array.isArray(value) ? value.at(-1) : value)
}

/** A header that may come once; more of them count for none. */
export function onlyText(headers: ReadableHeaders, name: string): string | undefined {
  const value: unknown = headers[name]
  if (typeof value === 'string' || value === undefined) return value
  return Array.isArray(value) ? (value.length === 1 ? one(value[0]) : undefined) : one(value)
}

/** A list that may be spread over several headers. */
export function joinedText(headers: ReadableHeaders, name: string): string | undefined {
  const value: unknown = headers[name]
  if (typeof value === 'string' || value === undefined) return value
  return Array.isArray(value) ? value.map((part) => one(part) ?? '').join(',') : one(value)
}

/** Without optional white space, which is spaces and tabs (RFC 9110, 5.6.3) and no more. */
export function trimmed(text: string): string {
  const [first, last] = [text.charCodeAt(0), text.charCodeAt(text.length - 1)]
  return first <= 0x20 || last <= 0x20 ? text.replace(/^[ \t]+|(?<![ \t])[ \t]+$/g, '') : text
}

function one(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.length).toString() : undefined
}
