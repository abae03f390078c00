// The nestjs plugin: the handlers of controllers have spans of their own below the request of the platform, and the errors that Nest
// answers by itself are known to the request.

import { strict as assert } from 'node:assert'
import { writeFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { basename, join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { tracer } from '../../src'
import { INIT, REGISTER } from '../process/traced'
import { find, startAgent, tree } from '../support/agent'
import { describeLibrary } from '../support/library'
import { ask } from '../support/loopback'
import { type Action, type App, nestFramework } from '../support/nestjs'
import { runNode } from '../support/spawn'
import { Tracing } from '../support/tracing'
import {
  boomLater,
  describeAnswers,
  describeProgram,
  forget,
  interleaved,
  serverOnly,
  shape,
  type WebRow,
} from '../support/web-framework'

interface Response {
  /** Fastify's. */
  readonly raw?: ServerResponse
  send(body: unknown): unknown
  readonly status: (code: number) => Response
}

const list: Action = { route: ['Get'], run: () => ({ list: [] }) }
const show: Action = { route: ['Get', ':id'], params: [['Param', 'id']], run: async (id: string) => ({ id }) }
const failing = (run: () => unknown, also: Action['also'] = []): Action => ({ route: ['Get'], also, run })
const boom = () => {
  throw new RangeError('boom')
}
const users = (actions: Record<string, Action>) => (app: App) => app.controller('UsersController', 'users', actions)
const FAILED = 'GET /users 500 error'

const rows: WebRow<App>[] = [
  ['a plain return', users({ list }), 'GET /users?a=1', 'GET /users 200 (UsersController.list)'],
  ['a promise', users({ show }), 'GET /users/5', 'GET /users/:id 200 (UsersController.show)'],
  [
    'a status and a header',
    users({
      make: {
        route: ['Post'],
        also: [
          ['Header', 'x-own', 'yes'],
          ['HttpCode', 202],
        ],
        run: () => 'made',
      },
    }),
    'POST /users',
    'POST /users 202 (UsersController.make)',
  ],
  [
    'a body',
    users({ make: { route: ['Post'], params: [['Body']], run: (body: unknown) => body } }),
    'POST /users',
    'POST /users 201 (UsersController.make)',
  ],
  [
    'work inside',
    users({ list: { ...list, run: () => tracer.trace('inside', () => nextTurn('done')) } }),
    'GET /users',
    'GET /users 200 (UsersController.list (inside))',
  ],
  [
    'the response of the platform',
    users({
      own: { route: ['Get'], params: [['Res']], run: (response: Response) => void response.status(203).send('own') },
    }),
    'GET /users',
    'GET /users 203 (UsersController.own)',
  ],
  ['HEAD for a GET', users({ list }), 'HEAD /users', 'HEAD /users 200 (UsersController.list)'],
  [
    'several paths',
    users({ list: { ...list, route: ['Get', ['a', 'b']] } }),
    'GET /users/b',
    'GET /users/b 200 (UsersController.list)',
  ],
  [
    'a redirect',
    users({ go: { route: ['Get'], also: [['Redirect', '/elsewhere', 302]], run: () => {} } }),
    'GET /users',
    'GET /users 302 (UsersController.go)',
  ],
  [
    'a prefix',
    (app) => {
      app.setUp = (nest) => nest.setGlobalPrefix('api')
      return users({ show })(app)
    },
    'GET /api/users/1',
    'GET /api/users/:id 200 (UsersController.show)',
  ],
  [
    'a controller that is made for each request',
    (app) => app.controller('Scoped', { path: 'users', scope: 2 }, { show }),
    'GET /users/1',
    'GET /users/:id 200 (Scoped.show)',
  ],
  ['no route', users({ list }), 'GET /nowhere', 'GET 404'],
  ['an error thrown', users({ fail: failing(boom) }), 'GET /users', `${FAILED} (UsersController.fail error)`, 'boom'],
  [
    'an error rejected',
    users({ fail: failing(boomLater) }),
    'GET /users',
    `${FAILED} (UsersController.fail error)`,
    'boom',
  ],
  [
    'text thrown',
    users({ fail: failing(() => Promise.reject('text')) }),
    'GET /users',
    `${FAILED} (UsersController.fail error)`,
    'text',
  ],
  [
    'an exception with a status',
    (app) => {
      const { NotFoundException } = app.common as unknown as Record<string, new (text: string) => Error>
      return users({ fail: failing(() => Promise.reject(new NotFoundException!('no such user'))) })(app)
    },
    'GET /users',
    'GET /users 404 (UsersController.fail error)',
  ],
  [
    'an exception of an error status',
    (app) => {
      const { BadGatewayException } = app.common as unknown as Record<string, new (text: string) => Error>
      return users({ fail: failing(() => Promise.reject(new BadGatewayException!('partner away'))) })(app)
    },
    'GET /users',
    'GET /users 502 error (UsersController.fail error)',
    'partner away',
  ],
  [
    'a guard that refuses',
    users({ list: { ...list, also: [['UseGuards', { canActivate: () => false }]] } }),
    'GET /users',
    'GET /users 403 (UsersController.list error)',
  ],
  [
    'a guard that fails',
    users({ list: { ...list, also: [['UseGuards', { canActivate: boomLater }]] } }),
    'GET /users',
    `${FAILED} (UsersController.list error)`,
    'boom',
  ],
  [
    'a guard that looks at the method',
    (app) => {
      type Host = { getHandler(): object; getClass(): { prototype: { list: object } } }
      const canActivate = (host: Host) => host.getHandler() === host.getClass().prototype.list
      return users({ list: { ...list, also: [['UseGuards', { canActivate }]] } })(app)
    },
    'GET /users',
    'GET /users 200 (UsersController.list)',
  ],
  [
    'an interceptor',
    users({
      list: {
        ...list,
        also: [['UseInterceptors', { intercept: (_: unknown, next: { handle(): unknown }) => next.handle() }]],
      },
    }),
    'GET /users',
    'GET /users 200 (UsersController.list)',
  ],
  [
    'a pipe that refuses',
    (app) =>
      users({
        show: {
          ...show,
          params: [['Param', 'id', new (app.common as unknown as { ParseIntPipe: new () => object }).ParseIntPipe()]],
        },
      })(app),
    'GET /users/abc',
    'GET /users/:id 400 (UsersController.show error)',
  ],
  [
    'a filter that answers',
    (app) => {
      const filter = {
        catch: (_error: unknown, host: { switchToHttp(): { getResponse(): Response } }) =>
          host.switchToHttp().getResponse().status(418).send('teapot'),
      }
      app.common['Catch']!()((filter as object).constructor)
      return users({ fail: failing(boom, [['UseFilters', filter]]) })(app)
    },
    'GET /users',
    'GET /users 418 (UsersController.fail error)',
  ],
]

const program = {
  cart: (app: App) =>
    app.controller('CartController', 'cart', {
      item: {
        route: ['Get', ':cart/item/:id'],
        params: [['Param', 'id']],
        run: async (id: string) => {
          await interleaved(id)
          return id
        },
      },
    }),
  cartRoute: '/cart/:cart/item/:id',
  cartSpans: (id: string) => `CartController.item (${id})`,
  hang: (app: App, begun: (response: ServerResponse) => void) =>
    app.controller('HangController', 'hang', {
      hang: {
        route: ['Get', ':id'],
        params: [['Res']],
        run: (response: Response & ServerResponse) => {
          begun(response.raw ?? response)
          return new Promise(() => {})
        },
      },
    }),
  hangSpans: 'GET /hang/:id (HangController.hang)',
}

/** Its packages have the same numbers, but for a few of this platform. */
const FASTIFY: Record<string, string> = { '12.0.0': '12.0.1', '11.2.10': '11.2.8', '12.5.1': '12.5.0' }
const beside = (_major: number, version: string) => ({
  '@nestjs/common': version,
  '@nestjs/platform-express': version,
  '@nestjs/platform-fastify': FASTIFY[version] ?? version,
  'reflect-metadata': '0.2.2',
  rxjs: '7.8.2',
})

describeLibrary(
  'nestjs',
  { name: '@nestjs/core', majors: { 10: ['10.0.0', '10.4.22'], 11: ['11.0.0', '11.2.10'] }, beside },
  (library) => {
    for (const platform of ['express', 'fastify'] as const) {
      describe(`on ${platform}`, () => {
        const framework = nestFramework(library, platform)
        describeAnswers(framework, rows)
        describeProgram(framework, program)

        describe('more', () => {
          let tracing: Tracing
          let app: App
          before(() => forget(library))
          afterEach(async () => {
            await framework.close(app)
            await tracing.stop()
          })

          it('tags its handlers', async () => {
            tracing = await Tracing.start({ ...serverOnly, [platform]: true, nestjs: { service: 'shop-front' } })
            app = await framework.make()
            users({ show })(app)
            await ask(await framework.serve(app), 'GET /users/1')
            const { service, resource, type, meta, metrics } = find(await tracing.spans(), 'nestjs.handler')
            assert.deepEqual([service, resource, type ?? ''], ['shop-front', 'UsersController.show', ''])
            const tags = {
              component: 'nestjs',
              'span.kind': 'internal',
              'nestjs.controller': 'UsersController',
              'nestjs.callback': 'show',
              '_dd.svc_src': 'nestjs',
            }
            assert.deepEqual({ ...meta, ...tags }, meta)
            assert.equal(metrics['_dd.measured'], undefined)
          })

          it('knows the error of a middleware', async () => {
            tracing = await Tracing.start({ ...serverOnly, [platform]: { middleware: false }, nestjs: true })
            app = await framework.make()
            users({ list })(app)
            app.setUp = (nest) => nest.use(boom)
            await ask(await framework.serve(app), 'GET /users')
            const [span, ...rest] = await tracing.spans()
            assert.deepEqual([span?.meta['http.status_code'], span?.error, rest], ['500', 1, []])
            assert.equal(span?.meta['error.message'], 'boom')
          })
        })
      })
    }
  },
)

const ES_MODULE = `
import 'reflect-metadata'
import { Controller, Get, Module, Param } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { ExpressAdapter } from '@nestjs/platform-express'
import { FastifyAdapter } from '@nestjs/platform-fastify'
class UsersController {
  show(id) {
    if (id === 'boom') throw new RangeError('boom')
    return { id }
  }
}
Param('id')(UsersController.prototype, 'show', 0)
Get(':id')(UsersController.prototype, 'show', Object.getOwnPropertyDescriptor(UsersController.prototype, 'show'))
Controller('users')(UsersController)
class AppModule {}
Module({ controllers: [UsersController] })(AppModule)
for (const Adapter of [ExpressAdapter, FastifyAdapter]) {
  const app = await NestFactory.create(AppModule, new Adapter(), { logger: false })
  await app.listen(0, '127.0.0.1')
  for (const path of ['users/1', 'users/boom']) {
    const response = await fetch(await app.getUrl() + '/' + path)
    console.log(response.status, await response.text())
  }
  await app.close()
}
`

const COMMON_JS = `
require('reflect-metadata')
const { Controller, Get, Module } = require('@nestjs/common')
const { NestFactory } = require('@nestjs/core')
const { ExpressAdapter } = require('@nestjs/platform-express')
class UsersController { list() { return 'all' } }
Get()(UsersController.prototype, 'list', Object.getOwnPropertyDescriptor(UsersController.prototype, 'list'))
Controller('users')(UsersController)
class AppModule {}
Module({ controllers: [UsersController] })(AppModule)
NestFactory.create(AppModule, new ExpressAdapter(), { logger: false }).then(async (app) => {
  await app.listen(0, '127.0.0.1')
  const response = await fetch(await app.getUrl() + '/users')
  console.log(response.status, await response.text())
  await app.close()
})
`

// ES modules, which are traced where the program is started with \`dd/register\`.
describeLibrary('nestjs', { name: '@nestjs/core', majors: { 12: ['12.0.0', '12.5.1'] }, beside }, (library) => {
  it('traces handlers on both platforms', async () => {
    const agent = await startAgent()
    const file = join(library.folder, 'nestjs-program.mjs')
    writeFileSync(file, ES_MODULE)
    const env = {
      DD_TRACE_AGENT_URL: agent.url,
      DD_SERVICE: 'shop',
      DD_TRACE_UNDICI_ENABLED: 'false',
      DD_TRACE_MIDDLEWARE_TRACING_ENABLED: 'false',
    }
    const [plain, run] = await Promise.all([
      runNode({ file }),
      runNode({ file, execArgv: ['--import', REGISTER], env }),
    ])
    assert.deepEqual([run.code, run.stdout, run.stderr], [0, plain.stdout, plain.stderr])
    const trees = tree(agent.spans()).sort((a, b) => Number(a.span.start - b.span.start))
    const [shown, failed] = [
      'GET /users/:id 200 (UsersController.show)',
      `GET /users/:id 500 error (UsersController.show error)`,
    ]
    assert.equal(shape(trees), [shown, failed, shown, failed].join(', '))
    assert.deepEqual(
      trees.map(({ span: { name, meta } }) => [name, meta['error.message']]),
      ['express', 'fastify'].flatMap((platform) => [undefined, 'boom'].map((text) => [`${platform}.request`, text])),
    )
    await agent.close()
  })

  for (const preload of [INIT, REGISTER]) {
    it(`traces handlers of a program that requires it, started with ${basename(preload, '.js')}`, async () => {
      const agent = await startAgent()
      const file = join(library.folder, 'nestjs-program.cjs')
      writeFileSync(file, COMMON_JS)
      const env = {
        DD_TRACE_AGENT_URL: agent.url,
        DD_TRACE_UNDICI_ENABLED: 'false',
        DD_TRACE_MIDDLEWARE_TRACING_ENABLED: 'false',
      }
      const [plain, run] = await Promise.all([
        runNode({ file }),
        runNode({ file, execArgv: ['--require', preload], env }),
      ])
      assert.deepEqual([run.code, run.stdout, run.stderr], [0, plain.stdout, plain.stderr])
      assert.equal(shape(tree(agent.spans())), 'GET /users 200 (UsersController.list)')
      await agent.close()
    })
  }
})
