// The connect plugin: requests are named after what the answering middleware is mounted at, and each middleware is a span.

import { strict as assert } from 'node:assert'
import http, { type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { tracer } from '../../src'
import { describeLibrary, type Library } from '../support/library'
import { ask, listen, shut } from '../support/loopback'
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
type Handler = (request: IncomingMessage, response: ServerResponse, next: Next) => unknown
type ErrorHandler = (error: Error, request: IncomingMessage, response: ServerResponse, next: Next) => unknown
interface Connect {
  (request: IncomingMessage, response: ServerResponse, next?: Next): void
  use(handler: Handler): Connect
  use(handler: ErrorHandler | Connect | Server): Connect
  use(route: string, handler: Handler): Connect
  use(route: string, handler: Connect): Connect
  stack: { readonly route: string; readonly handle: unknown }[]
}
interface App {
  readonly app: Connect
  readonly make: () => Connect
  readonly server: Server
}

const list: Handler = (_request, response) => response.end('list')
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
const answerWith = (status: number) => {
  const handler: ErrorHandler = (error, _request, response, _next) => {
    response.statusCode = status
    response.end(error.message ?? error)
  }
  return Object.defineProperty(handler, 'name', { value: `answer${status}` })
}

/**
 * @param mounted Connect's name for the function that calls a mounted application
 * @param late the status after an error when the response is on its way
 */
const rowsOf = (mounted: string, late: string): WebRow<App>[] => [
  ['nothing', () => {}, 'GET /', 'GET 404'],
  ['a middleware', ({ app }) => app.use(list), 'GET /a', 'GET 200 (list)'],
  ['one after the other', ({ app }) => app.use(pass).use(list), 'GET /', 'GET 200 (pass, list)'],
  ['a mounted middleware', ({ app }) => app.use('/users', list), 'GET /users/1?a', 'GET /users 200 (list)'],
  ['a mount with a slash at its end', ({ app }) => app.use('/users/', list), 'GET /users/1', 'GET /users 200 (list)'],
  ['a mount that does not match', ({ app }) => app.use('/a', list).use(list), 'GET /ab', 'GET 200 (list)'],
  [
    'an application in another',
    ({ app, make }) => app.use(pass).use('/api', make().use('/users', list)),
    'GET /api/users',
    `GET /api/users 200 (pass, ${mounted} (list))`,
  ],
  [
    'an application that passes on',
    ({ app, make }) => app.use('/api', make().use(pass)).use('/api/users', list),
    'GET /api/users',
    `GET /api/users 200 (${mounted} (pass), list)`,
  ],
  ['a server', ({ app }) => app.use(http.createServer(list as never)), 'GET /', 'GET 200 (list)'],
  [
    'a stream',
    ({ app }) => app.use((_, response) => Readable.from(['a']).pipe(response)),
    'GET /',
    'GET 200 (<anonymous>)',
  ],
  ['HEAD', ({ app }) => app.use(list), 'HEAD /', 'HEAD 200 (list)'],
  ['work around next', ({ app }) => app.use(slow).use(list), 'GET /', 'GET 200 (slow (before, after), list)'],
  [
    'an error thrown',
    ({ app }) => app.use(boom).use(answerWith(500)),
    'GET /',
    'GET 500 error (boom error, answer500)',
    'boom',
  ],
  ['an error that nobody answers', ({ app }) => app.use(boom), 'GET /', 'GET 500 error (boom error)', 'boom'],
  [
    'an error passed on',
    ({ app }) => app.use(boomLater).use(pass).use(answerWith(500)),
    'GET /',
    'GET 500 error (boomLater error, answer500)',
    'boom',
  ],
  [
    'an error answered with 400',
    ({ app }) => app.use(boom).use(answerWith(400)),
    'GET /',
    'GET 400 (boom error, answer400)',
  ],
  [
    'an error handler that fails',
    ({ app }) =>
      app
        .use(boom)
        .use((_error: Error, _request: IncomingMessage, _response: ServerResponse, _next: Next) => {
          throw new Error('worse')
        })
        .use(answerWith(500)),
    'GET /',
    'GET 500 error (boom error, <anonymous> error, answer500)',
    'worse',
  ],
  [
    'an error of a mounted application',
    ({ app, make }) => app.use('/api', make().use(boom)).use(answerWith(500)),
    'GET /api',
    `GET 500 error (${mounted} error (boom error), answer500)`,
    'boom',
  ],
  [
    'an error after next',
    ({ app }) =>
      app
        .use(function late(_request, _response, next) {
          next()
          throw new Error('late')
        })
        .use(list),
    'GET /',
    `GET ${late} (late error, list)`,
    late === '200' ? undefined : 'late',
  ],
  [
    'what handlers see of next',
    ({ app }) => app.use((_request, response, next) => response.end(`${typeof next} ${next.length}`)),
    'GET /',
    'GET 200 (<anonymous>)',
  ],
]

const frameworkOf = (library: Library): Framework<App> => ({
  plugin: 'connect',
  library,
  make() {
    const make = library.load<() => Connect>()
    return { app: make(), make, server: http.createServer() }
  },
  serve({ app, server }) {
    server.on('request', app)
    return listen(server)
  },
  close: ({ server }) => shut(server),
  patched: () => [],
})

describeLibrary('connect', { name: 'connect', majors: { 3: ['3.0.0', '3.7.0'] } }, (library) => {
  const framework = frameworkOf(library)
  describeAnswers(framework, library.version === '3.0.0' ? rowsOf('fn', '500 error') : rowsOf('handle', '200'))
  describeProgram(framework, {
    cart: ({ app }) =>
      app.use(pass).use('/cart', async ({ url = '' }, response) => {
        const id = url.split(/[/?]/)[3] ?? ''
        await interleaved(id)
        response.end(id)
      }),
    cartRoute: '/cart',
    cartSpans: (id) => `pass, <anonymous> (${id})`,
    hang: ({ app }, begun) => app.use('/hang', (_, response) => begun(response)),
    hangSpans: 'GET /hang (<anonymous>)',
  })

  describe('more', () => {
    let tracing: Tracing
    let app: App
    beforeEach(() => forget(library))
    afterEach(async () => {
      await framework.close(app)
      await tracing.stop()
    })
    const start = async (options: boolean | { middleware: boolean }, build: (app: App) => unknown) => {
      tracing = await Tracing.start({ ...serverOnly, connect: options })
      app = await framework.make()
      build(app)
      return framework.serve(app)
    }

    it('makes no spans of middlewares where they are off, but names requests and notes errors', async () => {
      const port = await start({ middleware: false }, ({ app }) =>
        app.use('/boom', boom).use('/a', list).use(answerWith(500)),
      )
      for (const path of ['/a', '/boom', '/no']) await ask(port, `GET ${path}`)
      const spans = await tracing.spans()
      assert.equal(shapeOf(spans), 'GET /a 200, GET 500 error, GET 404')
      assert.equal(spans[1]?.meta['error.message'], 'boom')
    })

    it('leaves the list of middlewares as the program made it', async () => {
      const port = await start(true, ({ app }) => app.use(pass).use('/a', list))
      await ask(port, 'GET /a')
      assert.deepEqual(
        app.app.stack.map(({ route, handle }) => [route, handle]),
        [
          ['', pass],
          ['/a', list],
        ],
      )
    })

    it('sees what is added while it serves, also to another list', async () => {
      const port = await start(true, ({ app }) => app.use(pass))
      app.app.use('/a', list)
      await ask(port, 'GET /a')
      app.app.stack = [{ route: '/b', handle: list }]
      await ask(port, 'GET /b')
      assert.equal(shapeOf(await tracing.spans()), 'GET /a 200 (pass, list), GET /b 200 (list)')
    })

    it('goes on undisturbed when tracing is over', async () => {
      const port = await start(true, ({ app }) => app.use(pass).use('/a', list))
      await ask(port, 'GET /a')
      await tracing.stop()
      assert.match(await ask(port, 'GET /a'), /list$/)
      tracing = await Tracing.start(serverOnly)
      assert.match(await ask(port, 'GET /a'), /list$/)
      assert.equal(shapeOf(await tracing.spans()), 'GET 200')
    })
  })
})
