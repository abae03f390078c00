// The undici plugin by global `fetch` against a real server: results and errors are the same with and without `dd`, each request
// on the wire is one span under the right parent, and the server can go on with its trace.

import { strict as assert } from 'node:assert'
import { createHash } from 'node:crypto'
import { hasSubscribers } from 'node:diagnostics_channel'
import { once } from 'node:events'
import http, { type RequestListener } from 'node:http'
import https from 'node:https'
import { text } from 'node:stream/consumers'
import { tracer } from '../../src'
import { childrenOf, find } from '../support/agent'
import { type CallStyle, describeCallStyles } from '../support/call-styles'
import { selfSigned } from '../support/certificate'
import { holdRefusingPort, listen, shut } from '../support/loopback'
import { Tracing } from '../support/tracing'
import { summary } from './http-span'

const Agent = agentOfNode()

interface Site {
  readonly url: string
  readonly secureUrl: string
  /** Nobody listens there. */
  readonly deadUrl: string
}

interface Row extends CallStyle<Site> {
  /** `resource status`, and `error`, of each span; default: one that went well. */
  readonly spans?: readonly string[]
}

/** The trace headers of each request that arrived; what was sent twice is joined. */
const arrived: Record<string, string>[] = []
const certificate = selfSigned()

const answer: RequestListener = async (request, response) => {
  const { method, url, rawHeaders } = request
  const headers = rawHeaders.flatMap((name, at) => (at % 2 === 0 ? [[name, rawHeaders[at + 1]!]] : []))
  const isTrace = ([name]: string[]) => /^(x-datadog-|traceparent$|tracestate$)/i.test(name!)
  arrived.push(Object.fromEntries(Object.entries(request.headers as Record<string, string>).filter(isTrace)))
  if (url === '/hang-up') return void request.socket.destroy()
  if (url === '/never') return undefined
  if (url === '/hints') response.writeEarlyHints({ link: '</a.css>; rel=preload' })
  if (url === '/endless') {
    response.writeHead(404)
    return void setImmediate(function more() {
      if (response.write('more')) setImmediate(more)
    })
  }
  response.statusCode = Number(/^\/(\d{3})/.exec(url!)?.[1] ?? 200)
  if (response.statusCode === 302) response.setHeader('location', '/there')
  const body = await text(request)
  return void response.end(JSON.stringify({ method, url, headers: headers.filter((header) => !isTrace(header)), body }))
}

/** What a program sees of a response. */
async function seen(promise: Promise<Response>): Promise<unknown> {
  const response = await promise
  const { status, ok, redirected, type, url } = response
  const headers = [...response.headers].filter(([name]) => name !== 'date')
  return { status, ok, redirected, type, url, headers, body: await response.text() }
}

/** Errors hold sockets, whose ports and counters differ. */
const failed = (promise: Promise<unknown>) =>
  promise.then(
    () => 'no failure',
    ({ name, message, cause }: Error) => [name, message, String(cause)],
  )

/** Fetches, and stops when `moment` comes. */
async function stopped(url: string, moment: (response: Promise<Response>) => Promise<unknown>, reason?: unknown) {
  const controller = new AbortController()
  const response = fetch(url, { signal: controller.signal })
  response.catch(() => {})
  await moment(response)
  controller.abort(reason)
  return (await response).text()
}

const arrival = async () => {
  while (arrived.length === 0) await new Promise(setImmediate)
}

