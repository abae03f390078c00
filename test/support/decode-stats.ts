// Reads the body of `PUT /v0.6/stats` with msgpack-lite, strictly: the fields of the Agent's message, all of them, of their types.

import { createCodec, decode } from 'msgpack-lite'
import { decodeSketch, type ReceivedSketch } from './decode-sketch'

export interface ReceivedRow {
  Service: string
  Name: string
  Resource: string
  HTTPStatusCode: number
  Type: string
  DBType: string
  Hits: number
  Errors: number
  /** ns. */
  Duration: number
  OkSummary: ReceivedSketch
  ErrorSummary: ReceivedSketch
  Synthetics: boolean
  TopLevelHits: number
  SpanKind: string
  PeerTags: string[]
  IsTraceRoot: number
  GRPCStatusCode: string
  HTTPMethod: string
  HTTPEndpoint: string
  srv_src: string
}

interface ReceivedBucket {
  /** ns since the epoch. */
  Start: bigint
  Duration: number
  Stats: ReceivedRow[]
}

export interface ReceivedStats {
  Hostname: string
  Env: string
  Version: string
  Lang: string
  TracerVersion: string
  RuntimeID: string
  Service: string
  ProcessTags: string
  Sequence: number
  Stats: ReceivedBucket[]
}

type Shape = Readonly<Record<string, (value: unknown) => unknown>>

const text = (value: unknown) => of(typeof value === 'string', value)
const flag = (value: unknown) => of(typeof value === 'boolean', value)
const whole = (value: unknown) => {
  const number = Number(String(value))
  return of(typeof value !== 'string' && Number.isSafeInteger(number) && number >= 0, number)
}
const exact = (value: unknown) => BigInt(String(value))
const list = (read: (item: unknown) => unknown) => (value: unknown) =>
  (of(Array.isArray(value), value) as unknown[]).map(read)
const sketch = (value: unknown) => decodeSketch(of(Buffer.isBuffer(value), value) as Buffer)
const object = (shape: Shape) => (value: unknown) => {
  const map = of(value instanceof Map, value) as Map<string, unknown>
  const unknown = [...map.keys()].filter((key) => !Object.hasOwn(shape, key))
  if (unknown.length > 0) throw new Error(`unknown fields ${unknown.join()}`)
  return Object.fromEntries(Object.entries(shape).map(([key, read]) => [key, read(map.get(key))]))
}

const row = object({
  Service: text,
  Name: text,
  Resource: text,
  HTTPStatusCode: whole,
  Type: text,
  DBType: text,
  Hits: whole,
  Errors: whole,
  Duration: whole,
  OkSummary: sketch,
  ErrorSummary: sketch,
  Synthetics: flag,
  TopLevelHits: whole,
  SpanKind: text,
  PeerTags: list(text),
  IsTraceRoot: whole,
  GRPCStatusCode: text,
  HTTPMethod: text,
  HTTPEndpoint: text,
  srv_src: text,
})

const payload = object({
  Hostname: text,
  Env: text,
  Version: text,
  Lang: text,
  TracerVersion: text,
  RuntimeID: text,
  Service: text,
  ProcessTags: text,
  Sequence: whole,
  Stats: list(object({ Start: exact, Duration: whole, Stats: list(row) })),
})

export function decodeStats(body: Buffer): ReceivedStats {
  return payload(decode(body, { codec: createCodec({ int64: true, usemap: true }) })) as unknown as ReceivedStats
}

/** Every row of every bucket of every payload. */
export function rowsOf(stats: readonly ReceivedStats[]): ReceivedRow[] {
  return stats.flatMap(({ Stats }) => Stats.flatMap((bucket) => bucket.Stats))
}

function of(isRight: boolean, value: unknown): unknown {
  if (!isRight) throw new Error(`a field of the stats is ${String(value)}`)
  return value
}
