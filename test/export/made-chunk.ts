// Chunks put together by hand, in the shape in which the tracer hands them over, with every field under control.

import type { Chunk, FinishedSpan } from '../../src/trace/chunk'
import { Recorder } from '../../src/trace/recorder'
import { Trace } from '../../src/trace/trace'

/** A time after the year 2000, in whole microseconds. */
export const START_US = 1_790_000_000_123_456

function madeSpan(change: Partial<FinishedSpan> = {}): FinishedSpan {
  return {
    idHigh: 0,
    idLow: 2,
    parentHigh: 0,
    parentLow: 0,
    name: 'op',
    service: 'shop',
    resource: 'GET /',
    type: 'web',
    error: 0,
    startUs: START_US,
    durationUs: 1500,
    tags: [],
    isTopLevel: true,
    links: undefined,
    events: undefined,
    ...change,
  }
}

export interface TraceFields {
  upperHigh?: number
  upperLow?: number
  idHigh?: number
  idLow?: number
  priority?: number
  origin?: string
  tags?: Record<string, string>
}

const nowhere = new Recorder({ emit() {}, decide() {}, partialFlushMinSpans: 1, traceMaxAgeMs: 1 })

/** One chunk: the spans, or a single default one. */
export function madeChunk(spans: Partial<FinishedSpan>[] = [{}], fields: TraceFields = {}): Chunk {
  const { upperHigh = 0, upperLow = 0, idHigh = 0, idLow = 1, priority, origin, tags = {} } = fields
  const trace = new Trace(nowhere, upperHigh, upperLow, idHigh, idLow, new Map(Object.entries(tags)))
  trace.priority = priority
  trace.origin = origin
  return { trace, spans: spans.map(madeSpan) }
}

/** One of its spans cannot be written: a program has put something else where text belongs. */
export const oddChunk = madeChunk([{}, { resource: 5 as unknown as string }])

let lastId = 100

/** A chunk of one span with an id that no other has, about `bytes` long. */
export function uniqueChunk(bytes = 0): Chunk {
  const idLow = ++lastId
  const tags: (string | number)[] = []
  for (let left = bytes; left > 0; left -= 20_000) tags.push(`pad${left}`, 'x'.repeat(Math.min(left, 20_000)))
  return madeChunk([{ idLow, tags, name: `op ${idLow}` }], { idLow })
}
