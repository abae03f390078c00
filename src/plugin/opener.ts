// Opens the span of a plugin's operation, with the tags that every such span has, and as the pin says that holds for the call.

import { COMPONENT, INTEGRATION, MEASURED, SERVICE_SOURCE, SPAN_KIND } from '../base/tags'
import type { Context } from '../trace/context'
import { renamed } from '../trace/naming'
import { findPin, type Pin } from '../trace/pin'
import type { Span } from '../trace/span'
import type { SpanContext } from '../trace/span-context'
import type { Tracer } from '../trace/tracer'
import type { PluginOptions, SpanTemplate, Start } from './contract'
import { heldPin, notePin, pinnedContext } from './held-pin'
import { namePeer } from './peer-name'
import { serviceName, spanName } from './service-name'

/** What the service of a span was named by, where the program did it. */
export const BY_HAND = 'm'

/** What has a template and may add to its span at the end. */
type Finishing = SpanTemplate & { finish?: (span: Span, ...rest: never[]) => void }

export class Opener {
  readonly #name: string
  readonly #service: string

  constructor(
    private readonly tracer: Tracer,
    private readonly plugin: string,
    private readonly template: SpanTemplate,
    private readonly options: PluginOptions,
  ) {
    const { service, naming } = tracer
    this.#name = spanName(template, naming)
    this.#service = serviceName(service, template.system, options.service, naming)
  }

  /** @param pin the one that holds for the call */
  open(start: Start, pin?: Pin): Span {
    if (pin !== undefined) return this.#openPinned(start, pin)
    const { tracer } = this
    return this.#open(tracer, start, this.#serviceOf(start, this.#service, tracer), start.parent)
  }

  /** The pin that holds for a call of `self`; asked while there are pins. `first`: what may have one before it. */
  pinOf(first: object | undefined, self: unknown, caller: Context): Pin | undefined {
    return (first && findPin(first)) ?? findPin(self) ?? heldPin(caller, this.plugin, this.template.pinBelow)
  }

  /** Where a call runs that has no span because of its pin: that holds for what is below all the same. */
  without(pin: Pin, caller: Context): Context {
    return pinnedContext(caller, pin, this.plugin)
  }

  /** The headers that let the next process go on with the trace below `span`. */
  headers(span: Span): Record<string, string> {
    return this.tracer.headersOf(span)
  }

  /** The operation as it is or, where peers are to be named, one that does so at the end. */
  withPeer<O extends Finishing>(operation: O): O {
    const { peers } = this.tracer.naming
    if (peers === undefined || !/^(client|producer)$/.test(operation.kind)) return operation
    return {
      ...operation,
      finish(span: Span, ...rest: never[]) {
        try {
          operation.finish?.(span, ...rest)
        } finally {
          namePeer(span, operation, peers)
        }
      },
    }
  }

  #openPinned(start: Start, pin: Pin): Span {
    const { template, options, plugin } = this
    const { tracer = this.tracer, service: pinned, tags } = pin
    const isOther = tracer !== this.tracer
    const own = isOther ? serviceName(tracer.service, template.system, options.service, tracer.naming) : this.#service
    const service = pinned === undefined ? this.#serviceOf(start, own, tracer) : renamed(pinned, tracer.naming)
    const parent = isOther ? tracer.parentAmong(this.tracer, start.parent) : start.parent
    const span = this.#open(tracer, start, service, parent)
    if (pinned !== undefined && service !== tracer.service) span.put(SERVICE_SOURCE, BY_HAND)
    if (tags !== undefined) span.setTags(tags)
    notePin(span, pin, plugin, this.tracer.scopeOrNothing?.active())
    return span
  }

  /** What an internal span is told comes from another one, whose name is final. */
  #serviceOf({ service }: Start, own: string, tracer: Tracer): string {
    if (service === undefined) return own
    return this.template.kind === 'internal' ? service : renamed(service, tracer.naming)
  }

  #open(tracer: Tracer, start: Start, service: string, parent: Span | SpanContext | null | undefined): Span {
    const { template, plugin } = this
    const span = tracer.open(start.name ?? this.#name, service, start.resource, template.type ?? '', parent)
    span.put(COMPONENT, plugin)
    span.put(INTEGRATION, plugin)
    span.put(SPAN_KIND, template.kind)
    if (template.kind !== 'internal') span.put(MEASURED, 1)
    if (service !== tracer.service) span.put(SERVICE_SOURCE, plugin)
    const { tags } = start
    for (const key in tags) {
      const value = tags[key]
      if (value !== undefined) span.put(key, value)
    }
    return span
  }
}
