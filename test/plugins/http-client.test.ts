// The http plugin's client side against a real server: every way to ask looks the same to the program and to the server with and
// without `dd`, but for the trace headers; and each request is one span that holds no credentials.

import { strict as assert } from 'node:assert'
import { once } from 'node:events'
import http, { type ClientRequest, type IncomingMessage, type RequestListener, type RequestOptions } from 'node:http'
import https from 'node:https'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { parse } from 'node:url'
import { tracer } from '../../src'
import { childrenOf, find, type ReceivedSpan, startAgent } from '../support/agent'
import { type CallStyle, describeCallStyles, type Probe } from '../support/call-styles'
import { selfSigned } from '../support/certificate'
import { holdRefusingPort, listen, shut } from '../support/loopback'
import { runNode } from '../support/spawn'
import { Tracing } from '../support/tracing'

/** The other side: it tells what it was sent, and misbehaves on demand. */
interface Site {
  readonly port: number
  readonly url: string
  readonly secureUrl: string
  readonly socketPath: string
  /** Nobody listens there. */
  readonly refusedPort: number
}

interface Row extends CallStyle<Site> {
  /** `resource status`, and `error`, of each span; default: one that went well. */
  readonly spans?: readonly string[]
  /** No trace headers are sent. */
  readonly bare?: boolean
}

type Callback = (response: IncomingMessage) => void

/** Only what goes out is the subject; the server of the tests is not. */
const clientOnly = { http: { server: false } } as const
const certificate = selfSigned()
const PASSWORD = 'open-sesame'

/** The trace headers of each request that arrived; what was sent twice is joined. */
const arrived: Record<string, string>[] = []

