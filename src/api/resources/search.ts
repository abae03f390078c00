// Search for the names of hosts and metrics.
// Source: API reference, "Metrics", search (v1), and "Hosts", list (v1).

import { text } from '../call-checks'
import { get } from '../requests'
import { type ApiModes, items, member, Resource, type Result } from '../resource'

/** Names that have the text in them. */
export interface Found {
  readonly hosts?: readonly string[]
  readonly metrics?: readonly string[]
}

export class Search<M extends ApiModes> extends Resource<M> {
  /**
   * Finds hosts, and metrics of the last 24 hours, by a part of their name.
   *
   * Endpoint: `GET /api/v1/search` for metrics, `GET /api/v1/hosts` for hosts, with API key and application key, permission `metrics_read`
   * and `hosts_read`.
   * @example const { metrics } = await api.search('metrics:cassandra')
   * @param query `metrics:` or `hosts:` and a text; without the former both are searched
   */
  async search(query: string): Promise<Result<Found, M>> {
    const [, facet, name = ''] = /^(?:(hosts|metrics):)?(.*)$/s.exec(text('query', query)) ?? []
    return this.run(async (send, isWhole) => {
      const bodies: unknown[] = []
      const found: { hosts?: string[]; metrics?: string[] } = {}
      if (facet !== 'hosts') {
        const answer = await send(get('/api/v1/search', { q: `metrics:${name}` }))
        bodies.push(answer.body)
        Object.assign(found, member<Found>('results')(answer.body, answer))
      }
      if (facet !== 'metrics') {
        const answer = await send(get('/api/v1/hosts', { filter: name, count: 1000 }))
        bodies.push(answer.body)
        found.hosts = items<{ readonly name: string }>('host_list')(answer.body, answer).map((host) => host.name)
      }
      return (isWhole ? Object.assign({}, ...bodies) : found) as Found
    })
  }
}
