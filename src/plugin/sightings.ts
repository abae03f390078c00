// What became of the libraries that a program loaded: for those who ask why something is not traced.

/** A library that was seen. */
export interface Sighting {
  /** The npm package, or Node's builtin module. */
  readonly library: string
  readonly version: string
  readonly outcome: 'traced' | 'unsupported' | 'failed'
  /** Whether it was loaded before `dd`: it is then patched in place. */
  readonly isLate: boolean
  /** What went wrong. */
  readonly problem?: string
}

/** A plugin, and what it has found to trace. */
export interface Integration {
  readonly name: string
  /** `on`: it has found something. `waiting`: none of its libraries has been loaded. */
  readonly state: 'on' | 'waiting' | 'off'
  /** The setting that turned it off. */
  readonly reason?: string
  /** What was loaded; empty where Node's own channels are all there is. */
  readonly libraries: readonly Sighting[]
}

/** More than any program loads; copies of a library at one version count once. */
const MAX_SIGHTINGS = 1000

export class Sightings {
  readonly #byPlugin = new Map<string, Map<string, Sighting>>()
  #count = 0

  /** Notes a library; of several files of it, what went wrong counts. */
  note(plugin: string, sighting: Sighting): void {
    const key = `${sighting.library} ${sighting.version}`
    const all = this.#byPlugin.get(plugin) ?? new Map<string, Sighting>()
    const known = all.get(key)
    if (known === undefined ? this.#count >= MAX_SIGHTINGS : known.outcome !== 'traced') return
    if (known === undefined) this.#count++
    this.#byPlugin.set(plugin, all.set(key, sighting))
  }

  of(plugin: string): Sighting[] {
    return [...(this.#byPlugin.get(plugin)?.values() ?? [])]
  }

  clear(): void {
    this.#byPlugin.clear()
    this.#count = 0
  }
}
