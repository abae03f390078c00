// The output of a program that is passed on byte for byte while it is read along: the terminal or the pipe behind `dog` gets
// what it would have got, as soon as it was written.
//
// A reader that is slow slows the program down, and one that goes away breaks its pipe, as without `dog`.

import type { Readable, Writable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { LineBacklog } from './line-backlog'

/** After the program has ended, a process that it left behind may hold its output open: so long without a word is its end. */
const QUIET_MS = 300

export class PassedOutput {
  readonly #lines: LineBacklog
  readonly #ended: Promise<void>
  #chunks = 0
  #isEnded = false

  /** @param onLine called with each line that is whole */
  constructor(
    private readonly from: Readable,
    private readonly to: Writable,
    onLine: (line: string) => void,
  ) {
    this.#lines = new LineBacklog(onLine)
    this.#ended = new Promise((resolve) => {
      from.once('close', () => {
        this.#isEnded = true
        resolve()
      })
    })
    from.on('data', (chunk: Buffer) => this.#take(chunk))
    from.on('error', () => {})
    to.on('drain', () => from.resume())
    to.on('error', () => from.destroy())
  }

  /** Resolves when all that was written before the program ended is passed on. */
  async end(): Promise<void> {
    while (!this.#isEnded) {
      const before = this.#chunks
      await Promise.race([this.#ended, delay(QUIET_MS, undefined, { ref: false })])
      if (this.#chunks === before && !this.to.writableNeedDrain) break
    }
    this.#lines.end()
    this.from.destroy()
  }

  #take(chunk: Buffer): void {
    this.#chunks++
    if (!this.to.destroyed && !this.to.write(chunk)) this.from.pause()
    this.#lines.push(chunk)
  }
}

/** Resolves when all that was given to `writer` has been written, or cannot be. */
export function written(writer: Writable): Promise<void> {
  return new Promise((resolve) => {
    if (writer.destroyed) resolve()
    writer.once('close', resolve)
    writer.end()
  })
}