const answer: RequestListener = async (request, response) => {
  const { method, url, rawHeaders } = request
  const headers = rawHeaders.flatMap((name, at) => (at % 2 === 0 ? [[name, rawHeaders[at + 1]!]] : []))
  const isTrace = ([name]: string[]) => /^(x-datadog-|traceparent$|tracestate$)/i.test(name!)
  arrived.push(Object.fromEntries(Object.entries(request.headers as Record<string, string>).filter(isTrace)))
  const status = Number(/^\/(\d{3})/.exec(url!)?.[1] ?? 200)
  if (url === '/hang-up') return void request.socket.destroy()
  if (url === '/nonsense') return void request.socket.end('nonsense\r\n\r\n')
  if (url === '/never') return undefined
  if (url === '/partly') {
    response.writeHead(200, { 'content-length': 9 }).write('part', () => request.socket.destroy())
    return undefined
  }
  if (url === '/hints') response.writeEarlyHints({ link: '</a.css>; rel=preload' })
  if (status === 302) response.setHeader('location', '/there')
  const body = await text(request)
  response.statusCode = status
  return void response.end(JSON.stringify({ method, url, headers: headers.filter((header) => !isTrace(header)), body }))
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

/** A URL that is not of this realm's class. */
class ForeignUrl {
  readonly #url: URL
  constructor(text: string) {
    this.#url = new URL(text)
    for (const part of ['href', 'protocol', 'hostname', 'port', 'pathname', 'search', 'hash'] as const) {
      Object.defineProperty(this, part, { get: () => this.#url[part] })
    }
  }
}

const shared = Object.freeze({ path: '/shared', headers: Object.freeze({ 'X-Own': 'yes', accept: ['a', 'b'] }) })

const forms: [name: string, args: (site: Site, callback: Callback) => unknown[], spans?: string[]][] = [
  ['text', ({ url }) => [`${url}/a?b=c#d`]],
  ['text and callback', ({ url }, callback) => [`${url}/a`, callback]],
  ['text, undefined and callback', ({ url }, callback) => [url, undefined, callback]],
  ['text, null and callback', ({ url }, callback) => [url, null, callback]],
  ['text, something odd and callback', ({ url }, callback) => [url, 'odd', callback]],
  ['a URL', ({ url }) => [new URL(`${url}/a?b=c#d`)]],
  ['a URL and callback', ({ url }, callback) => [new URL(url), callback]],
  ['a URL, options and callback', ({ url }, callback) => [new URL(url), { headers: { 'x-own': 'yes' } }, callback]],
  ['a URL with credentials', ({ port }) => [new URL(`http://ali:${PASSWORD}@127.0.0.1:${port}/cave`)]],
  ['a URL of another realm', ({ url }, callback) => [new ForeignUrl(`${url}/a?b=c`), callback]],
  ['a URL with options on it', ({ url }) => [Object.assign(new URL(url), { headers: { 'x-own': 'yes' } })]],
  ['a URL with a foreign host option', ({ url }) => [new URL(url), { host: 'nowhere.invalid' }]],
  ['options', ({ port }) => [{ port, path: '/a?b=c', method: 'GET' }]],
  ['options and callback', ({ port }, callback) => [{ hostname: '127.0.0.1', port: String(port) }, callback]],
  ['options, undefined', ({ port }, callback) => [{ host: '127.0.0.1', port }, callback, undefined]],
  ['options of the old URL parser', ({ url }, callback) => [parse(`${url}/a?b=c`), callback]],
  ['frozen options', ({ port }) => [Object.freeze({ ...shared, port })]],
  ['options with credentials', ({ port }) => [{ port, auth: `ali:${PASSWORD}` }]],
  [
    'options that inherit headers',
    ({ port }) => [Object.assign(Object.create({ headers: { 'x-own': 'yes' } }), { port })],
  ],
  ['text and options', ({ url }) => [url, { path: '/instead', headers: { 'x-own': ['1', '2'] } }]],
  [
    'text, options and callback',
    ({ url }, callback) => [url, Object.freeze({ method: 'HEAD' }), callback],
    ['HEAD 200'],
  ],
  [
    'headers without prototype',
    ({ url }) => [url, { headers: Object.assign(Object.create(null), { 'x-own': 'yes' }) }],
  ],
  ['headers of null', ({ url }) => [url, { headers: null }]],
  ['headers in a list', ({ url }) => [url, { headers: ['Host', 'a', 'X-Own', 'yes', 'X-Own', 'no'] }]],
  ['headers in an empty list', ({ url }) => [url, { headers: ['Host', 'a'], agent: false }]],
  [
    'headers in pairs',
    ({ url }) => [
      url,
      {
        headers: [
          ['Host', 'a'],
          ['X-Own', 'yes'],
        ],
      },
    ],
  ],
  [
    'headers of another trace',
    ({ url }) => [url, { headers: { 'X-Datadog-Trace-Id': '1', 'x-datadog-parent-id': 2 } }],
  ],
  [
    'a list of another trace',
    ({ url }) => [url, { headers: ['Host', 'a', 'X-Datadog-Trace-Id', '1', 'X-Own', 'yes'] }],
  ],
  [
    'pairs of another trace',
    ({ url }) => [
      url,
      {
        headers: [
          ['Host', 'a'],
          ['x-datadog-parent-id', '1'],
        ],
      },
    ],
  ],
  ['an agent of its own', ({ url }) => [url, { agent: false }]],
]

const asked = (module: typeof http | typeof https, method: 'request' | 'get', args: (typeof forms)[number][1]) => {
  return (site: Site, probe: Probe) => {
    const callback = told(probe)
    const given = args(site, callback)
    const request = module[method](...(given as [string]))
    if (!given.includes(callback)) request.on('response', callback)
    return method === 'get' ? watched(probe, request) : watched(probe, request.end())
  }
}

/** Calls that Node refuses. */
const refused: [name: string, args: unknown[], spans?: string[]][] = [
  ['text that is no URL', ['no URL'], []],
  ['a protocol that is not its own', ['ftp://127.0.0.1/']],
  ['the protocol of the other module', [new URL('https://127.0.0.1/')]],
  ['a method of two words', [{ method: 'GE T' }], ['GE T - error']],
  ['a method that is no text', [{ method: 5 }], ['5 - error']],
  ['a host that is no text', [{ host: 5 }]],
  ['a path with a space', [{ path: '/a b' }]],
  ['a port there cannot be', [{ port: 99_999 }]],
  ['a header without value', [{ headers: { 'x-own': undefined } }]],
  ['a header with a line break', [{ headers: { 'x-own': 'a\nb' } }]],
  ['a list of headers without the last value', [{ headers: ['Host', 'a', 'X-Own'] }]],
  ['a header name with a space', [{ headers: { 'x own': 'a' } }]],
  ['an agent that is none', [{ agent: 5 }]],
  ['a callback that is none', ['http://127.0.0.1:1', {}, 'callback']],
  ['a signal that is none', [{ signal: 'abort' }]],
]

const aws = 'AWS4-HMAC-SHA256 Credential=AKIA/20200101/eu/s3/aws4_request, SignedHeaders=host, Signature=abc'
const signedQuery = '?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=abc'
const signed: [name: string, args: (site: Site) => unknown[]][] = [
  ['a header', ({ url }) => [url, { headers: { Authorization: aws } }]],
  ['a header in another case', ({ url }) => [url, { headers: { AUTHORIZATION: [aws] } }]],
  ['a list of headers', ({ url }) => [url, { headers: ['host', 'a', 'authorization', aws] }]],
  [
    'pairs of headers',
    ({ url }) => [
      url,
      {
        headers: [
          ['host', 'a'],
          ['authorization', aws],
        ],
      },
    ],
  ],
  ['the query of text', ({ url }) => [`${url}/${signedQuery}`]],
  ['the query of a URL', ({ url }) => [new URL(`${url}/${signedQuery}`)]],
  ['the path of options', ({ port }) => [{ port, path: `/${signedQuery.toLowerCase()}` }]],
]

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

const rows: Row[] = [
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

const summary = ({ resource, meta, error }: ReceivedSpan) =>
  `${resource} ${meta['http.status_code'] ?? '-'}${error ? ' error' : ''}`

describe('http client', () => {
  const servers = [http.createServer(answer), http.createServer(answer), https.createServer(certificate, answer)]
  let site: Site
  let refusing: Awaited<ReturnType<typeof holdRefusingPort>>
  let tracing: Tracing

  before(async () => {
    for (const server of servers) {
      server.keepAliveTimeout = 0
      server.on('upgrade', (_request, socket) =>
        socket.end('HTTP/1.1 101 Switching\r\nconnection: upgrade\r\nupgrade: chat\r\n\r\nwelcome'),
      )
      server.on('connect', (_request, socket) => socket.end('HTTP/1.1 200 Connected\r\n\r\n'))
    }
    const [plain, local, secure] = servers as [http.Server, http.Server, https.Server]
    const name = `dd-test-${process.pid}.sock`
    const socketPath = process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : join(tmpdir(), name)
    local.listen(socketPath)
    const port = await listen(plain)
    refusing = await holdRefusingPort()
    const secureUrl = `https://localhost:${await listen(secure)}/`
    site = { port, url: `http://127.0.0.1:${port}`, secureUrl, socketPath, refusedPort: refusing.port }
  })
  after(() => Promise.all([...servers.map(shut), refusing.release()]))

  const open = () => {
    arrived.length = 0
    return site
  }

  describeCallStyles<Site, Row>('gives the same for', rows, {
    without: {
      open,
      close: () =>
        assert.deepEqual(
          arrived.filter((headers) => Object.keys(headers).length > 2),
          [],
        ),
    },
    with: {
      before: async () => {
        tracing = await Tracing.start(clientOnly)
      },
      open: async () => {
        // What a row before has left behind.
        await tracing.spans()
        tracing.clear()
        return open()
      },
      async check({ spans = ['GET 200'], bare = false }) {
        const received = await tracing.spans()
        assert.deepEqual(received.map(summary), spans)
        assert.doesNotMatch(JSON.stringify(received.map(({ meta }) => meta)), new RegExp(PASSWORD))
        const known = new Set(received.map(({ trace_id, span_id }) => `${trace_id}/${span_id}`))
        for (const headers of arrived) {
          if (bare) assert.deepEqual(headers, {})
          else assert.ok(known.delete(`${headers['x-datadog-trace-id']}/${headers['x-datadog-parent-id']}`))
        }
      },
      after: () => tracing.stop(),
    },
  })

  describe('of a program', () => {
    const loopback = { host: '127.0.0.1', port: 1 }
    /** As those of `agent-base`, which look at the stack to find out whose request it is. */
    const proxyAgent = {
      protocol: 'https:',
      get defaultPort() {
        return /node:https/.test(new Error().stack ?? '') ? 443 : 80
      },
      addRequest: (request: ClientRequest) => request.onSocket(new Socket()),
    } as unknown as https.Agent
    const plain = new http.Agent()
    const targets: [name: string, args: unknown[], url: string, host: string, port?: number, module?: typeof https][] =
      [
        ['text', ['http://127.0.0.1:1/a?b=c#d'], 'http://127.0.0.1:1/a', '127.0.0.1', 1],
        ['the usual port', ['http://127.0.0.1/a'], 'http://127.0.0.1/a', '127.0.0.1', 80],
        ['IPv6', ['http://[::1]:1/a'], 'http://[::1]:1/a', '::1', 1],
        ['IPv6 as an option', [{ hostname: '::1', port: 1 }], 'http://[::1]:1/', '::1', 1],
        ['credentials', [`http://ali:${PASSWORD}@127.0.0.1:1/`], 'http://127.0.0.1:1/', '127.0.0.1', 1],
        ['options', [{ ...loopback, port: '1', path: '/a?b' }], 'http://127.0.0.1:1/a', '127.0.0.1', 1],
        [
          'options that beat a URL',
          [new URL('http://a:2/b'), { hostname: '127.0.0.1' }],
          'http://127.0.0.1:2/b',
          '127.0.0.1',
          2,
        ],
        ['a port taken away', ['http://127.0.0.1:1/', { port: undefined }], 'http://127.0.0.1/', '127.0.0.1', 80],
        [
          'another usual port',
          [{ ...loopback, port: undefined, defaultPort: 1 }],
          'http://127.0.0.1:1/',
          '127.0.0.1',
          1,
        ],
        ['an agent', [{ ...loopback, agent: plain, method: 'get' }], 'http://127.0.0.1:1/', '127.0.0.1', 1],
        [
          'a proxy',
          [{ ...loopback, path: `http://ali:${PASSWORD}@other.example/a?b` }],
          'http://other.example/a',
          '127.0.0.1',
          1,
        ],
        [
          'a tunnel',
          [{ ...loopback, path: 'other.example:443' }],
          'http://127.0.0.1:1/other.example:443',
          '127.0.0.1',
          1,
        ],
        ['a socket', [{ socketPath: '/nowhere', path: '/a' }], 'http://localhost/a', 'localhost', undefined],
        ['https', ['https://127.0.0.1/a'], 'https://127.0.0.1/a', '127.0.0.1', 443, https],
        ['https on another port', [{ ...loopback, path: '/a' }], 'https://127.0.0.1:1/a', '127.0.0.1', 1, https],
        [
          'the agent of a proxy',
          [{ host: '127.0.0.1', agent: proxyAgent }],
          'https://127.0.0.1/',
          '127.0.0.1',
          443,
          https,
        ],
        [
          'https through http',
          ['https://127.0.0.1/', { agent: new https.Agent() }],
          'https://127.0.0.1/',
          '127.0.0.1',
          443,
        ],
      ]

    before(async () => {
      tracing = await Tracing.start({ http: true })
    })
    beforeEach(async () => {
      await tracing.spans()
      tracing.clear()
      arrived.length = 0
    })
    after(() => tracing.stop())

    for (const [name, args, url, host, port, module = http] of targets) {
      it(`tells where a request goes: ${name}`, async () => {
        const request = module.request(...(args as [string]))
        await new Promise((resolve) =>
          request
            .on('error', () => {})
            .on('close', resolve)
            .destroy(),
        )
        const { resource, meta, metrics } = find(await tracing.spans(), 'http.request')
        const seen = [resource, meta['http.url'], meta['out.host'], metrics['network.destination.port']]
        assert.deepEqual(seen, ['GET', url, host, port])
      })
    }

    it('tells the rest as every client does', async () => {
      const status = await tracer.trace('caller', async () => (await fetched(`${site.url}/404`)).status)
      assert.equal(status, 404)
      const spans = await tracing.spans()
      const caller = find(spans, 'caller')
      const [span] = childrenOf(caller, spans)
      const { name, type, service, error } = span!
      assert.deepEqual([name, type, service, error], ['http.request', 'http', 'test', 1])
      const { meta, metrics } = span!
      const tags = { component: 'http', '_dd.integration': 'http', 'span.kind': 'client', 'http.method': 'GET' }
      assert.deepEqual({ ...meta, ...tags, 'http.status_code': '404' }, meta)
      assert.equal(metrics['_dd.measured'], 1)
      assert.equal(meta['error.message'], undefined)
    })

    it('describes the error of a request', async () => {
      const request = http.get({ port: site.refusedPort, host: '127.0.0.1' })
      await once(request, 'error')
      const { meta } = find(await tracing.spans(), 'http.request')
      assert.match(meta['error.message']!, /ECONNREFUSED/)
      assert.match(meta['error.stack']!, /ECONNREFUSED/)
    })

    it('lets the server go on with the trace', async () => {
      await tracer.trace('caller', () => fetched(`${site.url}/a`))
      const spans = await tracing.spans()
      const [request] = childrenOf(find(spans, 'caller'), spans)
      const [served] = childrenOf(request!, spans)
      assert.equal(served?.name, 'web.request')
      const tid = spans[0]!.meta['_dd.p.tid']!
      const hex = (id: string) => BigInt(id).toString(16).padStart(16, '0')
      assert.deepEqual(arrived[0], {
        traceparent: `00-${tid}${hex(request!.trace_id)}-${hex(request!.span_id)}-01`,
        tracestate: `dd=s:1;p:${hex(request!.span_id)};t.dm:-1;t.ksr:1`,
        'x-datadog-trace-id': request!.trace_id,
        'x-datadog-parent-id': request!.span_id,
        'x-datadog-sampling-priority': '1',
        'x-datadog-tags': `_dd.p.dm=-1,_dd.p.ksr=1,_dd.p.tid=${tid}`,
      })
    })

    it('gives each of 20 requests at once its own caller and its own server', async () => {
      const ask = (n: number) => tracer.trace('caller', { resource: `${n}` }, () => fetched(`${site.url}/${n}`))
      await Promise.all(Array.from({ length: 20 }, (_, n) => ask(n)))
      const spans = await tracing.spans()
      assert.equal(spans.length, 60)
      for (let n = 0; n < 20; n++) {
        const [request] = childrenOf(find(spans, { name: 'caller', resource: `${n}` }), spans)
        const [served] = childrenOf(request!, spans)
        assert.deepEqual([request?.meta['http.url'], served?.meta['http.url']], Array(2).fill(`${site.url}/${n}`))
      }
    })

    it('runs what belongs to a request in the context of its caller, though all share one connection', async () => {
      const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
      const strays: string[] = []
      const ask = (n: number) =>
        tracer.trace('caller', (span) => {
          const check = (what: string) => () => {
            if (tracer.activeSpan !== span) strays.push(`${n} ${what}`)
          }
          const request = http.request(site.url, { agent, method: 'POST' }, (response) => {
            check('callback')()
            for (const event of ['data', 'end', 'close']) response.on(event, check(event))
          })
          for (const event of ['socket', 'finish', 'response', 'close']) request.on(event, check(event))
          request.write('one', check('written'))
          request.end('two', check('ended'))
          return once(request, 'close')
        })
      await Promise.all(Array.from({ length: 6 }, (_, n) => ask(n)))
      agent.destroy()
      assert.deepEqual(strays, [])
      const spans = await tracing.spans()
      for (const caller of spans.filter(({ name }) => name === 'caller'))
        assert.equal(childrenOf(caller, spans).length, 1)
    })

    it('runs errors and timeouts in the context of the caller', async () => {
      const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
      const inCaller = (options: RequestOptions, event: string) =>
        tracer.trace('caller', async (span) => {
          const request = http.get({ port: site.port, agent, ...options })
          const seen = new Promise((resolve) => request.on(event, () => resolve(tracer.activeSpan === span)))
          request.on('error', () => {}).on('response', (response) => response.resume())
          if (event === 'timeout') request.on('timeout', () => request.destroy())
          return seen
        })
      assert.equal(await inCaller({ port: site.refusedPort, host: '127.0.0.1' }, 'error'), true)
      assert.equal(await inCaller({ path: '/hang-up' }, 'error'), true)
      assert.equal(await inCaller({ path: '/', timeout: 5000 }, 'close'), true)
      assert.equal(await inCaller({ path: '/never', timeout: 5 }, 'timeout'), true)
      agent.destroy()
    })

    it('adds no listener and no property to a request', async () => {
      const traced = http.request(site.url)
      const untraced = new http.ClientRequest(site.url)
      const counts = traced.eventNames().map((event) => [event, traced.listenerCount(event)])
      for (const one of [traced, untraced]) one.on('error', () => {}).destroy()
      assert.deepEqual(counts, [])
      assert.deepEqual(Reflect.ownKeys(traced), Reflect.ownKeys(untraced))
    })
  })

  describe('by its options', () => {
    afterEach(() => tracing.stop())

    const paths = ['/a', '/a?b', '/ab', '/400', '/500']
    const table: [name: string, options: object, spans: string[], headers: string[]][] = [
      ['everything by default', {}, ['/a', '/a', '/ab', '/400 error', '/500'], paths],
      ['nothing with client: false', { client: false }, [], []],
      [
        'no path that is blocked',
        { client: { blocklist: '/a' } },
        ['/ab', '/400 error', '/500'],
        ['/ab', '/400', '/500'],
      ],
      [
        'nothing that a pattern blocks',
        { client: { blocklist: /a$/g } },
        ['/ab', '/400 error', '/500'],
        ['/ab', '/400', '/500'],
      ],
      [
        'what any rule lets pass',
        { client: { blocklist: [/\d00$/, (url: string) => url.endsWith('b')] } },
        ['/a', '/a'],
        ['/a', '/a?b'],
      ],
      [
        'what gets no headers',
        { client: { propagationBlocklist: ['/a', /400/] } },
        ['/a', '/a', '/ab', '/400 error', '/500'],
        ['/ab', '/500'],
      ],
      ['other errors', { client: { errorStatuses: [[500, 599]] } }, ['/a', '/a', '/ab', '/400', '/500 error'], paths],
    ]
    for (const [name, { ...options }, expected, withHeaders] of table) {
      it(`traces ${name}`, async () => {
        tracing = await Tracing.start({ http: { server: false, ...options } })
        arrived.length = 0
        for (const path of paths) await fetched(site.url + path)
        const seen = (await tracing.spans()).map(
          ({ meta, error }) => new URL(meta['http.url']!).pathname + (error ? ' error' : ''),
        )
        assert.deepEqual(seen, expected)
        assert.deepEqual(
          paths.filter((_, at) => arrived[at]?.['x-datadog-trace-id'] !== undefined),
          withHeaders,
        )
      })
    }

    it('takes error statuses from the settings', async () => {
      tracing = await Tracing.start(clientOnly, { httpClientErrorStatuses: [[500, 500]] })
      for (const status of [404, 500]) await fetched(`${site.url}/${status}`)
      assert.deepEqual((await tracing.spans()).map(summary), ['GET 404', 'GET 500 error'])
    })

    it('names the service of its spans', async () => {
      tracing = await Tracing.start({ http: { server: false, client: { service: 'partner' } } })
      await fetched(site.url)
      const { service, meta } = find(await tracing.spans(), 'http.request')
      assert.deepEqual([service, meta['_dd.base_service'], meta['_dd.svc_src']], ['partner', 'test', 'http'])
    })

    it('leaves everything as it was, before and after', async () => {
      const described = () =>
        [http, https].flatMap((module) => [
          Object.getOwnPropertyDescriptor(module, 'request'),
          Object.getOwnPropertyDescriptor(module, 'get'),
        ])
      const before = described()
      tracing = await Tracing.start({ http: { client: false } })
      assert.deepEqual(described(), before)
      await tracing.stop()
      tracing = await Tracing.start({ http: true })
      for (const [at, { value, ...attributes }] of (described() as PropertyDescriptor[]).entries()) {
        const { value: original, ...originalAttributes } = before[at]!
        assert.notEqual(value, original)
        assert.deepEqual(attributes, originalAttributes)
        assert.deepEqual([value.name, value.length], [original.name, original.length])
        assert.deepEqual(Reflect.ownKeys(value), Reflect.ownKeys(original))
      }
      await tracing.stop()
      assert.deepEqual(described(), before)
    })
  })

  it('covers the named imports of ES modules', async () => {
    const agent = await startAgent()
    const { stdout, stderr } = await runNode({
      module: 'esm',
      code: `
        import { get, request } from 'node:http'
        import * as https from 'https'
        import { once } from 'node:events'
        const told = async (call) => (await once(call, 'response'))[0].resume().statusCode
        console.log(await told(get('${site.url}/200')), await told(request('${site.url}/201').end()))
        console.log(await told(https.get('${site.secureUrl}', { rejectUnauthorized: false })))
      `,
      execArgv: ['--require', join(__dirname, '../../src/init.js')],
      env: { DD_TRACE_AGENT_URL: agent.url, DD_SERVICE: 'esm' },
    })
    assert.deepEqual([stdout, stderr], ['200 201\n200\n', ''])
    const spans = await agent.waitForSpans(3)
    await agent.close()
    assert.deepEqual(
      spans.map(({ meta }) => meta['http.url']),
      [`${site.url}/200`, `${site.url}/201`, site.secureUrl],
    )
  })
})

async function fetched(url: string): Promise<{ status: number | undefined; body: string }> {
  const [response] = (await once(http.get(url), 'response')) as [IncomingMessage]
  return { status: response.statusCode, body: await text(response) }
}
