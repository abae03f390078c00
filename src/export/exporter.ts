// The extension point for where finished spans go.

import type { RequestOptions } from 'node:http'
import type { Chunk } from '../trace/chunk'

/** A request that has not left the process, and will not by itself, because the process is at its end. */
export interface UnsentRequest {
  /** For `http.request`, or for `https.request` if its protocol is `https:`. Plain data: no agent, no callback. */
  readonly options: RequestOptions
  readonly bytes: Uint8Array
  /** To be called when it was sent, or with the reason why it could not be: `ECONNREFUSED`, `it answered 500`. */
  settle(why?: string): void
}

export interface Exporter {
  /** Takes a chunk. Must neither throw nor wait. */
  export(chunk: Chunk): void
  /**
   * Sends what it holds; resolves when that was sent or given up. Never rejects.
   * @param lastChance do not wait to try again: the process is about to end
   */
  flush(lastChance?: boolean): Promise<void>
  /**
   * Hands over what has not left the process, the request under way included unless all of it is written, and then holds
   * nothing. For the moment after which no callback runs any more: `exit`. Nothing, where the Agent has just not answered.
   */
  takeUnsent(): UnsentRequest[]
  /** Flushes for the last time and lets go of everything. */
  shutdown(): Promise<void>
}
