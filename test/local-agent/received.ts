// Spans as the store holds them, for tests that begin behind the wire.

import type { ReceivedSpan } from '../../src/local-agent/received-span'
import type { StoredTrace } from '../../src/local-agent/trace-store'
import { START } from './wire-span'

export function received(fields: Partial<ReceivedSpan> = {}): ReceivedSpan {
  return {
    traceId: '1',
    spanId: '1',
    parentId: '0',
    service: 'web',
    name: 'web.request',
    resource: 'GET /',
    type: 'web',
    start: START,
    duration: 1_000_000n,
    error: 0,
    meta: {},
    metrics: {},
    ...fields,
  }
}

export function storedTrace(...spans: Partial<ReceivedSpan>[]): StoredTrace {
  const list = spans.map(received)
  return { id: '1'.padStart(32, '0'), revision: 1, spans: new Map(list.map((span) => [span.spanId, span])) }
}
