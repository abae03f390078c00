// What Node warns of when an experimental builtin module is first loaded, kept until the program really uses it: that it is patched
// is no reason to warn somebody who does not.

export class KeptWarnings {
  readonly #warnings: unknown[][] = []

  /** Loads a module, and keeps what it warns of. */
  load(name: string, load: (name: string) => unknown): unknown {
    const { emitWarning } = process
    process.emitWarning = (...args: unknown[]) => void this.#warnings.push(args)
    try {
      return load(name)
    } finally {
      process.emitWarning = emitWarning
    }
  }

  /** Says what was kept, once. */
  say(): void {
    for (const args of this.#warnings.splice(0)) Reflect.apply(process.emitWarning, process, args)
  }
}
