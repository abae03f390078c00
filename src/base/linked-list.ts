// What comes and goes with each request, oldest first.
//
// Not a Set: when V8 makes room in one, the table it leaves behind goes on holding what was in it, and points to the next. Once one of
// these has grown old, collections of young objects keep whatever came after it, until the whole heap is collected. Here what has gone
// is held by nothing, and points to nothing.

/** What may be in a list; in one at most. */
export interface Linked<T> {
  /** The list's own. */
  older: T | undefined
  newer: T | undefined
}

export class LinkedList<T extends Linked<T>> {
  size = 0
  oldest: T | undefined
  #newest: T | undefined

  has(item: T): boolean {
    return item.older !== undefined || this.oldest === item
  }

  /** What is there keeps its place. */
  add(item: T): void {
    if (this.has(item)) return
    const before = this.#newest
    item.older = before
    if (before === undefined) this.oldest = item
    else before.newer = item
    this.#newest = item
    this.size++
  }

  /** Whether it was there. */
  delete(item: T): boolean {
    if (!this.has(item)) return false
    const { older, newer } = item
    if (older === undefined) this.oldest = newer
    else older.newer = newer
    if (newer === undefined) this.#newest = older
    else newer.older = older
    item.older = item.newer = undefined
    this.size--
    return true
  }

  /** A copy. */
  toArray(): T[] {
    const items: T[] = []
    for (let item = this.oldest; item !== undefined; item = item.newer) items.push(item)
    return items
  }
}
