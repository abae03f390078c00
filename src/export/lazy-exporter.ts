// An exporter that is made, and its files loaded, when the first chunk comes: a program that starts should not wait for what it
// needs a second later, or never.

import type { UnsentRequest } from '../base/exit-delivery'
import type { Chunk } from '../trace/chunk'
import type { Exporter } from './exporter'

export class LazyExporter implements Exporter {
  #exporter: Exporter | undefined
  #isShut = false

  constructor(private readonly make: () => Exporter) {}

  export(chunk: Chunk): void {
    if (this.#exporter === undefined && this.#isShut) return
    this.#exporter ??= this.make()
    this.#exporter.export(chunk)
  }

  async flush(lastChance?: boolean): Promise<void> {
    await this.#exporter?.flush(lastChance)
  }

  takeUnsent(): UnsentRequest[] {
    return this.#exporter?.takeUnsent() ?? []
  }

  async shutdown(): Promise<void> {
    this.#isShut = true
    await this.#exporter?.shutdown()
  }
}
