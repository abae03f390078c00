// A trace as the agent answers it, turned back into what the store holds, for the code that draws trees.

import type { ReceivedSpan } from '../../local-agent/received-span'
import type { StoredTrace } from '../../local-agent/trace-store'
import type { SpanAnswer, TraceAnswer } from '../agent-answers'

export function fetchedTrace({ id, revision = 0, spans }: TraceAnswer): StoredTrace {
  return { id, revision, spans: new Map(spans.map((span) => [span.spanId, fetchedSpan(span)])) }
}

function fetchedSpan({ start, duration, error, ...span }: SpanAnswer): ReceivedSpan {
  return { ...span, start: BigInt(start), duration: BigInt(duration), error: error ? 1 : 0 }
}
