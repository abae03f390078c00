// Finds again what was made for tags, without cleaning, sorting or joining them anew: a fresh list of three tags costs three look-ups in a
// Map, which is a tenth of what its canonical form costs. Each order of the same tags has a path of its own to the same end.

import { TagSet, type Tags } from './tag-set'

interface Step<T> {
  end: T | undefined
  next: Map<unknown, Step<T>> | undefined
}

/** Steps that one memory of tags may have; programs with endless tags have endless paths, and past it they are learned anew. */
export const MAX_STEPS = 10_000

/** From tags, as programs spell them, to a value. */
export class TagPaths<T> {
  /** By the key of prebuilt sets. */
  readonly #sets = new Map<string, T>()
  #lists: Step<T> = { end: undefined, next: undefined }
  /** Key, value, key, value: `{ a: 'b' }` is no list `['a', 'b']`. */
  #objects: Step<T> = { end: undefined, next: undefined }
  readonly #maxSteps: number
  #steps = 0

  /** @param maxSteps past it all is forgotten; without it, the caller counts what `add` returns */
  constructor(maxSteps = Number.POSITIVE_INFINITY) {
    this.#maxSteps = maxSteps
  }

  find(tags: Tags | undefined): T | undefined {
    if (tags === undefined || tags === null) return this.#lists.end
    if (tags instanceof TagSet) return this.#sets.get(tags.key)
    if (Array.isArray(tags)) {
      let step: Step<T> | undefined = this.#lists
      for (let at = 0; at < tags.length; at++) {
        step = step.next?.get(tags[at])
        if (step === undefined) return undefined
      }
      return step.end
    }
    if (typeof tags !== 'object') return undefined
    let step: Step<T> | undefined = this.#objects
    for (const key of Object.keys(tags)) {
      step = step.next?.get(key)?.next?.get((tags as Readonly<Record<string, unknown>>)[key])
      if (step === undefined) return undefined
    }
    return step.end
  }

  /** Leads `tags` to `end`; returns how many steps that took which were not there before. */
  add(tags: Tags | undefined, end: T): number {
    if (this.#steps > this.#maxSteps) this.#forget()
    const steps = this.#add(tags, end)
    this.#steps += steps
    return steps
  }

  #forget(): void {
    this.#sets.clear()
    this.#lists = { end: undefined, next: undefined }
    this.#objects = { end: undefined, next: undefined }
    this.#steps = 0
  }

  #add(tags: Tags | undefined, end: T): number {
    if (tags instanceof TagSet) {
      this.#sets.set(tags.key, end)
      return 1
    }
    const isList = tags === undefined || tags === null || Array.isArray(tags)
    if (!isList && typeof tags !== 'object') return 0
    const path: readonly unknown[] = isList ? ((tags ?? []) as readonly unknown[]) : Object.entries(tags).flat()
    // What can change is found anew.
    if (path.some((part) => typeof part === 'object' && part !== null)) return 0
    let step = isList ? this.#lists : this.#objects
    let added = 0
    for (const part of path) {
      step.next ??= new Map()
      let next = step.next.get(part)
      if (next === undefined) {
        next = { end: undefined, next: undefined }
        step.next.set(part, next)
        added++
      }
      step = next
    }
    step.end = end
    return added
  }
}
