// The rows of ten seconds, and the limits that keep them few: names that a program makes up must cost neither memory here nor
// money in the backend. What comes above a limit is counted all the same, under a name that says why.
// Source: datadog-agent, pkg/trace/stats/statsraw.go: limits of the whole key and of single fields, and `tracer_blocked_value`.

import { log } from '../../base/log'
import type { FinishedSpan } from '../../trace/chunk'
import type { SpanReader } from './span-reader'
import { type Dimensions, StatsRow } from './stats-row'

/** What stands in the place of values above a limit. */
export const BLOCKED = 'tracer_blocked_value'

/** Different endpoints, and different sets of peers. Datadog's default. */
const MAX_ENDPOINTS = 512
const MAX_PEERS = 512

export interface StatsLimits {
  /** Rows of one bucket. Datadog's default: 2048. */
  readonly statsCardinalityLimit?: number
  /** Different resources of one bucket. Datadog's default: 1024. */
  readonly statsResourceCardinalityLimit?: number
}

const DEFAULT_ROWS = 2048
const DEFAULT_RESOURCES = 1024

const BLOCKED_ROW: Dimensions = {
  service: BLOCKED,
  name: BLOCKED,
  resource: BLOCKED,
  type: BLOCKED,
  dbType: '',
  spanKind: BLOCKED,
  serviceSource: BLOCKED,
  httpStatus: 0,
  httpMethod: BLOCKED,
  httpEndpoint: BLOCKED,
  grpcStatus: '',
  peerTags: [BLOCKED],
  isSynthetic: false,
  root: 0,
}

export class StatsBucket {
  readonly #rows = new Map<string, StatsRow>()
  /** Of the spans above the limit of rows. */
  #blocked: StatsRow | undefined
  readonly #resources = new Set<string>()
  readonly #endpoints = new Set<string>()
  readonly #peers = new Set<string>()
  readonly #maxRows: number
  readonly #maxResources: number

  constructor(
    /** Whole microseconds since the epoch. */
    readonly startUs: number,
    { statsCardinalityLimit = DEFAULT_ROWS, statsResourceCardinalityLimit = DEFAULT_RESOURCES }: StatsLimits,
  ) {
    this.#maxRows = statsCardinalityLimit
    this.#maxResources = statsResourceCardinalityLimit
  }

  get rows(): readonly StatsRow[] {
    return this.#blocked === undefined ? [...this.#rows.values()] : [...this.#rows.values(), this.#blocked]
  }

  /** Counts the span that `reader` has just read. */
  add(span: FinishedSpan, reader: SpanReader): void {
    let row = reader.recentRow(this)
    if (row === undefined) {
      row = this.#rowOf(reader.dimensions())
      reader.remember(row, this)
    }
    row.add(span)
  }

  #rowOf(wanted: Dimensions): StatsRow {
    const known = this.#rows.get(keyOf(wanted))
    if (known !== undefined) return known
    if (this.#rows.size >= this.#maxRows) {
      sayLimit(this.#maxRows, 'rows')
      this.#blocked ??= new StatsRow(BLOCKED_ROW)
      return this.#blocked
    }
    const dimensions = this.#limited(wanted)
    const key = keyOf(dimensions)
    let row = this.#rows.get(key)
    if (row === undefined) {
      row = new StatsRow(dimensions)
      this.#rows.set(key, row)
    }
    return row
  }

  #limited(wanted: Dimensions): Dimensions {
    const { resource, httpEndpoint, peerTags } = wanted
    return {
      ...wanted,
      resource: fits(this.#resources, resource, this.#maxResources, 'resources') ? resource : BLOCKED,
      httpEndpoint: fits(this.#endpoints, httpEndpoint, MAX_ENDPOINTS, 'endpoints') ? httpEndpoint : BLOCKED,
      peerTags: fits(this.#peers, peerTags.join(), MAX_PEERS, 'peers') ? peerTags : [BLOCKED],
    }
  }
}

/** The same for all spans of a row and no others. */
function keyOf(dimensions: Dimensions): string {
  return Object.values(dimensions).join('\0')
}

/** Remembers the value; false if that would be one too many. */
function fits(seen: Set<string>, value: string, max: number, what: string): boolean {
  if (value === '' || seen.has(value)) return true
  if (seen.size >= max) {
    sayLimit(max, what)
    return false
  }
  seen.add(value)
  return true
}

function sayLimit(max: number, what: string): void {
  log.once(
    `stats ${what}`,
    `more than ${max} different ${what} in the stats of 10 s; the rest is counted as ${BLOCKED}`,
  )
}
