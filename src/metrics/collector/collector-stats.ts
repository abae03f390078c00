// The counters of collectors: what was recorded, and what became of it. `recorded` is the sum of `merged`, `waiting`, `sent`, `failed` and
// `droppedInvalid`.

/** What `stats()` of a collector gives: counts since it was made. */
export interface CollectorCounts {
  /** Calls that recorded something. */
  readonly recorded: number
  /** Recorded into what there was already: a sum, a gauge, a value of a set that is known. */
  readonly merged: number
  /** Sums and values that a flush will send. */
  readonly waiting: number
  /** Handed to the sink. */
  readonly sent: number
  /** Of these, recorded outside of a request or job, or after its end, and sent at once. */
  readonly passedThrough: number
  /** Of these, sent at once because a collector held as much as it may. */
  readonly overflowed: number
  /** The sink threw. */
  readonly failed: number
  /** Values that are no finite number. */
  readonly droppedInvalid: number
}

export class CollectorStats implements CollectorCounts {
  recorded = 0
  merged = 0
  waiting = 0
  sent = 0
  passedThrough = 0
  overflowed = 0
  failed = 0
  droppedInvalid = 0

  /** A copy. */
  get counts(): CollectorCounts {
    return { ...this }
  }
}
