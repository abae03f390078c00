// The errors of all traces, the same ones together.
//
// Two errors are the same if their type, service and resource are, and their messages but for the numbers in them. A group
// shows the latest of its errors.

import type { ReceivedSpan } from '../received-span'
import { generalText } from './general-text'
import { errorOf, type SpanError, topOf } from './span-errors'
import { milliseconds } from './trace-columns'

export interface ErrorGroup {
  readonly type: string
  readonly message: string
  readonly service: string
  readonly resource: string
  readonly count: number
  /** Milliseconds since the Unix epoch, when the spans ended. */
  readonly first: number
  readonly last: number
  /** Of the latest; the trace as 32 hexadecimal digits, the span decimal. */
  readonly traceId: string
  readonly spanId: string
  /** Its top lines. */
  readonly stack: string
}

interface Group {
  count: number
  first: bigint
  last: bigint
  traceId: string
  span: ReceivedSpan
  error: SpanError
}

/** A message that is a status and nothing else tells kinds of errors apart by its number. */
function generalMessage({ type, message }: SpanError): string {
  return type === '' && /^status \d+$/.test(message) ? message : generalText(message)
}

export class ErrorGroups {
  readonly #groups = new Map<string, Group>()

  add(traceId: string, span: ReceivedSpan): void {
    const error = errorOf(span)
    if (error === undefined) return
    const key = [error.type, span.service, generalText(span.resource), generalMessage(error)].join('\0')
    const at = span.start + span.duration
    const group = this.#groups.get(key)
    if (group === undefined) {
      this.#groups.set(key, { count: 1, first: at, last: at, traceId, span, error })
      return
    }
    group.count++
    if (at < group.first) group.first = at
    if (at < group.last) return
    group.last = at
    group.traceId = traceId
    group.span = span
    group.error = error
  }

  get size(): number {
    return this.#groups.size
  }

  /** The latest first. */
  latest(limit: number): ErrorGroup[] {
    const byTime = [...this.#groups.values()].sort((a, b) => (a.last > b.last ? -1 : a.last < b.last ? 1 : 0))
    return byTime.slice(0, limit).map(({ count, first, last, traceId, span, error }) => ({
      type: error.type,
      message: error.message,
      service: span.service,
      resource: span.resource,
      count,
      first: milliseconds(first),
      last: milliseconds(last),
      traceId,
      spanId: span.spanId,
      stack: topOf(error.stack),
    }))
  }
}
