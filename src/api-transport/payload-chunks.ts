// Cuts what is to be sent into bodies that the API takes.

import { deflate, deflateSync, gzip, gzipSync } from 'node:zlib'
import type { EndpointRules } from './api-endpoints'

/** Items `from` up to `to`, without the last. */
export interface Chunk {
  readonly from: number
  readonly to: number
}

/** Below this compression gains nothing. */
const MIN_COMPRESSED_BYTES = 1024

/** As many items to a chunk as the limits before compression allow; an item above them is a chunk by itself. */
export function chunksOf(texts: readonly string[], { maxRawBytes, maxItems, before, after }: EndpointRules): Chunk[] {
  const chunks: Chunk[] = []
  const frame = before.length + after.length
  let from = 0
  let bytes = frame
  texts.forEach((text, at) => {
    const length = Buffer.byteLength(text)
    const isFull = at > from && (bytes + 1 + length > maxRawBytes || at - from >= maxItems)
    if (isFull) {
      chunks.push({ from, to: at })
      from = at
      bytes = frame
    }
    bytes += length + (at > from ? 1 : 0)
  })
  if (texts.length > from) chunks.push({ from, to: texts.length })
  return chunks
}

/** Both halves; undefined where there is only one item. */
export function halvesOf({ from, to }: Chunk): [Chunk, Chunk] | undefined {
  const middle = (from + to) >> 1
  return middle === from
    ? undefined
    : [
        { from, to: middle },
        { from: middle, to },
      ]
}

export interface Body {
  readonly bytes: Uint8Array
  readonly headers: Readonly<Record<string, string>>
}

const JSON_TYPE = { 'Content-Type': 'application/json' }

function rawBody(texts: readonly string[], { from, to }: Chunk, { before, after }: EndpointRules): Buffer {
  return Buffer.from(before + texts.slice(from, to).join(',') + after)
}

/** Compresses outside of the program's thread. */
export async function bodyOf(texts: readonly string[], chunk: Chunk, rules: EndpointRules): Promise<Body> {
  const raw = rawBody(texts, chunk, rules)
  const { encoding } = rules
  if (encoding === undefined || raw.length < MIN_COMPRESSED_BYTES) return { bytes: raw, headers: JSON_TYPE }
  const compress = encoding === 'gzip' ? gzip : deflate
  const bytes = await new Promise<Buffer>((resolve, reject) => {
    compress(raw, (error, compressed) => (error === null ? resolve(compressed) : reject(error)))
  })
  return { bytes, headers: { ...JSON_TYPE, 'Content-Encoding': encoding } }
}

/** The same at once, for the exit. */
export function bodyNow(texts: readonly string[], chunk: Chunk, rules: EndpointRules): Body {
  const raw = rawBody(texts, chunk, rules)
  const { encoding } = rules
  if (encoding === undefined || raw.length < MIN_COMPRESSED_BYTES) return { bytes: raw, headers: JSON_TYPE }
  const bytes = encoding === 'gzip' ? gzipSync(raw) : deflateSync(raw)
  return { bytes, headers: { ...JSON_TYPE, 'Content-Encoding': encoding } }
}
