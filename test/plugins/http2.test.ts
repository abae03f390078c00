// The http2 plugin on real sessions: servers and clients, the streams themselves and the compatible API, go on as they do without
// `dd`; each stream is one span on both sides, and the trace goes on from the one to the other.

import { strict as assert } from 'node:assert'
import { once } from 'node:events'
import http2, { type Http2Server, type OutgoingHttpHeaders } from 'node:http2'
import https from 'node:https'
import { text } from 'node:stream/consumers'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { tracer } from '../../src'
import { REGISTER } from '../process/traced'
import { childrenOf, find, type ReceivedSpan, startAgent } from '../support/agent'
import { describeCallStyles } from '../support/call-styles'
import { selfSigned } from '../support/certificate'
import { runNode } from '../support/spawn'
import { Tracing } from '../support/tracing'
import { shapeOf } from '../support/web-framework'
import { answerTo, close, open, type Row, rows, type Site } from './http2-rows'

const { NGHTTP2_INTERNAL_ERROR } = http2.constants

describe('http2', () => {
  let tracing: Tracing

  describeCallStyles<Site, Row>('answers', rows, {
    without: {
      open: () => open(),
      async close(site) {
        assert.ok(site.arrived.every((headers) => headers['x-datadog-trace-id'] === undefined))
        await close(site)
      },
    },
    with: {
      before: async () => {
        tracing = await Tracing.start({ http2: true })
      },
      async open() {
        await tracing.spans()
        tracing.clear()
        return open()
      },
      async check({ spans = 'GET 200 (GET 200)' }) {
        assert.equal(shapeOf(await tracing.spans()), spans)
      },
      close,
      after: () => tracing.stop(),
    },
  })

  describe('of a program', () => {
    let site: Site
    const start = async (options: Record<string, unknown> = {}, make?: () => unknown) => {
      tracing = await Tracing.start({ http2: options })
      site = await open(make?.() as Http2Server | undefined)
    }
    afterEach(async () => {
      await close(site)
      await tracing.stop()
    })
    const answer = (status = 200) => {
      site.server.on('request', (_request, response) => void response.writeHead(status).end('done'))
    }
    const fetched = (path: string, headers: OutgoingHttpHeaders = {}) =>
      answerTo(site.session.request({ ':path': path, ...headers }))
    const both = async (): Promise<[client: ReceivedSpan, server: ReceivedSpan]> => {
      const spans = await tracing.spans()
      return [find(spans, 'http.request'), find(spans, 'web.request')]
    }

    it('tells what was asked for on both sides, without secrets', async () => {
      await start()
      answer(404)
      await tracer.trace('caller', () => fetched('/shoes?size=9&token=abc', { 'user-agent': 'curl/8' }))
      const [client, server] = await both()
      const { port } = new URL(site.url)
      assert.deepEqual(
        [client, server].map(({ type, resource, service, error }) => [type, resource, service, error]),
        [
          ['http', 'GET', 'test', 1],
          ['web', 'GET', 'test', 0],
        ],
      )
      const shared = { component: 'http2', '_dd.integration': 'http2', 'http.method': 'GET', 'http.status_code': '404' }
      const clientTags = { ...shared, 'span.kind': 'client', 'http.url': `${site.url}/shoes`, 'out.host': '127.0.0.1' }
      const serverTags = {
        ...shared,
        'span.kind': 'server',
        'http.url': `${site.url}/shoes?size=9&<redacted>`,
        'http.useragent': 'curl/8',
      }
      assert.deepEqual({ ...client.meta, ...clientTags }, client.meta)
      assert.deepEqual({ ...server.meta, ...serverTags }, server.meta)
      assert.equal(client.metrics['network.destination.port'], Number(port))
      assert.deepEqual([client.metrics['_dd.measured'], server.metrics['_dd.measured']], [1, 1])
      assert.deepEqual(
        [server.parent_id, client.parent_id],
        [client.span_id, find(await tracing.spans(), 'caller').span_id],
      )
    })

    it('describes the errors of a stream on both sides', async () => {
      await start()
      site.server.on('stream', (stream) => void stream.on('error', () => {}).close(NGHTTP2_INTERNAL_ERROR))
      const stream = site.session.request().on('error', () => {})
      await new Promise((resolve) => stream.on('close', resolve))
      for (const { meta } of await both()) assert.match(meta['error.message']!, /NGHTTP2_INTERNAL_ERROR/)
    })

    it('gives each of 20 requests at once its own caller and its own server', async () => {
      await start()
      site.server.on('request', async (request, response) => {
        await nextTurn()
        await tracer.trace('work', { resource: request.url }, () => nextTurn())
        response.end(request.url)
      })
      const paths = Array.from({ length: 20 }, (_, n) => `/${n}`)
      await Promise.all(paths.map((path) => tracer.trace('caller', { resource: path }, () => fetched(path))))
      const spans = await tracing.spans()
      assert.equal(spans.length, 80)
      for (const path of paths) {
        const [client] = childrenOf(find(spans, { name: 'caller', resource: path }), spans)
        const [server] = childrenOf(client!, spans)
        assert.deepEqual([client?.meta['http.url'], server?.meta['http.url']], Array(2).fill(site.url + path))
        assert.deepEqual(
          childrenOf(server!, spans).map(({ resource }) => resource),
          [path],
        )
      }
    })

    it('runs what belongs to a request in the context of its caller, though all share one session', async () => {
      await start()
      answer()
      const strays: string[] = []
      await Promise.all(
        Array.from({ length: 6 }, (_, n) =>
          tracer.trace('caller', async (span) => {
            const stream = site.session.request({ ':method': 'POST' })
            for (const event of ['ready', 'response', 'data', 'end', 'close']) {
              stream.on(event, () => tracer.activeSpan === span || strays.push(`${n} ${event}`))
            }
            stream.end('body')
            await once(stream, 'close')
          }),
        ),
      )
      assert.deepEqual(strays, [])
    })

    it('runs the events of streams, requests and responses inside the request', async () => {
      await start()
      const seen = new Set<string>()
      const note = (name: string) => () => void seen.add(`${name} ${tracer.activeSpan?.name}`)
      site.server.on('stream', (stream) => {
        for (const event of ['data', 'end', 'close']) stream.on(event, note(`stream ${event}`))
      })
      const ended = new Promise((resolve) => {
        site.server.on('request', (request, response) => {
          for (const event of ['data', 'end', 'close']) request.on(event, note(`request ${event}`))
          for (const event of ['finish', 'close']) response.on(event, note(`response ${event}`))
          response.on('close', resolve)
          request.on('end', () => response.end('done'))
        })
      })
      const stream = site.session.request({ ':method': 'POST' })
      stream.end('body')
      await answerTo(stream)
      await ended
      assert.ok(seen.size >= 6, [...seen].join())
      assert.deepEqual(
        [...seen].filter((one) => !one.endsWith(' web.request')),
        [],
      )
    })

    const table: [name: string, options: Record<string, unknown>, spans: string][] = [
      ['the client alone', { server: false }, 'GET 200'],
      ['the server alone', { client: false }, 'GET 200'],
      ['what no side blocks', { server: { blocklist: '/a' }, client: { blocklist: /nothing/ } }, 'GET 200'],
      ['no headers where they are not wanted', { client: { propagationBlocklist: '/a' } }, 'GET 200, GET 200'],
      ['other errors', { client: { errorStatuses: [[200, 200]] } }, 'GET 200 error (GET 200)'],
    ]
    for (const [name, options, spans] of table) {
      it(`traces ${name}`, async () => {
        await start(options)
        answer()
        await fetched('/a')
        assert.equal(shapeOf(await tracing.spans()), spans)
      })
    }

    it('names the services of both sides', async () => {
      await start({ server: { service: 'front' }, client: { service: 'partner' } })
      answer()
      await fetched('/a')
      assert.deepEqual(
        (await both()).map(({ service, meta }) => [service, meta['_dd.svc_src']]),
        [
          ['partner', 'http2'],
          ['front', 'http2'],
        ],
      )
    })

    it('leaves a signed request as it was signed', async () => {
      await start({ server: false })
      answer()
      await fetched('/a', { authorization: 'AWS4-HMAC-SHA256 Credential=x' })
      assert.equal(site.arrived[0]?.['x-datadog-trace-id'], undefined)
    })

    it('traces secure servers, and HTTP/1 on them', async () => {
      const { key, cert } = selfSigned()
      await start({}, () => http2.createSecureServer({ key, cert, allowHTTP1: true }))
      answer()
      await fetched('/two')
      const [response] = await once(
        https.get(`${site.url}/one`, { rejectUnauthorized: false, agent: false }),
        'response',
      )
      await text(response)
      const served = (await tracing.spans()).filter(({ name }) => name === 'web.request')
      assert.deepEqual(
        served.map(({ meta }) => [meta['http.url'], meta['http.status_code']]),
        [
          [`${site.url}/two`, '200'],
          [`${site.url}/one`, '200'],
        ],
      )
    })

    it('reaches servers and sessions that were there before', async () => {
      site = await open()
      tracing = await Tracing.start({ http2: true })
      http2.createServer()
      const other = http2.connect(site.url)
      answer()
      await fetched('/a')
      other.destroy()
      assert.equal(shapeOf(await tracing.spans()), 'GET 200 (GET 200)')
    })

    it('leaves everything as it was, before and after', async () => {
      site = await open()
      const made = ['createServer', 'createSecureServer', 'connect'] as const
      const prototypes = () => [
        Object.getPrototypeOf(site.server) as object,
        Object.getPrototypeOf(site.session) as object,
        http2.Http2ServerRequest.prototype,
        http2.Http2ServerResponse.prototype,
      ]
      const described = () => [
        ...made.map((name) => Object.getOwnPropertyDescriptor(http2, name)),
        ...prototypes().map((one) => Object.getOwnPropertyDescriptors(one)),
      ]
      const before = described()
      tracing = await Tracing.start({ http2: false })
      assert.deepEqual(described(), before)
      await tracing.stop()
      tracing = await Tracing.start({ http2: true })
      http2.createServer()
      http2
        .connect(site.url)
        .on('error', () => {})
        .destroy()
      for (const [at, one] of described().entries()) assert.notDeepEqual(one, before[at])
      for (const name of made) {
        const { name: own, length } = http2[name] as { name: string; length: number }
        const original = before[made.indexOf(name)]!.value as { name: string; length: number }
        assert.deepEqual([own, length], [original.name, original.length])
      }
      await tracing.stop()
      assert.deepEqual(described(), before)
      tracing = await Tracing.start({ http2: true })
    })
  })

  it('covers the named imports of ES modules', async () => {
    const agent = await startAgent()
    const { stdout, stderr } = await runNode({
      module: 'esm',
      code: `
        import { connect, createServer } from 'node:http2'
        import { once } from 'node:events'
        const server = createServer((request, response) => response.end()).listen(0, '127.0.0.1')
        await once(server, 'listening')
        const session = connect('http://127.0.0.1:' + server.address().port)
        const stream = session.request().resume()
        console.log((await once(stream, 'response'))[0][':status'])
        session.close()
        server.close()
      `,
      execArgv: ['--import', REGISTER],
      env: { DD_TRACE_AGENT_URL: agent.url, DD_SERVICE: 'esm' },
    })
    assert.deepEqual([stdout, stderr], ['200\n', ''])
    assert.equal(shapeOf(await agent.waitForSpans(2)), 'GET 200 (GET 200)')
    await agent.close()
  })
})
