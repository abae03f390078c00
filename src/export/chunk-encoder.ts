// What turns chunks into the body of a request: one for each version of the protocol.

import type { Chunk } from '../trace/chunk'

/** Version 0.4: spans are maps. */
export const MAP_PATH = '/v0.4/traces'
/** Version 0.5: spans are rows, their texts are in a table. */
export const TABLE_PATH = '/v0.5/traces'

export interface ChunkEncoder {
  /** The Agent's endpoint that takes the payload. */
  readonly path: string
  /** Whether the Agent knows `span_events`; else events go as text, which every Agent passes on. */
  hasNativeEvents: boolean
  /** Chunks written since the last `take`. */
  readonly chunks: number
  /** The spans in them. */
  readonly spans: number
  /** Bytes of the payload so far. */
  readonly bytes: number
  /**
   * Appends a chunk, unless the payload would then be longer than `maxBytes`: then it is left as it was and false returned. It is
   * also left as it was when a span holds what cannot be written, which throws.
   */
  add(chunk: Chunk, maxBytes: number): boolean
  /** The finished payload; the next one begins empty. */
  take(): Buffer
  /** Takes back a payload that nobody reads any more, to write the next but one into it. */
  giveBack(payload: Buffer): void
}
