// Sees a Query of postgres.js settle: it is a promise, but its driver settles it by two functions that it holds, and some are
// given new ones on the way.

export interface Query {
  handle(): Promise<void>
  forEach(row: unknown): unknown
  cursor(...args: unknown[]): unknown
  resolve(result: unknown): unknown
  reject(error: unknown): unknown
  readonly executed: boolean
  /** What executes it: one function for all queries of a `sql`. */
  readonly handler: (query: Query) => unknown
  /** There is one unless the driver asks for itself, about types or the state of the server. */
  readonly canceller: unknown
  /** For `COPY`: the result is a stream, and the query goes on after it was given. */
  readonly streaming?: boolean
  readonly strings: readonly string[]
  /** What the connection has sent. */
  readonly string?: string
  readonly statement?: { string?: unknown } | null
  readonly options?: { readonly simple?: boolean; readonly prepare?: boolean }
  readonly state?: { readonly pid: number | null } | null
}

export type End = (error: unknown, result?: unknown) => void

/** Tells the end of a query. */
export class Watch {
  #resolve: unknown
  #streams: boolean

  constructor(
    query: Query,
    readonly end: End,
  ) {
    this.#streams = query.streaming === true
  }

  /** Takes its place before the functions that settle the query. */
  renew(query: Query): void {
    if (query.resolve === this.#resolve) return
    const { resolve, reject } = query
    query.resolve = (result) => {
      // A stream is given at its begin, what the server said at its end once more.
      if (this.#streams) this.#streams = false
      else this.end(null, result)
      return resolve(result)
    }
    query.reject = (error) => {
      this.end(error)
      return reject(error)
    }
    this.#resolve = query.resolve
  }
}
