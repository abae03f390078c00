// The express plugin in a program, on Express 5 and Express 4: what the spans say, which of them a handler runs in, what becomes of them when
// the client hangs up, and that applications stay as they were made.

import { strict as assert } from 'node:assert'
import { tracingChannel } from 'node:diagnostics_channel'
import { once } from 'node:events'
import type { RequestListener } from 'node:http'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { type Span, tracer } from '../../src'
import { find, tree } from '../support/agent'
import { describeLibrary } from '../support/library'
import { ask, Dialogue, requestText, shut } from '../support/loopback'
import { Tracing } from '../support/tracing'
import {
  type App,
  type ErrorHandler,
  type Express,
  type Handler,
  list,
  type Next,
  pass,
  type Request,
  type Response,
  shape,
  shapeOf,
  show,
  slow,
  traced,
  versions,
  work,
} from './express-app'
import { type Serving, serve } from './http-serving'

describeLibrary('express', versions, ({ major, version: release, load }) => {
  const isOld = release === '4.6.0'
  const version = major as 4 | 5
  let tracing: Tracing
  let express: Express
  before(() => {
    express = load()
  })

  describe('of a program', () => {
    let served: Serving
    let app: App
    const get = (path: string) => ask(served.port, `GET ${path}`)
    const named = (name: string, handler: Handler | ErrorHandler) =>
      Object.defineProperty(handler, 'name', { value: name })

    before(async () => {
      tracing = await Tracing.start(traced)
    })
    beforeEach(async () => {
      await tracing.spans()
      tracing.clear()
      app = express().set('env', 'test')
      served = await serve()
      served.server.on('request', app as RequestListener)
    })
    afterEach(() => shut(served.server))
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
      assert.equal(shapeOf(await tracing.spans()), 'GET (<anonymous>)')
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
      assert.equal(shapeOf(await tracing.spans()), 'GET /a (pass, <anonymous>)')
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
})
