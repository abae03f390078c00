// What programs hand to `inject` and `extract`: plain objects, Maps, `Headers`, requests that are about to go out, lists of
// headers, with names in any case; and log records, whose member `dd` ties them to a span.

import { parseDecimal64, parseHex64 } from '../../base/id'
import { SpanContext } from '../span-context'
import type { ReadableHeaders, WritableHeaders } from './propagator'

/** Throws a TypeError for what no header can be written into. */
export function refuseUnwritable(carrier: unknown): void {
  if (typeof carrier !== 'object' || carrier === null || Array.isArray(carrier)) {
    const what = carrier === null ? 'null' : Array.isArray(carrier) ? 'an array' : `${typeof carrier}`
    throw new TypeError(`inject writes into an object, a Map or Headers, not into ${what}`)
  }
}

/** Headers take the place of those that are there, also of those with capitals. */
export function writeInto(carrier: object, headers: WritableHeaders): void {
  const { set, setHeader } = carrier as Record<string, unknown>
  const write = typeof set === 'function' ? set : setHeader
  if (typeof write === 'function') {
    for (const name in headers) Reflect.apply(write, carrier, [name, headers[name]])
    return
  }
  const plain = carrier as Record<string, unknown>
  for (const name of Object.keys(plain)) {
    const lower = name.toLowerCase()
    if (lower !== name && Object.hasOwn(headers, lower)) delete plain[name]
  }
  Object.assign(plain, headers)
}

/** The headers by their names in lower case; the carrier itself where it has them so. */
export function readableOf(carrier: object): ReadableHeaders {
  if (isIterable(carrier)) return fromEntries(Array.isArray(carrier) ? pairsOf(carrier) : carrier)
  for (const name in carrier) {
    if (name !== name.toLowerCase()) return fromEntries(Object.entries(carrier))
  }
  return carrier as ReadableHeaders
}

function isIterable(carrier: object): carrier is Iterable<unknown> {
  return Symbol.iterator in carrier
}

/** A list has pairs, or names and values in turn, as `rawHeaders` of a request. */
function pairsOf(list: readonly unknown[]): Iterable<unknown> {
  if (Array.isArray(list[0])) return list
  return Array.from({ length: list.length / 2 }, (_, at) => [list[at * 2], list[at * 2 + 1]])
}

/** Several headers of one name are an array, as in Node. */
function fromEntries(entries: Iterable<unknown>): ReadableHeaders {
  const headers: Record<string, string | string[]> = Object.create(null)
  for (const entry of entries) {
    if (!Array.isArray(entry)) continue
    const name = String(entry[0]).toLowerCase()
    const value = entry[1] as string | string[]
    const before = headers[name]
    headers[name] = before === undefined ? value : [before, value].flat()
  }
  return headers
}

/** What `inject` with the format `log` writes. */
export function contextOfRecord({ dd }: { readonly dd?: unknown }): SpanContext | undefined {
  if (typeof dd !== 'object' || dd === null) return undefined
  const { trace_id: traceText, span_id: spanText } = dd as Record<string, unknown>
  if (typeof traceText !== 'string' || typeof spanText !== 'string') return undefined
  const isHex = traceText.length === 32
  const upper = isHex ? parseHex64(traceText.slice(0, 16)) : { high: 0, low: 0 }
  const trace = isHex ? parseHex64(traceText.slice(16)) : parseDecimal64(traceText)
  const span = parseDecimal64(spanText)
  if (upper === undefined || trace === undefined || span === undefined) return undefined
  const context = new SpanContext(upper.high, upper.low, trace.high, trace.low, span.high, span.low)
  return context.hasTrace ? context : undefined
}
