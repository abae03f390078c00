// Metrics that are kept until `send()`, and then travel together.

import { MetricsError } from '../metrics-error'
import { MetricMethods, type Recording } from './metric-methods'

/** A line, a pair of lines that must stay together, or what a pipeline inside the pipeline has sent. */
export type Entry = string | readonly Entry[]

/** Characters kept at most. Whoever never sends would fill the memory. */
const MAX_LENGTH = 16 * 1024 * 1024

export class Pipeline extends MetricMethods {
  readonly #recording: Recording
  readonly #sendAll: (entries: readonly Entry[]) => void
  #entries: Entry[] = []
  #length = 0

  /** @param sendAll takes all that is kept; clients and pipelines make pipelines with `pipeline()` */
  constructor(recording: Recording, sendAll: (entries: readonly Entry[]) => void) {
    super(recording)
    this.#recording = recording
    this.#sendAll = sendAll
  }

  /** Lines that wait for `send()`. */
  get size(): number {
    return countLines(this.#entries)
  }

  /** A pipeline inside this one: its `send()` puts its lines among these, together. */
  pipeline(): Pipeline {
    return new Pipeline(this.#recording, (entries) => this.#keep(entries))
  }

  /** Sends all lines in their order, in as few packets as can be; nothing if there are none. It can be used again then. */
  send(): void {
    const entries = this.#entries
    if (entries.length === 0) return
    this.#entries = []
    this.#length = 0
    this.#sendAll(entries)
  }

  /** `using pipe = client.pipeline()` sends at the end of the block, also when it throws. */
  [Symbol.dispose](): void {
    this.send()
  }

  protected override take(line: string): void {
    this.#keep(line)
  }

  #keep(entry: Entry): void {
    const length = lengthOf(entry)
    if (this.#length + length > MAX_LENGTH) {
      const { stats, errors } = this.#recording
      stats.droppedQueue += countLines([entry])
      errors.report('overflow', () => new MetricsError('overflow', 'a pipeline was not sent and is full'))
      return
    }
    this.#length += length
    this.#entries.push(entry)
  }
}

/** Recorded lines: the two of a pair count as one. */
export function countLines(entries: readonly Entry[]): number {
  return entries.reduce<number>((lines, entry) => lines + (typeof entry === 'string' ? 1 : countLines(entry)), 0)
}

/** All lines, with newlines between. */
export function textOf(entry: Entry): string {
  return typeof entry === 'string' ? entry : entry.map(textOf).join('\n')
}

function lengthOf(entry: Entry): number {
  return typeof entry === 'string' ? entry.length : entry.reduce<number>((sum, each) => sum + lengthOf(each) + 1, 0)
}
