// The restify plugin: requests are named after their routes, and know what their handlers failed with.

import { strict as assert } from 'node:assert'
import { IncomingMessage, type Server, ServerResponse } from 'node:http'
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
  interleaved,
  serverOnly,
  shapeOf,
  type WebRow,
} from '../support/web-framework'

type Next = (error?: unknown) => void
type Request = IncomingMessage & { readonly params: Record<string, string>; readonly body: unknown }
type Response = ServerResponse & { send(...args: unknown[]): unknown }
type Handler = (request: Request, response: Response, next: Next) => unknown
interface Restify {
  readonly server: Server
  pre(...handlers: Handler[]): Restify
  use(...handlers: Handler[]): Restify
  get(path: string | RegExp | object, ...handlers: Handler[]): Restify
  post(path: string, ...handlers: Handler[]): Restify
  head(path: string, ...handlers: Handler[]): Restify
  on(event: string, listener: (request: Request, response: Response, error: Error, done: () => void) => void): Restify
}
interface Module {
  createServer(options: object): Restify
  readonly plugins: { bodyParser(): Handler[]; queryParser(): Handler }
}
interface App {
  readonly server: Restify
  readonly plugins: Module['plugins']
}

const list: Handler = (_request, response, next) => {
  response.send({ list: [] })
  next()
}
const show: Handler = ({ params }, response, next) => {
  response.send(params)
  next()
}
const pass: Handler = (_request, _response, next) => next()
const failLater: Handler = (_request, _response, next) => void setImmediate(next, new RangeError('boom'))
/** Restify tells handlers without `next` from others by their type. */
const reject = async (_request: Request, _response: Response) => {
  await nextTurn()
  throw new RangeError('boom')
}
const failWith = (status: number) => {
  const error = Object.assign(new Error('failed'), { statusCode: status })
  return ((_request, _response, next) => next(error)) as Handler
}
const FAILED = 'GET /a 500 error'

const rows: WebRow<App>[] = [
  ['a callback', ({ server }) => server.get('/a', list), 'GET /a?b', 'GET /a 200'],
  [
    'a callback later',
    ({ server }) => server.get('/a', (_, response, next) => void setImmediate(() => next(response.send('a')))),
    'GET /a',
    'GET /a 200',
  ],
  [
    'an async function',
    ({ server }) =>
      server.get('/a', (async (_request: Request, response: Response) => {
        await nextTurn()
        response.send('a')
      }) as Handler),
    'GET /a',
    'GET /a 200',
  ],
  [
    'a stream',
    ({ server }) =>
      server.get('/a', (_, response, next) => {
        Readable.from(['a', 'b']).pipe(response).on('finish', next)
      }),
    'GET /a',
    'GET /a 200',
  ],
  ['several handlers', ({ server }) => server.get('/a', pass, [pass, list] as never), 'GET /a', 'GET /a 200'],
  ['the root', ({ server }) => server.get('/', list), 'GET /', 'GET / 200'],
  ['a parameter', ({ server }) => server.get('/users/:id', show), 'GET /users/5', 'GET /users/:id 200'],
  ['a pattern', ({ server }) => server.get('/users/:id(^\\d+)', show), 'GET /users/5', 'GET /users/:id(^\\d+) 200'],
  ['a wildcard', ({ server }) => server.get('/files/*', show), 'GET /files/a/b', 'GET /files/* 200'],
  ['options of a route', ({ server }) => server.get({ path: '/a', name: 'mine' }, list), 'GET /a', 'GET /a 200'],
  ['HEAD', ({ server }) => server.head('/a', list), 'HEAD /a', 'HEAD /a 200'],
  [
    'a body',
    ({ server, plugins }) => {
      for (const handler of plugins.bodyParser()) server.use(handler)
      server.post('/a', ({ body }, response, next) => next(response.send(body)))
    },
    'POST /a',
    'POST /a 200',
  ],
  ['handlers before', ({ server }) => server.pre(pass).use(pass).get('/a', list), 'GET /a', 'GET /a 200'],
  [
    'one before that answers',
    ({ server }) =>
      server
        .pre((_, response, next) => {
          response.send(401, 'no')
          next(false)
        })
        .get('/a', list),
    'GET /a',
    'GET 401',
  ],
  [
    'one of use that answers',
    ({ server }) =>
      server
        .use((_, response, next) => {
          response.send(401, 'no')
          next(false)
        })
        .get('/a', list),
    'GET /a',
    'GET /a 401',
  ],
  ['nothing', ({ server }) => server.get('/a', list), 'GET /b', 'GET 404'],
  ['another method', ({ server }) => server.get('/a', list), 'DELETE /a', 'DELETE 405'],
  ['an error passed on', ({ server }) => server.get('/a', failLater), 'GET /a', FAILED, 'boom'],
  ['an error rejected', ({ server }) => server.get('/a', reject as Handler), 'GET /a', FAILED, 'boom'],
  ['an error of use', ({ server }) => server.use(failLater).get('/a', list), 'GET /a', FAILED, 'boom'],
  ['an error of pre', ({ server }) => server.pre(failLater).get('/a', list), 'GET /a', 'GET 500 error', 'boom'],
  ['an error with a status', ({ server }) => server.get('/a', failWith(403)), 'GET /a', 'GET /a 403'],
  ['an error with another', ({ server }) => server.get('/a', failWith(503)), 'GET /a', 'GET /a 503 error', 'failed'],
  [
    'an error that is sent',
    ({ server }) => server.get('/a', (_, response, next) => next(response.send(new Error('sent')) as never)),
    'GET /a',
    FAILED,
    'sent',
  ],
  [
    'an error that a listener answers',
    ({ server }) =>
      server
        .on('restifyError', (_request, response, error, done) => {
          response.send(500, { sorry: error.message })
          done()
        })
        .get('/a', failLater),
    'GET /a',
    FAILED,
    'boom',
  ],
  [
    'an error thrown',
    ({ server }) =>
      server.get('/a', (_request, _response, _next) => {
        throw new RangeError('boom')
      }),
    'GET /a',
    FAILED,
    'boom',
  ],
]

