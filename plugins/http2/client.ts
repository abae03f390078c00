// Streams that go out: a span from `session.request` to the `close` of the stream. What a server pushes has no span of its own.
//
// Node runs the events of a stream in the context of the call that made it. The status comes with an event, which is looked at on
// its way: a listener for it would be seen by the program.

import type { ClientHttp2Session, ClientHttp2Stream, IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http2'
import { hiddenField, type Operation, type Patcher } from '../../src/plugin'
import { HTTP_REQUEST, noteStatus, startTo, type Target } from '../http/client'
import { HeaderTags, inHeaders } from '../http/header-tags'
import { isSigned, pairsOf, withHeaders } from '../http/headers'
import { type ClientOptions, type HttpOptions, matchesAny } from '../http/options'
import { authorityOf, urlOf, withoutBrackets, withoutQuery } from '../http/url'

/** Where a session is connected to. */
interface Origin {
  readonly scheme: string
  readonly host: string
  readonly port: number
}

type RequestArgs = [headers?: OutgoingHttpHeaders | readonly unknown[]]

const origins = hiddenField<Origin>()
const responses = hiddenField<IncomingHttpHeaders & { ':status'?: number }>()

/** Returns what patches the class of a session, once, and notes where it is connected to. */
export function traceSessions(
  patcher: Patcher<HttpOptions>,
  options: ClientOptions,
): (session: object, args: unknown[]) => void {
  const operation = clientOperation(options)
  const patched = new WeakSet<object>()

  function watch(stream: ClientHttp2Stream): void {
    const prototype = Object.getPrototypeOf(stream) as ClientHttp2Stream
    if (patched.has(prototype)) return
    patched.add(prototype)
    watchStreams(prototype, patcher)
  }

  return (session, args) => {
    origins.set(session, originOf(args))
    const prototype = Object.getPrototypeOf(session) as ClientHttp2Session
    if (patched.has(prototype)) return
    patched.add(prototype)
    patcher.wrap(prototype, 'request', (original) => {
      return {
        request(this: ClientHttp2Session, ...given: unknown[]) {
          const stream = Reflect.apply(original, this, given) as ClientHttp2Stream
          patcher.guarded('request', () => watch(stream))
          return stream
        },
      }.request
    })
    patcher.trace(prototype, 'request', operation)
  }
}

function clientOperation(options: ClientOptions): Operation<ClientHttp2Session, RequestArgs> {
  const { propagationBlocklist } = options
  const headerTags = new HeaderTags(options.headers)
  return {
    ...HTTP_REQUEST,

    start(session, [headers]) {
      // Node will refuse it.
      if (headers !== undefined && (typeof headers !== 'object' || headers === null)) return undefined
      return startTo(targetOf(session, headers), options)
    },

    before(_span, args, session, headers) {
      const [given] = args
      const { url, path } = targetOf(session, given)
      if (isSigned({ path, headers: given as never }) || matchesAny(propagationBlocklist, url, path)) return
      args[0] = withHeaders(given as never, headers()) as OutgoingHttpHeaders
    },

    finish(span, stream) {
      const response = responses.get(stream as object)
      if (!headerTags.isEmpty) {
        const { sentHeaders } = (stream ?? {}) as Partial<ClientHttp2Stream>
        headerTags.put(span, inHeaders(sentHeaders), inHeaders(response))
      }
      const status = response?.[':status']
      if (status !== undefined) noteStatus(span, status, options)
    },
  }
}

function targetOf(session: ClientHttp2Session, given: RequestArgs[0] = {}): Target {
  const headers = (Array.isArray(given) ? Object.fromEntries(pairsOf(given)) : given) as OutgoingHttpHeaders
  const { scheme, host, port } = origins.get(session) ?? UNKNOWN
  const defaultPort = scheme === 'https:' ? 443 : 80
  const own = authorityOf(host, port, defaultPort)
  const path = withoutQuery(String(headers[':path'] ?? '/'))
  return {
    method: String(headers[':method'] ?? 'GET'),
    url: urlOf(scheme, String(headers[':authority'] ?? headers.host ?? own), path),
    path,
    host,
    port,
  }
}

/** Of sessions that were there before. */
const UNKNOWN: Origin = { scheme: 'https:', host: 'localhost', port: 443 }

/** What Node makes of the arguments of `connect`. */
function originOf([authority, options]: unknown[]): Origin {
  const given = typeof authority === 'string' ? new URL(authority) : (authority as Partial<URL>)
  const scheme = given.protocol || (options as { protocol?: string } | undefined)?.protocol || 'https:'
  const port = Number(given.port || (given.protocol === 'http:' ? 80 : 443))
  return { scheme, port, host: withoutBrackets(String(given.hostname || given.host || 'localhost')) }
}

/** Lets the end of a stream be seen without listeners, and its status. */
function watchStreams(prototype: ClientHttp2Stream, patcher: Patcher<HttpOptions>): void {
  patcher.wrap(prototype, 'emit', (original) => {
    return {
      emit(this: ClientHttp2Stream, ...args: unknown[]) {
        if (args[0] === 'response') {
          patcher.guarded('response', () => responses.set(this, args[1] as IncomingHttpHeaders))
        }
        return Reflect.apply(original, this, args)
      },
    }.emit
  })
  patcher.bindEvents(prototype)
}
