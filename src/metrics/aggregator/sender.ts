// The extension point for what sends batches of series, events and checks: in the program's thread (series-sender.ts), or in another one
// (thread-sender.ts). Everything here is plain data, so that it can be handed from thread to thread.

import type { RequestOptions } from 'node:http'
import type { Endpoint } from '../../api-transport/api-endpoints'

export interface Batch {
  readonly endpoint: Endpoint
  /** As they stand in a body. */
  readonly items: readonly object[]
}

/** `kept`: to be sent again; `unknown`: it may have arrived, and would be counted twice if it was sent again. */
export type Fate = 'taken' | 'refused' | 'kept' | 'unknown'

export interface Problem {
  readonly code: 'socket' | 'api'
  readonly message: string
}

export interface BatchOutcome {
  /** By item. */
  readonly fates: readonly Fate[]
  readonly problems: readonly Problem[]
  /** Bodies and bytes that were taken, and attempts after a first one. */
  readonly requests: number
  readonly bytes: number
  readonly retries: number
}

/** A request for the exit, with the items of the batch that it carries. */
export interface ExitRequest {
  readonly options: RequestOptions
  /** Of an HTTP proxy to go through. */
  readonly proxy?: string | undefined
  readonly bytes: Uint8Array
  readonly from: number
  readonly to: number
}

/** Where a batch in another thread stands, in memory that both see: how many items were begun, and whether some are with the server. */
export const BEGUN = 0
export const IS_OPEN = 1
/** In place of how many: no more may be begun. */
export const STOPPED = -1

export interface Sender {
  /** One batch at a time. Never rejects. */
  send(batch: Batch): Promise<BatchOutcome>
  /** Whether to wait before it tries again; false when the process is about to end. */
  setPatience(isPatient: boolean): void
  /**
   * Stops sending what is under way, and says what became of it: for the moment after which no callback runs any more.
   * @param maxWaitMs for what is half sent
   */
  interrupt(maxWaitMs: number): readonly Fate[] | undefined
  /** The requests for a batch; none where that cannot be known. */
  requests(batch: Batch): ExitRequest[]
  close(): void
}
