// A tag's key as it stands in MessagePack, with the value it has most of the time.

import type { FixedTags } from './fixed-tags'
import { KnownField, remember } from './known-field'
import type { MsgpackWriter } from './msgpack-writer'
import { type TagNormalizer, tagNormalizer } from './normalize'
import { cut, MAX_KEY_LENGTH } from './wire-limits'

export class TagField extends KnownField {
  constructor(
    readonly name: string,
    /** Whether a fixed tag goes by this name too. */
    readonly isFixed: boolean,
    shortName: string,
  ) {
    super(shortName)
  }
}

/** A tag that the Agent would rewrite: it is written as that. */
export class NormalizedField extends TagField {
  readonly #normalize: TagNormalizer
  #raw: string | undefined
  #key = ''
  #text = ''

  constructor(name: string, isFixed: boolean, normalize: TagNormalizer) {
    super(name, isFixed, name)
    this.#normalize = normalize
  }

  override write(writer: MsgpackWriter, value: string): void {
    if (value !== this.#raw) {
      ;[this.#key, this.#text] = this.#normalize(value)
      this.#raw = value
    }
    if (this.#key === this.name) {
      super.write(writer, this.#text)
    } else {
      writer.string(this.#key)
      writer.string(this.#text)
    }
  }
}

/** The fields of all keys that have come. */
export class TagFields {
  readonly #fixed: readonly FixedTags[]
  readonly #known = new Map<string, TagField>()

  constructor(...fixed: FixedTags[]) {
    this.#fixed = fixed
  }

  of(key: string): TagField {
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const isFixed = this.#fixed.some((tags) => tags.has(key))
    const normalize = tagNormalizer(key)
    const field =
      normalize === undefined
        ? new TagField(key, isFixed, cut(key, MAX_KEY_LENGTH))
        : new NormalizedField(key, isFixed, normalize)
    return remember(this.#known, key, field)
  }
}
