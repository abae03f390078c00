// Pins on what programs hold of web frameworks, gRPC and GraphQL: applications, servers, clients, schemas.

import assert from 'node:assert/strict'
import http from 'node:http'
import type { Server } from 'node:net'
import { gte } from 'semver'
import type { Library } from '../support/library'
import { nestFramework } from '../support/nestjs'
import { describePins, itFollowsPins, traced } from '../support/pin-suite'
import { type Call, type Grpc, type Client as GrpcClient, handlers, PROTO } from './grpc-styles'
import { ask, closed, listening, portOf } from './pinned-site'

/** An application with a middleware and a route, and the server that it is behind. */
interface Site {
  readonly app: object
  readonly server: Server
}

interface Framework {
  readonly plugin: string
  readonly packages: Readonly<Record<string, string>>
  readonly names: readonly string[]
  /** False where the server calls a function of somebody else's. */
  readonly takesTracer?: false
  /** The Node that it asks for. */
  readonly node?: string
  open(load: (name: string) => never): Promise<Site>
}

type Handler = (...args: never[]) => unknown
type Use = { use(...handlers: Handler[]): unknown; get(path: string, ...handlers: Handler[]): unknown }
type Next = () => unknown
const pass = (_request: unknown, _response: unknown, next: Next) => next()
const answer = (_request: unknown, response: { end(text: string): unknown }) => response.end('hello')
const byListening = async (app: object) => ({ app, server: await listening(http.createServer(app as never)) })

const express = (version: string): Framework => ({
  plugin: 'express',
  packages: { express: version },
  names: ['express.request', 'express.middleware'],
  open(load) {
    const app = (load('express') as () => Use)()
    app.use(pass as Handler)
    app.get('/', answer as Handler)
    return byListening(app)
  },
})

const fastify = (version: string): Framework => ({
  plugin: 'fastify',
  packages: { fastify: version },
  names: ['fastify.request'],
  async open(load) {
    interface Instance {
      readonly server: Server
      get(path: string, handler: () => unknown): void
      ready(): Promise<unknown>
    }
    const app = (load('fastify') as () => Instance)()
    app.get('/', async () => 'hello')
    await app.ready()
    return { app, server: await listening(app.server) }
  },
})

const frameworks: readonly Framework[] = [
  express('4.22.1'),
  express('5.3.0'),
  fastify('3.29.5'),
  fastify('4.29.1'),
  fastify('5.12.8'),
  {
    plugin: 'connect',
    packages: { connect: '3.7.0' },
    names: ['connect.request', 'connect.middleware'],
    open(load) {
      const app = (load('connect') as () => Use)()
      app.use(pass as Handler)
      app.use(answer as Handler)
      return byListening(app)
    },
  },
  {
    plugin: 'router',
    packages: { router: '2.3.0', finalhandler: '2.1.0', connect: '3.7.0' },
    names: ['router.request', 'router.middleware'],
    takesTracer: false,
    async open(load) {
      const router = (load('router') as () => Use & ((...args: unknown[]) => void))()
      router.use(pass as Handler)
      router.get('/', answer as Handler)
      const server = http.createServer((request, response) => router(request, response, () => response.end()))
      return { app: router, server: await listening(server) }
    },
  },
  {
    plugin: 'koa',
    packages: { koa: '3.3.0', '@koa/router': '15.7.0', 'koa-mount': '4.2.0' },
    names: ['koa.request', 'koa.middleware'],
    async open(load) {
      const Koa = load('koa') as new () => Use & { callback(): never }
      const app = new Koa()
      app.use(((context: { body: string }, next: Next) => {
        context.body = 'hello'
        return next()
      }) as Handler)
      return { app, server: await listening(http.createServer(app.callback())) }
    },
  },
  {
    plugin: 'hapi',
    packages: { '@hapi/hapi': '21.4.10' },
    names: ['hapi.request'],
    async open(load) {
      interface Hapi {
        server(options: object): { listener: Server; route(route: object): void; start(): Promise<void> }
      }
      const app = (load('@hapi/hapi') as Hapi).server({ host: '127.0.0.1', port: 0 })
      app.route({ method: 'GET', path: '/', handler: () => 'hello' })
      await app.start()
      return { app, server: app.listener }
    },
  },
  {
    plugin: 'restify',
    packages: { restify: '12.0.0' },
    names: ['restify.request'],
    node: '22.0.0',
    async open(load) {
      const app = (load('restify') as { createServer(): Use & { server: Server } }).createServer()
      app.get('/', ((_request: unknown, response: { send(text: string): void }, next: Next) => {
        response.send('hello')
        next()
      }) as Handler)
      return { app, server: await listening(app.server) }
    },
  },
  {
    plugin: 'hono',
    packages: {
      hono: '4.13.19',
      '@hono/node-server': '1.19.19',
      'node-server-2': 'npm:@hono/node-server@2.1.8',
    },
    names: ['hono.request', 'hono.middleware'],
    takesTracer: false,
    async open(load) {
      type Text = { text(value: string): unknown }
      const { Hono } = load('hono') as { Hono: new () => Use & { fetch: unknown } }
      const { serve } = load('node-server-2') as { serve(options: object): Server }
      const app = new Hono()
      app.get('/', ((context: Text) => context.text('hello')) as Handler)
      return { app, server: await listening(serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 })) }
    },
  },
]

