// Requests that come in: a span from the `request` event to the end of the response. A server that decides on `Expect` headers
// itself gets another event first, and may pass the request on.
//
// The handler runs inside it, and so do the later events of request and response, which Node emits from the connection's own
// context. A trace begun elsewhere goes on; a span that happened to be active when the server was made is no parent.

import { type IncomingMessage, type Server, ServerResponse } from 'node:http'
import {
  beginWebRequest,
  type CallStart,
  type Muted,
  type Operation,
  type Patcher,
  type Span,
  tags,
  WEB_REQUEST,
  webRequestOf,
} from '../../src/plugin'
import { obfuscateQuery } from './obfuscate'
import { type HttpOptions, inRanges, matchesAny, type ServerOptions } from './options'
import { urlOf } from './url'

const REQUEST_EVENTS: ReadonlySet<string> = new Set(['request', 'checkContinue', 'checkExpectation'])

type EmitArgs = [event: string, request: IncomingMessage, response: ServerResponse]

/** What `http` or `https` exports, as far as it is patched. */
interface ServerModule {
  Server: { prototype: Server }
}

export function traceServer({ Server }: ServerModule, patcher: Patcher<HttpOptions>): void {
  const options = patcher.options.server ?? {}
  if (options === false) return
  patcher.trace(Server.prototype, 'emit', serverOperation(patcher, options))
}

function serverOperation(patcher: Patcher<HttpOptions>, options: ServerOptions): Operation<Server, EmitArgs> {
  const { blocklist, service, queryStringObfuscation: secrets, errorStatuses = [[500, 599]] } = options
  const everySecret = secrets && new RegExp(secrets, `${secrets.flags.replace(/[gy]/g, '')}g`)
  return {
    name: WEB_REQUEST,
    type: 'web',
    kind: 'server',

    start(_server, [event, request, response]): CallStart | Muted | undefined {
      if (!REQUEST_EVENTS.has(event) || isTraced(request)) return undefined
      const { headers = {}, method = 'GET', url: path = '/' } = request
      const scheme = (request.socket as { encrypted?: boolean } | undefined)?.encrypted ? 'https:' : 'http:'
      const url = urlOf(scheme, headers.host ?? 'localhost', path)
      if (matchesAny(blocklist, url, path)) return { mute: [request, response] }
      return {
        resource: method,
        service,
        parent: patcher.tracer.extract('http_headers', headers) ?? null,
        tags: {
          [tags.HTTP_METHOD]: method,
          [tags.HTTP_URL]: obfuscateQuery(url, everySecret),
          [tags.HTTP_USER_AGENT]: headers['user-agent'],
        },
        until: { emitter: response, events: ['finish', 'close'] },
        bind: [request, response],
      }
    },

    before(span, [, request]) {
      beginWebRequest(request, span)
    },

    finish(span, _value, [, request, response]) {
      const { statusCode } = response
      span.put(tags.HTTP_STATUS_CODE, String(statusCode))
      const web = webRequestOf(request)
      for (const end of web?.onEnd ?? []) end()
      if (web?.route !== undefined) {
        span.put(tags.HTTP_ROUTE, web.route)
        nameByRoute(span, request.method ?? 'GET', web.route)
      }
      if (!inRanges(statusCode, errorStatuses)) return
      if (web?.error === undefined) span.error = 1
      else span.setError(web.error)
    },
  }
}

/** Whether a request is on its way already: a program may emit it again. */
function isTraced(request: IncomingMessage): boolean {
  return webRequestOf(request)?.span.isFinished === false
}

/** `GET /users/:id`, unless the program has named the resource itself. A method that was overridden counts. */
function nameByRoute(span: Span, method: string, route: string): void {
  if (span.resource === span.getTag(tags.HTTP_METHOD)) span.resource = `${method} ${route}`
}

/** Request and response events run inside the request's span. Both modules share these classes. */
export function bindServerEvents(
  { IncomingMessage: Request }: { IncomingMessage: typeof IncomingMessage },
  patcher: Patcher<HttpOptions>,
): void {
  if (patcher.options.server === false) return
  patcher.bindEvents(Request.prototype)
  patcher.bindEvents(ServerResponse.prototype)
}
