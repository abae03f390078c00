// Everything that can happen to a request of Node's `http`: each form of the call, each end of the request, and what may come in between.

import { once } from 'node:events'
import http, { type ClientRequest, type IncomingMessage, type RequestOptions } from 'node:http'
import https from 'node:https'
import type { Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import type { CallStyle, Probe } from '../support/call-styles'
import { type Callback, forms, refused, shared, signed } from './http-client-forms'
import { certificate, type Site } from './http-site'

export interface Row extends CallStyle<Site> {
  /** `resource status`, and `error`, of each span; default: one that went well. */
  readonly spans?: readonly string[]
  /** No trace headers are sent. */
  readonly bare?: boolean
}

/** For a row: tells the probe of the response and its body, and of everything else that happens to the request. */
function told(probe: Probe): Callback {
  const done = probe.callback('body', () => {})
  return probe.callback('response', async (response: IncomingMessage) => {
    const { date, ...headers } = response.headers
    response.on('error', probe.optional('response error'))
    done(response.statusCode, headers, await text(response).catch((error: Error) => error.message))
  }) as Callback
}

function watched(
  probe: Probe,
  request: ClientRequest,
  events = ['close'],
  others = ['socket', 'finish', 'abort', 'timeout', 'continue', 'information', 'error', 'close'],
): ClientRequest {
  for (const event of events) request.on(event, probe.callback(event))
  for (const event of others.filter((other) => !events.includes(other))) request.on(event, probe.optional(event))
  return request
}

const asked = (module: typeof http | typeof https, method: 'request' | 'get', args: (typeof forms)[number][1]) => {
  return (site: Site, probe: Probe) => {
    const callback = told(probe)
    const given = args(site, callback)
    const request = module[method](...(given as [string]))
    if (!given.includes(callback)) request.on('response', callback)
    return method === 'get' ? watched(probe, request) : watched(probe, request.end())
  }
}

/** Requests that come to nothing, or not to all of it. */
const failing: [name: string, call: (site: Site, probe: Probe) => ClientRequest, spans?: string[]][] = [
  ['refused', ({ refusedPort }) => http.get({ port: refusedPort, host: '127.0.0.1' })],
  ['to a host there is not', () => http.get({ ...notFound, host: 'nowhere.invalid' })],
  ['hung up on', ({ url }) => http.get(`${url}/hang-up`)],
  ['answered in nonsense', ({ url }) => http.get(`${url}/nonsense`)],
  ['to a certificate that is not trusted', ({ secureUrl }) => https.get(secureUrl)],
  ['destroyed at once', ({ url }) => http.get(`${url}/never`).destroy()],
  ['destroyed with an error', ({ url }) => http.get(`${url}/never`).destroy(new RangeError('enough'))],
  ['with a signal that has gone off', ({ url }) => http.get(`${url}/never`, { signal: AbortSignal.abort() })],
  [
    'with a signal that goes off',
    ({ url }) => stoppedAt('finish', (stop) => http.get(`${url}/never`, { signal: stop })),
  ],
  [
    'aborted',
    ({ url }) => {
      const request = http.get(`${url}/never`)
      return request.once('finish', () => request.abort())
    },
  ],
  [
    'too slow for its options',
    ({ url }) => {
      const request = http.get(`${url}/never`, { timeout: 5 })
      return request.once('timeout', () => request.destroy(new Error('too slow')))
    },
  ],
  [
    'too slow for its timer',
    ({ url }, probe) => {
      const request = http.get(`${url}/never`)
      return request.setTimeout(
        5,
        probe.callback('timer', () => request.destroy(new Error('too slow'))),
      )
    },
  ],
  ['answered in part', ({ url }, probe) => http.get(`${url}/partly`, told(probe) as () => void), ['GET 200']],
]

/** What the system says of a host that has no address, at once and without a network. */
const notFound: RequestOptions = {
  lookup: (host, _options, callback) => {
    const error = Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), { code: 'ENOTFOUND' })
    setImmediate(callback as (error: Error) => void, error)
  },
}

function stoppedAt(event: string, call: (signal: AbortSignal) => ClientRequest): ClientRequest {
  const controller = new AbortController()
  return call(controller.signal).once(event, () => controller.abort())
}

