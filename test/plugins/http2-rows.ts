// The ways to serve and to ask over HTTP/2 that the tests of its plugin compare without and with `dd`.

import { once } from 'node:events'
import http2, {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type Http2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { satisfies } from 'semver'
import type { CallStyle, Probe } from '../support/call-styles'

const { NGHTTP2_CANCEL, NGHTTP2_INTERNAL_ERROR, NGHTTP2_REFUSED_STREAM } = http2.constants

/** A server, a session with it, and the requests that have arrived. */
export interface Site {
  readonly server: Http2Server
  readonly session: ClientHttp2Session
  readonly url: string
  readonly arrived: IncomingHttpHeaders[]
}

export interface Row extends CallStyle<Site> {
  /** Default: a request that went well, on both sides. */
  readonly spans?: string
}

export async function open(server = http2.createServer(), options = {}): Promise<Site> {
  const arrived: IncomingHttpHeaders[] = []
  server.on('stream', (_stream, headers) => void arrived.push(headers)).on('sessionError', () => {})
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const scheme = 'setSecureContext' in server ? 'https' : 'http'
  const url = `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`
  const session = http2.connect(url, { rejectUnauthorized: false, ...options })
  session.on('error', () => {})
  return { server, session, url, arrived }
}

export async function close({ server, session }: Site): Promise<void> {
  session.destroy()
  if (!server.listening) return
  const closed = once(server, 'close')
  server.close()
  await closed
}

type Told = { status: unknown; body: string; own: unknown }

export async function answerTo(stream: ClientHttp2Stream): Promise<Told> {
  const [headers] = (await once(stream, 'response')) as [IncomingHttpHeaders & Record<string, unknown>]
  const body = await text(stream)
  if (!stream.closed) await once(stream, 'close')
  return { status: headers[':status'], body, own: headers['x-own'] }
}

/** A row whose server answers by the compatible API, and whose client asks for `headers`. */
const compatible =
  (
    answer: (request: Http2ServerRequest, response: Http2ServerResponse, probe: Probe) => unknown,
    headers: OutgoingHttpHeaders = {},
    body = '',
  ) =>
  ({ server, session }: Site, probe: Probe) => {
    server.on('request', (request, response) => void answer(request, response, probe))
    const stream = session.request(headers, { endStream: body === '' })
    if (body !== '') stream.end(body)
    return answerTo(stream)
  }

const core =
  (answer: (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, probe: Probe) => unknown) =>
  ({ server, session }: Site, probe: Probe) => {
    server.on('stream', (stream, headers) => void answer(stream, headers, probe))
    return answerTo(session.request())
  }

/** What becomes of a stream that ends otherwise, by its events. */
function eventsOf(stream: ClientHttp2Stream | ServerHttp2Stream, probe: Probe, side: string): void {
  stream.on('error', probe.optional(`${side} error`)).on('aborted', probe.optional(`${side} aborted`))
  stream.on('close', probe.callback(`${side} close`))
}

const keysOf = (object: object) => Reflect.ownKeys(object).map(String)

/** An older Node takes none. */
const TAKES_LISTS = satisfies(process.version, '^22.17 || >=24')

export const rows: Row[] = [
  ...[200, 204, 304, 404, 499, 500].map((status) => ({
    name: `with ${status}`,
    run: compatible((_request, response) => void response.writeHead(status, { 'x-own': 'yes' }).end()),
    spans: `GET ${status}${status >= 400 && status < 500 ? ' error' : ''} (GET ${status}${status >= 500 ? ' error' : ''})`,
  })),
  {
    name: 'a stream that responds',
    run: core((stream) => {
      stream.respond({ ':status': 201, 'x-own': 'yes' })
      stream.end('done')
    }),
    spans: 'GET 201 (GET 201)',
  },
  {
    name: 'both APIs on one server',
    run: ({ server, session }, probe) => {
      const told = probe.callback('stream')
      server.on('stream', () => void told())
      server.on('request', (_request, response) => void response.end('done'))
      return answerTo(session.request())
    },
  },
  {
    name: 'a body read by events, and sent back',
    run: compatible(
      (request, response) => {
        let body = ''
        request.setEncoding('utf8').on('data', (part) => {
          body += part
        })
        request.on('end', () => response.end(body))
      },
      { ':method': 'POST', ':path': '/a?b=c' },
      'a body',
    ),
    spans: 'POST 200 (POST 200)',
  },
  {
    name: 'the body piped back',
    run: compatible((request, response) => void request.pipe(response), { ':method': 'PUT' }, 'back'),
    spans: 'PUT 200 (PUT 200)',
  },
  {
    name: 'HEAD',
    run: compatible((_, response) => void response.end(), { ':method': 'HEAD' }),
    spans: 'HEAD 200 (HEAD 200)',
  },
  {
    name: 'after awaits, with trailers',
    run: core(async (stream) => {
      await nextTurn()
      stream.respond({ ':status': 200 }, { waitForTrailers: true })
      stream.on('wantTrailers', () => stream.sendTrailers({ 'x-sum': '1' }))
      stream.end('late')
    }),
  },
  {
    name: 'a body that waits to be wanted',
    run: compatible(
      (request, response) => void request.pipe(response),
      { ':method': 'POST', expect: '100-continue' },
      'wanted',
    ),
    spans: 'POST 200 (POST 200)',
  },
  {
    name: 'a body that waits, which the program decides on',
    run: ({ server, session }) => {
      server.on('checkContinue', (_request, response) => void response.writeHead(413).end())
      // Without it there is no compatible API.
      server.on('request', () => {})
      return answerTo(session.request({ ':method': 'POST', expect: '100-continue' }).end())
    },
    spans: 'POST 413 error (POST 413)',
  },
  {
    name: 'something pushed',
    run: async ({ server, session }, probe) => {
      server.on('stream', (stream) => {
        stream.pushStream({ ':path': '/pushed' }, (error, pushed) => {
          probe.note('push error', error)
          pushed.respond({ ':status': 200 })
          pushed.end('pushed')
          stream.respond({ ':status': 200 })
          stream.end('asked')
        })
      })
      session.on('stream', async (pushed, headers) => {
        pushed.on('close', probe.callback('pushed'))
        probe.note('path', headers[':path'])
        probe.note('pushed', await text(pushed))
      })
      return answerTo(session.request())
    },
  },
  {
    name: 'own properties and listeners as they were',
    run: ({ server, session }, probe) => {
      server.on('request', (request, response) => {
        probe.note('request', [keysOf(request), request.eventNames()])
        probe.note('response', [keysOf(response), response.eventNames()])
        probe.note('stream', [keysOf(request.stream), request.stream.eventNames()])
        response.end()
      })
      const stream = session.request()
      probe.note('client', [keysOf(stream), stream.eventNames(), keysOf(session), session.eventNames()])
      return answerTo(stream)
    },
  },
  {
    name: 'headers that stay as the program made them',
    run: ({ server, session }, probe) => {
      server.on('stream', (stream) => void stream.respond({ ':status': 200 }, { endStream: true }))
      const headers = Object.freeze({ 'x-own': 'yes', [http2.sensitiveHeaders]: ['x-own'] })
      const stream = session.request(headers)
      probe.note('sent', stream.sentHeaders['x-own'])
      probe.note('sensitive', Reflect.get(stream.sentHeaders, http2.sensitiveHeaders))
      return answerTo(stream)
    },
  },
  {
    name: 'a stream that the server gives up',
    run: ({ server, session }, probe) => {
      server.on('stream', (stream) => {
        eventsOf(stream, probe, 'server')
        stream.close(NGHTTP2_INTERNAL_ERROR)
      })
      eventsOf(session.request().resume(), probe, 'client')
    },
    spans: 'GET error (GET error)',
  },
  {
    name: 'a stream that the server refuses',
    run: ({ server, session }, probe) => {
      server.on('stream', (stream) => {
        eventsOf(stream, probe, 'server')
        stream.close(NGHTTP2_REFUSED_STREAM)
      })
      eventsOf(session.request().resume(), probe, 'client')
    },
    spans: 'GET error (GET error)',
  },
  {
    name: 'a stream that the client gives up',
    run: ({ server, session }, probe) => {
      const stream = session.request().resume()
      server.on('request', (request, response) => {
        eventsOf(request.stream, probe, 'server')
        response.on('close', probe.callback('response close'))
        stream.close(NGHTTP2_CANCEL)
      })
      eventsOf(stream, probe, 'client')
    },
    spans: 'GET (GET)',
  },
  {
    name: 'a stream that the client destroys with an error, half-way',
    run: ({ server, session }, probe) => {
      const stream = session.request().resume()
      server.on('stream', (served) => {
        eventsOf(served, probe, 'server')
        served.respond({ ':status': 200 })
        served.write('half')
      })
      stream.on('data', () => stream.destroy(new RangeError('enough')))
      eventsOf(stream, probe, 'client')
    },
    spans: 'GET 200 error (GET 200 error)',
  },
  {
    name: 'a signal that aborts',
    run: ({ server, session }, probe) => {
      const controller = new AbortController()
      server.on('stream', (stream) => {
        eventsOf(stream, probe, 'server')
        controller.abort()
      })
      eventsOf(session.request({}, { signal: controller.signal }).resume(), probe, 'client')
    },
    spans: 'GET error (GET)',
  },
  {
    name: 'an error that nobody handles',
    run: ({ server, session }, probe) => {
      server.on('stream', (stream) => void stream.on('error', () => {}).close(NGHTTP2_INTERNAL_ERROR))
      session.request().resume()
      return probe.unhandled()
    },
    spans: 'GET error (GET error)',
  },
  {
    name: 'a handler that throws',
    run: ({ server, session }, probe) => {
      server.on('stream', (stream) => {
        stream.respond({ ':status': 200 }, { endStream: true })
        throw new RangeError('of the handler')
      })
      session.request().resume()
      return probe.unhandled()
    },
    spans: 'GET 200 (GET 200 error)',
  },
  ...(
    [
      ['headers that are no object', 'text' as unknown as OutgoingHttpHeaders],
      ['null', null as unknown as OutgoingHttpHeaders],
    ] as const
  ).map(([name, headers]) => ({ name, run: ({ session }: Site) => session.request(headers), spans: '' })),
  {
    name: 'headers as a list',
    run: ({ server, session }) => {
      server.on('stream', (stream, headers) =>
        stream.respond({ ':status': 200, 'x-own': headers['x-own'] }, { endStream: true }),
      )
      return answerTo(session.request(['x-own', 'yes', ':path', '/a'] as unknown as OutgoingHttpHeaders))
    },
    spans: TAKES_LISTS ? 'GET 200 (GET 200)' : 'GET error',
  },
  {
    name: 'a header that is refused',
    run: ({ session }) => session.request({ 'bad name': 'a' }),
    spans: 'GET error',
  },
  {
    name: 'a session that is gone',
    run: ({ session }) => {
      session.destroy()
      return session.request()
    },
    spans: 'GET error',
  },
]
