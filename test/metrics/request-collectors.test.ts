// A collector for each request without the tracer: what is put before the handlers of each kind of server. And what a process that ends in
// the middle of requests and jobs leaves behind.

import { strict as assert } from 'node:assert'
import http, { type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises'
import { RequestCollectors } from '../../src/metrics/collector/request-collectors'
import { describePackages } from '../support/library'
import { Dialogue, listen, requestText, shut } from '../support/loopback'
import { UdpServer } from '../support/metric-servers'
import { runNode } from '../support/spawn'
import { notingSink, type Told } from '../support/vectors/play-collector'

type Handle = (path: string) => Promise<string>
type Next = (error?: unknown) => void

describe('RequestCollectors', () => {
  let told: Told[]
  let collectors: RequestCollectors
  let server: Server
  let begun = () => {}

  const lines = () =>
    told
      .splice(0)
      .map(([kind, name, value, { tags }]) => `${kind} ${name} ${value} ${tags.join(',')}`.trim())
      .sort()

  const handle: Handle = async (path) => {
    const [, what = '', id = ''] = path.split('/')
    for (let at = 0; at < Number(id); at++) {
      await nextTurn()
      collectors.active.increment('steps', 1, { tags: [`id:${id}`] })
    }
    if (what === 'hang') {
      begun()
      return new Promise(() => {})
    }
    if (what === 'fail') throw new RangeError('boom')
    return id
  }

  /** All series are sent, and no request is held any more. */
  async function untilSent(count: number): Promise<string[]> {
    while (told.length < count) await pause(1)
    await nextTurn()
    assert.equal(collectors.active.stats().waiting, 0)
    return lines()
  }

  function describeServer(title: string, serve: () => Promise<Server>): void {
    describe(title, () => {
      let port: number
      beforeEach(async () => {
        told = []
        collectors = new RequestCollectors(notingSink(told), { baseTags: ['svc:web'] })
        server = await serve()
        port = (server.address() as AddressInfo).port
      })
      afterEach(() => shut(server))

      const ask = (path: string, body?: string) =>
        fetch(`http://127.0.0.1:${port}${path}`, {
          method: body ? 'POST' : 'GET',
          body: body ?? null,
          headers: { 'content-type': 'application/json' },
        }).then((response) => response.text())

      it('sends what each of twenty requests at once has recorded', async () => {
        const ids = Array.from({ length: 20 }, (_, at) => at + 1)
        assert.deepEqual(await Promise.all(ids.map((id) => ask(`/ok/${id}`))), ids.map(String))
        assert.deepEqual(await untilSent(20), ids.map((id) => `increment steps ${id} id:${id},svc:web`).sort())
      })

      it('knows the request after its body was read', async () => {
        await ask('/ok/3', '{"a":1}')
        assert.deepEqual(await untilSent(1), ['increment steps 3 id:3,svc:web'])
      })

      it('sends what a request has recorded that failed', async () => {
        await ask('/fail/2')
        assert.deepEqual(await untilSent(1), ['increment steps 2 id:2,svc:web'])
      })

      it('sends what a request has recorded that was given up', async () => {
        const hanging = new Promise<void>((resolve) => {
          begun = resolve
        })
        const dialogue = Dialogue.open(port).say(requestText('GET /hang/2'))
        await hanging
        assert.deepEqual(lines(), [])
        dialogue.socket.destroy()
        assert.deepEqual(await untilSent(1), ['increment steps 2 id:2,svc:web'])
      })
    })
  }

  async function listening(listener: RequestListener): Promise<Server> {
    const made = http.createServer(listener)
    await listen(made)
    return made
  }

  describeServer('before a listener of http', () => {
    const answer = async (request: IncomingMessage, response: ServerResponse) => {
      response.end(await text(request).then(() => handle(request.url ?? '').catch(() => 'sorry')))
    }
    return listening(
      collectors.listener((request: IncomingMessage, response: ServerResponse) => void answer(request, response)),
    )
  })

  for (const version of ['4.22.1', '5.3.0']) {
    describePackages(`express ${version}`, { express: version }, undefined, ({ require }) => {
      describeServer('as middleware of Express', () => {
        interface App extends RequestListener {
          use(...handlers: unknown[]): App
        }
        const express = require('express') as { (): App; json(): unknown }
        // Given twice, it is one.
        const app = express().use(collectors.middleware).use(express.json()).use(collectors.middleware)
        app.use((request: IncomingMessage, response: ServerResponse, next: Next) => {
          handle(request.url ?? '').then((body) => response.end(body), next)
        })
        app.use((_error: Error, _request: unknown, response: ServerResponse, _next: Next) => response.end('sorry'))
        return listening(app)
      })
    })
  }

  describePackages('koa 3', { koa: '3.3.0' }, undefined, ({ require }) => {
    describeServer('as middleware of Koa', () => {
      interface Context {
        readonly req: IncomingMessage
        readonly res: ServerResponse
        body: unknown
      }
      interface App {
        use(middleware: (context: Context, next: () => Promise<void>) => Promise<void>): App
        on(event: 'error', listener: () => void): App
        callback(): RequestListener
      }
      const app = new (require('koa') as new () => App)()
      app.on('error', () => {})
      app.use(collectors.koa).use(async (context) => {
        await text(context.req)
        context.body = await handle(context.req.url ?? '')
      })
      return listening(app.callback())
    })
  })

  for (const version of ['4.29.1', '5.12.8']) {
    describePackages(`fastify ${version}`, { fastify: version }, undefined, ({ require }) => {
      describeServer('as plugin of Fastify', async () => {
        interface App {
          readonly server: Server
          register(plugin: unknown): App
          all(path: string, handler: (request: { url: string }) => Promise<string>): App
          listen(options: object): Promise<unknown>
        }
        const app = (require('fastify') as () => App)()
        // The routes are beside the plugin, not below it.
        app.register(collectors.fastify)
        app.all('/*', ({ url }) => handle(url))
        await app.listen({ port: 0, host: '127.0.0.1' })
        return app.server
      })
    })
  }

  it('collects nothing for a response that is closed already', () => {
    told = []
    collectors = new RequestCollectors(notingSink(told))
    collectors.middleware({}, { closed: true, once: () => assert.fail('listens') }, () =>
      collectors.active.increment('m'),
    )
    assert.deepEqual(lines(), ['increment m 1'])
  })
})

describe('a process that ends in the middle of jobs and requests', () => {
  const index = join(__dirname, '..', '..', 'src', 'index.js')
  const requestUnderWay = `
const http = require('node:http')
const server = http.createServer((request, response) => {
  tracer.collector.increment('m', 5)
  tracer.collector.increment('m')
  end()
}).listen(0, '127.0.0.1', () => http.get({ host: '127.0.0.1', port: server.address().port }).on('error', () => {}))`
  const jobUnderWay = `
tracer.collector.run(async () => {
  tracer.collector.increment('m', 6)
  await new Promise((resolve) => setTimeout(resolve, 20))
  end()
  await new Promise(() => {})
})`
  const ends: [how: string, end: string, code: number | null][] = [
    ['process.exit', 'setTimeout(() => process.exit(3), 20)', 3],
    ['an exception', "setTimeout(() => { throw new RangeError('boom') }, 20)", 1],
    ['SIGTERM', "setTimeout(() => process.kill(process.pid, 'SIGTERM'), 20)", null],
  ]
  let server: UdpServer
  beforeEach(async () => {
    server = await UdpServer.start()
  })
  afterEach(() => server.stop())

  for (const [what, work] of [
    ['a request', requestUnderWay],
    ['a job', jobUnderWay],
  ]) {
    for (const [how, end, expected] of ends) {
      it(`sends what ${what} has collected, at ${how}`, async () => {
        const { code } = await runNode({
          code: `const { tracer, patchAll } = require(${JSON.stringify(index)})
patchAll()
const end = () => ${end}
${work}`,
          env: {
            DD_DOGSTATSD_URL: `udp://127.0.0.1:${server.port}`,
            DD_TRACE_AGENT_URL: 'http://127.0.0.1:9',
            DD_TRACE_LOG_LEVEL: 'error',
          },
        })
        assert.equal(code, expected)
        await server.until(() => server.packets.some((packet) => packet.includes('m:')))
        const got = server.packets.join('\n').split('\n')
        assert.deepEqual(
          got.filter((line) => line.startsWith('m:')).map((line) => line.split('|').slice(0, 2).join('|')),
          ['m:6|c'],
        )
      })
    }
  }
})
