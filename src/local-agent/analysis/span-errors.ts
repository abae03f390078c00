// What a span says of its error.

import { ERROR_MESSAGE, ERROR_STACK, ERROR_TYPE } from '../../base/tags'
import type { ReceivedSpan } from '../received-span'
import { statusCodeOf } from '../trace-summary'

export interface SpanError {
  /** '' where the span does not say, as below. */
  readonly type: string
  readonly message: string
  readonly stack: string
}

/** The name of the message's tag in older tracers. */
const OLD_MESSAGE = 'error.msg'

/** undefined for a span that is all right. One that says no more than that it failed did so by its status, of HTTP or gRPC. */
export function errorOf(span: Pick<ReceivedSpan, 'error' | 'meta' | 'metrics'>): SpanError | undefined {
  const { error, meta } = span
  if (!error) return undefined
  const { [ERROR_TYPE]: type = '', [ERROR_STACK]: stack = '' } = meta
  const message = meta[ERROR_MESSAGE] ?? meta[OLD_MESSAGE] ?? ''
  const status = type === '' && message === '' ? statusCodeOf(span) : ''
  return { type, message: status === '' ? message : `status ${status}`, stack }
}

/**
 * Whether the error went on to the span around this one, in the same service: one that is thrown fails a query, the handler and the request,
 * and is one error, of the request.
 */
export function isPassedOn(
  span: ReceivedSpan,
  { spans }: { readonly spans: ReadonlyMap<string, ReceivedSpan> },
): boolean {
  const parent = spans.get(span.parentId)
  if (parent === undefined || parent.service !== span.service) return false
  const [inner, outer] = [errorOf(span), errorOf(parent)]
  return inner !== undefined && inner.type !== '' && inner.type === outer?.type && inner.message === outer.message
}

/** The first lines, which name the place. */
export function topOf(stack: string): string {
  return stack.slice(0, MAX_TOP).split('\n', TOP_LINES).join('\n')
}

const TOP_LINES = 8
const MAX_TOP = 2000
