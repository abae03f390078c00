// Gives the span of a request that the http plugin began the name of the framework that answers it.

import { type PluginOptions, tags, type WebRequest } from '../../src/plugin'

/** Once per request; an application inside another changes nothing. */
export function nameRequest({ span }: WebRequest, { service }: PluginOptions): void {
  if (span.name !== 'web.request') return
  span.name = 'express.request'
  span.put(tags.COMPONENT, 'express')
  span.put(tags.INTEGRATION, 'express')
  if (service === undefined) return
  span.service = service
  span.put(tags.SERVICE_SOURCE, 'express')
}
