// The names of metrics as a client writes them: cleaned, with its prefix and suffix. A program has few names and uses each many times.

import { cleanName } from '../clean-text'
import type { HeldSeries } from './line-aggregation'
import type { WrittenTags } from './written-tags'

/** A program that makes up names for ever starts anew then. */
const MAX_REMEMBERED = 5000

export class MetricName {
  /** The series of each kind that are being aggregated under this name, by their tags. Of the aggregation. */
  readonly series: (Map<WrittenTags, HeldSeries> | undefined)[] = [
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
  ]
  readonly bytes: number

  /** @param start what a line begins with: the name, and the colon where the tags do not bring it */
  constructor(readonly start: string) {
    this.bytes = Buffer.byteLength(start)
  }
}

export interface NameParts {
  /** Empty, or with a dot at its end. */
  readonly prefix: string
  /** Empty, or with a dot at its beginning. */
  readonly suffix: string
}

export class MetricNames {
  readonly #parts: NameParts
  readonly #colon: string
  #names = new Map<string, MetricName>()

  /** @param tagsStandInName whether the colon comes after tags */
  constructor(parts: NameParts, tagsStandInName: boolean) {
    this.#parts = parts
    this.#colon = tagsStandInName ? '' : ':'
  }

  /** Undefined for what is no name. */
  find(name: string): MetricName | undefined {
    return this.#names.get(name) ?? this.#make(name)
  }

  #make(name: unknown): MetricName | undefined {
    if (typeof name !== 'string' || name === '') return undefined
    if (this.#names.size >= MAX_REMEMBERED) this.#names = new Map()
    const { prefix, suffix } = this.#parts
    const made = new MetricName(prefix + cleanName(name) + suffix + this.#colon)
    this.#names.set(name, made)
    return made
  }
}

/** Those of a client within another: `parent.child.name.child.parent`, with exactly one dot between. */
export function within({ prefix, suffix }: NameParts, childPrefix = '', childSuffix = ''): NameParts {
  const start = cleanName(childPrefix).replace(/^\.+|\.+$/g, '')
  const end = cleanName(childSuffix).replace(/^\.+|\.+$/g, '')
  return { prefix: start === '' ? prefix : `${prefix}${start}.`, suffix: end === '' ? suffix : `.${end}${suffix}` }
}
