// The client of Datadog's HTTP API: `dd/api`, and `tracer.api`. Its methods are in `resources/`, a file for each kind of thing; here they
// become those of one object.

import type { Verb } from './api-caller'
import { checked, object } from './call-checks'
import {
  type CallOptions,
  callOptions,
  type DogHttpApiOptions,
  type DogHttpApiParts,
  resourceParts,
  type Shared,
  sharedOf,
} from './client-options'
import { type ApiModes, Resource, type Result } from './resource'
import { Alerts } from './resources/alerts'
import { Comments } from './resources/comments'
import { Dashboards } from './resources/dashboards'
import { Downtimes } from './resources/downtimes'
import { Events } from './resources/events'
import { HostTags } from './resources/host-tags'
import { Metrics } from './resources/metrics'
import { Monitors } from './resources/monitors'
import { Screenboards } from './resources/screenboards'
import { Search } from './resources/search'
import { Snapshots } from './resources/snapshots'
import { Users } from './resources/users'

const RESOURCES = [
  HostTags,
  Metrics,
  Events,
  Comments,
  Monitors,
  Alerts,
  Downtimes,
  Dashboards,
  Screenboards,
  Snapshots,
  Search,
  Users,
]

export interface DogHttpApi<out M extends ApiModes = ApiModes>
  extends HostTags<M>,
    Metrics<M>,
    Events<M>,
    Comments<M>,
    Monitors<M>,
    Alerts<M>,
    Downtimes<M>,
    Dashboards<M>,
    Screenboards<M>,
    Snapshots<M>,
    Search<M>,
    Users<M> {}

// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the methods are put on the prototype below
export class DogHttpApi<out M extends ApiModes = ApiModes> extends Resource<M> {
  readonly #options: CallOptions
  readonly #shared: Shared

  /**
   * @example
   * const api = new DogHttpApi({ apiKey, applicationKey, swallow: false })
   * @throws TypeError for an option that cannot be what it is. A missing key is told by the first call that needs it
   */
  constructor(options: Omit<DogHttpApiOptions, keyof ApiModes> & M = {} as M, parts: DogHttpApiParts | Shared = {}) {
    const shared = 'transport' in parts ? parts : sharedOf(options, parts)
    super(resourceParts(shared, options))
    this.#options = options
    this.#shared = shared
  }

  /**
   * The same client with other options for its calls.
   * @example await api.with({ timeout: 60 }).graphSnapshot('system.load.1{*}', start, end)
   */
  with<N extends CallOptions>(options: N): DogHttpApi<Omit<M, keyof N> & N> {
    const all = { ...this.#options, ...callOptions(options) }
    return new DogHttpApi(all as never, this.#shared)
  }

  /**
   * Calls what has no method here.
   *
   * Endpoint: any, with API key and application key.
   * @example const slos = await api.request('GET', '/api/v1/slo', { query: { limit: 10 } })
   * @param path with a `/` at its beginning, without the query
   * @returns the parsed body, null if it is empty
   */
  async request(
    verb: Verb,
    path: string,
    options: {
      readonly query?: Readonly<Record<string, string | number | boolean | undefined>>
      readonly body?: unknown
    } = {},
  ): Promise<Result<unknown, M>> {
    if (!/^(?:GET|POST|PUT|PATCH|DELETE)$/.test(verb)) throw new TypeError('verb is GET, POST, PUT, PATCH or DELETE')
    if (typeof path !== 'string' || !/^\/[^?#]*$/.test(path)) {
      throw new TypeError('path begins with /, and has no query: /api/v1/slo')
    }
    const { query, body } = checked(options, ['query', 'body'])
    if (verb === 'GET' && body !== undefined) throw new TypeError('a GET has no body')
    return this.ask({ verb, path, query: object('query', query ?? {}), body })
  }
}

for (const { prototype } of RESOURCES) {
  const { constructor: _, ...methods } = Object.getOwnPropertyDescriptors(prototype)
  Object.defineProperties(DogHttpApi.prototype, methods)
}
