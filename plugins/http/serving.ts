// What the spans of requests that come in tell, by whatever protocol they do.

import type { IncomingHttpHeaders } from 'node:http'
import {
  type CallStart,
  type Muted,
  type Patcher,
  type Span,
  type SpanTemplate,
  tags,
  type Until,
  WEB_REQUEST,
  type WebRequest,
} from '../../src/plugin'
import { obfuscateQuery } from './obfuscate'
import { type HttpOptions, inRanges, matchesAny, type ServerOptions } from './options'

export const SERVED_REQUEST = { name: WEB_REQUEST, type: 'web', kind: 'server' } as const satisfies SpanTemplate

export interface Incoming {
  readonly method: string
  readonly url: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
}

export class Serving {
  readonly #patcher: Patcher<HttpOptions>
  readonly #options: ServerOptions
  readonly #everySecret: RegExp | undefined

  constructor(patcher: Patcher<HttpOptions>, options: ServerOptions) {
    this.#patcher = patcher
    this.#options = options
    const { queryStringObfuscation: secrets } = options
    this.#everySecret = secrets && new RegExp(secrets, `${secrets.flags.replace(/[gy]/g, '')}g`)
  }

  /** @param emitters whose events belong to the request */
  start({ method, url, path, headers }: Incoming, emitters: readonly object[], until: Until): CallStart | Muted {
    const { blocklist, service } = this.#options
    if (matchesAny(blocklist, url, path)) return { mute: emitters }
    return {
      resource: method,
      service,
      parent: this.#patcher.tracer.extract('http_headers', headers) ?? null,
      tags: {
        [tags.HTTP_METHOD]: method,
        [tags.HTTP_URL]: obfuscateQuery(url, this.#everySecret),
        [tags.HTTP_USER_AGENT]: headers['user-agent'],
      },
      until,
      bind: emitters,
    }
  }

  /** `method` may have been overridden by the program. */
  finish(span: Span, web: WebRequest | undefined, method: string, status: number | undefined): void {
    if (status !== undefined) span.put(tags.HTTP_STATUS_CODE, String(status))
    for (const end of web?.onEnd ?? []) end()
    if (web?.route !== undefined) {
      span.put(tags.HTTP_ROUTE, web.route)
      nameByRoute(span, method, web.route)
    }
    const { errorStatuses = [[500, 599]] } = this.#options
    if (status === undefined || !inRanges(status, errorStatuses)) return
    if (web?.error === undefined) span.error = 1
    else span.setError(web.error)
  }
}

/** `GET /users/:id`, unless the program has named the resource itself. */
function nameByRoute(span: Span, method: string, route: string): void {
  if (span.resource === span.getTag(tags.HTTP_METHOD)) span.resource = `${method} ${route}`
}
