// What tracers counted, by resource: bounded, the one that was silent for longest goes first. Spans come as well, because the local agent tells no tracer
// to hold any back; so this shows what an account would count, and what sampling would have left out.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { BodyReader } from '../body-reader'
import { replyJson } from '../reply'
import { mustBePlain } from '../request'
import { readStats, type StatsRow } from './stats-payload'

/** Resources of a program are hundreds, or they have ids in their names. */
export const MAX_ROWS = 2000

/** Estimated. */
const MAX_STATS_BYTES = 4 * 1024 * 1024

const ROW_BYTES = 400

export const STATS_PATH = '/v0.6/stats'

type Counts = Pick<StatsRow, 'hits' | 'errors' | 'topLevelHits' | 'duration'>

type ShownStats = Omit<StatsRow, 'start' | keyof Counts> & Counts & { first: number; last: number }

export class StatsStore {
  payloads = 0
  refusedPayloads = 0
  malformedRows = 0
  evictedRows = 0
  bytes = 0
  #hits = 0
  /** The one that changed last at the end. */
  readonly #rows = new Map<string, ShownStats>()

  constructor(private readonly bodies: BodyReader) {}

  get counters() {
    const { payloads, refusedPayloads, malformedRows, evictedRows, bytes } = this
    const rows = this.#rows.size
    return { payloads, refusedPayloads, malformedRows, rows, hits: this.#hits, evictedRows, bytes, maxRows: MAX_ROWS }
  }

  /** The one that changed last first. */
  latest(limit: number): ShownStats[] {
    return [...this.#rows.values()].slice(-limit).reverse()
  }

  async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      mustBePlain(request)
      const { rows, malformedRows } = readStats(await this.bodies.read(request))
      this.payloads++
      this.malformedRows += malformedRows
      for (const row of rows) this.#add(row)
    } catch (error) {
      this.refusedPayloads++
      throw error
    }
    replyJson(response, 200, {})
  }

  #add({ start, hits, errors, topLevelHits, duration, ...of }: StatsRow): void {
    this.#hits += hits
    const key = Object.values(of).join('\n')
    const known = this.#rows.get(key)
    this.#rows.delete(key)
    this.#rows.set(key, {
      ...of,
      hits: hits + (known?.hits ?? 0),
      errors: errors + (known?.errors ?? 0),
      topLevelHits: topLevelHits + (known?.topLevelHits ?? 0),
      duration: duration + (known?.duration ?? 0),
      first: Math.min(start, known?.first ?? start),
      last: Math.max(start, known?.last ?? start),
    })
    if (known === undefined) this.bytes += ROW_BYTES + key.length * 4
    while (this.#rows.size > MAX_ROWS || this.bytes > MAX_STATS_BYTES) {
      const [oldest] = this.#rows.keys()
      if (oldest === undefined) return
      this.#rows.delete(oldest)
      this.bytes -= ROW_BYTES + oldest.length * 4
      this.evictedRows++
    }
  }
}
