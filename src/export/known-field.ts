// A key of a map as it stands in MessagePack, together with the value that it has most of the time: a method, a host, a kind
// come again and again, and copying bytes is one quick call where writing text looks at every character.

import { MsgpackWriter } from './msgpack-writer'

/** Longer values are not kept: there may be one for each key. */
const MAX_KEPT_LENGTH = 256

/** After so many values of which none came twice in a row, a key is one whose values differ. */
const PATIENCE = 100

/** Names of spans, and of tags, that are remembered; more than a program has that does not make them up. */
const MAX_KNOWN = 2000

/** Texts one after the other, as they stand in MessagePack. */
export function encoded(...texts: string[]): Uint8Array {
  const writer = new MsgpackWriter(64)
  for (const text of texts) writer.string(text)
  return writer.copy()
}

export class KnownField {
  readonly key: Uint8Array
  #value: string | undefined
  #keyAndValue: Uint8Array | undefined
  /** The value before, if it was not the kept one. */
  #before: string | undefined
  #patience = PATIENCE

  constructor(key: string) {
    this.key = encoded(key)
  }

  /** Writes the key and its value. */
  write(writer: MsgpackWriter, value: string): void {
    if (value === this.#value) {
      this.#patience = PATIENCE
      writer.raw(this.#keyAndValue!)
      return
    }
    const begin = writer.length
    writer.raw(this.key)
    writer.string(value)
    if (this.#patience > 0) this.#consider(value, writer, begin)
  }

  /** Keeps a value that has come twice in a row. */
  #consider(value: string, writer: MsgpackWriter, begin: number): void {
    this.#patience--
    if (value === this.#before && value.length <= MAX_KEPT_LENGTH) {
      this.#value = value
      this.#keyAndValue = writer.copy(begin)
    }
    this.#before = value
  }
}

/** Remembers what goes by `name`. Names that a program makes up do not stay for ever. */
export function remember<T>(known: Map<string, T>, name: string, what: T): T {
  if (known.size >= MAX_KNOWN) known.clear()
  known.set(name, what)
  return what
}
