// Requests that go out: a span from the call to the `close` of the request, which Node emits once the response has ended or
// the request has failed.
//
// The library is not run inside the span, so the program's callbacks stay in their own context without any help. Listening
// for `response` is out of the question: a request without such a listener discards its response, and must go on to.

import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http'
import {
  type CallStart,
  findPin,
  type Operation,
  type Patcher,
  type Span,
  type SpanTemplate,
  tags,
} from '../../src/plugin'
import { HeaderTags, inHeaders, inSent } from './header-tags'
import { isSigned, withHeaders } from './headers'
import { type ClientOptions, type HttpOptions, inRanges, matchesAny } from './options'
import { authorityOf, urlOf, withoutBrackets, withoutQuery } from './url'

/** What `http` or `https` exports, as far as it is patched. */
interface ClientModule {
  readonly globalAgent: object
  request: (...args: never[]) => ClientRequest
  get: (...args: never[]) => ClientRequest
}

type RequestArgs = unknown[]

/** Where a request goes. */
export interface Target {
  readonly method: string
  readonly url: string
  readonly path: string
  readonly host: string
  readonly port: number | undefined
}

export function traceClient(module: ClientModule, protocol: 'http:' | 'https:', patcher: Patcher<HttpOptions>): void {
  const options = patcher.options.client ?? {}
  if (options === false) return
  const operation = clientOperation(module, protocol, options)
  patcher.trace(module, 'request', operation)
  patcher.trace(module, 'get', operation)
}

/** Lets the end of requests be seen without listeners. Both modules share the class. */
export function bindClientEvents(
  { ClientRequest: Request }: { ClientRequest: typeof ClientRequest },
  patcher: Patcher<HttpOptions>,
): void {
  if (patcher.options.client !== false) patcher.bindEvents(Request.prototype)
}

/** What the requests of all protocols have in common. */
export const HTTP_REQUEST = {
  name: 'http.request',
  v1Name: 'http.client.request',
  type: 'http',
  kind: 'client',
  activate: false,
} as const satisfies SpanTemplate & { activate: boolean }

/** A request whose end is told by what the call returns; undefined where the options block it. */
export function startTo(target: Target, { blocklist, service }: ClientOptions): CallStart | undefined {
  if (matchesAny(blocklist, target.url, target.path)) return undefined
  return {
    resource: target.method,
    service,
    tags: {
      [tags.HTTP_METHOD]: target.method,
      [tags.HTTP_URL]: target.url,
      [tags.OUT_HOST]: target.host,
      [tags.DESTINATION_PORT]: target.port,
    },
    until: { emitter: 'result', events: ['close'] },
  }
}

export function noteStatus(span: Span, status: number, { errorStatuses = [[400, 499]] }: ClientOptions): void {
  span.put(tags.HTTP_STATUS_CODE, String(status))
  if (inRanges(status, errorStatuses)) span.error = 1
}

function clientOperation(
  module: ClientModule,
  protocol: 'http:' | 'https:',
  options: ClientOptions,
): Operation<ClientModule, RequestArgs> {
  const { propagationBlocklist } = options
  const headerTags = new HeaderTags(options.headers)
  return {
    ...HTTP_REQUEST,

    start(_self, args) {
      const request = requestOf(args)
      return request === undefined ? undefined : startTo(targetOf(request, protocol), options)
    },

    /** A pin on the module holds where the agent has none. Programs call a `get` that they have taken out of it, too. */
    pinOn(_self, args) {
      const agent = requestOf(args)?.agent ?? module.globalAgent
      return findPin(agent) === undefined ? module : (agent as object)
    },

    before(_span, args, _self, headers) {
      const request = requestOf(args)!
      if (isSigned(request)) return
      if (propagationBlocklist !== undefined) {
        const { url, path } = targetOf(request, protocol)
        if (matchesAny(propagationBlocklist, url, path)) return
      }
      const at = optionsAt(args)
      // A copy, as Node makes one too: the program may use its object again, and sign it.
      const copy = at === 0 ? request : givenOptions(args)
      copy.headers = withHeaders(request.headers, headers())
      // A callback stays behind them. `https` takes nothing for options, and never sees what comes after it.
      const stays = typeof args[at] === 'function' || (protocol === 'https:' && !args[at])
      args.splice(at, stays ? 0 : 1, copy)
    },

    finish(span, request) {
      // Set by Node when the response begins; the only trace of it that needs no listener.
      const response = (request as { res?: IncomingMessage } | undefined)?.res
      if (!headerTags.isEmpty && request !== undefined) {
        headerTags.put(span, inSent(request as ClientRequest), inHeaders(response?.headers))
      }
      if (response?.statusCode !== undefined) noteStatus(span, response.statusCode, options)
    },
  }
}

/** The options are the first argument, or the second after a URL. */
function optionsAt([input]: RequestArgs): 0 | 1 {
  return typeof input === 'string' || isUrl(input) ? 1 : 0
}

/** Node's own test: a URL may come from another realm, or from a library. */
function isUrl(value: unknown): value is URL {
  const { href, protocol, auth, path } = (value ?? {}) as Partial<URL & RequestOptions>
  return Boolean(href && protocol && auth === undefined && path === undefined)
}

/** The program's options as Node reads them, nothing inherited. */
function givenOptions(args: RequestArgs): RequestOptions {
  const options = args[optionsAt(args)]
  return typeof options === 'function' ? {} : { ...(options as RequestOptions) }
}

/** What Node makes of the arguments (`url.urlToHttpOptions`); undefined when it will refuse them. */
function requestOf(args: RequestArgs): RequestOptions | undefined {
  const [input] = args
  if (typeof input === 'string' && !URL.canParse(input)) return undefined
  const url = typeof input === 'string' ? new URL(input) : isUrl(input) ? input : undefined
  if (url === undefined) return givenOptions(args)
  const { protocol, hostname, port, pathname, search } = url
  // A program may have put options onto its URL.
  return { ...url, protocol, hostname, port, path: pathname + search, ...givenOptions(args) }
}

function targetOf(request: RequestOptions, defaultScheme: string): Target {
  const scheme = request.protocol || defaultScheme
  const host = withoutBrackets(String(request.hostname || request.host || 'localhost'))
  // Agents are not asked for their port: those of proxies look at the stack to find out.
  const defaultPort = scheme === 'https:' ? 443 : 80
  const port = Number(request.port || request.defaultPort || defaultPort)
  const path = withoutQuery(String(request.path || '/'))
  return {
    method: String(request.method || 'GET').toUpperCase(),
    url: urlOf(scheme, authorityOf(host, port, defaultPort), path),
    path,
    host,
    port: request.socketPath || !Number.isFinite(port) ? undefined : port,
  }
}
