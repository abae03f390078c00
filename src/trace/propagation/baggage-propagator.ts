// W3C Baggage: `baggage: name=value,name2=value2`, values percent-encoded. And what came before it, OpenTracing's
// `ot-baggage-<name>: value`, which is handed on as it came.

import { BAGGAGE_KEY, type Baggage } from '../baggage'
import { joinedText, lastText, trimmed } from './header-text'
import type { ReadableHeaders, WritableHeaders } from './propagator'

const HEADER = 'baggage'
const LEGACY = 'ot-baggage-'
/** What gRPC's metadata take as well, which are strict and want bytes for what ends with `-bin`. */
const LEGACY_KEY = /^(?!.*-bin$)[0-9a-z_.-]+$/

export interface BaggageLimits {
  /** Items read and written at most; what is beyond is cut off. */
  readonly maxItems: number
  /** Bytes of the header, the same way. */
  readonly maxBytes: number
}

export function injectBaggage(baggage: Baggage, headers: WritableHeaders, { maxItems, maxBytes }: BaggageLimits): void {
  let text = ''
  let items = 0
  for (const [key, value] of baggage) {
    const member = `${text && ','}${key}=${encoded(value)}`
    if (++items > maxItems || text.length + member.length > maxBytes) break
    text += member
  }
  if (text !== '') headers[HEADER] = text
}

/** Undefined where there is none, and where a single member is broken: nobody knows what else is. */
export function extractBaggage(headers: ReadableHeaders, { maxItems, maxBytes }: BaggageLimits): Baggage | undefined {
  const header = joinedText(headers, HEADER)
  if (header === undefined || header === '') return undefined
  const baggage = new Map<string, string>()
  let bytes = -1
  for (const part of header.split(',', maxBytes + 1)) {
    bytes += part.length + 1
    if (bytes > maxBytes || baggage.size === maxItems) break
    const semicolon = part.indexOf(';')
    const member = trimmed(semicolon === -1 ? part : part.slice(0, semicolon))
    if (member === '') continue
    const at = member.indexOf('=')
    const key = trimmed(member.slice(0, Math.max(0, at)))
    const value = trimmed(member.slice(at + 1))
    if (!BAGGAGE_KEY.test(key) || value === '') return undefined
    baggage.set(key, decoded(value))
  }
  return baggage.size === 0 ? undefined : baggage
}

/** The items of a trace that are OpenTracing's. */
export function injectLegacyBaggage(baggage: Baggage, keys: readonly string[], headers: WritableHeaders): void {
  for (const key of keys) {
    const value = baggage.get(key)
    if (value !== undefined) headers[LEGACY + key] = /^[\x20-\x7e]*$/.test(value) ? value : encoded(value)
  }
}

export function extractLegacyBaggage(
  headers: ReadableHeaders,
  { maxItems, maxBytes }: BaggageLimits,
): Map<string, string> | undefined {
  let baggage: Map<string, string> | undefined
  let bytes = 0
  for (const name in headers) {
    if (name.charCodeAt(0) !== 111 || !name.startsWith(LEGACY)) continue
    const key = name.slice(LEGACY.length)
    const value = lastText(headers, name)
    if (value === undefined || !LEGACY_KEY.test(key)) continue
    bytes += key.length + value.length
    if (bytes > maxBytes || (baggage?.size ?? 0) === maxItems) break
    baggage ??= new Map()
    baggage.set(key, value)
  }
  return baggage
}

/** Half of a surrogate pair cannot be encoded; it becomes U+FFFD. */
function encoded(value: string): string {
  try {
    return encodeURIComponent(value)
  } catch {
    return encodeURIComponent(Buffer.from(value).toString())
  }
}

/** Bytes that are no UTF-8 become U+FFFD (W3C Baggage, 3.2.1.3), and a percent sign that begins nothing stays. */
function decoded(value: string): string {
  if (!value.includes('%')) return value
  try {
    return decodeURIComponent(value)
  } catch {
    const bytes = Buffer.from(value).toString('latin1')
    const raw = bytes.replace(/%([0-9a-f]{2})/gi, (_whole, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    )
    return Buffer.from(raw, 'latin1').toString()
  }
}