const rows: Row[] = [
  { name: 'text', run: ({ url }) => seen(fetch(`${url}/a?b=c#d`)) },
  { name: 'a URL', run: ({ url }) => seen(fetch(new URL('/a', url))) },
  { name: 'a Request', run: ({ url }) => seen(fetch(new Request(url, { headers: { 'x-own': 'yes' } }))) },
  {
    name: 'a Request and options',
    run: ({ url }) => seen(fetch(new Request(url), { method: 'HEAD' })),
    spans: ['HEAD 200'],
  },
  { name: 'headers as an object', run: ({ url }) => seen(fetch(url, { headers: Object.freeze({ 'X-Own': 'yes' }) })) },
  {
    name: 'headers in pairs',
    run: ({ url }) =>
      seen(
        fetch(url, {
          headers: [
            ['x-own', '1'],
            ['x-own', '2'],
          ],
        }),
      ),
  },
  {
    name: 'Headers that are used again',
    async run({ url }, probe) {
      const headers = new Headers({ 'x-own': 'yes' })
      const both = [await seen(fetch(url, { headers })), await seen(fetch(url, { headers }))]
      probe.note('headers', [...headers])
      return both
    },
    spans: ['GET 200', 'GET 200'],
  },
  {
    name: 'Headers of another trace',
    run: ({ url }) =>
      seen(fetch(url, { headers: new Headers({ 'X-Datadog-Trace-Id': '1', 'x-datadog-parent-id': '2' }) })),
  },
  { name: 'a body of text', run: ({ url }) => seen(fetch(url, { method: 'POST', body: 'sent' })), spans: ['POST 200'] },
  {
    name: 'a body of form data',
    run: ({ url }) => seen(fetch(url, { method: 'PUT', body: new URLSearchParams({ a: 'b' }) })),
    spans: ['PUT 200'],
  },
  {
    name: 'a body that is a stream',
    run: ({ url }) => {
      const body = new Blob(['in', 'pieces']).stream()
      return seen(fetch(url, { method: 'PATCH', body, duplex: 'half' } as RequestInit))
    },
    spans: ['PATCH 200'],
  },
  ...[200, 204, 304, 400, 404, 499, 500, 503].map((status) => ({
    name: `an answer of ${status}`,
    run: ({ url }: Site) => seen(fetch(`${url}/${status}`)),
    spans: [`GET ${status}${status >= 400 && status < 500 ? ' error' : ''}`],
  })),
  { name: 'a path that begins with //', run: ({ url }) => seen(fetch(`${url}//other.example/a`)) },
  { name: 'an answer after early hints', run: ({ url }) => seen(fetch(`${url}/hints`)) },
  { name: 'a redirect', run: ({ url }) => seen(fetch(`${url}/302`)), spans: ['GET 302', 'GET 200'] },
  {
    name: 'a redirect that is not followed',
    run: ({ url }) => seen(fetch(`${url}/302`, { redirect: 'manual' })),
    spans: ['GET 302'],
  },
  {
    name: 'a redirect that is refused',
    run: ({ url }) => fetch(`${url}/302`, { redirect: 'error' }),
    spans: ['GET 302'],
  },
  {
    name: 'a body read in pieces',
    async run({ url }) {
      let body = ''
      for await (const part of (await fetch(url)).body!) body += Buffer.from(part)
      return body
    },
  },
  {
    name: 'a body that is cancelled',
    async run({ url }) {
      const { body } = await fetch(`${url}/endless`)
      return body?.cancel()
    },
    spans: ['GET 404 error'],
  },
  { name: 'a refused connection', run: ({ deadUrl }) => fetch(deadUrl), spans: ['GET - error'] },
  {
    name: 'a refused connection that nobody handles',
    run({ deadUrl }, probe) {
      void fetch(deadUrl)
      return probe.unhandled()
    },
    spans: ['GET - error'],
  },
  { name: 'a server that hangs up', run: ({ url }) => failed(fetch(`${url}/hang-up`)), spans: ['GET - error'] },
  {
    name: 'a certificate that is not trusted',
    run: ({ secureUrl }) => failed(fetch(secureUrl)),
    spans: ['GET - error'],
  },
  { name: 'a signal that has gone off', run: ({ url }) => fetch(url, { signal: AbortSignal.abort() }), spans: [] },
  { name: 'a signal that goes off', run: ({ url }) => stopped(`${url}/never`, arrival), spans: ['GET -'] },
  {
    name: 'a signal with a reason',
    run: ({ url }) => stopped(`${url}/never`, arrival, new RangeError('enough')),
    spans: ['GET - error'],
  },
  {
    name: 'a signal in the middle of a body',
    run: ({ url }) => stopped(`${url}/endless`, (response) => response),
    spans: ['GET 404 error'],
  },
  {
    name: 'a time that is up',
    run: ({ url }) => fetch(`${url}/never`, { signal: AbortSignal.timeout(20) }),
    spans: ['GET - error'],
  },
  { name: 'text that is no URL', run: () => fetch('no URL'), spans: [] },
  { name: 'credentials', run: () => fetch('http://ali:open-sesame@127.0.0.1/'), spans: [] },
  { name: 'a method that is forbidden', run: ({ url }) => fetch(url, { method: 'CONNECT' }), spans: [] },
  { name: 'a header that is none', run: ({ url }) => fetch(url, { headers: { 'x own': 'a' } }), spans: [] },
  { name: 'nothing', run: () => (fetch as () => unknown)(), spans: [] },
  { name: 'data in the URL', run: () => seen(fetch('data:text/plain,hello')), spans: [] },
]

