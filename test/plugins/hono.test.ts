// The hono plugin: requests are named after the route that answered, through applications in applications; every handler is a span
// around those after it; and the build of ES modules is traced as that of CommonJS is.

import { strict as assert } from 'node:assert'
import { writeFileSync } from 'node:fs'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import http2 from 'node:http2'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { REGISTER } from '../process/traced'
import { find, startAgent, tree } from '../support/agent'
import { describeLibrary, type Library } from '../support/library'
import { ask, listen, shut } from '../support/loopback'
import { runNode } from '../support/spawn'
import { Tracing } from '../support/tracing'
import {
  boomLater,
  describeAnswers,
  describeProgram,
  type Framework,
  forget,
  interleaved,
  serverOnly,
  shape,
  shapeOf,
} from '../support/web-framework'
import { type App, around, boom, failed, type Hono, type HonoClass, list, pass, rows } from './hono-rows'

/** The first release does not go with the newest server. */
const serverOf = ({ version }: Library) => (version === '4.0.0' ? '@hono/node-server' : 'node-server-2')

function frameworkOf(library: Library): Framework<App> {
  const classOf = () => library.load<{ Hono: HonoClass }>().Hono
  const routerOf = () => library.load<{ SmartRouter: { prototype: object } }>('hono/router/smart-router').SmartRouter
  return {
    plugin: 'hono',
    library,
    make() {
      const make = (options?: object) => new (classOf())(options)
      // The default writes to the console.
      const hono = make().onError(failed)
      return { hono, make, load: library.load, server: http.createServer() }
    },
    serve({ hono, server }) {
      type Listener = (request: IncomingMessage, response: ServerResponse) => void
      const { getRequestListener } = library.load<{
        getRequestListener(fetch: Hono['fetch'], options: object): Listener
      }>(serverOf(library))
      server.on('request', getRequestListener(hono.fetch, { overrideGlobalObjects: false }))
      return listen(server)
    },
    close: ({ server }) => shut(server),
    patched: () => [routerOf().prototype],
  }
}

const esModule = (server: string) => `
import { serve } from '${server}'
import { Hono } from 'hono'
const users = new Hono().get('/:id', function show(context) { return context.text(context.req.param('id')) })
const app = new Hono().use(async function log(context, next) { await next() }).route('/users', users)
const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, async ({ port }) => {
  for (const path of ['users/1', 'users/2', 'nowhere']) {
    const response = await fetch('http://127.0.0.1:' + port + '/' + path)
    console.log(response.status, await response.text())
  }
  console.log(app.routes.map(({ path, handler }) => path + ' ' + handler.name + ' ' + handler.length).join())
  server.close()
})
`

