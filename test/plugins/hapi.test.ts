// The hapi plugin: requests are named after their routes, and know what they failed with, whatever failed.

import { strict as assert } from 'node:assert'
import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { tracer } from '../../src'
import { describeLibrary, type Library } from '../support/library'
import { ask } from '../support/loopback'
import { Tracing } from '../support/tracing'
import {
  boomLater,
  describeAnswers,
  describeProgram,
  type Framework,
  interleaved,
  serverOnly,
  shapeOf,
  type WebRow,
} from '../support/web-framework'

interface Request {
  readonly params: Record<string, string>
  readonly payload: unknown
  readonly response: { readonly isBoom?: boolean }
  readonly raw: { readonly res: ServerResponse }
}
interface Answer {
  code(status: number): Answer
  takeover(): Answer
}
interface Toolkit {
  readonly continue: symbol
  readonly abandon: symbol
  response(body?: unknown): Answer
}
type Method = (request: Request, toolkit: Toolkit) => unknown
interface Hapi {
  readonly info: { readonly port: number }
  route(route: object): void
  ext(event: string, method: Method): void
  register(plugin: object, options?: object): Promise<void>
  start(): Promise<void>
  stop(options: object): Promise<void>
  inject(path: string): Promise<{ payload: string }>
}

const list: Method = () => ({ list: [] })
const show: Method = ({ params }) => params
const boom: Method = () => {
  throw new RangeError('boom')
}
const get = (path: string, handler: Method, more: object = {}) => ({ method: 'GET', path, handler, ...more })
const FAILED = 'GET /a 500 error'

/** An error that has its status. */
const refusal = () => Object.assign(new Error('no'), { isBoom: true, isServer: false, ...refused })
const refused = {
  output: { statusCode: 403, payload: { statusCode: 403, error: 'Forbidden', message: 'no' }, headers: {} },
  reformat() {},
}

const rows: WebRow<Hapi>[] = [
  ['a value', (app) => app.route(get('/a', list)), 'GET /a?b', 'GET /a 200'],
  ['a promise', (app) => app.route(get('/a', async () => 'a')), 'GET /a', 'GET /a 200'],
  [
    'a stream',
    (app) => app.route(get('/a', () => Readable.from([Buffer.from('a')], { objectMode: false }))),
    'GET /a',
    'GET /a 200',
  ],
  ['h.response', (app) => app.route(get('/a', (_, h) => h.response('a').code(201))), 'GET /a', 'GET /a 201'],
  ['no content', (app) => app.route(get('/a', (_, h) => h.response().code(204))), 'GET /a', 'GET /a 204'],
  [
    'the raw response',
    (app) =>
      app.route(
        get('/a', ({ raw }, h) => {
          raw.res.end('raw')
          return h.abandon
        }),
      ),
    'GET /a',
    'GET /a 200',
  ],
  ['the root', (app) => app.route(get('/', list)), 'GET /', 'GET / 200'],
  ['a parameter', (app) => app.route(get('/users/{id}', show)), 'GET /users/5', 'GET /users/{id} 200'],
  ['a part of a segment', (app) => app.route(get('/a{id}.txt', show)), 'GET /a5.txt', 'GET /a{id}.txt 200'],
  ['an optional one', (app) => app.route(get('/a/{id?}', show)), 'GET /a', 'GET /a/{id?} 200'],
  ['several segments', (app) => app.route(get('/a/{id*2}', show)), 'GET /a/b/c', 'GET /a/{id*2} 200'],
  ['a wildcard', (app) => app.route(get('/files/{p*}', show)), 'GET /files/a/b', 'GET /files/{p*} 200'],
  ['a wildcard for all', (app) => app.route({ method: '*', path: '/{p*}', handler: list }), 'GET /b', 'GET /{p*} 200'],
  ['HEAD for a GET', (app) => app.route(get('/a', list)), 'HEAD /a', 'HEAD /a 200'],
  [
    'a payload',
    (app) => app.route({ method: 'POST', path: '/a', handler: ({ payload }: Request) => payload }),
    'POST /a',
    'POST /a 200',
  ],
  [
    'a prefix',
    (app) => {
      const plugin = { name: 'users', register: (server: Hapi) => server.route(get('/users/{id}', show)) }
      return app.register(plugin, { routes: { prefix: '/api/{v}' } })
    },
    'GET /api/1/users/2',
    'GET /api/{v}/users/{id} 200',
  ],
  ['nothing', (app) => app.route(get('/a', list)), 'GET /b', 'GET 404'],
  ['a path that cannot be decoded', (app) => app.route(get('/{id}', list)), 'GET /%', 'GET 400'],
  [
    'a path that is rewritten',
    (app) => {
      app.route(get('/new/{id}', show))
      app.ext('onRequest', (request, h) => {
        ;(request as unknown as { setUrl(url: string): void }).setUrl('/new/1')
        return h.continue
      })
    },
    'GET /old',
    'GET /new/{id} 200',
  ],
  ['an error thrown', (app) => app.route(get('/a', boom)), 'GET /a', FAILED, 'boom'],
  ['an error rejected', (app) => app.route(get('/a', boomLater)), 'GET /a', FAILED, 'boom'],
  ['an error returned', (app) => app.route(get('/a', () => new RangeError('boom'))), 'GET /a', FAILED, 'boom'],
  ['an error with a status', (app) => app.route(get('/a', () => Promise.reject(refusal()))), 'GET /a', 'GET /a 403'],
  [
    'an error that is put right',
    (app) => {
      app.route(get('/a', boom))
      app.ext('onPreResponse', (_, h) => h.response('sorry').code(200))
    },
    'GET /a',
    'GET /a 200',
  ],
  [
    'an error with a page of its own',
    (app) => {
      app.route(get('/a', boomLater))
      app.ext('onPreResponse', ({ response }, h) => (response.isBoom ? h.response('sorry').code(500) : h.continue))
    },
    'GET /a',
    FAILED,
    'boom',
  ],
  ...['onPreAuth', 'onPreHandler', 'onPostHandler', 'onPreResponse'].map(
    (event): WebRow<Hapi> => [
      `an error of ${event}`,
      (app) => {
        app.route(get('/a', list))
        app.ext(event, boomLater)
      },
      'GET /a',
      FAILED,
      'boom',
    ],
  ),
  [
    'an error of onRequest',
    (app) => {
      app.route(get('/a', list))
      app.ext('onRequest', boomLater)
    },
    'GET /a',
    'GET 500 error',
    'boom',
  ],
  [
    'a method that takes over',
    (app) => {
      app.route(get('/a', list))
      app.ext('onPreAuth', (_, h) => h.response('no').code(401).takeover())
    },
    'GET /a',
    'GET /a 401',
  ],
  [
    'what cannot be written as JSON',
    (app) => app.route(get('/a', () => ({ a: 1n }))),
    'GET /a',
    FAILED,
    'Do not know how to serialize a BigInt',
  ],
]

