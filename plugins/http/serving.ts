// What the spans of requests that come in tell, by whatever protocol they do.

import type { EventEmitter } from 'node:events'
import type { IncomingHttpHeaders } from 'node:http'
import {
  belongs,
  type CallStart,
  findPin,
  type Muted,
  type Patcher,
  type Span,
  type SpanTemplate,
  tags,
  type Until,
  WEB_REQUEST,
  type WebRequest,
} from '../../src/plugin'
import { type HeaderLookup, HeaderTags, inHeaders } from './header-tags'
import { obfuscateQuery } from './obfuscate'
import { type HttpOptions, inRanges, matchesAny, type ServerOptions } from './options'

export const SERVED_REQUEST = {
  name: WEB_REQUEST,
  v1Name: 'http.server.request',
  type: 'web',
  kind: 'server',
} as const satisfies SpanTemplate

interface Incoming {
  readonly method: string
  readonly url: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  /** The address at the other end of the connection, where the options want it. */
  readonly peer: string | undefined
}

type ClientIp = typeof import('./client-ip').clientIp
type EndpointOf = typeof import('./endpoint').endpointOf

/** What is known of a request once it is over. */
interface Served {
  /** It may have been overridden by the program. */
  readonly method: string
  readonly status: number | undefined
  readonly headers: IncomingHttpHeaders
  /** The headers of the response, where the options want any. */
  readonly sent: HeaderLookup | undefined
}

export class Serving {
  readonly #patcher: Patcher<HttpOptions>
  readonly #options: ServerOptions
  readonly #everySecret: RegExp | undefined
  readonly #headerTags: HeaderTags
  /** Loaded only where they are wanted. */
  readonly #clientIp: ClientIp | undefined
  readonly #endpointOf: EndpointOf | undefined

  constructor(patcher: Patcher<HttpOptions>, options: ServerOptions) {
    this.#patcher = patcher
    this.#options = options
    const { queryStringObfuscation: secrets, headers, clientIp, resourceRenaming } = options
    if (clientIp === true) this.#clientIp = (require('./client-ip') as typeof import('./client-ip')).clientIp
    if (resourceRenaming === true) this.#endpointOf = (require('./endpoint') as typeof import('./endpoint')).endpointOf
    this.#headerTags = new HeaderTags(headers)
    this.#everySecret = secrets && new RegExp(secrets, `${secrets.flags.replace(/[gy]/g, '')}g`)
  }

  get wantsHeaders(): boolean {
    return !this.#headerTags.isEmpty
  }

  get wantsPeer(): boolean {
    return this.#clientIp !== undefined
  }

  /** @param emitters whose events belong to the request */
  start({ method, url, path, headers, peer }: Incoming, emitters: readonly object[], until: Until): CallStart | Muted {
    const { blocklist, service, clientIpHeader } = this.#options
    if (matchesAny(blocklist, url, path)) return { mute: emitters }
    return {
      resource: method,
      service,
      parent: this.#patcher.tracer.received(headers) ?? null,
      tags: {
        [tags.HTTP_METHOD]: method,
        [tags.HTTP_URL]: obfuscateQuery(url, this.#everySecret),
        [tags.HTTP_USER_AGENT]: headers['user-agent'],
        [tags.HTTP_CLIENT_IP]: this.#clientIp?.(headers, clientIpHeader, peer),
      },
      until,
      bind: emitters,
      collects: true,
    }
  }

  finish(span: Span, web: WebRequest | undefined, { method, status, headers, sent }: Served): void {
    if (status !== undefined) span.put(tags.HTTP_STATUS_CODE, String(status))
    web?.end()
    if (web?.route !== undefined) {
      span.put(tags.HTTP_ROUTE, web.route)
      nameByRoute(span, method, web.route)
    } else if (this.#endpointOf !== undefined) {
      span.put(tags.HTTP_ENDPOINT, this.#endpointOf(String(span.getTag(tags.HTTP_URL) ?? '')))
    }
    // Now, not before: a framework may add to them.
    if (sent !== undefined) this.#headerTags.put(span, inHeaders(headers), sent)
    const { errorStatuses = [[500, 599]] } = this.#options
    if (status === undefined || !inRanges(status, errorStatuses)) return
    if (web?.error === undefined) span.error = 1
    else span.setError(web.error)
  }
}

/** The application that answers, where the server calls it itself and it has a pin; a pin on the server holds otherwise. */
export function pinnedListener(server: EventEmitter, event: string): object | undefined {
  return server.listeners(event).find((listener) => findPin(listener) !== undefined)
}

/** Makes a pin on what has a server of Node's, an application of Fastify, Hapi, Restify or Nest, hold for that. */
export function followServers(server: object, patcher: Patcher): void {
  patcher.whenPinned((target) => {
    const { server: own, listener, getHttpServer } = target as Application
    for (const each of [own, listener, typeof getHttpServer === 'function' && getHttpServer.call(target)]) {
      if (typeof each === 'object' && each !== null && Object.prototype.isPrototypeOf.call(server, each))
        belongs(each, target)
    }
    return undefined
  })
}

interface Application {
  readonly server?: unknown
  readonly listener?: unknown
  readonly getHttpServer?: unknown
}

/** `GET /users/:id`, unless the program has named the resource itself. */
function nameByRoute(span: Span, method: string, route: string): void {
  if (span.resource === span.getTag(tags.HTTP_METHOD)) span.resource = `${method} ${route}`
}