describeLibrary(
  'hono',
  {
    name: 'hono',
    majors: { 4: ['4.0.0', '4.13.19'] },
    beside: { '@hono/node-server': '1.19.19', 'node-server-2': 'npm:@hono/node-server@2.1.8' },
  },
  (library) => {
    const framework = frameworkOf(library)
    describeAnswers(framework, rows)

    describeProgram(framework, {
      cart: ({ hono }) =>
        hono.use(around).get('/cart/:cart/item/:id', async function item(context) {
          const id = context.req.param('id')
          await interleaved(id)
          return context.text(id)
        }),
      cartRoute: '/cart/:cart/item/:id',
      cartSpans: (id) => `around (before, item (${id}), after)`,
      spansWithoutHttp: ['before', '2', 'after'],
      hang: ({ hono }, begun) =>
        hono.use(pass).get('/hang/:id', function hang({ env }) {
          begun(env.outgoing)
          return new Promise(() => {})
        }),
      hangSpans: 'GET /hang/:id (pass (hang))',
    })

    describe('more', () => {
      let tracing: Tracing
      let app: App
      beforeEach(() => forget(library))
      afterEach(async () => {
        await framework.close(app)
        await tracing.stop()
      })

      it('makes no spans of handlers where they are off, but names requests and notes errors', async () => {
        tracing = await Tracing.start({ ...serverOnly, hono: { middleware: false } })
        app = await framework.make()
        app.hono.use('/b/*', pass).get('/a/:id', list).get('/boom', boom).get('/b/boom', boomLater)
        const port = await framework.serve(app)
        for (const path of ['/a/1', '/boom', '/b/boom', '/no']) await ask(port, `GET ${path}`)
        const spans = await tracing.spans()
        assert.equal(shapeOf(spans), 'GET /a/:id 200, GET /boom 500 error, GET /b/boom 500 error, GET 404')
        assert.deepEqual(
          spans.map(({ meta }) => meta['error.message']),
          [undefined, 'boom', 'boom', undefined],
        )
      })

      it('tags its handlers', async () => {
        tracing = await Tracing.start({ ...serverOnly, hono: { service: 'shop-front' } })
        app = await framework.make()
        app.hono.get('/a', list)
        await ask(await framework.serve(app), 'GET /a')
        const { name, service, type, meta, metrics } = (await tracing.spans()).find(
          ({ resource }) => resource === 'list',
        )!
        assert.deepEqual([name, service, type ?? ''], ['hono.middleware', 'shop-front', ''])
        assert.deepEqual(
          [meta['component'], meta['span.kind'], metrics['_dd.measured']],
          ['hono', 'internal', undefined],
        )
      })

      it('leaves the list of routes as the program made it', async () => {
        tracing = await Tracing.start({ ...serverOnly, hono: true })
        app = await framework.make()
        const seen: string[] = []
        app.hono.use(pass).get(
          '/a/:id',
          (context) => {
            seen.push(context.req.routePath)
            return list(context, async () => {})
          },
          list,
        )
        await ask(await framework.serve(app), 'GET /a/1')
        assert.equal(app.hono.routes[0]?.handler, pass)
        assert.equal(app.hono.routes[2]?.handler, list)
        assert.deepEqual(seen, ['/a/:id'])
      })

      it('has nothing to say of requests that come by no server', async () => {
        tracing = await Tracing.start({ ...serverOnly, hono: true })
        app = await framework.make()
        app.hono.get('/a', list)
        assert.equal(await (await app.hono.request('/a')).text(), '{"list":[]}')
        assert.deepEqual(await tracing.spans(), [])
      })

      it('names requests of HTTP/2, too', async () => {
        tracing = await Tracing.start({ http2: { client: false }, hono: true })
        app = await framework.make()
        app.hono.get('/users/:id', list)
        const server = http2.createServer()
        const port = await framework.serve({ ...app, server: server as unknown as App['server'] })
        const session = http2.connect(`http://127.0.0.1:${port}`)
        assert.equal(await text(session.request({ ':path': '/users/1' })), '{"list":[]}')
        session.close()
        await shut(server)
        const spans = await tracing.spans()
        assert.equal(shapeOf(spans), 'GET /users/:id 200 (list)')
        assert.equal(find(spans, 'hono.request').meta['component'], 'hono')
      })

      it('traces the build of ES modules', async () => {
        app = await framework.make()
        tracing = await Tracing.start({})
        const agent = await startAgent()
        const file = join(library.folder, 'hono-program.mjs')
        writeFileSync(file, esModule(serverOf(library)))
        const env = { DD_TRACE_AGENT_URL: agent.url, DD_SERVICE: 'shop', DD_TRACE_UNDICI_ENABLED: 'false' }
        const [plain, run] = await Promise.all([
          runNode({ file }),
          runNode({ file, execArgv: ['--import', REGISTER], env }),
        ])
        assert.deepEqual([run.code, run.stdout, run.stderr], [0, plain.stdout, plain.stderr])
        const trees = tree(agent.spans()).sort((a, b) => Number(a.span.start - b.span.start))
        assert.equal(shape(trees), 'GET /users/:id 200 (log (show)), GET /users/:id 200 (log (show)), GET 404 (log)')
        assert.ok(trees.every(({ span }) => span.name === 'hono.request'))
        await agent.close()
      })
    })
  },
)