describe('undici', () => {
  const plain = http.createServer(answer)
  const secure = https.createServer(certificate, answer)
  let site: Site
  let dead: Awaited<ReturnType<typeof holdRefusingPort>>
  let tracing: Tracing

  before(async () => {
    const url = `http://127.0.0.1:${await listen(plain)}`
    dead = await holdRefusingPort()
    site = {
      url,
      secureUrl: `https://localhost:${await listen(secure)}`,
      deadUrl: `http://127.0.0.1:${dead.port}/`,
    }
  })
  after(() => Promise.all([...[plain, secure].map(shut), dead.release()]))

  const open = () => {
    arrived.length = 0
    return site
  }

  describeCallStyles<Site, Row>('fetches', rows, {
    without: { open },
    with: {
      before: async () => {
        tracing = await Tracing.start({ undici: true })
      },
      open: async () => {
        // What a row before has left behind.
        await tracing.spans()
        tracing.clear()
        return open()
      },
      async check({ spans = ['GET 200'] }) {
        const received = await tracing.spans()
        assert.deepEqual(received.map(summary), spans)
        const known = new Set(received.map(({ trace_id, span_id }) => `${trace_id}/${span_id}`))
        for (const headers of arrived) {
          assert.ok(known.delete(`${headers['x-datadog-trace-id']}/${headers['x-datadog-parent-id']}`))
        }
      },
      after: () => tracing.stop(),
    },
  })

  describe('by its options', () => {
    afterEach(() => tracing.stop())

    it('leaves out what is blocked, and gives no headers to what must not have them', async () => {
      tracing = await Tracing.start({ undici: { blocklist: '/200', propagationBlocklist: /\/201$/ } })
      arrived.length = 0
      for (const path of ['/200', '/201', '/202']) await (await fetch(`${site.url}${path}?a=b`)).text()
      const urls = (await tracing.spans()).map(({ meta }) => meta['http.url'])
      assert.deepEqual(urls, [`${site.url}/201`, `${site.url}/202`])
      assert.deepEqual(
        arrived.map((headers) => 'x-datadog-trace-id' in headers),
        [false, false, true],
      )
    })

    it('takes statuses for errors as the settings say', async () => {
      tracing = await Tracing.start({ undici: true }, { httpClientErrorStatuses: [[500, 599]] })
      for (const path of ['/404', '/500']) await (await fetch(site.url + path)).text()
      assert.deepEqual((await tracing.spans()).map(summary), ['GET 404', 'GET 500 error'])
    })

    it('has no error tags for a request that the program gave up', async () => {
      tracing = await Tracing.start({ undici: true })
      const controller = new AbortController()
      const request = fetch(`${site.url}/200`, { signal: controller.signal })
      setImmediate(() => controller.abort())
      await request.then((response) => response.text()).catch((error: Error) => assert.equal(error.name, 'AbortError'))
      const { error, meta } = find(await tracing.spans(), 'http.request')
      assert.deepEqual([error, meta['error.type']], [0, undefined])
    })
  })

  describe('of a program', () => {
    before(async () => {
      tracing = await Tracing.start({ undici: true, http: true })
    })
    beforeEach(async () => {
      await tracing.spans()
      tracing.clear()
      arrived.length = 0
    })
    after(() => tracing.stop())

    it('tells where a request goes, below its caller, and lets the server go on', async () => {
      await tracer.trace('caller', async () => (await fetch(`${site.url}/404?token=abc`)).text())
      const spans = await tracing.spans()
      assert.equal(spans.length, 3)
      const [request] = childrenOf(find(spans, 'caller'), spans)
      const { name, type, resource, service, error, meta, metrics } = request!
      assert.deepEqual([name, type, resource, service, error], ['http.request', 'http', 'GET', 'test', 1])
      const tags = {
        component: 'undici',
        '_dd.integration': 'undici',
        'span.kind': 'client',
        'http.method': 'GET',
        'http.url': `${site.url}/404`,
        'http.status_code': '404',
        'out.host': '127.0.0.1',
      }
      assert.deepEqual({ ...meta, ...tags }, meta)
      assert.equal(metrics['network.destination.port'], Number(new URL(site.url).port))
      const [served] = childrenOf(request!, spans)
      assert.equal(served?.name, 'web.request')
    })

    it('describes the error of a request', async () => {
      await assert.rejects(fetch(site.deadUrl))
      const { error, meta } = find(await tracing.spans(), 'http.request')
      assert.equal(error, 1)
      assert.match(meta['error.message']!, /ECONNREFUSED/)
    })

    for (const host of ['::1', '127.0.0.1']) {
      it(`writes the URL of ${host}`, async () => {
        const origin = `http://${host.includes(':') ? `[${host}]` : host}:${new URL(site.deadUrl).port}`
        await assert.rejects(fetch(`${origin}/a?token=b#c`))
        const { meta } = find(await tracing.spans(), 'http.request')
        assert.deepEqual([meta['out.host'], meta['http.url']], [host, `${origin}/a`])
      })
    }

    it('covers https', async () => {
      const response = await fetch(site.secureUrl, dispatchedBy({ connect: { ca: certificate.cert } }))
      await response.text()
      const { meta } = find(await tracing.spans(), 'http.request')
      assert.equal(meta['http.url'], `${site.secureUrl}/`)
    })

    it('gives each of 20 requests at once its own caller and its own server', async () => {
      const ask = (n: number) =>
        tracer.trace('caller', { resource: `${n}` }, async (span) => {
          const response = await fetch(`${site.url}/${n}`)
          assert.equal(tracer.activeSpan, span)
          await response.text()
          assert.equal(tracer.activeSpan, span)
        })
      await Promise.all(Array.from({ length: 20 }, (_, n) => ask(n)))
      const spans = await tracing.spans()
      assert.equal(spans.length, 60)
      for (let n = 0; n < 20; n++) {
        const [request] = childrenOf(find(spans, { name: 'caller', resource: `${n}` }), spans)
        const [served] = childrenOf(request!, spans)
        assert.deepEqual([request?.meta['http.url'], served?.meta['http.url']], Array(2).fill(`${site.url}/${n}`))
      }
    })

    it('gives requests that wait for one connection their own callers', async () => {
      const dispatcher = dispatchedBy({ connections: 1 })
      const ask = (n: number) =>
        tracer.trace('caller', { resource: `${n}` }, async () => (await fetch(`${site.url}/${n}`, dispatcher)).text())
      await Promise.all(Array.from({ length: 5 }, (_, n) => ask(n)))
      const spans = await tracing.spans()
      for (let n = 0; n < 5; n++) {
        const requests = childrenOf(find(spans, { name: 'caller', resource: `${n}` }), spans)
        assert.deepEqual(
          requests.map(({ meta }) => meta['http.url']),
          [`${site.url}/${n}`],
        )
      }
    })

    it('begins no span that it cannot end: a WebSocket', async function () {
      const { WebSocket } = globalThis as { WebSocket?: new (url: string) => EventTarget & { close(): void } }
      if (WebSocket === undefined) return this.skip()
      plain.once('upgrade', ({ headers }, socket) => {
        // RFC 6455, 4.2.2
        const key = `${headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`
        const accept = createHash('sha1').update(key).digest('base64')
        const answer = ['HTTP/1.1 101 Switching', 'upgrade: websocket', 'connection: upgrade', '']
        socket.write(`${answer.join('\r\n')}sec-websocket-accept: ${accept}\r\n\r\n`)
        socket.on('data', () => socket.destroy())
      })
      const caller = tracer.startSpan('caller')
      await tracer.scope().activate(caller, async () => {
        const socket = new WebSocket(site.url.replace('http', 'ws'))
        await once(socket, 'open')
        socket.close()
        await once(socket, 'close')
      })
      assert.equal(caller.trace.open, 1)
      caller.finish()
    })
  })

  it('takes its service from the options', async () => {
    tracing = await Tracing.start({ undici: { service: 'partner' } })
    await (await fetch(site.url)).text()
    const { service, meta } = find(await tracing.spans(), 'http.request')
    await tracing.stop()
    assert.deepEqual([service, meta['_dd.base_service']], ['partner', 'test'])
  })

  it('does nothing unless it is on, and nothing any more when it is off', async () => {
    const publishing = () => hasSubscribers('undici:request:create')
    const { fetch: original } = globalThis
    assert.equal(publishing(), false)
    tracing = await Tracing.start({ http: true, undici: false })
    open()
    await (await fetch(site.url)).text()
    const spans = await tracing.spans()
    await tracing.stop()
    assert.deepEqual(arrived, [{}])
    assert.deepEqual(
      spans.map(({ name }) => name),
      ['web.request'],
    )
    tracing = await Tracing.start({ undici: true })
    assert.deepEqual([publishing(), globalThis.fetch], [true, original])
    await tracing.stop()
    assert.deepEqual([publishing(), globalThis.fetch], [false, original])
  })
})

/** The Agent of Node's own undici. The package puts another in its place, which this `fetch` cannot use, where a test loads it later. */
function agentOfNode(): new (options: object) => unknown {
  // Loads it.
  void globalThis.Response
  const [symbol] = [2, 1]
    .map((version) => Symbol.for(`undici.globalDispatcher.${version}`))
    .filter((name) => name in globalThis)
  return (globalThis as unknown as Record<symbol, object>)[symbol!]!.constructor as ReturnType<typeof agentOfNode>
}

/** Options of a fetch through an Agent. */
function dispatchedBy(options: object): RequestInit {
  return { dispatcher: new Agent(options) } as RequestInit
}
