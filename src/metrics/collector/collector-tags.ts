// The tags of a collector's series: those of the call with the collector's base tags, sorted. Made once for each spelling, because the
// requests of a program record the same tags over and over.

import { MAX_STEPS, TagPaths } from '../tag-paths'
import { TagSet, type Tags } from '../tag-set'
import type { SinkOptions } from './metric-sink'

export interface CollectedTags {
  /** The same for any order of the same tags. */
  readonly key: string
  /** What the sink is given. */
  readonly options: SinkOptions
}

export class CollectorTags {
  readonly #paths = new TagPaths<CollectedTags>(MAX_STEPS)

  constructor(readonly base: TagSet) {}

  /** @throws whatever an object among the tags throws when it is to become text */
  of(tags: Tags | undefined): CollectedTags {
    return this.#paths.find(tags) ?? this.#make(tags)
  }

  #make(tags: Tags | undefined): CollectedTags {
    const set = TagSet.of(tags).over(this.base)
    const made: CollectedTags = { key: set.key, options: Object.freeze({ tags: Object.freeze([...set.list].sort()) }) }
    this.#paths.add(tags, made)
    return made
  }
}
