// The router plugin: the package `router` alone, in Connect, and around Express, whose requests are Express's.

import { strict as assert } from 'node:assert'
import http, { type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { tracer } from '../../src'
import { find } from '../support/agent'
import { describeLibrary, type Library } from '../support/library'
import { ask, listen, shut } from '../support/loopback'
import { repoRoot } from '../support/repo-root'
import { Tracing } from '../support/tracing'
import {
  describeAnswers,
  describeProgram,
  type Framework,
  forget,
  interleaved,
  serverOnly,
  shapeOf,
  type WebRow,
} from '../support/web-framework'

type Next = (error?: unknown) => void
type Request = IncomingMessage & { readonly params: Record<string, string> }
type Handler = (request: Request, response: ServerResponse, next: Next) => unknown
type ErrorHandler = (error: Error, request: Request, response: ServerResponse, next: Next) => unknown
interface Router {
  (request: IncomingMessage, response: ServerResponse, next: Next): void
  use(...handlers: (string | Handler | ErrorHandler | Router | Express)[]): Router
  get(path: string | RegExp | readonly string[], ...handlers: Handler[]): Router
  all(path: string, ...handlers: Handler[]): Router
  route(path: string): { get(handler: Handler): { post(handler: Handler): unknown } }
  param(name: string, handler: (request: Request, response: ServerResponse, next: Next, value: string) => void): Router
}
type RouterClass = new (options?: object) => Router
interface Express {
  (request: IncomingMessage, response: ServerResponse, next?: Next): void
  use(...handlers: (string | Router)[]): Express
  get(path: string, handler: Handler): Express
}
interface App {
  readonly router: Router
  readonly make: (options?: object) => Router
  readonly finish: (request: IncomingMessage, response: ServerResponse) => Next
  readonly server: Server
}

const list: Handler = (_request, response) => response.end('list')
const show: Handler = ({ params }, response) => response.end(JSON.stringify(params))
const pass: Handler = (_request, _response, next) => next()
const boom: Handler = () => {
  throw new RangeError('boom')
}
const boomLater: Handler = (_request, _response, next) => void setImmediate(next, new RangeError('boom'))
const answer500: ErrorHandler = (error, _request, response, _next) => {
  response.statusCode = 500
  response.end(error.message)
}

const rows: WebRow<App>[] = [
  ['nothing', () => {}, 'GET /', 'GET 404'],
  ['a route', ({ router }) => router.get('/a', list), 'GET /a?b', 'GET /a 200 (list)'],
  ['a parameter', ({ router }) => router.get('/users/:id', show), 'GET /users/5', 'GET /users/:id 200 (show)'],
  ['a list of paths', ({ router }) => router.get(['/a', '/b/:id'], show), 'GET /b/1', 'GET /b/:id 200 (show)'],
  ['a RegExp', ({ router }) => router.get(/^\/fl(y|ies)$/, list), 'GET /flies', 'GET (/^\\/fl(y|ies)$/) 200 (list)'],
  ['router.all', ({ router }) => router.all('/a', list), 'PUT /a', 'PUT /a 200 (list)'],
  ['router.route', ({ router }) => router.route('/a').get(boom).post(list), 'POST /a', 'POST /a 200 (list)'],
  ['OPTIONS that nobody handles', ({ router }) => router.get('/a', list), 'OPTIONS /a', 'OPTIONS 200'],
  ['HEAD for a GET', ({ router }) => router.get('/a', list), 'HEAD /a', 'HEAD /a 200 (list)'],
  [
    'several handlers',
    ({ router }) => router.use(pass).get('/a', pass, list),
    'GET /a',
    'GET /a 200 (pass, pass, list)',
  ],
  ['a mounted middleware', ({ router }) => router.use('/files', list), 'GET /files/a', 'GET /files 200 (list)'],
  [
    'routers in routers',
    ({ router, make }) => {
      const users = make({ mergeParams: true }).use(pass).get('/users/:id', show)
      router.use('/org/:org', make({ mergeParams: true }).use(users))
    },
    'GET /org/dd/users/7',
    'GET /org/:org/users/:id 200 (router (router (pass, show)))',
  ],
  [
    "next('route')",
    ({ router }) => router.get('/a', (_request, _response, next) => next('route'), boom).get('/a', list),
    'GET /a',
    'GET /a 200 (<anonymous>, list)',
  ],
  [
    'a parameter that is fetched first',
    ({ router }) => router.param('id', (_request, _response, next) => void setImmediate(next)).get('/:id', show),
    'GET /1',
    'GET /:id 200 (show)',
  ],
  ['an error thrown', ({ router }) => router.get('/a', boom), 'GET /a', 'GET /a 500 error (boom error)', 'boom'],
  [
    'an error passed on',
    ({ router }) => router.get('/a', boomLater).use(answer500),
    'GET /a',
    'GET /a 500 error (boomLater error, answer500)',
    'boom',
  ],
  [
    'an error in a router',
    ({ router, make }) => router.use('/api', make().get('/a', boom)).use(answer500),
    'GET /api/a',
    'GET /api/a 500 error (router error (boom error), answer500)',
    'boom',
  ],
]

const frameworkOf = (library: Library): Framework<App> => ({
  plugin: 'router',
  library,
  make() {
    const RouterClass = library.load<RouterClass>()
    const make = (options?: object) => new RouterClass(options)
    // Its error page shows the stack unless this is production.
    const finalhandler = library.load<(...args: unknown[]) => Next>('finalhandler')
    const finish = (request: IncomingMessage, response: ServerResponse) =>
      finalhandler(request, response, { env: 'production' })
    return { router: make(), make, finish, server: http.createServer() }
  },
  serve({ router, finish, server }) {
    server.on('request', (request, response) => router(request, response, finish(request, response)))
    return listen(server)
  },
  close: ({ server }) => shut(server),
  patched: () => [
    library.load<{ prototype: object }>().prototype,
    library.load<{ prototype: object }>('router/lib/layer').prototype,
  ],
})

describeLibrary(
  'router',
  {
    name: 'router',
    majors: { 1: ['1.0.0', '1.3.8'], 2: ['2.0.0', '2.3.0'] },
    beside: { finalhandler: '2.1.0', connect: '3.7.0' },
  },
  (library) => {
    const framework = frameworkOf(library)
    describeAnswers(framework, rows)
    describeProgram(framework, {
      cart: ({ router }) =>
        router.use(pass).get('/cart/:cart/item/:id', async ({ params: { id = '' } }, response) => {
          await interleaved(id)
          response.end(id)
        }),
      cartRoute: '/cart/:cart/item/:id',
      cartSpans: (id) => `pass, <anonymous> (${id})`,
      hang: ({ router }, begun) => router.get('/hang/:id', pass, (_, response) => begun(response)),
      hangSpans: 'GET /hang/:id (pass, <anonymous>)',
    })

    describe('with others', () => {
      let tracing: Tracing
      let server: Server
      const plugins = { ...serverOnly, router: true, connect: true, express: true }
      const expressOf = () => {
        const load = createRequire(join(repoRoot, 'package.json'))
        return load('express')() as Express
      }
      const serve = (listener: (request: IncomingMessage, response: ServerResponse) => void) => {
        server = http.createServer(listener)
        return listen(server)
      }
      beforeEach(() => forget(library))
      afterEach(async () => {
        await shut(server)
        await tracing.stop()
      })

      it('makes no spans of middlewares where they are off', async () => {
        tracing = await Tracing.start({ ...plugins, router: { middleware: false } })
        const { router, finish } = await framework.make()
        router.use(pass).get('/a/:id', boomLater).use(answer500)
        await ask(await serve((request, response) => router(request, response, finish(request, response))), 'GET /a/1')
        const spans = await tracing.spans()
        assert.equal(shapeOf(spans), 'GET /a/:id 500 error')
        assert.equal(find(spans, 'router.request').meta['error.message'], 'boom')
      })

      it("is Connect's guest", async () => {
        tracing = await Tracing.start(plugins)
        const { router } = await framework.make()
        router.get('/users/:id', show)
        const app = library.load<() => { use(...args: unknown[]): unknown } & Express>('connect')()
        app.use('/api', router)
        await ask(await serve(app), 'GET /api/users/1')
        const spans = await tracing.spans()
        assert.equal(shapeOf(spans), 'GET /api/users/:id 200 (handle (show))')
        assert.deepEqual(spans.map(({ name }) => name).sort(), [
          'connect.middleware',
          'connect.request',
          'router.middleware',
        ])
      })

      it('is the host of Express', async () => {
        tracing = await Tracing.start(plugins)
        const { router, finish } = await framework.make()
        router.use(pass).use('/shop', expressOf().get('/users/:id', show))
        const listener = (request: IncomingMessage, response: ServerResponse) =>
          router(request, response, finish(request, response))
        await ask(await serve(listener), 'GET /shop/users/1')
        const spans = await tracing.spans()
        assert.equal(shapeOf(spans), 'GET /shop/users/:id 200 (pass, app (show))')
        assert.deepEqual(spans.map(({ name }) => name).sort(), [
          'express.middleware',
          'router.middleware',
          'router.middleware',
          'router.request',
        ])
      })

      it("leaves alone what is Express's", async () => {
        tracing = await Tracing.start(plugins)
        const app = expressOf().get('/a', async (_request, response) => {
          await tracer.trace('work', () => nextTurn())
          response.end()
        })
        const port = await serve(app)
        await ask(port, 'GET /a')
        const spans = await tracing.spans()
        assert.deepEqual(spans.map(({ name }) => name).sort(), ['express.middleware', 'express.request', 'work'])
        await tracing.stop()
        tracing = await Tracing.start({ ...plugins, express: false })
        await ask(port, 'GET /a')
        assert.deepEqual((await tracing.spans()).map(({ name }) => name).sort(), ['web.request', 'work'])
      })
    })
  },
)
