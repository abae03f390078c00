// Streams that come in: a span from a server's `stream` event to the `close` of the stream. The compatible API makes its request and
// response of the same stream, so these belong to the same span. What a server pushes is part of the answer.

import type { Server } from 'node:http'
import type { Http2ServerRequest, Http2ServerResponse, IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2'
import {
  aliasWebRequest,
  type Bound,
  beginWebRequest,
  type Operation,
  type Patcher,
  webRequestOf,
} from '../../src/plugin'
import { inHeaders } from '../http/header-tags'
import type { HttpOptions, ServerOptions } from '../http/options'
import { allowTracingHeaders } from '../http/preflight'
import { traceServer } from '../http/server'
import { followServers, pinnedListener, SERVED_REQUEST, Serving } from '../http/serving'
import { urlOf } from '../http/url'

/** Of the compatible API. */
const REQUEST_EVENTS: ReadonlySet<string> = new Set(['request', 'checkContinue', 'checkExpectation'])

type EmitArgs = [event: string, stream: ServerHttp2Stream, headers: IncomingHttpHeaders]

interface ServerModule {
  readonly Http2ServerRequest: { readonly prototype: Http2ServerRequest }
  readonly Http2ServerResponse: { readonly prototype: Http2ServerResponse }
}

/** Returns what patches the class of a server, once. */
export function traceServers(
  module: ServerModule,
  patcher: Patcher<HttpOptions>,
  options: ServerOptions,
): (server: object) => void {
  const operation = serverOperation(patcher, options)
  const patched = new WeakSet<object>()
  patcher.bindEvents(module.Http2ServerRequest.prototype)
  patcher.bindEvents(module.Http2ServerResponse.prototype)
  return (server) => {
    const prototype = Object.getPrototypeOf(server) as Server
    if (patched.has(prototype)) return
    patched.add(prototype)
    // Secure servers may speak HTTP/1 as well.
    traceServer({ Server: { prototype } }, patcher)
    patcher.trace(prototype, 'emit', operation)
    followServers(prototype, patcher)
  }
}

function serverOperation(patcher: Patcher<HttpOptions>, options: ServerOptions): Operation<Server, EmitArgs> {
  const serving = new Serving(patcher, options)
  const patched = new WeakSet<object>()

  /** Lets the events of streams be seen without listeners. */
  function bindEventsOf(stream: ServerHttp2Stream): void {
    const prototype = Object.getPrototypeOf(stream) as ServerHttp2Stream
    if (patched.has(prototype)) return
    patched.add(prototype)
    patcher.bindEvents(prototype)
  }

  return {
    ...SERVED_REQUEST,

    start(_server, [event, stream, headers]) {
      if (REQUEST_EVENTS.has(event)) {
        return bindCompatible(
          stream as unknown as Http2ServerRequest,
          headers as unknown as Http2ServerResponse,
          patcher,
        )
      }
      if (event !== 'stream' || webRequestOf(stream) !== undefined) return undefined
      bindEventsOf(stream)
      const { ':method': method = 'GET', ':path': path = '/', ':scheme': scheme = 'https' } = headers
      const authority = headers[':authority'] ?? headers.host ?? 'localhost'
      const url = urlOf(`${scheme}:`, authority, path)
      const peer = serving.wantsPeer ? stream.session?.socket.remoteAddress : undefined
      return serving.start({ method, url, path, headers, peer }, [stream], { emitter: stream, events: ['close'] })
    },

    pinOn: (server, [event]) => (event === 'stream' ? pinnedListener(server, 'request') : undefined),

    before(span, [, stream]) {
      beginWebRequest(stream, span)
    },

    finish(span, _value, [, stream, headers]) {
      const { sentHeaders } = stream
      const status = sentHeaders?.[':status'] as number | undefined
      const method = headers[':method'] ?? 'GET'
      const sent = serving.wantsHeaders ? inHeaders(sentHeaders) : undefined
      serving.finish(span, webRequestOf(stream), { method, status, headers, sent })
    },
  }
}

/** The request and response that are made of a stream; those of HTTP/1 have none. */
function bindCompatible(
  request: Http2ServerRequest,
  response: Http2ServerResponse,
  patcher: Patcher<HttpOptions>,
): Bound | undefined {
  const web = webRequestOf(request.stream)
  if (web === undefined || webRequestOf(request) !== undefined) return undefined
  aliasWebRequest(request, web)
  patcher.guarded('preflight', () => allowTracingHeaders(request, response, patcher))
  return { bind: [request, response] }
}
