// How the span of an HTTP request reads in a line.

import type { ReceivedSpan } from '../support/agent'

/** `resource status`, `-` where there was none, and `error`. */
export const summary = ({ resource, meta, error }: ReceivedSpan) =>
  `${resource} ${meta['http.status_code'] ?? '-'}${error ? ' error' : ''}`