function frameworkOf(library: Library): Framework<Hapi> {
  return {
    plugin: 'hapi',
    library,
    make: () => {
      const { server } = library.load<{ server(options: object): Hapi }>()
      return server({ host: '127.0.0.1', port: 0, debug: false })
    },
    async serve(app) {
      await app.start()
      return app.info.port
    },
    close: (app) => app.stop({ timeout: 1 }),
    patched: () => [library.load<{ prototype: object }>(`${library.name}/lib/request`).prototype],
  }
}

describeLibrary(
  'hapi',
  { name: '@hapi/hapi', majors: { 20: ['20.1.2', '20.3.0'], 21: ['21.0.0', '21.4.10'] } },
  (library) => {
    const framework = frameworkOf(library)
    describeAnswers(framework, rows)
    describeProgram(framework, {
      cart: (app) =>
        app.route(
          get('/cart/{cart}/item/{id}', async ({ params: { id = '' } }) => {
            await interleaved(id)
            return id
          }),
        ),
      cartRoute: '/cart/{cart}/item/{id}',
      cartSpans: (id) => id,
      hang: (app, begun) =>
        app.route(
          get('/hang/{id}', ({ raw }) => {
            begun(raw.res)
            return new Promise(() => {})
          }),
        ),
      hangSpans: 'GET /hang/{id}',
    })

    describe('more', () => {
      let tracing: Tracing
      afterEach(() => tracing.stop())

      it('runs every step inside the request', async () => {
        tracing = await Tracing.start({ ...serverOnly, hapi: true })
        const app = await framework.make()
        const events = ['onRequest', 'onPreAuth', 'onPostAuth', 'onPreHandler', 'onPostHandler', 'onPreResponse']
        const seen: string[] = []
        for (const event of events) {
          app.ext(event, async (_, h) => {
            seen.push(`${event} ${tracer.activeSpan?.name}`)
            await nextTurn()
            return h.continue
          })
        }
        const handler: Method = ({ payload }) => {
          seen.push(`handler ${tracer.activeSpan?.name}`)
          return payload
        }
        app.route({ method: 'POST', path: '/a', handler })
        await ask(await framework.serve(app), 'POST /a', ['content-type: application/json'], '{"b":2}')
        await framework.close(app)
        const order = [...events.slice(0, 4), 'handler', ...events.slice(4)]
        assert.deepEqual(
          seen,
          order.map((name) => `${name} hapi.request`),
        )
        assert.equal(shapeOf(await tracing.spans()), 'POST /a 200')
      })

      it('names what a server answers that was there before', async () => {
        const app = await framework.make()
        app.route(get('/users/{id}', boom))
        const port = await framework.serve(app)
        tracing = await Tracing.start({ ...serverOnly, hapi: true })
        await ask(port, 'GET /users/1')
        await framework.close(app)
        const [span] = await tracing.spans()
        assert.deepEqual(
          [span?.name, span?.resource, span?.meta['error.message']],
          ['hapi.request', 'GET /users/{id}', 'boom'],
        )
      })

      it('has nothing to say of requests that come by no server', async () => {
        tracing = await Tracing.start({ ...serverOnly, hapi: true })
        const app = await framework.make()
        app.route(get('/a', list))
        assert.equal((await app.inject('/a')).payload, '{"list":[]}')
        assert.deepEqual(await tracing.spans(), [])
      })
    })
  },
)
