// Tags of hosts.
// Source: API reference, "Tags" (v1).

import { checked, type Id, list, type OneOrMore, segment } from '../call-checks'
import { type ApiModes, member, Resource, type Result } from '../resource'

export interface TagSource {
  /** Where tags are from: `users`, `chef`, `datadog` … Default: `users` where they are written, all where they are read. */
  readonly source?: string | undefined
}

export interface HostTagsOptions extends TagSource {
  /** Sorts them by source. Datadog no longer documents it. Default: false. */
  readonly bySource?: boolean | undefined
}

const ROOT = '/api/v1/tags/hosts'

export class HostTags<M extends ApiModes> extends Resource<M> {
  /**
   * Adds tags to those that a host has.
   *
   * Endpoint: `POST /api/v1/tags/hosts/{hostId}`, with API key and application key.
   * @example await api.addTags('web-1', ['env:test', 'role:db'])
   * @param hostId the name of the host
   * @param tags one or several
   * @returns all that it now has of that source
   */
  async addTags(hostId: Id, tags: OneOrMore, options: TagSource = {}): Promise<Result<string[], M>> {
    const { source } = checked(options, ['source'])
    const call = { verb: 'POST', path: pathOf(hostId), query: { source }, body: { tags: list('tags', tags) } } as const
    return this.ask('addTags', call, member('tags'))
  }

  /**
   * Replaces all tags that a host has of a source.
   *
   * Endpoint: `PUT /api/v1/tags/hosts/{hostId}`, with API key and application key.
   * @example await api.changeTags('web-1', ['env:prod'], { source: 'chef' })
   * @param hostId the name of the host
   * @param tags one or several
   * @returns all that it now has of that source
   */
  async changeTags(hostId: Id, tags: OneOrMore, options: TagSource = {}): Promise<Result<string[], M>> {
    const { source } = checked(options, ['source'])
    const call = { verb: 'PUT', path: pathOf(hostId), query: { source }, body: { tags: list('tags', tags) } } as const
    return this.ask('changeTags', call, member('tags'))
  }

  /**
   * Lists all tags with their hosts, of 10,000 hosts at most.
   *
   * Endpoint: `GET /api/v1/tags/hosts`, with API key and application key.
   * @example const { 'env:test': hosts } = await api.allTags()
   * @returns the names of hosts by tag
   */
  async allTags(options: TagSource = {}): Promise<Result<Record<string, string[]>, M>> {
    const { source } = checked(options, ['source'])
    return this.ask('allTags', { verb: 'GET', path: ROOT, query: { source } }, member('tags'))
  }

  /**
   * Lists the tags of a host.
   *
   * Endpoint: `GET /api/v1/tags/hosts/{hostId}`, with API key and application key.
   * @example const tags = await api.hostTags('web-1')
   * @param hostId the name of the host
   * @returns a list; with `bySource` the lists by source
   */
  async hostTags(
    hostId: Id,
    options: HostTagsOptions & { readonly bySource: true },
  ): Promise<Result<Record<string, string[]>, M>>
  async hostTags(hostId: Id, options?: HostTagsOptions): Promise<Result<string[], M>>
  async hostTags(hostId: Id, options: HostTagsOptions = {}): Promise<Result<unknown, M>> {
    const { source, bySource } = checked(options, ['source', 'bySource'])
    const query = { source, by_source: bySource || undefined }
    return this.ask('hostTags', { verb: 'GET', path: pathOf(hostId), query }, member('tags'))
  }

  /**
   * Takes from a host all tags of a source.
   *
   * Endpoint: `DELETE /api/v1/tags/hosts/{hostId}`, with API key and application key.
   * @example await api.detachTags('web-1', { source: 'chef' })
   * @param hostId the name of the host
   */
  async detachTags(hostId: Id, options: TagSource = {}): Promise<Result<null, M>> {
    const { source } = checked(options, ['source'])
    return this.ask('detachTags', { verb: 'DELETE', path: pathOf(hostId), query: { source } })
  }
}

function pathOf(hostId: Id): string {
  return `${ROOT}/${segment('hostId', hostId)}`
}
