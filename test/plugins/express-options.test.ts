// The options of the express plugin on Express 5 and Express 4, what it does without the http plugin, and that it leaves nothing behind.

import { strict as assert } from 'node:assert'
import type { RequestListener } from 'node:http'
import { describeLibrary } from '../support/library'
import { ask, shut } from '../support/loopback'
import { Tracing } from '../support/tracing'
import { type App, boom, type Express, list, pass, shapeOf, slow, traced, versions } from './express-app'
import { serve } from './http-serving'

describeLibrary('express', versions, ({ major: version, load }) => {
  let tracing: Tracing
  let express: Express
  before(() => {
    express = load()
  })

  describe('by its options', () => {
    const answersOf = async (build: (app: App) => void, paths: string[], app = express().set('env', 'test')) => {
      const served = await serve()
      build(app)
      served.server.on('request', app as RequestListener)
      const answers = []
      for (const path of paths) answers.push((await ask(served.port, `GET ${path}`)).split('\r\n')[0])
      await shut(served.server)
      return answers
    }
    const build = (app: App) => app.use(slow).use('/org/:org', express.Router().get('/:id', list)).get('/boom', boom)
    const paths = ['/org/1/2', '/boom', '/no']
    const answers = ['HTTP/1.1 200 OK', 'HTTP/1.1 500 Internal Server Error', 'HTTP/1.1 404 Not Found']
    afterEach(() => tracing.stop())

    it('makes no spans of middlewares, but names requests and notes errors', async () => {
      tracing = await Tracing.start({ ...traced, express: { middleware: false } })
      assert.deepEqual(await answersOf(build, paths), answers)
      const spans = (await tracing.spans()).filter(({ name }) => name === 'express.request')
      assert.equal(shapeOf(spans), 'GET /org/:org/:id 200, GET /boom 500 error, GET 404')
      assert.equal(spans[1]?.meta['error.message'], 'boom')
    })

    it('takes that from the settings, too', async () => {
      tracing = await Tracing.start(traced, { middlewareTracing: false })
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
      tracing = await Tracing.start({ ...traced, express: { service: 'shop-front' } })
      await answersOf((app) => app.get('/a', list), ['/a'])
      const services = (await tracing.spans()).map(({ service, meta }) => [service, meta['_dd.base_service']])
      assert.deepEqual(new Set(services.flat()), new Set(['shop-front', 'test']))
    })

    it('covers an application that was there before', async () => {
      const app = express().set('env', 'test')
      build(app)
      tracing = await Tracing.start(traced)
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
      tracing = await Tracing.start(traced)
      const names = (all: ReturnType<typeof described>) =>
        all.map((entries) => entries.map(([key, { value }]) => [key, value?.name, value?.length]))
      assert.notDeepEqual(described(), before)
      assert.deepEqual(names(described()), names(before))
      await tracing.stop()
      assert.deepEqual(described(), before)
    })
  })
})
