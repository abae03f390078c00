// Reads what tracers send to `/v0.6/stats`: how often which resource was called, counted by them in the Agent's place. Lenient: a row counts with what
// can be read of it.
// Source: datadog-agent, pkg/proto/datadog/trace/stats.proto, whose names of fields are those of the MessagePack form.

import { Decoder } from '@msgpack/msgpack'
import { MsgpackScan } from '../msgpack-scan'
import { Refusal } from '../refusal'
import { finite, isMap, text, uint64 } from '../wire-value'

export interface StatsRow {
  readonly service: string
  readonly name: string
  readonly resource: string
  readonly type: string
  readonly env: string
  readonly version: string
  readonly spanKind: string
  /** Of HTTP; 0 without. */
  readonly statusCode: number
  readonly hits: number
  readonly errors: number
  /** Those without a parent in the same service. */
  readonly topLevelHits: number
  /** Of all hits together, nanoseconds. */
  readonly duration: number
  /** Of the bucket, milliseconds since the Unix epoch. */
  readonly start: number
}

/** The Agent's cuts. */
const MAX_NAME = 100
const MAX_RESOURCE = 5000

/** Of one list or map. */
const MAX_ENTRIES = 100_000

const decoder = new Decoder({ useBigInt64: true, maxArrayLength: MAX_ENTRIES, maxMapLength: MAX_ENTRIES })

/** @returns the rows of all buckets, and how many made no sense */
export function readStats(body: Buffer): { rows: StatsRow[]; malformedRows: number } {
  // Refuses lengths and depths that the body cannot hold, before there is a value.
  const scan = new MsgpackScan(body)
  scan.take()
  scan.end()
  const payload = decode(body)
  if (!isMap(payload)) throw new Refusal(400, 'the payload is no map')
  const env = text(payload['Env'], MAX_NAME)
  const version = text(payload['Version'], MAX_NAME)
  const rows: StatsRow[] = []
  let malformedRows = 0
  for (const bucket of listOf(payload['Stats'])) {
    const start = isMap(bucket) ? Number((uint64(bucket['Start']) ?? 0n) / 1_000_000n) : 0
    for (const raw of isMap(bucket) ? listOf(bucket['Stats']) : [undefined]) {
      if (isMap(raw)) rows.push({ ...rowOf(raw), env, version, start })
      else malformedRows++
    }
  }
  return { rows, malformedRows }
}

function rowOf(raw: Record<string, unknown>): Omit<StatsRow, 'env' | 'version' | 'start'> {
  return {
    service: text(raw['Service'], MAX_NAME),
    name: text(raw['Name'], MAX_NAME),
    resource: text(raw['Resource'], MAX_RESOURCE),
    type: text(raw['Type'], MAX_NAME),
    spanKind: text(raw['SpanKind'], MAX_NAME),
    statusCode: count(raw['HTTPStatusCode']),
    hits: count(raw['Hits']),
    errors: count(raw['Errors']),
    topLevelHits: count(raw['TopLevelHits']),
    duration: count(raw['Duration']),
  }
}

function decode(body: Buffer): unknown {
  try {
    return decoder.decode(body)
  } catch (error) {
    throw new Refusal(400, `the payload is not MessagePack: ${(error as Error).message}`)
  }
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

function count(value: unknown): number {
  const number = finite(value) ?? 0
  return number > 0 ? number : 0
}