/** It writes to the standard output otherwise. */
const log = Object.fromEntries(
  ['trace', 'debug', 'info', 'warn', 'error', 'fatal'].map((level) => [level, () => false]),
) as Record<string, unknown>
log['child'] = () => log

const frameworkOf = (library: Library): Framework<App> => ({
  plugin: 'restify',
  library,
  make() {
    const { createServer, plugins } = library.load<Module>()
    return { server: createServer({ log, handleUncaughtExceptions: true }), plugins }
  },
  serve: ({ server }) => listen(server.server),
  close: ({ server }) => shut(server.server),
  patched: () => [library.load<{ prototype: object }>('restify/lib/server').prototype],
})

/** What Restify 10 and 11 load needs an inside of Node's that newer ones do not have. */
const until23: Record<number, [string, string] | [string]> = { 10: ['10.0.0'], 11: ['11.0.0', '11.1.0'] }
const isOld = Number.parseInt(process.versions.node, 10) < 23

/** Restify puts its own methods on Node's prototypes, a `writeHead` that returns nothing among them: no other test is to meet them. */
function keepPrototypes(...prototypes: readonly object[]): () => void {
  const kept = prototypes.map((prototype) => [prototype, Object.getOwnPropertyDescriptors(prototype)] as const)
  return () => {
    for (const [prototype, own] of kept) {
      for (const key of Reflect.ownKeys(prototype)) if (!Object.hasOwn(own, key)) Reflect.deleteProperty(prototype, key)
      Object.defineProperties(prototype, own)
    }
  }
}

describeLibrary('restify', { name: 'restify', majors: { ...(isOld ? until23 : {}), 12: ['12.0.0'] } }, (library) => {
  const framework = frameworkOf(library)
  let putBack: (() => void) | undefined
  before(() => {
    putBack = keepPrototypes(IncomingMessage.prototype, ServerResponse.prototype)
  })
  after(() => putBack?.())

  describeAnswers(framework, rows)
  describeProgram(framework, {
    cart: ({ server }) =>
      server.use(pass).get('/cart/:cart/item/:id', (async ({ params: { id = '' } }: Request, response: Response) => {
        await interleaved(id)
        response.send(id)
      }) as Handler),
    cartRoute: '/cart/:cart/item/:id',
    cartSpans: (id) => id,
    hang: ({ server }, begun) => server.get('/hang/:id', (_request, response, _next) => begun(response)),
    hangSpans: 'GET /hang/:id',
  })

  it('runs every handler inside the request', async () => {
    const tracing = await Tracing.start({ ...serverOnly, restify: true })
    const app = await framework.make()
    const seen: (string | undefined)[] = []
    const note: Handler = (_request, _response, next) => {
      seen.push(tracer.activeSpan?.name)
      setImmediate(next)
    }
    app.server.pre(note).use(note)
    for (const handler of app.plugins.bodyParser()) app.server.use(handler)
    app.server.post('/a', note, list)
    await ask(await framework.serve(app), 'POST /a', ['content-type: application/json'], '{"b":2}')
    await framework.close(app)
    assert.deepEqual(seen, Array(3).fill('restify.request'))
    assert.equal(shapeOf(await tracing.spans()), 'POST /a 200')
    await tracing.stop()
  })
})
