// The options of the http plugin's server side: what is not traced, what counts as an error, the service, what is redacted; and that the
// plugin leaves no trace of itself when it is off.

import { strict as assert } from 'node:assert'
import { EventEmitter } from 'node:events'
import http, { type RequestListener } from 'node:http'
import https from 'node:https'
import { type InitOptions, tracer } from '../../src'
import { find } from '../support/agent'
import { ask, shut } from '../support/loopback'
import { Tracing } from '../support/tracing'
import { done, serve } from './http-serving'
import { summary } from './http-span'

describe('http server by its options', () => {
  let tracing: Tracing

  afterEach(() => tracing.stop())

  const byPath: RequestListener = (request, response) => {
    response.statusCode = Number(/\d{3}/.exec(request.url!)?.[0] ?? 200)
    response.end(String(tracer.activeSpan?.name))
  }
  const health = ['/health', '/health?full=1', '/healthy']
  const seenPaths: string[] = []
  const note = (url: string) => seenPaths.push(url) > 2
  const table: [name: string, options: object, paths: string[], expected: string[], settings?: InitOptions][] = [
    ['nothing with server: false', { server: false }, ['/'], []],
    ['no path that is blocked', { server: { blocklist: '/health' } }, health, ['/healthy']],
    ['no URL that is blocked', { server: { blocklist: 'http://shop.example/health' } }, health, ['/healthy']],
    ['one query that is not blocked', { server: { blocklist: ['/health?full=1'] } }, health, ['/health', '/healthy']],
    ['nothing that a pattern blocks', { server: { blocklist: /health$/g } }, health, ['/health?full=1', '/healthy']],
    ['nothing that any rule blocks', { server: { blocklist: [/\?/y, /\?/, '/healthy'] } }, health, ['/health']],
    ['what a function lets pass', { server: { blocklist: note } }, health, ['/health', '/health?full=1']],
  ]
  for (const [name, options, paths, expected] of table) {
    it(`traces ${name}`, async () => {
      tracing = await Tracing.start({ http: { client: false, ...options } })
      const serving = await serve(http.createServer(byPath))
      const inside = []
      for (const path of paths) inside.push((await ask(serving.port, `GET ${path}`)).split('\r\n').at(-1))
      await shut(serving.server)
      const spans = await tracing.spans()
      assert.deepEqual(
        spans.map(({ meta }) => meta['http.url']),
        expected.map((path) => `http://shop.example${path}`),
      )
      assert.equal(inside.filter((active) => active === 'web.request').length, expected.length)
    })
  }

  const statuses: [name: string, options: object, settings: InitOptions, expected: string[]][] = [
    ['by default', {}, {}, ['GET 404', 'GET 499', 'GET 500 error', 'GET 599 error']],
    [
      'of the settings',
      {},
      { httpServerErrorStatuses: [[404, 404]] },
      ['GET 404 error', 'GET 499', 'GET 500', 'GET 599'],
    ],
    [
      'of the plugin',
      { errorStatuses: [[499, 500]] },
      { httpServerErrorStatuses: [[404, 404]] },
      ['GET 404', 'GET 499 error', 'GET 500 error', 'GET 599'],
    ],
  ]
  for (const [name, options, settings, expected] of statuses) {
    it(`takes statuses for errors ${name}`, async () => {
      tracing = await Tracing.start({ http: { client: false, server: options } }, settings)
      const serving = await serve(http.createServer(byPath))
      for (const status of [404, 499, 500, 599]) await ask(serving.port, `GET /${status}`)
      await shut(serving.server)
      assert.deepEqual((await tracing.spans()).map(summary), expected)
    })
  }

  it('leaves no trace of what a blocked request leads to, whatever was active when the server was made', async () => {
    tracing = await Tracing.start({ http: { server: { blocklist: '/health' } } })
    const upstream = await serve(http.createServer(done))
    const boot = tracer.trace('boot')
    const serving = await tracer.scope().activate(boot, () =>
      serve(
        http.createServer((request, response) => {
          request.resume().on('end', () => {
            const active = String(tracer.activeSpan?.name)
            http.get(`http://127.0.0.1:${upstream.port}/`, (answer) =>
              answer.resume().on('end', () => response.end(active)),
            )
          })
        }),
      ),
    )
    assert.match(await ask(serving.port, 'GET /health'), /undefined$/)
    await shut(serving.server)
    await shut(upstream.server)
    boot.finish()
    // The upstream is another service that happens to live here: it has no part in the request's silence.
    assert.deepEqual((await tracing.spans()).map(({ name }) => name).sort(), ['boot', 'web.request'])
  })

  it('names the service of its spans', async () => {
    tracing = await Tracing.start({ http: { client: false, server: { service: 'shop-front' } } })
    const serving = await serve(http.createServer(done))
    await ask(serving.port, 'GET /')
    await shut(serving.server)
    const { service, meta } = find(await tracing.spans(), 'web.request')
    assert.deepEqual([service, meta['_dd.base_service'], meta['_dd.svc_src']], ['shop-front', 'test', 'http'])
  })

  it('redacts what its own pattern says, everywhere', async () => {
    const options = { client: false, server: { queryStringObfuscation: /\d+/ } } as const
    tracing = await Tracing.start({ http: options })
    const serving = await serve(http.createServer(done))
    await ask(serving.port, 'GET /1?a=2&token=b&c=3')
    await shut(serving.server)
    const { meta } = find(await tracing.spans(), 'web.request')
    assert.equal(meta['http.url'], 'http://shop.example/1?a=<redacted>&token=b&c=<redacted>')
  })

  it('leaves everything as it was, before and after', async () => {
    const prototypes = [http.Server, https.Server, http.IncomingMessage, http.ServerResponse].map((of) => of.prototype)
    const emits = () => prototypes.map((prototype) => Object.getOwnPropertyDescriptor(prototype, 'emit'))
    const before = emits()
    tracing = await Tracing.start({ http: { server: false } })
    assert.deepEqual(emits(), before)
    await tracing.stop()
    tracing = await Tracing.start({ http: true })
    for (const { emit } of prototypes) {
      const { emit: original } = EventEmitter.prototype
      assert.notEqual(emit, original)
      assert.deepEqual([emit.name, emit.length], [original.name, original.length])
    }
    assert.deepEqual(
      prototypes.map((prototype) => Object.keys(prototype).includes('emit')),
      prototypes.map(() => false),
    )
    await tracing.stop()
    assert.deepEqual(emits(), before)
  })
})
