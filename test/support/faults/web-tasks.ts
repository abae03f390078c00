// Web frameworks and clients, which ask one another.

import { once } from 'node:events'
import http from 'node:http'
import http2 from 'node:http2'
import type { AddressInfo, Server } from 'node:net'
import type { MakeTasks, Task } from './program'

type Listening = Pick<Server, 'address' | 'close'>

export const PACKAGES = {
  '@grpc/grpc-js': '1.14.4',
  '@hapi/hapi': '21.4.10',
  '@hono/node-server': '1.19.19',
  '@koa/router': '15.7.0',
  '@nestjs/common': '11.2.10',
  '@nestjs/core': '11.2.10',
  '@nestjs/platform-express': '11.2.10',
  connect: '3.7.0',
  express: '5.3.0',
  fastify: '5.12.8',
  graphql: '16.15.0',
  hono: '4.13.19',
  koa: '3.3.0',
  'reflect-metadata': '0.2.2',
  router: '2.3.0',
  rxjs: '7.8.2',
  undici: '6.29.1',
}

/** Nobody listens there, and `fetch` may ask there. */
const DEAD_PORT = 2

const portOf = (server: Listening) => (server.address() as AddressInfo).port

async function listening(server: Server): Promise<Server> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

export const make: MakeTasks = async (need, dd) => {
  const servers: Listening[] = []
  const tasks: Record<string, Task> = {}
  const agent = new http.Agent({ keepAlive: true })
  const get = (port: number, path: string) =>
    new Promise((resolve, reject) => {
      const request = http.get({ host: '127.0.0.1', port, path, agent, headers: { 'x-forwarded-for': '1.2.3.4' } })
      request.on('error', reject).on('response', (response) => {
        let body = ''
        response.setEncoding('utf8')
        response.on('data', (part) => {
          body += part
        })
        response.on('end', () => resolve([response.statusCode, body]))
      })
    })
  const serve = async (name: string, server: Server, paths: readonly string[]) => {
    dd?.pin(server)
    servers.push(await listening(server))
    for (const path of paths) tasks[`${name} ${path}`] = () => get(portOf(server), path)
    return portOf(server)
  }
  const paths = ['/things/1?a=b', '/fails', '/nowhere']

  const plain = await serve(
    'http',
    http.createServer((request, response) => response.end(request.url)),
    ['/plain'],
  )
  tasks['http refused'] = () => get(DEAD_PORT, '/').catch((error: NodeJS.ErrnoException) => error.code)
  tasks['http post'] = () =>
    new Promise((resolve) => {
      const request = http.request(`http://127.0.0.1:${plain}/post`, { method: 'POST', agent }, (response) => {
        response.resume().on('end', () => resolve(response.statusCode))
      })
      request.end('text')
    })
  tasks['http preflight'] = () =>
    new Promise((resolve) => {
      const headers = {
        origin: 'http://shop',
        'access-control-request-method': 'GET',
        'access-control-request-headers': 'traceparent',
      }
      const request = http.request(
        { host: '127.0.0.1', port: plain, method: 'OPTIONS', agent, headers },
        (response) => void response.resume().on('end', () => resolve(response.statusCode)),
      )
      request.end()
    })
  tasks['undici fetch'] = async () => (await fetch(`http://127.0.0.1:${plain}/fetched`)).text()
  tasks['undici refused'] = () => fetch(`http://127.0.0.1:${DEAD_PORT}/`).catch((error) => error.cause.code)
  const undici = need('undici')
  tasks['undici'] = async () => (await undici.request(`http://127.0.0.1:${plain}/undici`)).body.text()

  const express = need('express')
  const app = express()
  app.use(function first(_request: unknown, _response: unknown, next: () => void) {
    next()
  })
  const things = express.Router()
  things.get('/:id', async (request: { params: { id: string } }, response: { json(value: unknown): void }) => {
    response.json(request.params.id)
  })
  app.use('/things', things)
  app.get('/fails', () => {
    throw new Error('express fails')
  })
  app.use((error: Error, _request: unknown, response: http.ServerResponse, next: (error?: unknown) => void) => {
    if (error.message !== 'express fails') return next(error)
    response.statusCode = 500
    response.end(error.message)
  })
  await serve('express', http.createServer(app), paths)

  const Router = need('router')
  const router = new Router()
  router.get('/things/:id', (request: { params: { id: string } }, response: http.ServerResponse) =>
    response.end(request.params.id),
  )
  router.get('/fails', (_request: unknown, _response: unknown, next: (error: unknown) => void) =>
    next(new Error('router fails')),
  )
  const answered = (response: http.ServerResponse) => (error?: Error) => {
    response.statusCode = error ? 500 : 404
    response.end(error?.message ?? 'nothing')
  }
  await serve(
    'router',
    http.createServer((request, response) => router(request, response, answered(response))),
    paths,
  )

  const connect = need('connect')
  const connected = connect()
  connected.use('/things', (request: http.IncomingMessage, response: http.ServerResponse) => response.end(request.url))
  connected.use('/fails', (_request: unknown, _response: unknown, next: (error: unknown) => void) =>
    next(new Error('c')),
  )
  connected.use((error: Error, _request: unknown, response: http.ServerResponse, _next: unknown) =>
    answered(response)(error),
  )
  await serve('connect', http.createServer(connected), paths)

  const Koa = need('koa')
  const KoaRouter = need('@koa/router')
  const koa = new Koa()
  koa.silent = true
  const koaRouter = new KoaRouter()
  koaRouter.get('/things/:id', (context: { params: { id: string }; body: unknown }) => {
    context.body = context.params.id
  })
  koaRouter.get('/fails', async () => {
    throw new Error('koa fails')
  })
  koa.use(async (_context: unknown, next: () => Promise<void>) => next())
  koa.use(koaRouter.routes())
  await serve('koa', http.createServer(koa.callback()), paths)

  const fastify = need('fastify')({ forceCloseConnections: true })
  fastify.addHook('onRequest', async () => {})
  fastify.addHook('preHandler', (_request: unknown, _reply: unknown, done: () => void) => done())
  fastify.get('/things/:id', async (request: { params: { id: string } }) => request.params.id)
  fastify.get('/fails', async () => {
    throw new Error('fastify fails')
  })
  await fastify.listen({ port: 0, host: '127.0.0.1' })
  servers.push(fastify.server)
  for (const path of paths) tasks[`fastify ${path}`] = () => get(portOf(fastify.server), path)

  const hapi = need('@hapi/hapi').server({ port: 0, host: '127.0.0.1', debug: false })
  hapi.route({
    method: 'GET',
    path: '/things/{id}',
    handler: (request: { params: { id: string } }) => request.params.id,
  })
  hapi.route({
    method: 'GET',
    path: '/fails',
    handler: () => {
      throw new Error('hapi fails')
    },
  })
  hapi.ext('onPreHandler', (_request: unknown, h: { continue: unknown }) => h.continue)
  await hapi.start()
  servers.push(hapi.listener)
  for (const path of paths) tasks[`hapi ${path}`] = () => get(portOf(hapi.listener), path)

  const { Hono } = need('hono')
  const hono = new Hono()
  hono.use('*', async (_context: unknown, next: () => Promise<void>) => next())
  hono.get('/things/:id', (context: { req: { param(name: string): string }; text(text: string): unknown }) =>
    context.text(context.req.param('id')),
  )
  hono.get('/fails', () => {
    throw new Error('hono fails')
  })
  hono.onError((error: Error, context: { text(text: string, status: number): unknown }) =>
    context.text(error.message, 500),
  )
  await serve('hono', need('@hono/node-server').createAdaptorServer({ fetch: hono.fetch }), paths)

  const second = http2.createServer()
  second.on('stream', (stream, headers) => {
    stream.respond({ ':status': 200 })
    stream.end(String(headers[':path']))
  })
  const compatible = http2.createServer((request, response) => response.end(request.url))
  for (const [name, server] of Object.entries({ stream: second, compatible })) {
    await listening(server)
    servers.push(server)
    const session = http2.connect(`http://127.0.0.1:${portOf(server)}`)
    session.unref()
    tasks[`http2 ${name}`] = () =>
      new Promise((resolve, reject) => {
        let body = ''
        const stream = session.request({ ':path': `/${name}` })
        stream.setEncoding('utf8')
        stream.on('data', (part) => {
          body += part
        })
        stream.on('end', () => resolve(body)).on('error', reject)
      })
  }

  need('reflect-metadata')
  const { Controller, Get, Module, Param } = need('@nestjs/common')
  class Things {
    one(id: string) {
      return id
    }
    fails() {
      throw new Error('nest fails')
    }
  }
  const one = Object.getOwnPropertyDescriptor(Things.prototype, 'one')
  Get('things/:id')(Things.prototype, 'one', one)
  Param('id')(Things.prototype, 'one', 0)
  Get('fails')(Things.prototype, 'fails', Object.getOwnPropertyDescriptor(Things.prototype, 'fails'))
  Reflect.apply(Controller(), undefined, [Things])
  class Root {}
  Module({ controllers: [Things] })(Root)
  const nest = await need('@nestjs/core').NestFactory.create(Root, { logger: false })
  await nest.listen(0, '127.0.0.1')
  for (const path of paths) tasks[`nestjs ${path}`] = () => get(portOf(nest.getHttpServer()), path)

  const grpc = need('@grpc/grpc-js')
  const json = {
    serialize: (value: unknown) => Buffer.from(JSON.stringify(value)),
    parse: (text: Buffer) => JSON.parse(String(text)),
  }
  const method = (path: string, requestStream: boolean, responseStream: boolean) => ({
    path: `/faults/${path}`,
    requestStream,
    responseStream,
    requestSerialize: json.serialize,
    requestDeserialize: json.parse,
    responseSerialize: json.serialize,
    responseDeserialize: json.parse,
  })
  const Faults = grpc.makeGenericClientConstructor(
    { one: method('one', false, false), many: method('many', true, true) },
    'faults',
  )
  const called = new grpc.Server()
  called.addService(Faults.service, {
    one: ({ request }: { request: number }, callback: (error: unknown, value?: number) => void) =>
      request < 0 ? callback({ code: grpc.status.NOT_FOUND, details: 'none' }) : callback(null, request + 1),
    many: (stream: NodeJS.ReadWriteStream) => stream.pipe(stream),
  })
  const grpcPort = await new Promise((resolve, reject) =>
    called.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error: unknown, bound: number) =>
      error ? reject(error) : resolve(bound),
    ),
  )
  const caller = new Faults(`127.0.0.1:${grpcPort}`, grpc.credentials.createInsecure())
  const callOne = (n: number) =>
    new Promise((resolve) =>
      caller.one(n, (error: { code: number } | null, value: number) => resolve(error?.code ?? value)),
    )
  tasks['grpc'] = async () => [await callOne(1), await callOne(-1)]
  tasks['grpc streams'] = () =>
    new Promise((resolve) => {
      const seen: number[] = []
      const stream = caller.many()
      stream.on('data', (n: number) => seen.push(n)).on('end', () => resolve(seen))
      stream.write(1)
      stream.end()
    })

  const graphql = need('graphql')
  const schema = graphql.buildSchema('type Thing { name: String, fails: String } type Query { thing(id: Int): Thing }')
  const rootValue = {
    thing: async ({ id }: { id: number }) => ({
      name: `thing ${id}`,
      fails: () => {
        throw new Error('graphql fails')
      },
    }),
  }
  for (const source of ['{ thing(id: 1) { name } }', '{ thing(id: 1) { fails } }', '{ nothing }', '{']) {
    tasks[`graphql ${source}`] = () => graphql.graphql({ schema, source, rootValue })
  }

  return {
    tasks,
    async close() {
      agent.destroy()
      caller.close()
      called.forceShutdown()
      await nest.close()
      await fastify.close()
      await hapi.stop({ timeout: 1 })
      for (const server of servers) server.close()
      // Sessions of HTTP/2 that nobody waits for.
      setTimeout(() => process.exit(), 200).unref()
    },
  }
}
