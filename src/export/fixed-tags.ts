// Tags that are the same for many spans, ready to copy; a span's own tag of the same name wins.

import { encoded } from './known-field'
import type { MsgpackWriter } from './msgpack-writer'

/** Keys and values in turn. */
type Tags = readonly (string | number | undefined)[]

export class FixedTags {
  readonly #keys: readonly string[]
  readonly #each: readonly Uint8Array[]
  readonly #all: Uint8Array

  constructor(tags: Readonly<Record<string, string>>) {
    const entries = Object.entries(tags)
    this.#keys = Object.keys(tags)
    this.#each = entries.map((entry) => encoded(...entry))
    this.#all = encoded(...entries.flat())
  }

  /** Whether there is one of this name. */
  has(key: string): boolean {
    return this.#keys.includes(key)
  }

  /** Writes all, for a span that is known to have none of its own; returns how many. */
  writeAll(writer: MsgpackWriter): number {
    writer.raw(this.#all)
    return this.#keys.length
  }

  /** Writes those that are not among `own`; returns how many. */
  write(writer: MsgpackWriter, own: Tags): number {
    let count = 0
    for (const [i, key] of this.#keys.entries()) {
      if (hasTag(own, key)) continue
      writer.raw(this.#each[i]!)
      count++
    }
    return count
  }
}

/** Whether a span has a tag of its own by this name. */
export function hasTag(tags: Tags, key: string): boolean {
  for (let i = 0; i < tags.length; i += 2) if (tags[i] === key) return true
  return false
}
