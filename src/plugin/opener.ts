// Opens the span of a plugin's operation, with the tags that every such span has.

import { COMPONENT, INTEGRATION, MEASURED, SERVICE_SOURCE, SPAN_KIND } from '../base/tags'
import type { Span } from '../trace/span'
import type { Tracer } from '../trace/tracer'
import type { PluginOptions, SpanTemplate, Start } from './contract'
import { serviceName } from './service-name'

export class Opener {
  readonly #service: string

  constructor(
    private readonly tracer: Tracer,
    private readonly plugin: string,
    private readonly template: SpanTemplate,
    options: PluginOptions,
  ) {
    this.#service = serviceName(tracer.service, template.system, options.service)
  }

  open(start: Start): Span {
    const { template, tracer, plugin } = this
    const service = start.service ?? this.#service
    const span = tracer.open(start.name ?? template.name, service, start.resource, template.type ?? '', start.parent)
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

  /** The headers that let the next process go on with the trace below `span`. */
  headers(span: Span): Record<string, string> {
    const headers: Record<string, string> = {}
    this.tracer.inject(span, 'http_headers', headers)
    return headers
  }
}
