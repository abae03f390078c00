// The tags of a metric, cleaned, without doubles, in the form in which they are written. A set that is made once and used for many calls
// costs nothing per call.

import { cleanTag } from './clean-text'

/** Tags as `key:value` or bare words. */
export type TagList = readonly string[]
/** Tags as an object; null, undefined and empty values are left out. */
export type TagObject = Readonly<Record<string, string | number | bigint | boolean | null | undefined>>
export type Tags = TagList | TagObject | TagSet

export class TagSet {
  /** Cleaned, each once, in the order in which they were given. */
  readonly list: readonly string[]
  /** `a:1,b`; empty without tags. */
  readonly text: string
  /** The same for any order of the same tags. */
  readonly key: string
  /** Of `text`, in UTF-8. */
  readonly bytes: number
  /** What a client made of it last: found again without a search. */
  lastWritten: object | undefined = undefined

  private constructor(list: readonly string[]) {
    this.list = list
    this.text = list.join(',')
    this.key = list.length < 2 ? this.text : [...list].sort().join(',')
    this.bytes = Buffer.byteLength(this.text)
  }

  static readonly EMPTY = new TagSet([])

  /**
   * Cleans tags: letters, digits and `_ - : / .` stay, anything else becomes `_`; empty tags go.
   * @param tags a list, an object, or a set, which is given back as it is
   */
  static of(tags: Tags | undefined): TagSet {
    if (tags instanceof TagSet) return tags
    const list = unique(listOf(tags))
    return list.length === 0 ? TagSet.EMPTY : new TagSet(list)
  }

  /**
   * These tags and others. A tag here takes the place of another one of the same key.
   * @param areOthersFirst which are written first; default: these
   */
  over(others: TagSet, areOthersFirst = false): TagSet {
    if (others.list.length === 0) return this
    if (this.list.length === 0) return others
    const keys = new Set(this.list.map(keyOf))
    const kept = others.list.filter((tag) => !keys.has(keyOf(tag)))
    return new TagSet(unique(areOthersFirst ? [...kept, ...this.list] : [...this.list, ...kept]))
  }
}

/** The key of `key:value`; a bare word is its own. */
function keyOf(tag: string): string {
  const colon = tag.indexOf(':')
  return colon === -1 ? tag : tag.slice(0, colon)
}

function listOf(tags: TagList | TagObject | undefined): string[] {
  if (tags === undefined || tags === null) return []
  const list: string[] = []
  if (Array.isArray(tags)) {
    for (const tag of tags as readonly unknown[]) {
      const cleaned = tag === null || tag === undefined ? '' : cleanTag(String(tag))
      if (cleaned !== '') list.push(cleaned)
    }
    return list
  }
  // One tag as a text is a mistake that is easily forgiven.
  if (typeof tags === 'string') return listOf([tags])
  for (const [key, value] of Object.entries(tags)) {
    if (value !== null && value !== undefined && value !== '' && key !== '') {
      list.push(`${cleanTag(key).replaceAll(':', '_')}:${cleanTag(String(value))}`)
    }
  }
  return list
}

function unique(list: string[]): string[] {
  // Quicker than a Set for the few tags there are.
  return list.filter((tag, at) => list.indexOf(tag) === at)
}
