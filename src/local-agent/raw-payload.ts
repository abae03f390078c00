// A trace payload as it was written, MessagePack or JSON, before anybody asks whether its spans make sense.
//
// A span that cannot even be read is `undefined`: it is counted as malformed later, with those that make no sense.
// What is refused here (with 400) is a body whose outer lists cannot be followed, because then nothing can be saved.

import { Decoder } from '@msgpack/msgpack'
import { MsgpackScan } from './msgpack-scan'
import { parseExactJson } from './parse-exact-json'
import { Refusal } from './refusal'

/** Makes something of a span, given the string table of v0.5. */
type ReadSpan<T> = (raw: unknown, strings: readonly unknown[]) => T

/** Chunks, spans and table strings of one payload: a full body of 25 MB would leave 25 bytes for each. */
const MAX_ITEMS = 1_000_000

/** Entries of one list or map inside a span; the Agent has no such limit, tracers stay below a thousand. */
const MAX_ENTRIES = 16_384

const NOT_A_LIST = 'the payload is not a list of chunks'

const decoder = new Decoder({
  useBigInt64: true,
  maxArrayLength: MAX_ENTRIES,
  maxMapLength: MAX_ENTRIES,
  // v0.5 has numbers as keys, and some encoders write all of them in 64 bits.
  mapKeyConverter: (key) => (typeof key === 'number' ? key : String(key)),
})

/** The chunks of a payload. Each span is read as soon as it is decoded, so that the raw ones are never there together. */
export function rawPayload<T>(
  body: Buffer,
  { json, table }: { json: boolean; table: boolean },
  read: ReadSpan<T>,
): T[][] {
  return json ? fromJson(parseExactJson(body), table, read) : fromMsgpack(new MsgpackScan(body), table, read)
}

function fromMsgpack<T>(scan: MsgpackScan, table: boolean, read: ReadSpan<T>): T[][] {
  let items = 0
  const list = <I>(take: () => I): I[] | undefined => {
    const length = scan.enterArray()
    if (length === undefined) return undefined
    items += length
    if (items > MAX_ITEMS) throw new Refusal(400, `more than ${MAX_ITEMS} chunks, spans and strings in one payload`)
    return Array.from({ length }, take)
  }
  const value = () => decode(scan.take())
  if (table && scan.enterArray() !== 2) throw new Refusal(400, 'a v0.5 payload is an array of two')
  const strings = table ? list(value) : []
  if (strings === undefined) throw new Refusal(400, NOT_A_LIST)
  const span = () => read(value(), strings)
  const chunks = list(() => list(span) ?? [span()])
  if (chunks === undefined) throw new Refusal(400, NOT_A_LIST)
  scan.end()
  return chunks
}

function decode(bytes: Buffer): unknown {
  try {
    return decoder.decode(bytes)
  } catch {
    return undefined
  }
}

function fromJson<T>(value: unknown, table: boolean, read: ReadSpan<T>): T[][] {
  const [strings, chunks] = table ? (Array.isArray(value) ? value : []) : [[], value]
  if (!Array.isArray(strings) || !Array.isArray(chunks)) throw new Refusal(400, NOT_A_LIST)
  return chunks.map((chunk: unknown) => (Array.isArray(chunk) ? chunk : [chunk]).map((span) => read(span, strings)))
}
