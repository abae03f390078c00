// Requests that go out: a span from the call to the `close` of the request, which Node emits once the response has ended or
// the request has failed.
//
// The library is not run inside the span, so the program's callbacks stay in their own context without any help. Listening
// for `response` is out of the question: a request without such a listener discards its response, and must go on to.

import type { Agent, ClientRequest, IncomingMessage, RequestOptions } from 'node:http'
import { type CallStart, type Operation, type Patcher, tags } from '../../src/plugin'
import { type ClientOptions, type HttpOptions, inRanges, matchesAny } from './options'

/** What `http` or `https` exports, as far as it is patched. */
interface ClientModule {
  request: (...args: never[]) => ClientRequest
  get: (...args: never[]) => ClientRequest
}

type RequestArgs = unknown[]

interface Target {
  readonly method: string
  readonly url: string
  readonly path: string
  readonly host: string
  readonly port: number
}

export function traceClient(module: ClientModule, protocol: 'http:' | 'https:', patcher: Patcher<HttpOptions>): void {
  const options = patcher.options.client ?? {}
  if (options === false) return
  const operation = clientOperation(protocol, options)
  patcher.trace(module, 'request', operation)
  patcher.trace(module, 'get', operation)
}

function clientOperation(protocol: 'http:' | 'https:', options: ClientOptions): Operation<ClientModule, RequestArgs> {
  const { blocklist, propagationBlocklist, service, errorStatuses = [[400, 499]] } = options
  return {
    name: 'http.request',
    type: 'http',
    kind: 'client',
    activate: false,

    start(_module, args): CallStart | undefined {
      const target = targetOf(args, protocol)
      if (target === undefined || matchesAny(blocklist, target.url, target.path)) return undefined
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
    },

    before(_span, args, _module, headers) {
      const at = optionsAt(args)
      const given = optionsOf(args[at])
      if (isSigned(args[0], given)) return
      if (propagationBlocklist !== undefined) {
        const { url, path } = targetOf(args, protocol)!
        if (matchesAny(propagationBlocklist, url, path)) return
      }
      // A copy, as Node makes one too: the program may use its object again, and sign it.
      const copy = { ...given, headers: withHeaders(given?.headers, headers()) }
      if (at === args.length || given !== undefined || args[at] == null) args[at] = copy
      else args.splice(at, 0, copy)
    },

    finish(span, request) {
      // Set by Node when the response begins; the only trace of it that needs no listener.
      const { res } = request as { res?: IncomingMessage }
      const status = res?.statusCode
      if (status === undefined) return
      span.put(tags.HTTP_STATUS_CODE, String(status))
      if (inRanges(status, errorStatuses)) span.error = 1
    },
  }
}

/** The options are the first argument, or the second after a URL. */
function optionsAt(args: RequestArgs): 0 | 1 {
  return typeof args[0] === 'string' || args[0] instanceof URL ? 1 : 0
}

function optionsOf(value: unknown): RequestOptions | undefined {
  return typeof value === 'object' && value !== null ? (value as RequestOptions) : undefined
}

/** Reads what Node will make of the arguments; undefined when it will refuse them. */
function targetOf(args: RequestArgs, protocol: string): Target | undefined {
  const [input] = args
  const given = optionsOf(args[optionsAt(args)])
  if (typeof input === 'string' && !URL.canParse(input)) return undefined
  const base = typeof input === 'string' ? new URL(input) : input instanceof URL ? input : undefined
  const scheme =
    given?.protocol ?? base?.protocol ?? (given?.agent as { protocol?: string } | undefined)?.protocol ?? protocol
  const host = String(given?.hostname ?? given?.host ?? base?.hostname ?? 'localhost')
  const defaultPort = scheme === 'https:' ? 443 : 80
  const agentPort = (given?.agent as (Agent & { defaultPort?: number }) | undefined)?.defaultPort
  const port = Number(given?.port || base?.port || given?.defaultPort || agentPort || defaultPort)
  const path = withoutQuery(String(given?.path ?? base?.pathname ?? '/'))
  const authority = port === defaultPort ? host : `${host}:${port}`
  return {
    method: String(given?.method ?? 'GET').toUpperCase(),
    url: `${scheme}//${authority}${path}`,
    path,
    host: host.replace(/^\[|\]$/g, ''),
    port,
  }
}

function withoutQuery(path: string): string {
  const end = path.search(/[?#]/)
  return end === -1 ? path : path.slice(0, end)
}

type Headers = RequestOptions['headers']

function withHeaders(given: Headers | undefined, added: Record<string, string>): Headers {
  // Node takes an array as raw headers, names and values in turn.
  return Array.isArray(given) ? [...(given as string[]), ...Object.entries(added).flat()] : { ...given, ...added }
}

/** A request with an AWS signature must go out as it was signed. */
function isSigned(input: unknown, options: RequestOptions | undefined): boolean {
  const url = typeof input === 'string' ? input : input instanceof URL ? input.search : ''
  if (url.includes('X-Amz-Signature=') || options?.path?.includes('X-Amz-Signature=')) return true
  const headers = options?.headers
  if (headers === undefined || Array.isArray(headers)) return false
  const { authorization, Authorization = authorization } = headers as Record<string, unknown>
  return [Authorization].flat().some((value) => String(value).startsWith('AWS4-'))
}
