// The ways to answer by Hono that its tests compare without and with `dd`, and Hono as far as they need it.

import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { tracer } from '../../src'
import { boomLater, type WebRow } from '../support/web-framework'

export interface Context {
  readonly req: {
    param(name: string): string
    text(): Promise<string>
    readonly raw: Request
    readonly routePath: string
  }
  readonly env: { readonly outgoing: ServerResponse; readonly incoming: IncomingMessage }
  text(text: string, status?: number): Response
  json(value: unknown): Response
  body(body: unknown, status?: number): Response
  notFound(): Response
  header(name: string, value: string): void
  res: Response
}
type Next = () => Promise<void>
type Handler = (context: Context, next: Next) => unknown

export interface Hono {
  readonly routes: readonly { readonly handler: Handler; readonly path: string }[]
  readonly router: object
  get(path: string, ...handlers: Handler[]): Hono
  post(path: string, ...handlers: Handler[]): Hono
  all(path: string, ...handlers: Handler[]): Hono
  on(methods: string | string[], paths: string | string[], ...handlers: Handler[]): Hono
  use(...handlers: (string | Handler)[]): Hono
  route(path: string, app: Hono): Hono
  mount(path: string, handler: unknown): Hono
  basePath(path: string): Hono
  onError(handler: (error: Error, context: Context) => unknown): Hono
  notFound(handler: Handler): Hono
  fetch(request: Request, env?: object): Response | Promise<Response>
  request(path: string): Promise<Response>
}
export type HonoClass = new (options?: object) => Hono

export interface App {
  /** What is served; rows may put another one in its place. */
  hono: Hono
  make(options?: object): Hono
  load<T>(specifier: string): T
  readonly server: Server
}

export const list: Handler = (context) => context.json({ list: [] })
const show: Handler = async (context) => context.text(context.req.param('id'))
export const pass: Handler = (_context, next) => next()
export const around: Handler = async (context, next) => {
  await tracer.trace('before', () => nextTurn())
  await next()
  await tracer.trace('after', () => nextTurn())
  context.header('x-around', 'yes')
}
const refuse: Handler = (context) => context.text('no', 401)
export const boom = () => {
  throw new RangeError('boom')
}
export const failed = (error: Error, context: Context) => context.text(`sorry: ${error.message}`, 500)
const FAILED = 'GET /a 500 error'

