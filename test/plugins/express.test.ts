// The express plugin on Express 5 and on Express 4: every application puts the same bytes on the wire with and without `dd`, its
// requests are named after their routes, and each middleware is a span where it belongs.

import { strict as assert } from 'node:assert'
import { tracingChannel } from 'node:diagnostics_channel'
import { once } from 'node:events'
import http, { type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { type Span, tracer } from '../../src'
import { find, type ReceivedSpan, type SpanNode, tree } from '../support/agent'
import { type CallStyle, describeCallStyles } from '../support/call-styles'
import { describeLibrary, type LibraryVersions } from '../support/library'
import { ask, Dialogue, listen, requestText, shut } from '../support/loopback'
import { repoRoot } from '../support/repo-root'
import { Tracing } from '../support/tracing'

type Request = IncomingMessage & { params: Record<string, string>; body: unknown; baseUrl: string; app: unknown }
type Response = ServerResponse & {
  send(body: unknown): Response
  json(body: unknown): Response
  status(code: number): Response
}
type Next = (error?: unknown) => void
type Handler = (request: Request, response: Response, next: Next) => unknown
type ErrorHandler = (error: Error, request: Request, response: Response, next: Next) => unknown
type Path = string | RegExp | readonly (string | RegExp)[]

interface Router {
  (request: IncomingMessage, response: ServerResponse, next?: Next): void
  use(handler: Handler): this
  use(...handlers: (Handler | Router | readonly Handler[])[]): this
  use(handler: ErrorHandler): this
  use(path: Path, ...handlers: (Handler | Router)[]): this
  all(path: Path, ...handlers: Handler[]): this
  get(path: Path, ...handlers: (Handler | readonly Handler[])[]): this
  post(path: Path, ...handlers: Handler[]): this
  route(path: Path): { get(...handlers: Handler[]): { post(...handlers: Handler[]): unknown } }
  param(name: string, handler: (...args: [Request, Response, Next, string]) => void): this
}
type App = Router & { set(name: string, value: unknown): App; router: { stack: Layer[] }; _router: { stack: Layer[] } }
interface Layer {
  readonly handle: unknown
  readonly route?: { readonly stack: readonly Layer[] }
}
interface Express {
  (): App
  Router(options?: object): Router
  static(folder: string): Handler
  json(): Handler
}

interface Row extends CallStyle<Served> {
  /** The tree of spans: `resource status (children)`, with the errors. */
  readonly spans: string
  /** The error of the request. */
  readonly message?: string | undefined
}

/** A server that has its application yet to come. */
interface Served {
  readonly server: http.Server
  readonly port: number
}

const versions: LibraryVersions = { name: 'express', majors: { 4: ['4.6.0', '4.22.1'], 5: ['5.0.0', '5.3.0'] } }

const list: Handler = (_request, response) => response.send('list')
const show: Handler = ({ params }, response) => response.json(params)
const pass: Handler = (_request, _response, next) => next()
const boom: Handler = () => {
  throw new RangeError('boom')
}
const boomLater: Handler = (_request, _response, next) => void setImmediate(next, new RangeError('boom'))
const slow: Handler = async (_request, _response, next) => {
  await tracer.trace('before', () => nextTurn())
  next()
  await tracer.trace('after', () => nextTurn())
}
const work: Handler = (_request, response) => {
  tracer.trace('work', () => {})
  response.send('worked')
}
const answerWith =
  (status: number): ErrorHandler =>
  (error, _request, response, _next) =>
    response.status(status).send(error.message ?? error)
const [badRequest, serverError] = [400, 500].map((status) => {
  const handler = answerWith(status)
  return Object.defineProperty(handler, 'name', { value: `answer${status}` })
}) as [ErrorHandler, ErrorHandler]

type AppRow = [name: string, build: (app: App, express: Express) => void, line: string, spans: string, message?: string]

/** Applications that both versions understand. */
const common: AppRow[] = [
  ['a route', (app) => app.get('/users', list), 'GET /users', 'GET /users 200 (list)'],
  ['the root', (app) => app.get('/', list), 'GET /?a=b', 'GET / 200 (list)'],
  ['parameters', (app) => app.get('/users/:id', show), 'GET /users/5', 'GET /users/:id 200 (show)'],
  ['HEAD for a GET', (app) => app.get('/users', list), 'HEAD /users', 'HEAD /users 200 (list)'],
  ['OPTIONS that nobody handles', (app) => app.get('/users', list), 'OPTIONS /users', 'OPTIONS 200'],
  ['app.all', (app) => app.all('/any', list), 'DELETE /any', 'DELETE /any 200 (list)'],
  ['app.route', (app) => void app.route('/both').get(boom).post(list), 'POST /both', 'POST /both 200 (list)'],
  ['several handlers', (app) => app.get('/a', pass, [pass], list), 'GET /a', 'GET /a 200 (pass, pass, list)'],
  ['a list of paths', (app) => app.get(['/a', '/b/:id'], show), 'GET /b/1', 'GET /b/:id 200 (show)'],
  ['paths that end alike', (app) => app.get(['/b', '/a/b'], list), 'GET /a/b', 'GET /a/b 200 (list)'],
  ['a RegExp', (app) => app.get(/^\/fl(y|ies)$/, list), 'GET /flies', 'GET (/^\\/fl(y|ies)$/) 200 (list)'],
  ['nothing', (app) => app.get('/a', list), 'GET /b', 'GET 404'],
  ['nothing after a middleware', (app) => app.use(pass), 'GET /b', 'GET 404 (pass)'],
  ['a middleware that answers', (app) => app.use(list).get('/a', show), 'GET /a', 'GET 200 (list)'],
  ['a mounted middleware that answers', (app) => app.use('/admin', list), 'GET /admin/a', 'GET /admin 200 (list)'],
  [
    'nested routers',
    (app, { Router }) => {
      const users = Router({ mergeParams: true }).use(pass).get('/users/:id', show)
      app.use('/org/:org', Router({ mergeParams: true }).use('/', users))
    },
    'GET /org/dd/users/7',
    'GET /org/:org/users/:id 200 (router (router (pass, show)))',
  ],
  [
    'a router mounted with a slash at its end',
    (app, { Router }) => app.use('/api/', Router().get('/users', list)),
    'GET /api/users',
    'GET /api/users 200 (router (list))',
  ],
  [
    'the root of a router',
    (app, { Router }) => app.use('/api', Router().get('/', list)),
    'GET /api',
    'GET /api 200 (router (list))',
  ],
  [
    'a router mounted at several paths',
    (app, { Router }) => app.use(['/v1', '/v2'], Router().get('/a', list)),
    'GET /v2/a',
    'GET /v2/a 200 (router (list))',
  ],
  [
    'a router mounted at a RegExp',
    (app, { Router }) => app.use(/\/v\d/, Router().get('/a', list)),
    'GET /v2/a',
    'GET (/\\/v\\d/)/a 200 (router (list))',
  ],
  [
    'a router without the route',
    (app, { Router }) => app.use('/api', Router().get('/a', list)).get('/api/b', show),
    'GET /api/b',
    'GET /api/b 200 (router, show)',
  ],
  [
    'middlewares in a list',
    (app, { Router }) => app.use([pass, pass]).use(Router().get('/a', list)),
    'GET /a',
    'GET /a 200 (pass, pass, router (list))',
  ],
  [
    'an application in another',
    (app, express) => app.use('/shop/:id', express().get('/cart', list)),
    'GET /shop/1/cart',
    'GET /shop/:id/cart 200 (mounted_app (list))',
  ],
  [
    "next('route')",
    (app) => app.get('/a', (_request, _response, next) => next('route'), boom).get('/a', list),
    'GET /a',
    'GET /a 200 (<anonymous>, list)',
  ],
  [
    "next('router')",
    (app, { Router }) => {
      const leave: Handler = (_request, _response, next) => next('router')
      app.use('/a', Router().use(leave).use(boom)).use(list)
    },
    'GET /a',
    'GET 200 (router (leave), list)',
  ],
  [
    'falsy errors, which are none',
    (app) =>
      app
        .use((_request, _response, next) => next(0))
        .use((_request, _response, next) => next(''))
        .get('/a', list),
    'GET /a',
    'GET /a 200 (<anonymous>, <anonymous>, list)',
  ],
  [
    'an answer that is passed on as if it were an error',
    (app) => {
      const send = (answer: object, _request: Request, response: Response, _next: Next) => response.end(typeof answer)
      app.use((_request, _response, next) => next({ ok: true })).use(send as unknown as Handler)
    },
    'GET /a',
    'GET 200 (<anonymous>, send)',
  ],
  ['an error thrown', (app) => app.get('/a', boom), 'GET /a', 'GET /a 500 error (boom error)', 'boom'],
  ['an error passed on', (app) => app.use(boomLater), 'GET /a', 'GET 500 error (boomLater error)', 'boom'],
  [
    'an error that is text',
    (app) => app.use((_request, _response, next) => next('no')).use(serverError),
    'GET /a',
    'GET 500 error (<anonymous> error, answer500)',
    'no',
  ],
  [
    'an error answered with 400',
    (app) => app.get('/a', pass, boom).use(pass).use(badRequest),
    'GET /a',
    'GET /a 400 (pass, boom error, answer400)',
  ],
  [
    'an error answered with 500',
    (app) => app.get('/a', boom).use(serverError),
    'GET /a',
    'GET /a 500 error (boom error, answer500)',
    'boom',
  ],
  [
    'an error that passes on',
    (app) =>
      app
        .use(boom)
        .use((error: Error, _request: Request, _response: Response, next: Next) => next(error))
        .use(badRequest),
    'GET /a',
    'GET 400 (boom error, <anonymous> error, answer400)',
  ],
  [
    'an error that is put right',
    (app) =>
      app
        .use(boom)
        .use((_error: Error, _request: Request, _response: Response, next: Next) => next())
        .get('/a', list),
    'GET /a',
    'GET /a 200 (boom error, <anonymous>, list)',
  ],
  [
    'an error in a router',
    (app, { Router }) => app.use('/api', Router().get('/a', boom)).use(serverError),
    'GET /api/a',
    'GET /api/a 500 error (router error (boom error), answer500)',
    'boom',
  ],
  ['a URL that cannot be decoded', (app) => app.get('/:id', show).use(badRequest), 'GET /%', 'GET 400 (answer400)'],
  [
    'an error of a parameter that is answered with 500',
    (app) =>
      app
        .param('id', (_request, _response, next) => next(new Error('no such id')))
        .get('/:id', show)
        .use(serverError),
    'GET /1',
    'GET 500 error (answer500)',
    'no such id',
  ],
  [
    'an error of a parameter',
    (app) => app.param('id', (_request, _response, next) => next(new Error('no such id'))).get('/:id', show),
    'GET /1',
    'GET 500 error',
  ],
  [
    'a parameter that is fetched first',
    (app) => app.param('id', (_request, _response, next) => void setImmediate(next)).get('/:id', work),
    'GET /1',
    'GET /:id 200 (work (work))',
  ],
  [
    'work before and after next',
    (app) => app.use(slow).get('/a', work),
    'GET /a',
    'GET /a 200 (slow (before, after), work (work))',
  ],
  [
    'next called twice',
    (app) =>
      app
        .use(function twice(_request, _response, next) {
          next()
          next()
        })
        .use((_request, response, next) => (response.headersSent ? undefined : next()))
        .get('/a', list),
    'GET /a',
    'GET /a 200 (twice, <anonymous>, list)',
  ],
  [
    'the own name of a handler',
    (app) => app.get('/a', Object.assign(((_request, response) => response.send('')) as Handler, { _name: 'mine' })),
    'GET /a',
    'GET /a 200 (mine)',
  ],
  [
    'a method that is overridden',
    (app) =>
      app
        .use((request, _response, next) => {
          request.method = 'PUT'
          next()
        })
        .all('/a', list),
    'POST /a',
    'PUT /a 200 (<anonymous>, list)',
  ],
  [
    'a URL that is rewritten',
    (app) =>
      app
        .use((request, _response, next) => {
          request.url = '/new/1'
          next()
        })
        .get('/new/:id', show),
    'GET /old',
    'GET /new/:id 200 (<anonymous>, show)',
  ],
  [
    'what handlers see of next',
    (app) =>
      app.get('/a', (_request, response, next) => response.json([next.name, next.length, typeof next()])).use(pass),
    'GET /a',
    'GET /a 200 (<anonymous>, pass)',
  ],
  [
    'files in a folder',
    (app, express) => app.use('/files', express.static(repoRoot)),
    'GET /files/LICENSE',
    'GET /files 200 (serveStatic)',
  ],
  [
    'a file that is not there',
    (app, express) => app.use('/files', express.static(repoRoot)),
    'GET /files/no',
    'GET 404 (serveStatic)',
  ],
  [
    'one application after another',
    (app, express) => {
      const other = express().get('/a', list)
      app.use((request, response, next) => other(request, response, next))
    },
    'GET /a',
    'GET /a 200 (<anonymous> (list))',
  ],
  [
    'a hundred and more middlewares',
    (app) => {
      for (let n = 0; n < 120; n++) app.use(pass)
      app.get('/a', list)
    },
    'GET /a',
    `GET /a 200 (${'pass, '.repeat(120)}list)`,
  ],
]

const special: Record<4 | 5, AppRow[]> = {
  4: [
    ['a star', (app) => app.get('*', list), 'GET /a', 'GET /* 200 (list)'],
    ['a route beside a star', (app) => app.all('*', pass).get('/a', list), 'GET /a', 'GET /a 200 (pass, list)'],
    [
      'a rejection that nobody handles',
      (app) =>
        app.get('/a', async (_request, response) => {
          response.send('done')
          throw new RangeError('boom')
        }),
      'GET /a',
      'GET /a 200 (<anonymous>)',
    ],
    ['an optional parameter', (app) => app.get('/a/:b?', show), 'GET /a', 'GET /a/:b? 200 (show)'],
    ['a parameter of digits', (app) => app.get('/:n(\\d+)', show), 'GET /1', 'GET /:n(\\d+) 200 (show)'],
  ],
  5: [
    ['a splat', (app) => app.get('/{*splat}', list), 'GET /a', 'GET /{*splat} 200 (list)'],
    [
      'a route beside a splat',
      (app) => app.all('/{*splat}', pass).get('/a', list),
      'GET /a',
      'GET /a 200 (pass, list)',
    ],
    ['an optional parameter', (app) => app.get('/a{/:b}', show), 'GET /a', 'GET /a{/:b} 200 (show)'],
    [
      'a rejection',
      (app) => app.get('/a', async () => Promise.reject(new RangeError('boom'))),
      'GET /a',
      'GET /a 500 error (<anonymous> error)',
      'boom',
    ],
    [
      'a rejection without a reason',
      (app) => app.get('/a', () => Promise.reject()).use(serverError),
      'GET /a',
      'GET /a 500 error (<anonymous> error, answer500)',
      'Rejected promise',
    ],
  ],
}

/** Its error pages show stacks, in which `dd` may appear. */
const withoutStack = (text: string) =>
  /<br>/.test(text) ? text.replace(/<br>.*?(?=<\/pre>|$)/s, '').replace(/content-length: \d+/i, '') : text

const asked =
  (build: AppRow[1], load: () => Express, line: string) =>
  async ({ server, port }: Served) => {
    const express = load()
    const app = express().set('env', 'test')
    build(app, express)
    server.on('request', app as RequestListener)
    const body = line.startsWith('POST') ? '{"a":1}' : ''
    return withoutStack(await ask(port, line, body ? ['content-type: application/json'] : [], body))
  }

/** Express 4 has two middlewares of its own. */
const isOwn = ({ span }: SpanNode) => ['query', 'expressInit'].includes(span.resource)

function shape(nodes: SpanNode[]): string {
  const one = ({ span: { resource, error, meta }, children }: SpanNode): string => {
    const parts = [
      resource,
      meta['http.status_code'],
      error ? 'error' : '',
      children.every(isOwn) ? '' : `(${shape(children)})`,
    ]
    return parts.filter(Boolean).join(' ')
  }
  return nodes
    .filter((node) => !isOwn(node))
    .map(one)
    .join(', ')
}
const shapeOf = (spans: readonly ReceivedSpan[]) => shape(tree(spans))

/** Express answers these in another way, with `dd` or without, before 4.16: it has not all of their features. */
const SINCE_4_16 = new Set([
  'middlewares in a list',
  "next('router')",
  'next called twice',
  'what handlers see of next',
  'files in a folder',
  'a file that is not there',
])

describeLibrary('express', versions, ({ major, version: release, load }) => {
  const isOld = release === '4.6.0'
  const version = major as 4 | 5
  let tracing: Tracing
  let express: Express
  before(() => {
    express = load()
  })
  const open = async (): Promise<Served> => {
    const server = http.createServer()
    return { server, port: await listen(server) }
  }
  const close = ({ server }: Served) => shut(server)
  const serverOnly = { http: { client: false }, express: true } as const

  const known = [...common, ...special[version]].filter(([name]) => !(isOld && SINCE_4_16.has(name)))
  const rows = known.map(
    ([name, build, line, spans, message]): Row => ({ name, run: asked(build, load<Express>, line), spans, message }),
  )

  describeCallStyles<Served, Row>('answers by', rows, {
    without: { open, close },
    with: {
      before: async () => {
        tracing = await Tracing.start(serverOnly)
      },
      open: async () => {
        // What a row before has left behind.
        await tracing.spans()
        tracing.clear()
        return open()
      },
      async check({ spans, message }) {
        const received = await tracing.spans()
        assert.equal(shapeOf(received), spans)
        const { meta } = find(received, 'express.request')
        assert.equal(meta['error.message'], message)
        for (const { name, error, meta } of received) {
          if (name === 'express.middleware') assert.equal('error.message' in meta, error === 1)
        }
      },
      close,
      after: () => tracing.stop(),
    },
  })

  describe('of a program', () => {
    let served: Served
    let app: App
    const get = (path: string) => ask(served.port, `GET ${path}`)
    const named = (name: string, handler: Handler | ErrorHandler) =>
      Object.defineProperty(handler, 'name', { value: name })

    before(async () => {
      tracing = await Tracing.start(serverOnly)
    })
    beforeEach(async () => {
      await tracing.spans()
      tracing.clear()
      app = express().set('env', 'test')
      served = await open()
      served.server.on('request', app as RequestListener)
    })
    afterEach(() => close(served))
    after(() => tracing.stop())

    it('renames the span of the server, and nothing else about it', async () => {
      app.get('/users/:id', show)
      await get('/users/5?token=abc')
      const spans = await tracing.spans()
      const { name, type, resource, service, meta, metrics } = find(spans, 'express.request')
      assert.deepEqual([name, type, resource, service], ['express.request', 'web', 'GET /users/:id', 'test'])
      const tags = {
        component: 'express',
        '_dd.integration': 'express',
        'span.kind': 'server',
        'http.route': '/users/:id',
        'http.method': 'GET',
        'http.url': 'http://shop.example/users/5?<redacted>',
        'http.status_code': '200',
      }
      assert.deepEqual({ ...meta, ...tags }, meta)
      assert.equal(metrics['_dd.measured'], 1)
      const middleware = find(spans, { resource: 'show' })
      assert.deepEqual([middleware.name, middleware.type ?? '', middleware.service], ['express.middleware', '', 'test'])
      assert.deepEqual([middleware.meta['component'], middleware.meta['span.kind']], ['express', 'internal'])
      assert.equal(middleware.metrics['_dd.measured'], undefined)
    })

    it('runs every handler inside its span, and what comes after next in its own again', async function () {
      // It has no parser of bodies.
      if (isOld) this.skip()
      const seen: [name: string, inside: string | undefined][] = []
      const note = (name: string) => seen.push([name, tracer.activeSpan?.resource])
      app.use(
        named('first', (_request: Request, _response: Response, next: Next) => {
          note('first')
          setTimeout(() => {
            note('first')
            next()
            note('first')
          })
          note('first')
        }) as Handler,
      )
      app.use(express.json())
      app.post(
        '/a',
        named('second', async (request: Request, response: Response, next: Next) => {
          note('second')
          await nextTurn()
          note('second')
          // Not named after its route yet: the program's own words on the span still count.
          response.on('finish', () => note('POST'))
          next(new Error(JSON.stringify(request.body)))
        }) as Handler,
      )
      app.use(
        named('third', ((error, _request, response, _next) => {
          note('third')
          response.send(error.message)
        }) as ErrorHandler) as ErrorHandler,
      )
      const text = await ask(served.port, 'POST /a', ['content-type: application/json'], '{"b":2}')
      assert.match(text, /\r\n\r\n\{"b":2\}$/)
      assert.deepEqual(
        seen.filter(([name, inside]) => name !== inside),
        [],
      )
      assert.equal(seen.length, 8)
      assert.equal(shapeOf(await tracing.spans()), 'POST /a 200 (first, jsonParser, second error, third)')
    })

    it('finishes everything when the client hangs up, and begins nothing afterwards', async () => {
      const dialogue = Dialogue.open(served.port)
      let root: Span | undefined
      const over = new Promise<void>((resolve) => {
        app.use(async (_request, response, next) => {
          root = tracer.activeSpan
          const closed = once(response, 'close')
          dialogue.socket.destroy()
          await closed
          next()
        })
        app.use('/a', pass)
        app.get('/a', (_request, response) => {
          response.end('too late')
          resolve()
        })
      })
      dialogue.say(requestText('GET /a'))
      await over
      assert.equal(root?.trace.open, 0)
      assert.equal(shapeOf(await tracing.spans()), 'GET 200 (<anonymous>)')
    })

    it('finishes a handler that never answers when the client hangs up', async () => {
      const dialogue = Dialogue.open(served.port)
      const over = new Promise((resolve) => {
        app.get('/a', pass, (_request, response) => {
          response.on('close', resolve)
          dialogue.socket.destroy()
        })
      })
      dialogue.say(requestText('GET /a'))
      await over
      assert.equal(shapeOf(await tracing.spans()), 'GET /a 200 (pass, <anonymous>)')
    })

    it('notes a second call of next on the request', async () => {
      app.use(
        named('twice', (_request: Request, _response: Response, next: Next) => {
          next()
          next(new Error('late'))
        }) as Handler,
      )
      app.get('/a', list)
      await get('/a')
      const { meta } = find(await tracing.spans(), 'express.request')
      const [{ name, attributes }] = JSON.parse(meta['events'] ?? '[{}]') as [Record<string, unknown>]
      assert.deepEqual(
        [name, attributes],
        ['middleware.next_called_again', { 'middleware.name': 'twice', with_error: true }],
      )
    })

    it('gives each of 20 requests at once its own tree', async () => {
      app.use(slow)
      const router = express.Router({ mergeParams: true }).get('/item/:id', (request, response) => {
        tracer.trace('work', { resource: request.params['id']! }, () => response.json(request.params))
      })
      app.use('/cart/:cart', router)
      await Promise.all(Array.from({ length: 20 }, (_, n) => get(`/cart/${n}/item/${n}`)))
      const spans = await tracing.spans()
      const trees = tree(spans)
      assert.equal(trees.length, 20)
      for (const one of trees) {
        const n = one.span.meta['http.url']!.split('/').at(-1)
        const middle = `slow (before, after), router (<anonymous> (${n}))`
        assert.equal(shape([one]), `GET /cart/:cart/item/:id 200 (${middle})`)
      }
    })

    it('leaves the layers and their handlers as the program made them', async () => {
      const router = express.Router().get('/b', list)
      app.use(pass).use('/a', router).get('/c', show)
      await get('/a/b')
      const { stack } = version === 5 ? app.router : app._router
      assert.deepEqual(
        stack
          .slice(version === 5 ? 0 : 2)
          .map(({ handle, route }) => route?.stack.map((layer) => layer.handle) ?? handle),
        [pass, router, [show]],
      )
    })

    if (version === 5) {
      it("gives the same spans when somebody listens to the router's own channel", async () => {
        const channel = tracingChannel<unknown, object>('express.router.request')
        const listeners = { start() {}, end() {}, asyncStart() {}, asyncEnd() {}, error() {} }
        channel.subscribe(listeners)
        app.use(slow).get('/a', work)
        await get('/a')
        channel.unsubscribe(listeners)
        assert.equal(shapeOf(await tracing.spans()), 'GET /a 200 (slow (before, after), work (work))')
      })
    }
  })

  describe('by its options', () => {
    const answersOf = async (build: (app: App) => void, paths: string[], app = express().set('env', 'test')) => {
      const served = await open()
      build(app)
      served.server.on('request', app as RequestListener)
      const answers = []
      for (const path of paths) answers.push((await ask(served.port, `GET ${path}`)).split('\r\n')[0])
      await close(served)
      return answers
    }
    const build = (app: App) => app.use(slow).use('/org/:org', express.Router().get('/:id', list)).get('/boom', boom)
    const paths = ['/org/1/2', '/boom', '/no']
    const answers = ['HTTP/1.1 200 OK', 'HTTP/1.1 500 Internal Server Error', 'HTTP/1.1 404 Not Found']
    afterEach(() => tracing.stop())

    it('makes no spans of middlewares, but names requests and notes errors', async () => {
      tracing = await Tracing.start({ ...serverOnly, express: { middleware: false } })
      assert.deepEqual(await answersOf(build, paths), answers)
      const spans = (await tracing.spans()).filter(({ name }) => name === 'express.request')
      assert.equal(shapeOf(spans), 'GET /org/:org/:id 200, GET /boom 500 error, GET 404')
      assert.equal(spans[1]?.meta['error.message'], 'boom')
    })

    it('takes that from the settings, too', async () => {
      tracing = await Tracing.start(serverOnly, { middlewareTracing: false })
      await answersOf((app) => app.get('/a', list), ['/a'])
      assert.equal(shapeOf(await tracing.spans()), 'GET /a 200')
    })

    it('makes no spans without http', async () => {
      tracing = await Tracing.start({ http: false, express: true })
      assert.deepEqual(await answersOf(build, paths), answers)
      assert.deepEqual(
        (await tracing.spans()).map(({ name, parent_id }) => `${name} ${parent_id}`),
        paths.flatMap(() => ['before 0', 'after 0']),
      )
    })

    it('names the service of its requests', async () => {
      tracing = await Tracing.start({ ...serverOnly, express: { service: 'shop-front' } })
      await answersOf((app) => app.get('/a', list), ['/a'])
      const services = (await tracing.spans()).map(({ service, meta }) => [service, meta['_dd.base_service']])
      assert.deepEqual(new Set(services.flat()), new Set(['shop-front', 'test']))
    })

    it('covers an application that was there before', async () => {
      const app = express().set('env', 'test')
      build(app)
      tracing = await Tracing.start(serverOnly)
      assert.deepEqual(await answersOf(() => {}, paths, app), answers)
      const requests = (await tracing.spans()).filter(({ name }) => name === 'express.request')
      // Express 4 keeps nowhere what its routers were mounted with.
      const route = version === 5 ? '/org/:org/:id' : '/:id'
      assert.deepEqual(
        requests.map(({ resource }) => resource),
        [`GET ${route}`, 'GET /boom', 'GET'],
      )
    })

    it('leaves everything as it was, before and after', async () => {
      const app = express()
      const { stack } = version === 5 ? app.router : app.use(pass)._router
      if (version === 5) app.use(pass)
      const layer = Object.getPrototypeOf(stack[0]) as object
      const router = version === 5 ? Object.getPrototypeOf(app.router) : Object.getPrototypeOf(express.Router())
      const described = () =>
        [layer, router as object].map((prototype) => Object.entries(Object.getOwnPropertyDescriptors(prototype)))
      const before = described()
      tracing = await Tracing.start({ http: true, express: false })
      assert.deepEqual(described(), before)
      await tracing.stop()
      tracing = await Tracing.start(serverOnly)
      const names = (all: ReturnType<typeof described>) =>
        all.map((entries) => entries.map(([key, { value }]) => [key, value?.name, value?.length]))
      assert.notDeepEqual(described(), before)
      assert.deepEqual(names(described()), names(before))
      await tracing.stop()
      assert.deepEqual(described(), before)
    })
  })
})
