// Applications of Express, what they are asked, and the spans that they should have; those in which something fails are in
// express-error-rows.ts.

import { repoRoot } from '../support/repo-root'
import { type AppRow, boom, type Handler, list, pass, serverError, show, slow, work } from './express-app'
import { errorRows } from './express-error-rows'

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

/** Express answers these in another way, with `dd` or without, before 4.16: it has not all of their features. */
const SINCE_4_16 = new Set([
  'middlewares in a list',
  "next('router')",
  'next called twice',
  'what handlers see of next',
  'files in a folder',
  'a file that is not there',
])

/** What a release understands. */
export function rowsOf(major: 4 | 5, isOld: boolean): AppRow[] {
  return [...common, ...errorRows, ...special[major]].filter(([name]) => !(isOld && SINCE_4_16.has(name)))
}
