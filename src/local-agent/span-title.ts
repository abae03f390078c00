// What to call a span on a line. Datadog's resource of an HTTP request without a route is the bare method; there the URL, without
// scheme and query, says more.

import type { ReceivedSpan } from './received-span'

export function spanTitle({ resource, meta }: Pick<ReceivedSpan, 'resource' | 'meta'>): string {
  const { 'http.method': method, 'http.url': url } = meta
  if (resource !== method || url === undefined || !URL.canParse(url)) return resource
  const { host, pathname } = new URL(url)
  return `${method} ${meta['span.kind'] === 'client' ? host : ''}${pathname}`
}
