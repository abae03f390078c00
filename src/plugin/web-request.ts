// What an HTTP server's span and the web framework above it know of one request.
//
// The http plugin begins it and reads it at the end; a framework plugin finds it by the request object and fills in the route
// and the error. A framework plugin thus needs no knowledge of the server, and the server none of frameworks.

import { hiddenField } from '../base/hidden-field'
import type { Span } from '../trace/span'

export class WebRequest {
  /** The pattern that matched, such as `/users/:id`. */
  route: string | undefined
  /** What a handler failed with; it counts as the request's error only if the status does. */
  error: unknown
  /** Called when the response is over, before the request's span finishes. */
  readonly onEnd: (() => void)[] = []

  constructor(readonly span: Span) {}
}

const requests = hiddenField<WebRequest>()

/** Begins a request: the server's side. */
export function beginWebRequest(request: object, span: Span): void {
  requests.set(request, new WebRequest(span))
}

/** The request that the server has begun for this object, if it did. */
export function webRequestOf(request: object): WebRequest | undefined {
  return requests.get(request)
}
