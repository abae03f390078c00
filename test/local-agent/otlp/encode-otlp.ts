// Encodes a body of OTLP, in the form that JSON has, as Protobuf: by the table of fields, with a writer that is written out here.

import type { Field, Message } from '../../../src/local-agent/otlp/otlp-schema'

type Body = Record<string, unknown>

export function encodeOtlp(body: Body, schema: Message): Buffer {
  const parts: Buffer[] = []
  for (const [number, field] of schema) {
    const value = body[field.name]
    if (value === undefined) continue
    const items = field.isRepeated ? (value as unknown[]) : [value]
    for (const item of items) parts.push(encodeField(number, field, item))
  }
  return Buffer.concat(parts)
}

function encodeField(number: number, { kind }: Field, value: unknown): Buffer {
  const delimited = (bytes: Buffer) => Buffer.concat([tag(number, 2), varint(BigInt(bytes.length)), bytes])
  if (typeof kind === 'function') return delimited(encodeOtlp(value as Body, kind()))
  switch (kind) {
    case 'string':
      return delimited(Buffer.from(value as string))
    case 'id':
      return delimited(Buffer.from(value as string, 'hex'))
    case 'bytes':
      return delimited(Buffer.from(value as string, 'base64'))
    case 'double':
    case 'fixed64':
    case 'sfixed64': {
      const bytes = Buffer.alloc(8)
      if (kind === 'double') bytes.writeDoubleLE(value as number)
      else bytes.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value as bigint)))
      return Buffer.concat([tag(number, 1), bytes])
    }
    case 'fixed32': {
      const bytes = Buffer.alloc(4)
      bytes.writeUInt32LE(value as number)
      return Buffer.concat([tag(number, 5), bytes])
    }
    case 'sint32':
      return Buffer.concat([
        tag(number, 0),
        varint(BigInt((value as number) >= 0 ? Number(value) * 2 : Number(value) * -2 - 1)),
      ])
    default:
      return Buffer.concat([tag(number, 0), varint(BigInt.asUintN(64, BigInt(value as bigint)))])
  }
}

function tag(number: number, wireType: number): Buffer {
  return varint(BigInt(number * 8 + wireType))
}

function varint(value: bigint): Buffer {
  const bytes: number[] = []
  let left = value
  for (; left > 127n; left >>= 7n) bytes.push(Number(left & 127n) | 128)
  bytes.push(Number(left))
  return Buffer.from(bytes)
}
