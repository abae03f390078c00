// The koa plugin on Koa itself: every middleware is a span around those after it, whatever it does and however it fails.

import { strict as assert } from 'node:assert'
import { Readable } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { tracer } from '../../src'
import { type App, type Context, koaFramework, type Middleware } from '../support/koa'
import { describeLibrary } from '../support/library'
import { ask } from '../support/loopback'
import { Tracing } from '../support/tracing'
import {
  boomLater,
  describeAnswers,
  describeProgram,
  forget,
  interleaved,
  serverOnly,
  shapeOf,
  type WebRow,
} from '../support/web-framework'

const named = (name: string, middleware: Middleware) => Object.defineProperty(middleware, 'name', { value: name })
const list: Middleware = async (context) => {
  context.body = { list: [] }
}
const pass: Middleware = (_context, next) => next()
const slow: Middleware = async (_context, next) => {
  await tracer.trace('before', () => nextTurn())
  await next()
  await tracer.trace('after', () => nextTurn())
}
const boom: Middleware = () => {
  throw new RangeError('boom')
}
const reject = (reason: unknown) => named('reject', () => Promise.reject(reason))
const rescue = (status: number) =>
  named('rescue', async (context, next) => {
    try {
      await next()
    } catch (error) {
      context.status = status
      context.body = { sorry: (error as Error).message ?? error }
    }
  })
const answer = (body: unknown) =>
  named('answer', (context) => {
    context.body = body
  })
const FAILED = 'GET 500 error'

const rows: WebRow<App>[] = [
  ['nothing', () => {}, 'GET /', 'GET 404'],
  ['a promise', ({ koa }) => koa.use(list), 'GET /', 'GET 200 (list)'],
  ['a plain return', ({ koa }) => koa.use(answer('a')), 'GET /', 'GET 200 (answer)'],
  ['a buffer', ({ koa }) => koa.use(answer(Buffer.from('a'))), 'GET /', 'GET 200 (answer)'],
  ['a stream', ({ koa }) => koa.use(answer(Readable.from(['a']))), 'GET /', 'GET 200 (answer)'],
  ['no content', ({ koa }) => koa.use(answer(null)), 'GET /', 'GET 204 (answer)'],
  [
    'the raw response',
    ({ koa }) =>
      koa.use((context) => {
        context.respond = false
        context.res.statusCode = 201
        context.res.end('raw')
      }),
    'GET /',
    'GET 201 (<anonymous>)',
  ],
  ['HEAD', ({ koa }) => koa.use(list), 'HEAD /', 'HEAD 200 (list)'],
  ['one after the other', ({ koa }) => koa.use(pass).use(list), 'GET /', 'GET 200 (pass (list))'],
  ['work around next', ({ koa }) => koa.use(slow).use(list), 'GET /', 'GET 200 (slow (before, list, after))'],
  [
    'next that is not awaited',
    ({ koa }) => koa.use(named('forgetful', (_context, next) => void next())).use(list),
    'GET /',
    'GET 200 (forgetful (list))',
  ],
  [
    'next called twice',
    ({ koa }) => koa.use(named('twice', async (_context, next) => next().then(next))).use(list),
    'GET /',
    'GET 500 error (twice error (list))',
    'next() called multiple times',
  ],
  [
    'the own name of a middleware',
    ({ koa }) => koa.use(Object.assign(((_, next) => next()) as Middleware, { _name: 'mine' })),
    'GET /',
    'GET 404 (mine)',
  ],
  ['an error thrown', ({ koa }) => koa.use(boom), 'GET /', `${FAILED} (boom error)`, 'boom'],
  ['an error rejected', ({ koa }) => koa.use(boomLater), 'GET /', `${FAILED} (boomLater error)`, 'boom'],
  [
    'an error that passes on',
    ({ koa }) => koa.use(pass).use(boomLater),
    'GET /',
    `${FAILED} (pass error (boomLater error))`,
    'boom',
  ],
  [
    'an error answered with 500',
    ({ koa }) => koa.use(rescue(500)).use(boom),
    'GET /',
    `${FAILED} (rescue (boom error))`,
    'boom',
  ],
  ['an error answered with 200', ({ koa }) => koa.use(rescue(200)).use(boom), 'GET /', 'GET 200 (rescue (boom error))'],
  [
    'context.throw',
    ({ koa }) => koa.use(named('refuse', (context) => context.throw(403, 'no'))),
    'GET /',
    'GET 403 (refuse error)',
  ],
  ['text thrown', ({ koa }) => koa.use(reject('text')), 'GET /', `${FAILED} (reject error)`, 'text'],
]

