// The koa plugin on the routers of Koa: requests are named after the pattern that answered, with all that it is mounted at, and the
// functions of a route are spans.

import { strict as assert } from 'node:assert'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { type App, koaFramework, type Middleware, type RouterClass } from '../support/koa'
import { describeLibrary, type Library } from '../support/library'
import { ask } from '../support/loopback'
import { Tracing } from '../support/tracing'
import { describeAnswers, serverOnly, shapeOf, type WebRow } from '../support/web-framework'

const list: Middleware = async (context) => {
  await nextTurn()
  context.body = 'list'
}
const show: Middleware = (context) => {
  context.body = context.params
}
const pass: Middleware = (_context, next) => next()
const boom: Middleware = async () => {
  throw new RangeError('boom')
}

const rows: WebRow<App>[] = [
  [
    'a route',
    ({ koa, Router }) => koa.use(Router().get('/a', list).routes()),
    'GET /a?b',
    'GET /a 200 (router (list))',
  ],
  ['the root', ({ koa, Router }) => koa.use(Router().get('/', list).routes()), 'GET /', 'GET / 200 (router (list))'],
  [
    'a parameter',
    ({ koa, Router }) => koa.use(Router().get('/users/:id', show).routes()),
    'GET /users/5',
    'GET /users/:id 200 (router (show))',
  ],
  [
    'a name',
    ({ koa, Router }) => koa.use(Router().get('user', '/users/:id', show).routes()),
    'GET /users/5',
    'GET /users/:id 200 (router (show))',
  ],
  [
    'HEAD for a GET',
    ({ koa, Router }) => koa.use(Router().get('/a', list).routes()),
    'HEAD /a',
    'HEAD /a 200 (router (list))',
  ],
  [
    'all methods',
    ({ koa, Router }) => koa.use(Router().all('/a', list).routes()),
    'PUT /a',
    'PUT /a 200 (router (list))',
  ],
  [
    'a RegExp',
    ({ koa, Router }) =>
      koa.use(
        Router()
          .get(/^\/fl(y|ies)$/, list)
          .routes(),
      ),
    'GET /flies',
    'GET (/^\\/fl(y|ies)$/) 200 (router (list))',
  ],
  [
    'a list of paths',
    ({ koa, Router }) => koa.use(Router().get(['/a', '/b/:id'], show).routes()),
    'GET /b/1',
    'GET /b/:id 200 (router (show))',
  ],
  [
    'several handlers',
    ({ koa, Router }) => koa.use(Router().get('/a', pass, list).routes()),
    'GET /a',
    'GET /a 200 (router (pass (list)))',
  ],
  [
    'a middleware of the router',
    ({ koa, Router }) => koa.use(Router().use(pass).get('/a', list).routes()),
    'GET /a',
    'GET /a 200 (router (pass (list)))',
  ],
  [
    'two routes that match',
    ({ koa, Router }) => koa.use(Router().get('/:id', show).get('/a', list).routes()),
    'GET /a',
    'GET /:id 200 (router (show))',
  ],
  [
    'the second of them',
    ({ koa, Router }) => koa.use(Router().get('/:id', pass).get('/users', list).routes()),
    'GET /users',
    'GET /users 200 (router (pass (list)))',
  ],
  [
    'a prefix',
    ({ koa, Router }) => koa.use(Router({ prefix: '/api/:v' }).get('/users', list).routes()),
    'GET /api/1/users',
    'GET /api/:v/users 200 (router (list))',
  ],
  [
    'a prefix that comes later',
    ({ koa, Router }) => koa.use(Router().get('/users', list).prefix('/api').routes()),
    'GET /api/users',
    'GET /api/users 200 (router (list))',
  ],
  [
    'routers in routers',
    ({ koa, Router }) => {
      const users = Router().get('/:id', show)
      const org = Router().use(pass).use('/:org/users', users.routes())
      koa.use(Router().use('/org', org.routes()).routes())
    },
    'GET /org/dd/users/7',
    'GET /org/:org/users/:id 200 (router (pass (show)))',
  ],
  [
    'two routers',
    ({ koa, Router }) => koa.use(Router().get('/a', list).routes()).use(Router().get('/b', list).routes()),
    'GET /b',
    'GET /b 200 (router (router (list)))',
  ],
  [
    'a mounted router',
    ({ koa, Router, mount }) => koa.use(mount('/api', Router().get('/users/:id', show).routes())),
    'GET /api/users/1?x=/users/1',
    'GET /api/users/:id 200 (<anonymous> (show))',
  ],
  [
    'the root of a mounted router',
    ({ koa, Router, mount }) => koa.use(mount('/api', Router().get('/', list).routes())),
    'GET /api',
    'GET /api 200 (<anonymous> (list))',
  ],
  [
    'mounts in mounts',
    ({ koa, Router, mount }) => koa.use(mount('/v1', mount('/api', Router().get('/users', list).routes()))),
    'GET /v1/api/users',
    'GET /v1/api/users 200 (<anonymous> (list))',
  ],
  [
    'a route beside a mount',
    ({ koa, Router, mount }) => koa.use(mount('/api', pass)).use(Router().get('/api/users', list).routes()),
    'GET /api/users',
    'GET /api/users 200 (<anonymous> (router (list)))',
  ],
  ['no route', ({ koa, Router }) => koa.use(Router().get('/a', list).routes()), 'GET /b', 'GET 404 (router)'],
  [
    'an error',
    ({ koa, Router }) => koa.use(Router().get('/a', boom).routes()),
    'GET /a',
    'GET /a 500 error (router error (boom error))',
    'boom',
  ],
]

