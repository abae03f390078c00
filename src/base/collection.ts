// A request or a job whose metrics are collected until it is over.

export class Collection {
  isOver = false

  constructor(
    /** Made by `metrics` when it is first asked for: most requests record nothing. */
    public collector: { end(): void } | undefined,
    /** The emitter whose `close` is the end: the response to a request. */
    public endsWith: object | undefined,
    /** The one that it was begun in. */
    readonly outer?: Collection | undefined,
  ) {}
}
