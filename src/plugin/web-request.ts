// What an HTTP server's span and the web framework above it know of one request.
//
// The http plugin begins it and reads it at the end; a framework plugin finds it by the request object and fills in the route
// and the error. A framework plugin thus needs no knowledge of the server, and the server none of frameworks.

import { freshList } from '../base/fresh-list'
import { COMPONENT, INTEGRATION, SERVICE_SOURCE } from '../base/tags'
import { renamed } from '../trace/naming'
import { findPin, pinsAreThere } from '../trace/pin'
import type { Span } from '../trace/span'
import { attach, attachedTo } from './attached'
import { notePin, pinOfSpan } from './held-pin'
import { BY_HAND } from './opener'
import type { Patcher } from './patcher'

class LastStep {
  constructor(
    readonly patcher: Patcher,
    readonly step: () => void,
  ) {}
}

export class WebRequest {
  /** The pattern that matched, such as `/users/:id`. */
  route: string | undefined
  /** What a handler failed with; it counts as the request's error only if the status does. */
  error: unknown
  /** Whether a framework has named it after itself. */
  isNamed = false
  readonly #ends = freshList<LastStep>()

  constructor(readonly span: Span) {}

  /** Lets `step` of a plugin run when the response is over, before the request's span finishes. */
  onEnd(patcher: Patcher, step: () => void): void {
    this.#ends.push(new LastStep(patcher, step))
  }

  /** The response is over. One plugin's fault is not another's. */
  end(): void {
    for (const { patcher, step } of this.#ends) patcher.guardedEnd('end', step)
  }
}

/** Begins a request: the server's side. */
export function beginWebRequest(request: object, span: Span): void {
  attach(request).web = new WebRequest(span)
}

/** Lets a request be found by another object that stands for it. */
export function aliasWebRequest(alias: object, web: WebRequest): void {
  attach(alias).web = web
}

/** The request that the server has begun for this object, if it did. */
export function webRequestOf(request: object): WebRequest | undefined {
  return attachedTo(request)?.web
}

/** The name of a request's span until a framework takes it. */
export const WEB_REQUEST = 'web.request'

/**
 * Names the span after the plugin's framework, once: an application inside another changes nothing.
 * @param application what may have a pin; one that the span was made with counts after it
 */
export function nameWebRequest(web: WebRequest, { plugin, options, tracer }: Patcher, application?: object): void {
  if (web.isNamed) return
  web.isNamed = true
  const { span } = web
  if (span.name === WEB_REQUEST) span.name = `${plugin}.request`
  span.put(COMPONENT, plugin)
  span.put(INTEGRATION, plugin)
  const pin = pinsAreThere() ? findPin(application) : undefined
  const pinned = pin?.service ?? pinOfSpan(span)?.service
  const service = pinned ?? options.service
  if (service !== undefined) {
    span.service = renamed(service, tracer.naming)
    span.put(SERVICE_SOURCE, pinned === undefined ? plugin : BY_HAND)
  }
  if (pin === undefined) return
  if (pin.tags !== undefined) span.setTags(pin.tags)
  notePin(span, pin, plugin)
}
