// Turns a payload of version 0.5 into one of version 0.4, for an Agent that turned out not to know the newer one: once in the life
// of a process, so that the first payload is not lost.

import { decode, encode } from '@msgpack/msgpack'
import { ROW_FIELDS } from './table-encoder'

/** Ids and times exceed what a number holds. */
const EXACT = { useBigInt64: true } as const

type Row = readonly unknown[]

export function downgradePayload(bytes: Uint8Array): Buffer {
  const [texts, chunks] = decode(bytes, { ...EXACT, mapKeyConverter: Number }) as [string[], Row[][]]
  const text = (index: unknown) => texts[Number(index)] ?? ''
  const named = (map: object, value: (item: unknown) => unknown) =>
    Object.fromEntries(Object.entries(map).map(([key, item]) => [text(key), value(item)]))
  const span = (row: Row) => {
    const fields = Object.fromEntries(ROW_FIELDS.map((name, place) => [name, row[place]]))
    for (const name of ['service', 'name', 'resource', 'type']) fields[name] = text(fields[name])
    fields['meta'] = named(fields['meta'] as object, text)
    fields['metrics'] = named(fields['metrics'] as object, (item) => item)
    return fields
  }
  return Buffer.from(
    encode(
      chunks.map((chunk) => chunk.map(span)),
      EXACT,
    ),
  )
}
