// B3 in one header, as Zipkin's tracers and proxies write it: `b3: <trace>-<span>[-<0, 1 or d>[-<parent>]]`, or the decision
// alone. Source: openzipkin/b3-propagation.

import type { SpanContext } from '../span-context'
import { b3Context, b3TraceId } from './b3-multi-propagator'
import { lastText } from './header-text'
import type { Propagator, ReadableHeaders, WritableHeaders } from './propagator'

const HEADER = 'b3'
const PATTERN = /^([0-9a-f]{16}|[0-9a-f]{32})-([0-9a-f]{16})(?:-([01d])(?:-[0-9a-f]{16})?)?$/i

/** `d`, for debug, is a decision by hand. */
const PRIORITIES: ReadonlyMap<string, number> = new Map([
  ['0', 0],
  ['1', 1],
  ['d', 2],
])

export class B3Propagator implements Propagator {
  readonly style = 'b3'

  inject(context: SpanContext, headers: WritableHeaders): undefined {
    const { priority } = context
    const decision = priority === undefined ? '' : priority > 0 ? '-1' : '-0'
    headers[HEADER] = `${b3TraceId(context)}-${context.spanId}${decision}`
  }

  extract(headers: ReadableHeaders): SpanContext | undefined {
    const text = lastText(headers, HEADER)
    if (text === undefined) return undefined
    const match = PATTERN.exec(text)
    if (match === null) return b3Context(undefined, undefined, PRIORITIES.get(text))
    return b3Context(match[1], match[2], PRIORITIES.get(match[3]?.toLowerCase() ?? ''))
  }
}