/** Rows with functions of the router's own, which it does not always give a name. */
const rowsOf = (allowedMethods: string): WebRow<App>[] => [
  [
    'a method that is not allowed',
    ({ koa, Router }) => {
      const router = Router().get('/a', list)
      koa.use(router.routes()).use(router.allowedMethods())
    },
    'DELETE /a',
    `DELETE 405 (router (${allowedMethods}))`,
  ],
  [
    'a parameter that is fetched first',
    ({ koa, Router }) =>
      koa.use(
        Router()
          .param('id', (_id, _context, next) => next())
          .get('/:id', show)
          .routes(),
      ),
    'GET /1',
    'GET /:id 200 (router (middleware (show)))',
  ],
]

const beside = { koa: '2.16.4', 'koa-mount': '4.2.0' }
const suite = (name: string) => (library: Library) => {
  const framework = koaFramework(library, name)
  const { major } = library
  const own = rowsOf(major < 13 ? 'allowedMethods' : '<anonymous>')
  describeAnswers(framework, [...rows, ...own])

  if (major < 15) return
  it('knows the route of a router that is an ES module', async () => {
    const tracing = await Tracing.start({ ...serverOnly, koa: true })
    const app = await framework.make()
    const file = join(library.folder, 'node_modules', name, 'dist', 'index.mjs')
    const { default: Router } = (await import(pathToFileURL(file).href)) as { default: RouterClass }
    app.koa.use(new Router().get('/users/:id', show).routes())
    await ask(await framework.serve(app), 'GET /users/1')
    await framework.close(app)
    assert.equal(shapeOf(await tracing.spans()), 'GET /users/:id 200 (router)')
    await tracing.stop()
  })
}

describeLibrary(
  'koa',
  {
    name: '@koa/router',
    majors: {
      8: ['8.0.0', '8.0.8'],
      9: ['9.0.1', '9.4.0'],
      10: ['10.0.0', '10.1.1'],
      11: ['11.0.0', '11.0.2'],
      12: ['12.0.0', '12.0.2'],
      13: ['13.0.0', '13.1.1'],
      14: ['14.0.0'],
      15: ['15.0.0', '15.7.0'],
    },
    beside,
  },
  suite('@koa/router'),
)

// The same code under its older name.
describeLibrary(
  'koa',
  { name: 'koa-router', majors: { 7: ['7.0.0', '7.4.0'], 14: ['14.0.0'] }, beside },
  suite('koa-router'),
)
