// What of a run is kept, as it goes from the agent to the file and back.

/** A span, of a trace that its id names. */
export interface SpanRecord {
  readonly trace: string
  readonly span: string
  readonly body: string
}

/** A series and those of its windows that may have changed. */
export interface SeriesRecord {
  readonly key: string
  /** Name, tags and totals. */
  readonly body: string
  readonly windows: readonly { readonly start: number; readonly body: string }[]
}

export interface Batch {
  readonly spans: readonly SpanRecord[]
  readonly logs: readonly string[]
  readonly series: readonly SeriesRecord[]
}

export interface RunInfo {
  readonly id: number
  /** Milliseconds since the Unix epoch. */
  readonly start: number
  readonly traces: number
  readonly spans: number
  readonly logs: number
}

/** One run, the latest traces and logs of it: as many as the agent holds of its own. */
export interface RunContents {
  readonly spans: readonly SpanRecord[]
  readonly logs: readonly string[]
  readonly series: readonly SeriesRecord[]
}

export interface RunLimits {
  readonly maxRuns: number
  readonly maxBytes: number
}

/** What is said of a file that is not used. The file stays as it is. */
export class RunFileError extends Error {}
