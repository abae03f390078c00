// What a program has written and nobody has read as lines yet. Passing output on comes first: a program that fills its pipe waits, or
// loses what it wrote when it exits meanwhile. So lines are read in between, a little at a time.
//
// A program that writes faster than that for long loses lines here, the oldest, as the log store would put out the oldest soon.

import { LineSplitter } from '../line-splitter'

/** 100,000 short lines, read in a quarter of a second; the store keeps 20,000. */
const MAX_WAITING_BYTES = 1024 * 1024

/** Half a millisecond of work. */
const SLICE_BYTES = 4 * 1024

/** So that this process mostly sleeps, and is woken as soon as there is something to pass on, on a busy machine too. */
const SLICE_EVERY_MS = 5

/** What is longer is no line for people. */
const MAX_LINE_BYTES = 64 * 1024

export class LineBacklog {
  readonly #lines: LineSplitter
  #waiting: Buffer[] = []
  #bytes = 0
  #next: NodeJS.Timeout | undefined

  /** @param onLine called with each line that is whole */
  constructor(onLine: (line: string) => void) {
    this.#lines = new LineSplitter(MAX_LINE_BYTES, onLine)
  }

  push(chunk: Buffer): void {
    this.#waiting.push(chunk)
    this.#bytes += chunk.length
    while (this.#bytes > MAX_WAITING_BYTES && this.#waiting.length > 1) this.#dropOldest()
    this.#next ??= setTimeout(() => this.#readSlice(), SLICE_EVERY_MS)
  }

  /** Reads all that waits. */
  end(): void {
    clearTimeout(this.#next)
    this.#next = undefined
    for (const chunk of this.#waiting) this.#lines.push(chunk)
    this.#waiting = []
    this.#bytes = 0
    this.#lines.end()
  }

  #readSlice(): void {
    this.#next = undefined
    const [first] = this.#waiting
    if (first === undefined) return
    const slice = first.subarray(0, SLICE_BYTES)
    if (slice.length === first.length) this.#waiting.shift()
    else this.#waiting[0] = first.subarray(SLICE_BYTES)
    this.#bytes -= slice.length
    this.#lines.push(slice)
    if (this.#waiting.length > 0) this.#next = setTimeout(() => this.#readSlice(), SLICE_EVERY_MS)
  }

  #dropOldest(): void {
    this.#bytes -= this.#waiting.shift()?.length ?? 0
    // Not one line with what comes after.
    this.#lines.end()
  }
}