/** Koa since 3.1 cuts the connection off before anything is on it. */
const failingStream = (spans: string, message?: string): WebRow<App> => [
  'a stream that fails at once',
  ({ koa }) =>
    koa.use((context) => {
      context.body = new Readable({
        read() {
          this.destroy(new RangeError('boom'))
        },
      })
    }),
  'GET /',
  spans,
  message,
]

describeLibrary(
  'koa',
  {
    name: 'koa',
    majors: { 2: ['2.0.0', '2.16.4'], 3: ['3.0.0', '3.3.0'] },
    beside: (major) => ({ '@koa/router': major === 2 ? '12.0.2' : '15.7.0', 'koa-mount': '4.2.0' }),
  },
  (library) => {
    const framework = koaFramework(library)
    const failed =
      library.version < '3.1' ? failingStream(`${FAILED} (<anonymous>)`, 'boom') : failingStream('GET (<anonymous>)')
    describeAnswers(framework, [...rows, failed])
    describeProgram(framework, {
      cart: ({ koa, Router }) => {
        const router = Router().get('/cart/:cart/item/:id', async (context) => {
          await interleaved(context.params['id'] ?? '')
          context.body = context.params['id']
        })
        koa.use(slow).use(router.routes())
      },
      cartRoute: '/cart/:cart/item/:id',
      cartSpans: (id) => `slow (before, router (<anonymous> (${id})), after)`,
      spansWithoutHttp: ['before', '2', 'after'],
      hang: ({ koa, Router }, begun) => {
        const hang = (context: Context) => {
          begun(context.res)
          return new Promise(() => {})
        }
        koa.use(pass).use(Router().get('/hang/:id', hang).routes())
      },
      hangSpans: 'GET /hang/:id (pass (router (hang)))',
    })

    describe('more', () => {
      let tracing: Tracing
      let app: App
      beforeEach(() => forget(library))
      afterEach(async () => {
        await framework.close(app)
        await tracing.stop()
      })

      it('makes no spans of middlewares where they are off, but names requests and notes errors', async () => {
        tracing = await Tracing.start({ ...serverOnly, koa: { middleware: false } })
        app = await framework.make()
        app.koa.use(pass).use(app.Router().get('/a/:id', list).get('/boom', boomLater).routes())
        const port = await framework.serve(app)
        for (const path of ['/a/1', '/boom', '/no']) await ask(port, `GET ${path}`)
        const spans = await tracing.spans()
        assert.equal(shapeOf(spans), 'GET /a/:id 200, GET /boom 500 error, GET 404')
        assert.equal(spans[1]?.meta['error.message'], 'boom')
      })

      it('takes that from the settings, too', async () => {
        tracing = await Tracing.start({ ...serverOnly, koa: true }, { middlewareTracing: false })
        app = await framework.make()
        app.koa.use(list)
        await ask(await framework.serve(app), 'GET /')
        assert.equal(shapeOf(await tracing.spans()), 'GET 200')
      })

      it('tags its middlewares', async () => {
        tracing = await Tracing.start({ ...serverOnly, koa: { service: 'shop-front' } })
        app = await framework.make()
        app.koa.use(list)
        await ask(await framework.serve(app), 'GET /')
        const { name, service, type, meta, metrics } = (await tracing.spans()).find(
          ({ resource }) => resource === 'list',
        )!
        assert.deepEqual([name, service, type ?? ''], ['koa.middleware', 'shop-front', ''])
        assert.deepEqual(
          [meta['component'], meta['span.kind'], metrics['_dd.measured']],
          ['koa', 'internal', undefined],
        )
      })

      it('leaves the lists of middlewares as the program made them', async () => {
        tracing = await Tracing.start({ ...serverOnly, koa: true })
        app = await framework.make()
        const router = app.Router().get('/a', pass, list)
        const routes = router.routes()
        app.koa.use(pass).use(routes)
        await ask(await framework.serve(app), 'GET /a')
        assert.deepEqual(app.koa.middleware, [pass, routes])
        assert.deepEqual(router.stack[0]?.stack, [pass, list])
      })

      it('runs what comes after next in its own span again', async () => {
        tracing = await Tracing.start({ ...serverOnly, koa: true })
        app = await framework.make()
        const seen: (string | undefined)[] = []
        const note = () => seen.push(tracer.activeSpan?.resource)
        app.koa
          .use(
            named('first', async (_context, next) => {
              note()
              await next()
              note()
            }),
          )
          .use(
            named('second', async (context) => {
              await nextTurn()
              note()
              context.body = 'a'
            }),
          )
        await ask(await framework.serve(app), 'GET /')
        assert.deepEqual(seen, ['first', 'second', 'first'])
      })
    })
  },
)
