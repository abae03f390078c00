// The wire format of Protocol Buffers, by the library of Buf. The build bundles it into this one file, so that the package depends on nothing
// more: that is why nothing else is imported here, and why no type of the library shows.

import { BinaryReader, BinaryWriter } from '@bufbuild/protobuf/wire'

/** What is used of the library's reader. It throws where the bytes end too soon or are not of the format. */
export interface WireReader {
  readonly pos: number
  readonly len: number
  /** The number of the field that comes next, and the type of its value on the wire. */
  tag(): [field: number, wireType: number]
  skip(wireType: number): Uint8Array
  bytes(): Uint8Array
  string(): string
  bool(): boolean
  uint32(): number
  int32(): number
  sint32(): number
  int64(): bigint | string
  uint64(): bigint | string
  fixed32(): number
  fixed64(): bigint | string
  sfixed64(): bigint | string
  double(): number
}

/** What is used of the library's writer. */
interface WireWriter {
  tag(field: number, wireType: number): WireWriter
  string(value: string): WireWriter
  bytes(value: Uint8Array): WireWriter
  int64(value: number): WireWriter
  finish(): Uint8Array
}

export function wireReader(bytes: Uint8Array): WireReader {
  return new BinaryReader(bytes)
}

export function wireWriter(): WireWriter {
  return new BinaryWriter()
}
