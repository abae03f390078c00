// The extension point for where finished spans go.

import type { Chunk } from '../trace/chunk'

export interface Exporter {
  /** Takes a chunk. Must neither throw nor wait. */
  export(chunk: Chunk): void
  /**
   * Sends what it holds; resolves when that was sent or given up. Never rejects.
   * @param lastChance do not wait to try again: the process is about to end
   */
  flush(lastChance?: boolean): Promise<void>
  /** Flushes for the last time and lets go of everything. */
  shutdown(): Promise<void>
}