for (const { plugin, packages, node = '0.0.0', open, ...rest } of frameworks) {
  const isFit = gte(process.versions.node, node)
  ;(isFit ? describe : describe.skip)(isFit ? plugin : `${plugin} (skipped: it asks for Node ${node})`, () =>
    describePins(packages, undefined, (set) => {
      traced({ http: true, [plugin]: true })
      itFollowsPins<Site>('an application', {
        open: () => open((name) => set.require(name) as never),
        close: ({ server }) => closed(server),
        pinned: ({ app }) => app,
        run: ({ server }) => ask(portOf(server)),
        ...rest,
      })
    }),
  )
}

const NEST = '11.2.10'
const NEST_PACKAGES = {
  '@nestjs/core': NEST,
  '@nestjs/common': NEST,
  '@nestjs/platform-express': NEST,
  '@nestjs/platform-fastify': '11.2.8',
  'reflect-metadata': '0.2.2',
  rxjs: '7.8.2',
}
describePins(NEST_PACKAGES, undefined, (set) => {
  traced({ http: true, express: true, nestjs: true })
  const nest = nestFramework(
    { load: (name = '@nestjs/core') => set.require(name) as never } as unknown as Library,
    'express',
  )
  const made = async () => {
    const app = await nest.make()
    app.controller('HelloController', undefined, { hello: { route: ['Get', '/'], run: () => 'hello' } })
    return { app, port: await nest.serve(app) }
  }
  type Subject = Awaited<ReturnType<typeof made>>
  itFollowsPins<Subject>('an application of Nest', {
    open: made,
    close: ({ app }) => nest.close?.(app),
    pinned: ({ app }) => app.running!,
    run: ({ port }) => ask(port),
    names: ['express.request', 'express.middleware', 'nestjs.handler'],
  })
})

describePins({ '@grpc/grpc-js': '1.14.7', '@grpc/proto-loader': '0.8.1' }, undefined, (set) => {
  let grpc: Grpc
  traced({ grpc: true }, () => {
    grpc = set.require('@grpc/grpc-js') as Grpc
  })
  const open = async () => {
    const { fromJSON } = set.require('@grpc/proto-loader') as { fromJSON(json: object): unknown }
    const { Echo } = grpc.loadPackageDefinition(fromJSON(PROTO)).test.echo
    const server = new grpc.Server()
    server.addService(Echo.service, handlers)
    const port = await new Promise<number>((resolve, reject) =>
      server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      ),
    )
    return { server, client: new Echo(`127.0.0.1:${port}`, grpc.credentials.createInsecure()) as GrpcClient }
  }
  type Subject = Awaited<ReturnType<typeof open>>
  const shared = {
    open,
    close({ server, client }: Subject) {
      client.close()
      server.forceShutdown()
    },
    run: ({ client }: Subject) =>
      new Promise<void>((resolve, reject) => {
        const call: Call = client.unary({ text: 'a' }, (error: Error | null) => {
          if (error) reject(error)
        })
        call.on('status', () => resolve())
      }),
  }
  itFollowsPins<Subject>('a client', { ...shared, pinned: ({ client }) => client, names: ['grpc.client'] })
  itFollowsPins<Subject>('a server', { ...shared, pinned: ({ server }) => server, names: ['grpc.server'] })
})

describePins({ graphql: '16.15.0' }, undefined, (set) => {
  interface Graphql {
    buildSchema(text: string): object
    graphql(options: object): Promise<{ data?: unknown; errors?: unknown }>
  }
  let library: Graphql
  traced({ graphql: true }, () => {
    library = set.require('graphql') as Graphql
  })
  itFollowsPins<object>('a schema', {
    open: () => library.buildSchema('type Query { hello: String }'),
    async run(schema) {
      const { errors } = await library.graphql({ schema, source: '{ hello }', rootValue: { hello: () => 'world' } })
      assert.equal(errors, undefined)
    },
    names: ['graphql.execute', 'graphql.resolve', 'graphql.validate'],
  })
})
