// Requests that come in: a span from the `request` event to the end of the response. A server that decides on `Expect` headers
// itself gets another event first, and may pass the request on.
//
// The handler runs inside it, and so do the later events of request and response, which Node emits from the connection's own
// context. A trace begun elsewhere goes on; a span that happened to be active when the server was made is no parent.

import type * as http from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { beginWebRequest, type Operation, type Patcher, webRequestOf } from '../../src/plugin'
import { inSent } from './header-tags'
import type { HttpOptions, ServerOptions } from './options'
import { leaveQueue, watchQueued } from './queued'
import { followServers, pinnedListener, SERVED_REQUEST, Serving } from './serving'
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
  followServers(Server.prototype, patcher)
}

function serverOperation(patcher: Patcher<HttpOptions>, options: ServerOptions): Operation<Server, EmitArgs> {
  const serving = new Serving(patcher, options)
  return {
    ...SERVED_REQUEST,

    start(_server, [event, request, response]) {
      if (!REQUEST_EVENTS.has(event) || isTraced(request)) return undefined
      const { headers = {}, method = 'GET', url: path = '/' } = request
      const scheme = (request.socket as { encrypted?: boolean } | undefined)?.encrypted ? 'https:' : 'http:'
      const url = urlOf(scheme, headers.host ?? 'localhost', path)
      const peer = serving.wantsPeer ? request.socket?.remoteAddress : undefined
      return serving.start({ method, url, path, headers, peer }, [request, response], {
        emitter: response,
        events: ['finish', 'close'],
      })
    },

    pinOn: (server, [event]) => (REQUEST_EVENTS.has(event) ? pinnedListener(server, event) : undefined),

    before(span, [, request, response]) {
      beginWebRequest(request, span)
      watchQueued(request, response, patcher)
      if (request.method !== 'OPTIONS') return
      const { allowTracingHeaders } = require('./preflight') as typeof import('./preflight')
      allowTracingHeaders(request, response, patcher)
    },

    finish(span, _value, [, request, response]) {
      const { method = 'GET', headers = {} } = request
      // What a client did not wait for has none (OpenTelemetry, HTTP spans: "if and only if one was received/sent").
      const status = response.headersSent === false ? undefined : response.statusCode
      leaveQueue(request, response)
      const sent = serving.wantsHeaders ? inSent(response) : undefined
      serving.finish(span, webRequestOf(request), { method, status, headers, sent })
    },
  }
}

/** Whether a request is on its way already: a program may emit it again. */
function isTraced(request: IncomingMessage): boolean {
  return webRequestOf(request)?.span.isFinished === false
}

/** Request and response events run inside the request's span. Both modules share these classes. */
export function bindServerEvents(
  { IncomingMessage: Request, ServerResponse: Response }: Pick<typeof http, 'IncomingMessage' | 'ServerResponse'>,
  patcher: Patcher<HttpOptions>,
): void {
  if (patcher.options.server === false) return
  patcher.bindEvents(Request.prototype)
  patcher.bindEvents(Response.prototype)
}