export const rows: Row[] = [
  ...forms.flatMap(([name, args, spans = ['GET 200']]): Row[] => [
    { name: `${name} to request`, run: asked(http, 'request', args), spans },
    { name: `${name} to get`, run: asked(http, 'get', args), spans },
  ]),
  ...[200, 204, 302, 304, 400, 404, 499, 500, 503].map((status) => ({
    name: `a get that is answered with ${status}`,
    run: asked(http, 'get', ({ url }) => [`${url}/${status}`]),
    spans: [`GET ${status}${status >= 400 && status < 500 ? ' error' : ''}`],
  })),
  ...refused.map(([name, args, spans = ['GET - error']]) => ({
    name: `a call with ${name}`,
    run: (_site: Site, probe: Probe) => watched(probe, http.request(...(args as [string])), []),
    spans,
  })),
  ...signed.map(([name, args]) => ({
    name: `signed for AWS in ${name}`,
    run: asked(http, 'get', args),
    bare: true,
  })),
  ...failing.map(([name, call, spans = ['GET - error']]) => ({
    name: `a request ${name}`,
    run: (site: Site, probe: Probe) =>
      // Whether it was sent before it failed depends on the moment.
      watched(probe, call(site, probe), spans[0] === 'GET 200' ? [] : ['error', 'close'], ['abort', 'timeout']),
    spans,
  })),
  {
    name: 'an error without a listener, refused',
    run: ({ refusedPort }, probe) => {
      http.get({ port: refusedPort, host: '127.0.0.1' })
      return probe.unhandled()
    },
    spans: ['GET - error'],
  },
  {
    name: 'a response without a listener',
    run: ({ url }, probe) => http.get(url).on('close', probe.callback('close')),
  },
  {
    name: 'a response that is never read',
    run: ({ url }, probe) =>
      http.get(url, { agent: false }, probe.callback('response')).on('close', probe.callback('close')),
  },
  {
    name: 'a response that is destroyed',
    run: ({ url }, probe) =>
      http
        .get(
          url,
          probe.callback('response', (response: IncomingMessage) => response.destroy()),
        )
        .on('close', probe.callback('close')),
  },
  {
    name: 'a promise of the response',
    run: async ({ url }) => {
      const [response] = (await once(http.get(url), 'response')) as [IncomingMessage]
      return [response.statusCode, await text(response)]
    },
  },
  {
    name: 'a body in pieces, and trailers',
    run: ({ url }, probe) => {
      const request = http.request(url, { method: 'POST', headers: { trailer: 'x-sum' } }, told(probe))
      request.write('one', probe.callback('written'))
      request.addTrailers({ 'x-sum': '1' })
      return watched(probe, request.end('two', probe.callback('ended')))
    },
    spans: ['POST 200'],
  },
  {
    name: 'a body that waits to be wanted',
    run: ({ url }, probe) => {
      const headers = { expect: '100-continue', 'content-length': 6 }
      const request = http.request(url, { method: 'PUT', headers }, told(probe))
      request.on('continue', () => request.end('wanted'))
      request.flushHeaders()
      return watched(probe, request, ['continue', 'close'])
    },
    spans: ['PUT 200'],
  },
  {
    name: 'an answer after early hints',
    run: ({ url }, probe) => watched(probe, http.get(`${url}/hints`, told(probe)), ['information', 'close']),
  },
  {
    name: 'an upgrade',
    run: ({ url }, probe) =>
      http
        .get(`${url}/chat`, { headers: { connection: 'upgrade', upgrade: 'chat' } })
        .on(
          'upgrade',
          probe.callback('upgrade', (_response: unknown, socket: Socket) => socket.destroy()),
        )
        .on('close', probe.callback('close')),
    spans: ['GET 101'],
  },
  {
    name: 'an upgrade that nobody listens for',
    run: ({ url }, probe) =>
      watched(probe, http.get(`${url}/chat`, { headers: { connection: 'upgrade', upgrade: 'chat' } })),
    spans: ['GET 101'],
  },
  {
    name: 'a tunnel',
    run: ({ port }, probe) =>
      http
        .request({ port, method: 'CONNECT', path: 'other.example:443' })
        .on(
          'connect',
          probe.callback('connect', (_response: unknown, socket: Socket) => socket.destroy()),
        )
        .on('close', probe.callback('close'))
        .end(),
    spans: ['CONNECT 200'],
  },
  {
    name: 'a redirect that the program follows',
    run: ({ url }, probe) => {
      const done = told(probe)
      return http.get(`${url}/302`, (response) => {
        response.resume()
        http.get(url + response.headers.location!, done)
      })
    },
    spans: ['GET 302', 'GET 200'],
  },
  {
    name: 'options that are used again and again',
    run: async ({ port }, probe) => {
      const agent = new http.Agent({ keepAlive: true })
      const options = Object.freeze({ ...shared, port, agent })
      const bodies: string[] = []
      for (let n = 0; n < 3; n++) {
        const [response] = (await once(http.get(options), 'response')) as [IncomingMessage]
        bodies.push(await text(response))
      }
      agent.destroy()
      probe.note('options', { ...options, agent: undefined })
      return bodies
    },
    spans: ['GET 200', 'GET 200', 'GET 200'],
  },
  {
    name: 'text and callback to get of https',
    run: asked(https, 'get', ({ secureUrl }, callback) => [secureUrl, { ca: certificate.cert }, callback]),
  },
  {
    name: 'a URL and options to request of https',
    run: asked(https, 'request', ({ secureUrl }) => [
      new URL(secureUrl),
      { ca: certificate.cert, headers: shared.headers },
    ]),
  },
  ...[undefined, null].map(
    (nothing): Row => ({
      name: `${nothing} before the callback, which https then forgets`,
      run: ({ secureUrl }, probe) => {
        const request = https.get(secureUrl, nothing as unknown as RequestOptions, () => {})
        request.on('error', probe.callback('error')).destroy()
        return request.listenerCount('response')
      },
      spans: ['GET - error'],
    }),
  ),
  {
    name: 'a socket of the file system',
    run: asked(http, 'get', ({ socketPath }, callback) => [{ socketPath, path: '/a' }, callback]),
  },
]
