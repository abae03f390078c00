// The fastify plugin: requests are named after their routes, and know what they failed with, wherever in Fastify that was.

import { strict as assert } from 'node:assert'
import type { Server, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { tracer } from '../../src'
import { describeLibrary, type Library } from '../support/library'
import { ask, listen, shut } from '../support/loopback'
import { Tracing } from '../support/tracing'
import {
  boomLater,
  describeAnswers,
  describeProgram,
  type Framework,
  forget,
  interleaved,
  serverOnly,
  shapeOf,
  type WebRow,
} from '../support/web-framework'

interface Request {
  readonly params: Record<string, string>
  readonly body: unknown
}
interface Reply {
  readonly raw: ServerResponse
  code(status: number): Reply
  send(payload?: unknown): Reply
  hijack(): Reply
  callNotFound(): Reply
}
type Done = (error?: unknown, value?: unknown) => void
type Handler = (request: Request, reply: Reply) => unknown
type Hook = (request: Request, reply: Reply, ...rest: never[]) => unknown
interface App {
  readonly server: Server
  addHook(name: string, hook: Hook): App
  get(path: string, handler: Handler): App
  get(path: string, options: object, handler: Handler): App
  post(path: string, options: object, handler: Handler): App
  all(path: string, handler: Handler): App
  route(options: object): App
  register(plugin: (app: App, options: object, done: Done) => unknown, options?: object): App
  setErrorHandler(handler: (error: Error, request: Request, reply: Reply) => unknown): App
  setNotFoundHandler(handler: Handler): App
  ready(): Promise<unknown>
  close(): Promise<unknown>
  inject(options: object): Promise<{ body: string }>
}

const list: Handler = () => Promise.resolve({ list: [] })
const show: Handler = ({ params }, reply) => void reply.send(params)
const boom = () => {
  throw new RangeError('boom')
}
const failing = () =>
  new Readable({
    read() {
      this.destroy(new RangeError('boom'))
    },
  })
const answerWith = (status: number) => (error: Error, _request: Request, reply: Reply) =>
  reply.code(status).send({ sorry: error.message ?? error })
/** A hook that fails in its callback. */
const failInHook = (...args: unknown[]) => (args.at(-1) as Done)(new RangeError('boom'))
const object = { type: 'object', properties: { a: { type: 'integer' } }, required: ['a'] }
const FAILED = 'GET /a 500 error'

function errorOfHook(name: string): WebRow<App> {
  return [
    `an error of ${name}`,
    (app) => app.setErrorHandler(answerWith(500)).addHook(name, failInHook).get('/a', list),
    'GET /a',
    FAILED,
    'boom',
  ]
}

const rows: WebRow<App>[] = [
  ['a promise', (app) => app.get('/a', list), 'GET /a', 'GET /a 200'],
  ['reply.send', (app) => app.get('/a', show), 'GET /a?b=1', 'GET /a 200'],
  [
    'reply.send later',
    (app) => app.get('/a', (_, reply) => void setImmediate(() => reply.send('a'))),
    'GET /a',
    'GET /a 200',
  ],
  ['an async reply.send', (app) => app.get('/a', async (_, reply) => reply.send({ a: 1 })), 'GET /a', 'GET /a 200'],
  ['the value that is returned', (app) => app.get('/a', () => ({ a: 1 })), 'GET /a', 'GET /a 200'],
  ['a stream', (app) => app.get('/a', (_, reply) => reply.send(Readable.from(['a', 'b']))), 'GET /a', 'GET /a 200'],
  ['a buffer', (app) => app.get('/a', async () => Buffer.from('abc')), 'GET /a', 'GET /a 200'],
  ['no content', (app) => app.get('/a', (_, reply) => reply.code(204).send()), 'GET /a', 'GET /a 204'],
  ['a body that was parsed', (app) => app.post('/a', {}, async ({ body }) => body), 'POST /a', 'POST /a 200'],
  ['the root', (app) => app.get('/', list), 'GET /', 'GET / 200'],
  ['a parameter', (app) => app.get('/users/:id', show), 'GET /users/5', 'GET /users/:id 200'],
  ['two in one segment', (app) => app.get('/at/:lat-:lon', show), 'GET /at/1-2', 'GET /at/:lat-:lon 200'],
  ['a pattern', (app) => app.get('/file/:id(^\\d+)', show), 'GET /file/12', 'GET /file/:id(^\\d+) 200'],
  ['a wildcard', (app) => app.get('/files/*', show), 'GET /files/a/b', 'GET /files/* 200'],
  ['all methods', (app) => app.all('/a', list), 'DELETE /a', 'DELETE /a 200'],
  [
    'a list of methods',
    (app) => app.route({ method: ['GET', 'POST'], url: '/a', handler: list }),
    'POST /a',
    'POST /a 200',
  ],
  [
    'plugins in plugins',
    (app) =>
      app.register(
        (org, _, done) => {
          org.register(async (users) => void users.get('/users/:id', show), { prefix: '/v1' })
          done()
        },
        { prefix: '/org/:org' },
      ),
    'GET /org/dd/v1/users/7',
    'GET /org/:org/v1/users/:id 200',
  ],
  [
    'the root of a plugin',
    (app) => app.register(async (api) => void api.get('/', list), { prefix: '/api' }),
    'GET /api',
    'GET /api 200',
  ],
  [
    'a version',
    (app) => app.route({ method: 'GET', url: '/a', constraints: { host: 'shop.example' }, handler: list }),
    'GET /a',
    'GET /a 200',
  ],
  ['nothing', (app) => app.get('/a', list), 'GET /b', 'GET 404'],
  ['nothing at all', () => {}, 'GET /b', 'GET 404'],
  ['a handler for the rest', (app) => app.setNotFoundHandler(list), 'GET /b', 'GET 200'],
  ['callNotFound', (app) => app.get('/a', (_, reply) => void reply.callNotFound()), 'GET /a', 'GET /a 404'],
  [
    'a hook that answers',
    (app) => app.addHook('onRequest', async (_, reply) => reply.code(401).send('no')).get('/a', list),
    'GET /a',
    'GET /a 401',
  ],
  ['an error thrown', (app) => app.get('/a', boom), 'GET /a', FAILED, 'boom'],
  ['an error rejected', (app) => app.get('/a', boomLater), 'GET /a', FAILED, 'boom'],
  ['an error sent', (app) => app.get('/a', (_, reply) => reply.send(new Error('sent'))), 'GET /a', FAILED, 'sent'],
  [
    'an error with a status',
    (app) => app.get('/a', () => Promise.reject(Object.assign(new Error('no'), { statusCode: 404 }))),
    'GET /a',
    'GET /a 404',
  ],
  ['an error answered with 400', (app) => app.setErrorHandler(answerWith(400)).get('/a', boom), 'GET /a', 'GET /a 400'],
  [
    'an error answered with 500',
    (app) => app.setErrorHandler(answerWith(500)).get('/a', boomLater),
    'GET /a',
    FAILED,
    'boom',
  ],
  [
    'an error handler that fails',
    (app) => app.setErrorHandler(() => Promise.reject(new Error('worse'))).get('/a', boom),
    'GET /a',
    FAILED,
    'worse',
  ],
  ...['onRequest', 'preParsing', 'preValidation', 'preHandler'].map(errorOfHook),
  [
    'an error of preSerialization',
    (app) => app.addHook('preSerialization', boomLater).get('/a', list),
    'GET /a',
    FAILED,
    'boom',
  ],
  [
    'a body that does not fit the schema',
    (app) => app.post('/a', { schema: { body: { ...object, required: ['b'] } } }, list),
    'POST /a',
    'POST /a 400',
  ],
]

/** What Fastify 3 cannot do, or only later; its replies handle errors by themselves, so that those of `onSend` are not seen. */
const since4: WebRow<App>[] = [
  errorOfHook('onSend'),
  [
    'the raw response',
    (app) => app.get('/a', (_, reply) => void reply.hijack().raw.end('raw')),
    'GET /a',
    'GET /a 200',
  ],
  ['an optional one', (app) => app.get('/a/:b?', show), 'GET /a', 'GET /a/:b? 200'],
  [
    'HEAD for a GET',
    (app) => app.route({ method: 'GET', url: '/a', handler: list, exposeHeadRoute: true }),
    'HEAD /a',
    'HEAD /a 200',
  ],
  [
    'a stream that fails at once',
    (app) => app.setErrorHandler(answerWith(500)).get('/a', (_, reply) => void reply.send(failing())),
    'GET /a',
    FAILED,
    'boom',
  ],
  ['text thrown', (app) => app.get('/a', () => Promise.reject('text')), 'GET /a', FAILED, 'text'],
]

function frameworkOf(library: Library): Framework<App> {
  return {
    plugin: 'fastify',
    library,
    make: () => library.load<(options: object) => App>()({ logger: false }),
    async serve(app) {
      await app.ready()
      return listen(app.server)
    },
    close: async (app) => {
      await app.close()
      // Which it does not close, as it has not made it listen.
      await shut(app.server)
    },
    patched: () => [
      library.load<{ prototype: object }>('fastify/lib/reply').prototype,
      library.load<{ prototype: object }>('find-my-way').prototype,
    ],
  }
}

describeLibrary(
  'fastify',
  { name: 'fastify', majors: { 3: ['3.0.0', '3.29.5'], 4: ['4.0.0', '4.29.1'], 5: ['5.0.0', '5.12.8'] } },
  (library) => {
    const framework = frameworkOf(library)
    describeAnswers(framework, library.major < 4 ? rows : [...rows, ...since4])

    describeProgram(framework, {
      cart: (app) =>
        app
          .addHook('onRequest', (() => nextTurn()) as Hook)
          .get('/cart/:cart/item/:id', async ({ params: { id = '' } }, reply) => {
            await interleaved(id)
            return reply.send(id)
          }),
      cartRoute: '/cart/:cart/item/:id',
      cartSpans: (id) => id,
      hang: (app, begun) => app.get('/hang/:id', (_, reply) => begun(reply.raw)),
      hangSpans: 'GET /hang/:id',
    })

    describe('more', () => {
      let tracing: Tracing
      afterEach(() => tracing.stop())

      it('runs hooks, parsers and handlers inside the request', async () => {
        tracing = await Tracing.start({ ...serverOnly, fastify: true })
        const app = await framework.make()
        const names = [
          'onRequest',
          'preParsing',
          'preValidation',
          'preHandler',
          'preSerialization',
          'onSend',
          'onResponse',
        ]
        const seen: (string | undefined)[] = []
        for (const name of names) {
          app.addHook(name, ((...args: unknown[]) => {
            seen.push(`${name} ${tracer.activeSpan?.name}`)
            setImmediate(args.at(-1) as Done)
          }) as Hook)
        }
        app.post('/a', {}, async ({ body }) => {
          seen.push(`handler ${tracer.activeSpan?.name}`)
          return body
        })
        await ask(await framework.serve(app), 'POST /a', ['content-type: application/json'], '{"b":2}')
        await framework.close(app)
        const order = [...names.slice(0, 4), 'handler', ...names.slice(4)]
        assert.deepEqual(
          seen,
          order.map((name) => `${name} fastify.request`),
        )
        assert.equal(shapeOf(await tracing.spans()), 'POST /a 200')
      })

      it('names what an application answers that was there before', async () => {
        forget(library)
        const app = await framework.make()
        app.get('/users/:id', show).get('/boom', boom)
        const port = await framework.serve(app)
        tracing = await Tracing.start({ ...serverOnly, fastify: true })
        await ask(port, 'GET /boom')
        await framework.close(app)
        const [span] = await tracing.spans()
        assert.deepEqual([span?.name, span?.meta['error.message']], ['fastify.request', 'boom'])
      })

      it('has nothing to say of requests that come by no server', async () => {
        tracing = await Tracing.start({ ...serverOnly, fastify: true })
        const app = await framework.make()
        app.get('/a', list)
        assert.equal((await app.inject({ url: '/a' })).body, '{"list":[]}')
        await framework.close(app)
        assert.deepEqual(await tracing.spans(), [])
      })
    })
  },
)
