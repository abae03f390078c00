// What became of the chunks and spans that came to the exporter: for whoever asks why something is not in Datadog.

/** Reasons that are told apart; more kinds of failure than a process meets. */
const MAX_REASONS = 20

export interface ExporterCounts {
  readonly sentPayloads: number
  readonly sentChunks: number
  readonly sentSpans: number
  /** Chunks that could not be sent. */
  readonly droppedChunks: number
  readonly droppedSpans: number
  /** `droppedChunks` by reason: `ECONNREFUSED`, `it answered 500`, `the buffer is full`. */
  readonly dropReasons: Readonly<Record<string, number>>
  /** Chunks that sampling decided against, whether they were sent or not. */
  readonly rejectedChunks: number
  readonly rejectedSpans: number
  /** Rejected chunks and spans that were not sent, because this process counts them for the Agent. */
  readonly withheldChunks: number
  readonly withheldSpans: number
  readonly sentStatsPayloads: number
  readonly droppedStatsPayloads: number
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

export class ExportCounts implements Mutable<Omit<ExporterCounts, 'dropReasons'>> {
  sentPayloads = 0
  sentChunks = 0
  sentSpans = 0
  droppedChunks = 0
  droppedSpans = 0
  rejectedChunks = 0
  rejectedSpans = 0
  withheldChunks = 0
  withheldSpans = 0
  sentStatsPayloads = 0
  droppedStatsPayloads = 0
  readonly #dropReasons = new Map<string, number>()

  dropped(chunks: number, spans: number, why: string): void {
    this.droppedChunks += chunks
    this.droppedSpans += spans
    const reason = this.#dropReasons.has(why) || this.#dropReasons.size < MAX_REASONS ? why : 'other'
    this.#dropReasons.set(reason, (this.#dropReasons.get(reason) ?? 0) + chunks)
  }

  /** As they stand now. */
  snapshot(): ExporterCounts {
    return { ...this, dropReasons: Object.fromEntries(this.#dropReasons) }
  }
}
