// Tags of hosts.
// Source: API reference, "Tags" (v1).

import type { Call } from '../api-caller'
import { type Id, list, named, type OneOrMore, segment } from '../call-checks'
import { get, post, put, remove } from '../requests'
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
    return this.ask(tagsCall(post, hostId, tags, options), member('tags'))
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
    return this.ask(tagsCall(put, hostId, tags, options), member('tags'))
  }

  /**
   * Lists all tags with their hosts, of 10,000 hosts at most.
   *
   * Endpoint: `GET /api/v1/tags/hosts`, with API key and application key.
   * @example const { 'env:test': hosts } = await api.allTags()
   * @returns the names of hosts by tag
   */
  async allTags(options: TagSource = {}): Promise<Result<Record<string, string[]>, M>> {
    const query = named(options, ['source'])
    return this.ask(get(ROOT, query), member('tags'))
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
    const query = { ...named(options, ['source', 'bySource']), by_source: options.bySource || undefined }
    return this.ask(get(pathOf(hostId), query), member('tags'))
  }

  /**
   * Takes from a host all tags of a source.
   *
   * Endpoint: `DELETE /api/v1/tags/hosts/{hostId}`, with API key and application key.
   * @example await api.detachTags('web-1', { source: 'chef' })
   * @param hostId the name of the host
   */
  async detachTags(hostId: Id, options: TagSource = {}): Promise<Result<null, M>> {
    const query = named(options, ['source'])
    return this.ask(remove(pathOf(hostId), query))
  }
}

function tagsCall(verb: typeof put, hostId: Id, tags: OneOrMore, options: TagSource): Call {
  return verb(pathOf(hostId), { tags: list('tags', tags) }, named(options, ['source']))
}

function pathOf(hostId: Id): string {
  return `${ROOT}/${segment('hostId', hostId)}`
}
