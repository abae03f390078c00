// The last of what came, so many and of so much memory: events, service checks, rejected lines.

export class BoundedList<T> {
  readonly #items: { readonly item: T; readonly bytes: number }[] = []
  #bytes = 0

  constructor(
    readonly max: number,
    readonly maxBytes: number,
  ) {}

  /** @param bytes of memory that it takes, estimated; what takes more than the whole list may is not kept */
  add(item: T, bytes: number): void {
    this.#items.push({ item, bytes })
    this.#bytes += bytes
    while (this.#items.length > this.max || this.#bytes > this.maxBytes) this.#bytes -= this.#items.shift()?.bytes ?? 0
  }

  /** The latest first. */
  latest(limit: number): T[] {
    return this.#items
      .slice(-limit)
      .reverse()
      .map(({ item }) => item)
  }
}
