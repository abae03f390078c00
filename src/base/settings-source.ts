// Where a layer that may be used alone has its settings from that a program leaves out: it does not read the environment itself. The
// composition root, or the entry of the layer, puts a reader here.

export class SettingsSource<T extends object> {
  #read: (() => Partial<T>) | undefined

  /**
   * Says how the settings are read. They are read when something is made.
   * @param isLastResort whether another reader, that of the tracer with its options, goes before
   */
  use(reader: () => Partial<T>, isLastResort = false): void {
    if (!isLastResort || this.#read === undefined) this.#read = reader
  }

  read(): Partial<T> {
    return this.#read?.() ?? {}
  }
}
