// The tags that nearly all spans of a name have alike: learned by looking on, and from then on copied in one piece, the span's
// beginning included, where each would be a comparison and a copy of its own.
//
// Spans of a name have the same keys in the same order nearly always, and of the values most never change: a component, a kind, a
// host. A value that stays the same for a while and then changes (a customer's, within a trace) is told from those by looking on
// twice as long whenever what was learned has come to fit no more than half of the spans.

import type { FinishedSpan } from '../trace/chunk'
import type { FixedTags } from './fixed-tags'
import { encoded } from './known-field'
import { MsgpackWriter } from './msgpack-writer'
import type { TagField, TagFields } from './tag-field'
import { cut, MAX_VALUE_LENGTH } from './wire-limits'

/** Spans that are looked at before anything is taken for usual, at first and at most. */
const MIN_SEEN = 16
const MAX_SEEN = 1024
/** After so many spans that do not fit, it is asked whether most do. */
const PATIENCE = 256
/** Longer texts are not kept, nor compared; and of so many tags none are. */
const MAX_KEPT_LENGTH = 256
const MAX_KEPT_TAGS = 64

/** The header of a map whose size is in its last two bytes, to be corrected. */
export const MAP16 = [0xde, 0, 0]
/** The key of the metrics, and the header of the map. */
export const METRICS = Uint8Array.of(...encoded('metrics'), ...MAP16)

type Tags = FinishedSpan['tags']
/** Keys and values in turn; undefined stands for a value that differs. */
type Pattern = readonly (string | number | undefined)[]

export class UsualTags {
  /** A span's map up to the header of the texts, and the texts that are usual, those of the process included. */
  readonly opening: Uint8Array
  /** The same of numbers. */
  readonly #numbers: Uint8Array
  readonly #textCount: number
  readonly #numberCount: number
  /** Where in the list of tags the values are that differ, and their fields. */
  readonly #others: readonly number[]
  readonly #fields: readonly TagField[]
  readonly #pattern: Pattern

  constructor(pattern: Pattern, opening: Uint8Array, fixed: FixedTags, known: TagFields) {
    const texts = new MsgpackWriter(1024)
    const numbers = new MsgpackWriter(256)
    texts.raw(opening)
    numbers.raw(METRICS)
    let textCount = fixed.write(texts, pattern)
    let numberCount = 0
    const others: number[] = []
    const fields: TagField[] = []
    for (let i = 0; i < pattern.length; i += 2) {
      const field = known.of(pattern[i] as string)
      const value = pattern[i + 1]
      if (typeof value === 'string') {
        field.write(texts, cut(value, MAX_VALUE_LENGTH))
        textCount++
      } else if (typeof value === 'number') {
        numbers.raw(field.key)
        numbers.number(value)
        numberCount++
      } else {
        others.push(i + 1)
        fields.push(field)
      }
    }
    this.opening = texts.copy()
    this.#numbers = numbers.copy()
    this.#textCount = textCount
    this.#numberCount = numberCount
    this.#others = others
    this.#fields = fields
    this.#pattern = pattern
  }

  /** Writes what differs, behind the opening; returns how many texts there are then. */
  writeTexts(writer: MsgpackWriter, tags: Tags): number {
    const others = this.#others
    let count = this.#textCount
    for (let i = 0; i < others.length; i++) {
      const value = tags[others[i]!]
      if (typeof value !== 'string') continue
      this.#fields[i]!.write(writer, cut(value, MAX_VALUE_LENGTH))
      count++
    }
    return count
  }

  /** Writes all numbers; returns how many. */
  writeNumbers(writer: MsgpackWriter, tags: Tags): number {
    const others = this.#others
    let count = this.#numberCount
    writer.raw(this.#numbers)
    for (let i = 0; i < others.length; i++) {
      const value = tags[others[i]!]
      if (typeof value !== 'number') continue
      writer.raw(this.#fields[i]!.key)
      writer.number(value)
      count++
    }
    return count
  }

  fit(tags: Tags): boolean {
    const pattern = this.#pattern
    const { length } = tags
    if (length !== pattern.length) return false
    for (let i = 0; i < length; i += 2) {
      if (tags[i] !== pattern[i]) return false
      const usual = pattern[i + 1]
      if (usual !== undefined && usual !== tags[i + 1]) return false
    }
    return true
  }
}

/** What is usual for the spans of a name, as far as it is known. */
export class TagHabit {
  readonly #opening: Uint8Array
  readonly #fixed: FixedTags
  readonly #fields: TagFields
  #usual: UsualTags | undefined
  /** What the spans that are looked at have in common. */
  #pattern: (string | number | undefined)[] = []
  #wanted = MIN_SEEN
  /** While it is learned: spans of the pattern's keys, and others. Then: spans that fit, and others. */
  #fitting = 0
  #others = 0

  /**
   * @param opening of a span's map, up to the header of the texts
   * @param fixed goes on each
   */
  constructor(opening: Uint8Array, fixed: FixedTags, fields: TagFields) {
    this.#opening = opening
    this.#fixed = fixed
    this.#fields = fields
  }

  /** What is usual, if these tags are of that kind. */
  of(tags: Tags): UsualTags | undefined {
    const usual = this.#usual
    if (usual === undefined) {
      this.#learn(tags)
      return undefined
    }
    if (usual.fit(tags)) {
      this.#fitting++
      return usual
    }
    if (++this.#others >= PATIENCE) this.#doubt()
    return undefined
  }

  #doubt(): void {
    if (this.#fitting <= this.#others) {
      this.#usual = undefined
      this.#wanted = Math.min(this.#wanted * 2, MAX_SEEN)
    }
    this.#fitting = 0
    this.#others = 0
  }

  #learn(tags: Tags): void {
    const pattern = this.#pattern
    if (!hasKeys(tags, pattern)) {
      // The keys that come most often are left in the end.
      if (++this.#others <= this.#fitting || tags.length > MAX_KEPT_TAGS * 2) return
      this.#pattern = tags.map((value, i) => (i % 2 === 1 && isLong(value) ? undefined : value))
      this.#fitting = 1
      this.#others = 0
      return
    }
    for (let i = 1; i < pattern.length; i += 2) if (pattern[i] !== tags[i]) pattern[i] = undefined
    if (++this.#fitting < this.#wanted) return
    this.#usual = new UsualTags(pattern, this.#opening, this.#fixed, this.#fields)
    this.#pattern = []
    this.#fitting = 0
    this.#others = 0
  }
}

function hasKeys(tags: Tags, pattern: Pattern): boolean {
  if (tags.length !== pattern.length) return false
  for (let i = 0; i < tags.length; i += 2) if (tags[i] !== pattern[i]) return false
  return true
}

function isLong(value: string | number): boolean {
  return typeof value === 'string' && value.length > MAX_KEPT_LENGTH
}
