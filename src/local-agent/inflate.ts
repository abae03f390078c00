// A body as it was before it was compressed, up to a size: a few bytes can stand for a gigabyte. At once and not in the background, so that
// there is never more than one of them in memory.

import zlib, { gunzipSync, inflateSync } from 'node:zlib'
import { Refusal } from './refusal'

type Decompress = (body: Buffer, options: { maxOutputLength: number }) => Buffer

/** `deflate` is a zlib stream; `zstd1` is how Datadog calls zstd, which Node has from 22.15 on. */
const DECOMPRESS = new Map<string, Decompress | undefined>([
  ['identity', (body: Buffer) => body],
  ['deflate', inflateSync],
  ['gzip', gunzipSync],
  ['zstd', zstd()],
  ['zstd1', zstd()],
])

/**
 * @param encoding the header `Content-Encoding`
 * @param maxBytes of the result, which may be reached
 */
export function inflate(body: Buffer, encoding: string, maxBytes: number): Buffer {
  const decompress = DECOMPRESS.get(encoding.trim().toLowerCase())
  if (decompress === undefined) {
    throw new Refusal(415, `the encoding ${encoding} is not taken: use deflate or gzip`)
  }
  let inflated: Buffer
  try {
    inflated = decompress(body, { maxOutputLength: maxBytes })
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(maxBytes)
    throw new Refusal(400, `the body is not what its encoding ${encoding} says: ${message}`)
  }
  if (inflated.length > maxBytes) throw tooLarge(maxBytes)
  return inflated
}

function tooLarge(maxBytes: number): Refusal {
  return new Refusal(413, `Payload too large: a body may have ${maxBytes} bytes when it is decompressed`)
}

function zstd(): Decompress | undefined {
  return (zlib as { zstdDecompressSync?: Decompress }).zstdDecompressSync
}
