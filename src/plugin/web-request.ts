// What an HTTP server's span and the web framework above it know of one request.
//
// The http plugin begins it and reads it at the end; a framework plugin finds it by the request object and fills in the route
// and the error. A framework plugin thus needs no knowledge of the server, and the server none of frameworks.

import { hiddenField } from '../base/hidden-field'
import { COMPONENT, INTEGRATION, SERVICE_SOURCE } from '../base/tags'
import type { Span } from '../trace/span'
import type { Patcher } from './patcher'

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

/** Lets a request be found by another object that stands for it. */
export function aliasWebRequest(alias: object, web: WebRequest): void {
  requests.set(alias, web)
}

/** The request that the server has begun for this object, if it did. */
export function webRequestOf(request: object): WebRequest | undefined {
  return requests.get(request)
}

/** The name of a request's span until a framework takes it. */
export const WEB_REQUEST = 'web.request'

/** Names the span after the plugin's framework, once: an application inside another changes nothing. */
export function nameWebRequest({ span }: WebRequest, { plugin, options: { service } }: Patcher): void {
  if (span.name !== WEB_REQUEST) return
  span.name = `${plugin}.request`
  span.put(COMPONENT, plugin)
  span.put(INTEGRATION, plugin)
  if (service === undefined) return
  span.service = service
  span.put(SERVICE_SOURCE, plugin)
}
