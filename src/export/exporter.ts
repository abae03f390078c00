// The extension point for where finished spans go.

import type { UnsentRequest } from '../base/exit-delivery'
import type { Chunk } from '../trace/chunk'

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