export const rows: WebRow<App>[] = [
  ['a plain return', ({ hono }) => hono.get('/a', list), 'GET /a?b=1', 'GET /a 200 (list)'],
  ['a promise', ({ hono }) => hono.get('/users/:id', show), 'GET /users/5', 'GET /users/:id 200 (show)'],
  [
    'a body that was read',
    ({ hono }) => hono.post('/a', async (context) => context.text(await context.req.text())),
    'POST /a',
    'POST /a 200 (<anonymous>)',
  ],
  [
    'a stream',
    ({ hono }) => hono.get('/a', (context) => context.body(new Blob(['a', 'b']).stream())),
    'GET /a',
    'GET /a 200 (<anonymous>)',
  ],
  [
    'no content',
    ({ hono }) => hono.get('/a', (context) => context.body(null, 204)),
    'GET /a',
    'GET /a 204 (<anonymous>)',
  ],
  ['the root', ({ hono }) => hono.get('/', list), 'GET /', 'GET / 200 (list)'],
  ['HEAD for a GET', ({ hono }) => hono.get('/a', list), 'HEAD /a', 'HEAD /a 200 (list)'],
  ['all methods', ({ hono }) => hono.all('/a', list), 'PUT /a', 'PUT /a 200 (list)'],
  [
    'lists of methods and paths',
    ({ hono }) => hono.on(['GET', 'PUT'], ['/a', '/b/:id'], show),
    'PUT /b/1',
    'PUT /b/:id 200 (show)',
  ],
  ['a pattern', ({ hono }) => hono.get('/n/:id{[0-9]+}', show), 'GET /n/12', 'GET /n/:id{[0-9]+} 200 (show)'],
  ['an optional parameter', ({ hono }) => hono.get('/a/:id?', list), 'GET /a', 'GET /a/:id? 200 (list)'],
  ['a wildcard', ({ hono }) => hono.get('/files/*', list), 'GET /files/a/b', 'GET /files/* 200 (list)'],
  ['everything', ({ hono }) => hono.get('*', list), 'GET /any', 'GET /* 200 (list)'],
  ['several handlers', ({ hono }) => hono.get('/a', pass, list), 'GET /a', 'GET /a 200 (pass (list))'],
  ['a middleware', ({ hono }) => hono.use(pass).get('/a', list), 'GET /a', 'GET /a 200 (pass (list))'],
  [
    'work around next',
    ({ hono }) => hono.use('*', around).get('/a', list),
    'GET /a',
    'GET /a 200 (around (before, list, after))',
  ],
  [
    'a middleware that answers',
    ({ hono }) => hono.use('/admin/*', refuse).get('/admin/:id', show),
    'GET /admin/1',
    'GET /admin/* 401 (refuse)',
  ],
  ['one for everything that answers', ({ hono }) => hono.use(refuse).get('/a', list), 'GET /a', 'GET 401 (refuse)'],
  [
    'an answer put in place of another',
    ({ hono }) =>
      hono
        .use(async function replace(context, next) {
          await next()
          context.res = new Response('new', { status: 202 })
        })
        .get('/a', list),
    'GET /a',
    'GET /a 202 (replace (list))',
  ],
  ['two routes that match', ({ hono }) => hono.get('/:id', show).get('/a', list), 'GET /a', 'GET /:id 200 (show)'],
  [
    'the second of them',
    ({ hono }) => hono.get('/:id', pass).get('/users', list),
    'GET /users',
    'GET /users 200 (pass (list))',
  ],
  ['no route', ({ hono }) => hono.use(pass).get('/a', list), 'GET /b', 'GET 404 (pass)'],
  ['a handler that goes on to nowhere', ({ hono }) => hono.get('/a', pass), 'GET /a', 'GET 404 (pass)'],
  ['notFound', ({ hono }) => hono.get('/a', (context) => context.notFound()), 'GET /a', 'GET /a 404 (<anonymous>)'],
  [
    'a handler for the rest',
    ({ hono }) => hono.use(pass).notFound((context) => context.text('nothing here', 404)),
    'GET /b',
    'GET 404 (pass)',
  ],
  [
    'a base path',
    ({ hono }) => hono.basePath('/api').get('/users/:id', show),
    'GET /api/users/1',
    'GET /api/users/:id 200 (show)',
  ],
  [
    'applications in applications',
    ({ hono, make }) => {
      const users = make().get('/:id', show)
      hono.route('/org/:org', make().basePath('/v1').use(pass).route('/users', users))
    },
    'GET /org/dd/v1/users/7',
    'GET /org/:org/v1/users/:id 200 (pass (show))',
  ],
  [
    'the root of an application',
    ({ hono, make }) => hono.route('/api', make().get('/', list)),
    'GET /api',
    'GET /api 200 (list)',
  ],
  [
    'an application that is mounted',
    ({ hono, make }) => hono.mount('/api', make().get('/users/:id', show).fetch),
    'GET /api/users/7',
    'GET /api/users/:id 200 (handler (show))',
  ],
  [
    'mounts in mounts, the first for everything',
    ({ hono, make }) => hono.mount('/', make().use(pass).mount('/api', make().get('/a', list).fetch).fetch),
    'GET /api/a',
    'GET /api/a 200 (handler (pass (handler (list))))',
  ],
  [
    'a mount without the route',
    ({ hono, make }) => hono.mount('/api', make().get('/a', list).fetch),
    'GET /api/b',
    'GET /api/* 404 (handler)',
  ],
  [
    'an application that a handler asks',
    ({ hono, make }) => {
      const other = make().get('/new/:id', show)
      hono.get('/old', function ask({ env }) {
        return other.fetch(new Request('http://shop.example/new/1'), env)
      })
    },
    'GET /old',
    'GET /old 200 (ask (show))',
  ],
  ...['reg-exp', 'trie', 'linear', 'pattern'].map((kind): WebRow<App> => {
    const name = kind === 'reg-exp' ? 'RegExpRouter' : `${kind[0]!.toUpperCase()}${kind.slice(1)}Router`
    return [
      `a ${name}`,
      (app) => {
        const Router = app.load<Record<string, new () => object>>(`hono/router/${kind}-router`)[name]!
        app.hono = app.make({ router: new Router() }).use(pass).get('/users/:id', show)
      },
      'GET /users/1',
      'GET /users/:id 200 (pass (show))',
    ]
  }),
  ...['quick', 'tiny'].map(
    (preset): WebRow<App> => [
      `hono/${preset}`,
      (app) => {
        const { Hono } = app.load<{ Hono: HonoClass }>(`hono/${preset}`)
        app.hono = new Hono().get('/users/:id', show)
      },
      'GET /users/1',
      'GET /users/:id 200 (show)',
    ],
  ),
  ['an error thrown', ({ hono }) => hono.get('/a', boom), 'GET /a', `${FAILED} (boom error)`, 'boom'],
  ['an error rejected', ({ hono }) => hono.get('/a', boomLater), 'GET /a', `${FAILED} (boomLater error)`, 'boom'],
  [
    'an error below a middleware',
    ({ hono }) => hono.use(pass).get('/a', boomLater),
    'GET /a',
    `${FAILED} (pass (boomLater error))`,
    'boom',
  ],
  [
    'an error after next',
    ({ hono }) =>
      hono
        .use(async function late(_context, next) {
          await next()
          boom()
        })
        .get('/a', list),
    'GET /a',
    `${FAILED} (late error (list))`,
    'boom',
  ],
  [
    'an error answered with 400',
    ({ hono }) => hono.get('/a', boom).onError((_error, context) => context.text('no', 400)),
    'GET /a',
    'GET /a 400 (boom error)',
  ],
  [
    'an error that the application inside answers',
    ({ hono, make }) =>
      hono.use(pass).route(
        '/api',
        make()
          .get('/a', boom)
          .onError((_error, context) => context.text('inside', 503)),
      ),
    'GET /api/a',
    'GET /api/a 503 error (pass (boom))',
    'boom',
  ],
  [
    'an HTTPException',
    ({ hono, load }) => {
      const { HTTPException } = load<{ HTTPException: new (status: number, options: object) => Error }>(
        'hono/http-exception',
      )
      hono
        .get('/a', function deny() {
          throw new HTTPException(403, { message: 'no' })
        })
        .onError((error, context) => context.text(error.message, (error as Error & { status: number }).status))
    },
    'GET /a',
    'GET /a 403 (deny error)',
  ],
  [
    'an error handler that fails',
    ({ hono }) =>
      hono
        .use(pass)
        .get('/a', boom)
        .onError(() => Promise.reject(new Error('worse'))),
    'GET /a',
    `${FAILED} (pass error (boom error))`,
    'worse',
  ],
  [
    'text thrown',
    ({ hono }) => hono.get('/a', () => Promise.reject('text')),
    'GET /a',
    `${FAILED} (<anonymous> error)`,
    'text',
  ],
  [
    'next called twice',
    ({ hono }) =>
      hono
        .use(async function twice(_context, next) {
          await next()
          await next()
        })
        .get('/a', list),
    'GET /a',
    'GET /a 500 error (twice error (list))',
    'next() called multiple times',
  ],
]
