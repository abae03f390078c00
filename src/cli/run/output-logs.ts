// The two outputs of a program under `dog run`: passed on to the terminal, and kept as logs.

import type { Readable } from 'node:stream'
import type { LogStore } from '../../local-agent/logs/log-store'
import { fdWriter } from './fd-writer'
import { PassedOutput, written } from './passed-output'

type Stream = 'stdout' | 'stderr'

export class OutputLogs {
  readonly #writers = { stdout: fdWriter(1), stderr: fdWriter(2) }
  readonly #outputs: readonly PassedOutput[]

  /** @param from what the program writes */
  constructor(from: Readonly<Record<Stream, Readable | null>>, service: string, logs: LogStore) {
    this.#outputs = (['stdout', 'stderr'] as const).flatMap((stream) => {
      const keep = (line: string) => logs.add({ stream, service, text: lastSeen(line) })
      const readable = from[stream]
      return readable === null ? [] : [new PassedOutput(readable, this.#writers[stream], keep)]
    })
  }

  /** Says something of our own, in order with what the program says on stderr. */
  say(text: string): void {
    const { stderr } = this.#writers
    if (!stderr.destroyed) stderr.write(text)
  }

  /** Resolves when what the program wrote before it ended has been passed on. */
  async end(): Promise<void> {
    await Promise.all(this.#outputs.map((output) => output.end()))
  }

  /** Resolves when everything has been written. */
  async close(): Promise<void> {
    await Promise.all(Object.values(this.#writers).map(written))
  }
}

/** Of a line that was written over by carriage returns, as progress bars are. */
function lastSeen(line: string): string {
  const text = line.replace(/\r+$/, '')
  return text.slice(text.lastIndexOf('\r') + 1)
}
