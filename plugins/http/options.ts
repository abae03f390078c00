// The options of the http plugin, shared by servers and clients, and the filter that both have.

import type { PluginOptions } from '../../src/plugin'
import { withoutQuery } from './url'

/** Inclusive ranges of statuses. */
type StatusRanges = readonly (readonly [from: number, to: number])[]

/** What a URL is compared with: text (the whole URL or its path, with or without the query), a pattern, or a function. */
type UrlRule = string | RegExp | ((url: string) => boolean)

export interface HttpOptions extends PluginOptions {
  /** False: no spans for requests that come in. */
  readonly server?: false | ServerOptions
  /** False: no spans for requests that go out. */
  readonly client?: false | ClientOptions
}

export interface ServerOptions {
  readonly service?: string
  /** Requests to these URLs are not traced. */
  readonly blocklist?: UrlRule | readonly UrlRule[]
  readonly errorStatuses?: StatusRanges
  /** What to redact in the query of `http.url`. */
  readonly queryStringObfuscation?: RegExp
  /** Headers of requests and responses that become tags: `header` or `header:tag`. */
  readonly headers?: readonly string[]
  /** Whether the client's address becomes the tag `http.client_ip`. Default: false. */
  readonly clientIp?: boolean
  /** The one header that tells it, instead of those that proxies are known to set. */
  readonly clientIpHeader?: string
  /** Whether a request without a route is told by the tag `http.endpoint`. Default: false. */
  readonly resourceRenaming?: boolean
}

export interface ClientOptions {
  readonly service?: string
  /** Requests to these URLs are not traced. */
  readonly blocklist?: UrlRule | readonly UrlRule[]
  /** Requests to these URLs are traced, but get no headers. */
  readonly propagationBlocklist?: UrlRule | readonly UrlRule[]
  readonly errorStatuses?: StatusRanges
  /** Headers of requests and responses that become tags: `header` or `header:tag`. */
  readonly headers?: readonly string[]
}

export function matchesAny(rules: UrlRule | readonly UrlRule[] | undefined, url: string, path: string): boolean {
  if (rules === undefined) return false
  const list = Array.isArray(rules) ? (rules as readonly UrlRule[]) : [rules as UrlRule]
  return list.some((rule) => {
    if (typeof rule === 'string') return [url, path, withoutQuery(url), withoutQuery(path)].includes(rule)
    // `search` ignores the state that a global pattern keeps.
    return rule instanceof RegExp ? url.search(rule) !== -1 : rule(url)
  })
}

export function inRanges(status: number, ranges: StatusRanges): boolean {
  return ranges.some(([from, to]) => status >= from && status <= to)
}
