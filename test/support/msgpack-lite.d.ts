// Declarations for the part of msgpack-lite that the tests use: the package ships none of its own. It is the decoder
// that shares no line with our encoder.

declare module 'msgpack-lite' {
  /** What a 64-bit integer becomes with `int64: true`: it keeps all its digits. */
  export interface Int64 {
    toNumber(): number
    toString(radix?: number): string
  }

  /** Reads one value; nested values are read through `codec.decode` again. */
  export interface Codec {
    decode(decoder: Decoder): unknown
  }

  export interface CodecOptions {
    int64?: boolean
    usemap?: boolean
    preset?: boolean
    binarraybuffer?: boolean
  }

  export class Decoder {
    constructor(options?: { codec: Codec })
    readonly buffer: Buffer
    readonly offset: number
    write(chunk: Uint8Array): void
    fetch(): unknown
  }

  export function createCodec(options?: CodecOptions): Codec
  export function encode(value: unknown, options?: { codec: Codec }): Buffer
  export function decode(bytes: Uint8Array, options?: { codec: Codec }): unknown
}
