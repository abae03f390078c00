// Decodes a message of OTLP into what its JSON form would be once parsed: names as in JSON, ids as hex digits. Only 64-bit integers differ: they
// are bigint here. So everything behind this knows one form.
//
// As in JSON, what is not in the schema is stepped over. Two bytes can announce a message, so the number of values of one body is bounded, and
// how deep messages stand in each other.

import { Refusal } from '../refusal'
import type { Field, Message, ScalarKind } from './otlp-schema'
import { type WireReader, wireReader } from './protobuf-wire'

/** Messages and values of one body; 10,000 spans with twenty attributes each are 700,000. */
export const MAX_VALUES = 2_000_000

/** Three around a span, and two for each level of an attribute's value. */
export const MAX_DEPTH = 40

const [VARINT, BIT64, DELIMITED, BIT32] = [0, 1, 2, 5]

const WIRE_TYPES: Readonly<Record<ScalarKind, number>> = {
  string: DELIMITED!,
  id: DELIMITED!,
  bytes: DELIMITED!,
  bool: VARINT!,
  uint32: VARINT!,
  int32: VARINT!,
  sint32: VARINT!,
  int64: VARINT!,
  uint64: VARINT!,
  fixed32: BIT32!,
  fixed64: BIT64!,
  sfixed64: BIT64!,
  double: BIT64!,
}

export function decodeProtobuf(body: Uint8Array, schema: Message): Record<string, unknown> {
  try {
    return new Decoding().message(body, schema, 0)
  } catch (error) {
    if (error instanceof Refusal) throw error
    throw new Refusal(400, `the body is not Protobuf of this kind: ${(error as Error).message}`)
  }
}

class Decoding {
  #values = 0

  message(bytes: Uint8Array, schema: Message, depth: number): Record<string, unknown> {
    if (depth > MAX_DEPTH) throw new Refusal(400, `messages are nested more than ${MAX_DEPTH} deep`)
    const found: Record<string, unknown> = {}
    const reader = wireReader(bytes)
    while (reader.pos < reader.len) {
      const [number, wireType] = reader.tag()
      const field = schema.get(number)
      if (field === undefined) reader.skip(wireType)
      else this.#field(reader, field, wireType, found, depth)
    }
    // The reader does not look where fixed numbers end.
    if (reader.pos > reader.len) throw new Error('a value ends behind its message')
    return found
  }

  #field(reader: WireReader, field: Field, wireType: number, found: Record<string, unknown>, depth: number): void {
    const { name, kind, isRepeated } = field
    if (typeof kind === 'function') {
      if (wireType !== DELIMITED) throw new Error(`${name} is no message`)
      this.#count()
      const value = this.message(reader.bytes(), kind(), depth + 1)
      // A message that comes twice is to be merged; no client writes one so, and the last one is taken.
      if (isRepeated) listOf(found, name).push(value)
      else found[name] = value
    } else if (isRepeated && wireType === DELIMITED && WIRE_TYPES[kind] !== DELIMITED) {
      this.#packed(wireReader(reader.bytes()), kind, listOf(found, name))
    } else {
      if (wireType !== WIRE_TYPES[kind]) throw new Error(`${name} has the wire type ${wireType}`)
      this.#count()
      const value = scalar(reader, kind)
      if (isRepeated) listOf(found, name).push(value)
      else found[name] = value
    }
  }

  #packed(reader: WireReader, kind: ScalarKind, list: unknown[]): void {
    while (reader.pos < reader.len) {
      this.#count()
      list.push(scalar(reader, kind))
    }
    if (reader.pos > reader.len) throw new Error('a value ends behind its list')
  }

  #count(): void {
    if (++this.#values > MAX_VALUES) throw new Refusal(400, `more than ${MAX_VALUES} values in one body`)
  }
}

function scalar(reader: WireReader, kind: ScalarKind): unknown {
  if (kind === 'id') return Buffer.from(reader.bytes()).toString('hex')
  if (kind === 'bytes') return Buffer.from(reader.bytes()).toString('base64')
  return reader[kind]()
}

function listOf(found: Record<string, unknown>, name: string): unknown[] {
  const known = found[name]
  if (Array.isArray(known)) return known
  const list: unknown[] = []
  found[name] = list
  return list
}
