// The undici plugin by global `fetch` against a real server: results and errors are the same with and without `dd`, each request
// on the wire is one span under the right parent, and the server can go on with its trace.

import { strict as assert } from 'node:assert'
import { createHash } from 'node:crypto'
import { hasSubscribers } from 'node:diagnostics_channel'
import { once } from 'node:events'
import http from 'node:http'
import { tracer } from '../../src'
import { childrenOf, find } from '../support/agent'
import { describeCallStyles } from '../support/call-styles'
import { listen, shut } from '../support/loopback'
import { Tracing } from '../support/tracing'
import { arrived, certificate, openSite, type Site } from './http-site'
import { summary } from './http-span'
import { type Row, rows } from './undici-rows'

const Agent = agentOfNode()

describe('undici', () => {
  const site = openSite()
  let tracing: Tracing

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
      await assert.rejects(fetch(`http://127.0.0.1:${site.refusedPort}`))
      const { error, meta } = find(await tracing.spans(), 'http.request')
      assert.equal(error, 1)
      assert.match(meta['error.message']!, /ECONNREFUSED/)
    })

    for (const host of ['::1', '127.0.0.1']) {
      it(`writes the URL of ${host}`, async () => {
        const origin = `http://${host.includes(':') ? `[${host}]` : host}:${site.refusedPort}`
        await assert.rejects(fetch(`${origin}/a?token=b#c`))
        const { meta } = find(await tracing.spans(), 'http.request')
        assert.deepEqual([meta['out.host'], meta['http.url']], [host, `${origin}/a`])
      })
    }

    it('covers https', async () => {
      const response = await fetch(site.secureUrl, dispatchedBy({ connect: { ca: certificate.cert } }))
      await response.text()
      const { meta } = find(await tracing.spans(), 'http.request')
      assert.equal(meta['http.url'], site.secureUrl)
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
      const server = http.createServer().once('upgrade', ({ headers }, socket) => {
        // RFC 6455, 4.2.2
        const key = `${headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`
        const accept = createHash('sha1').update(key).digest('base64')
        const answer = ['HTTP/1.1 101 Switching', 'upgrade: websocket', 'connection: upgrade', '']
        socket.write(`${answer.join('\r\n')}sec-websocket-accept: ${accept}\r\n\r\n`)
        socket.on('data', () => socket.destroy())
      })
      const port = await listen(server)
      const caller = tracer.startSpan('caller')
      await tracer.scope().activate(caller, async () => {
        const socket = new WebSocket(`ws://127.0.0.1:${port}`)
        await once(socket, 'open')
        socket.close()
        await once(socket, 'close')
      })
      await shut(server)
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
