// `tracer.collector` inside of requests: what each request records, wherever and however long it takes, is sent once, when its response is
// closed, complete or given up; whichever server and framework answers. The lines are those that arrive on a socket.

import { strict as assert } from 'node:assert'
import { once } from 'node:events'
import http, { type ServerResponse } from 'node:http'
import http2, { type Http2ServerResponse, type ServerHttp2Stream } from 'node:http2'
import type { AddressInfo, Server } from 'node:net'
import { text } from 'node:stream/consumers'
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises'
import { patch, tracer } from '../../src'
import { describePackages } from '../support/library'
import { Dialogue, requestText, shut } from '../support/loopback'
import { MetricLines } from '../support/metric-lines'
import { Tracing } from '../support/tracing'
import { listening } from './pinned-site'

type Response = ServerResponse | Http2ServerResponse | ServerHttp2Stream
/** Answers `path` with what it returns; throws where the answer is to be an error. */
type Handle = (path: string, response: Response) => Promise<string>

interface Site {
  readonly plugins: Readonly<Record<string, object>>
  /** After the plugins are on. */
  serve(handle: Handle): Promise<Server>
  /** Default: HTTP/1. */
  readonly client?: Client
}

interface Client {
  /** The status and the body. */
  ask(port: number, path: string, body?: string): Promise<[status: number, body: string]>
  /** Goes away without an answer as soon as `begun` resolves. */
  giveUp(port: number, path: string, begun: Promise<void>): Promise<void>
}

const overHttp1: Client = {
  async ask(port, path, body) {
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method: body ? 'POST' : 'GET',
      body: body ?? null,
      headers,
    })
    return [response.status, await response.text()]
  },
  async giveUp(port, path, begun) {
    const dialogue = Dialogue.open(port).say(requestText(`GET ${path}`))
    await begun
    dialogue.socket.destroy()
  },
}

const overHttp2: Client = {
  async ask(port, path, body) {
    const session = http2.connect(`http://127.0.0.1:${port}`)
    const stream = session.request({ ':path': path, ':method': body ? 'POST' : 'GET' }).end(body)
    const [headers] = (await once(stream, 'response')) as [{ ':status': number }]
    const answer = await text(stream)
    session.destroy()
    return [headers[':status'], answer]
  },
  async giveUp(port, path, begun) {
    const session = http2.connect(`http://127.0.0.1:${port}`)
    session.request({ ':path': path }).on('error', () => {})
    await begun
    session.destroy()
  },
}

/** Answers itself, as there is no framework to do so. */
async function answer(handle: Handle, path: string, response: ServerResponse | Http2ServerResponse): Promise<void> {
  try {
    const body = await handle(path, response)
    response.end(body)
  } catch {
    response.statusCode = 500
    response.end('sorry')
  }
}

async function answerStream(handle: Handle, path: string, stream: ServerHttp2Stream): Promise<void> {
  try {
    const body = await handle(path, stream)
    stream.respond({ ':status': 200 })
    stream.end(body)
  } catch {
    stream.respond({ ':status': 500 })
    stream.end('sorry')
  }
}

function describeSite(title: string, site: () => Site): void {
  describe(title, () => {
    let tracing: Tracing
    let lines: MetricLines
    let server: Server
    let port: number
    let client: Client
    /** Responses that are closed. */
    let closed = 0
    let begun = () => {}

    const handle: Handle = async (path, response) => {
      const [, what = '', id = ''] = path.split('/')
      const tags = [`id:${id}`]
      response.once('close', () => {
        tracer.collector.increment('closed', 1, { tags })
        // After the collector has ended.
        setImmediate(() => closed++)
      })
      tracer.collector.increment('calls', 1, { tags })
      if (what === 'hang') {
        begun()
        return new Promise(() => {})
      }
      await Promise.all(
        Array.from({ length: Number(id) }, async () => {
          await nextTurn()
          tracer.collector.increment('calls', 1, { tags })
          await tracer.trace('work', () => pause(1))
          await new Promise<void>((resolve) => {
            setTimeout(() => {
              tracer.collector.histogram('work', 2, { tags })
              resolve()
            }, 0)
          })
        }),
      )
      if (what === 'fail') throw new RangeError('boom')
      if (what === 'late') {
        const { collector } = tracer
        response.once('close', () =>
          setImmediate(() => {
            collector.increment('late.kept', 1, { tags })
            tracer.collector.increment('late.found', 1, { tags })
          }),
        )
      }
      return id
    }

    async function untilClosed(count: number): Promise<void> {
      while (closed < count) await pause(1)
    }

    before(async () => {
      const { plugins, serve, client: given = overHttp1 } = site()
      client = given
      lines = await MetricLines.listen()
      tracing = await Tracing.start({ http: { client: false }, http2: { client: false }, ...plugins }, lines.options)
      server = await serve(handle)
      port = (server.address() as AddressInfo).port
    })

    beforeEach(() => {
      closed = 0
    })

    after(async () => {
      await shut(server)
      await tracing.stop()
      await lines.stop()
    })

    it('sends what a request has recorded once, when its response is closed', async () => {
      assert.deepEqual(await client.ask(port, '/count/3'), [200, '3'])
      await untilClosed(1)
      assert.deepEqual(await lines.take(), ['calls:4|c|#id:3', 'closed:1|c|#id:3', 'work:6|h|#id:3'])
      assert.equal(tracer.collector.stats().waiting, 0)
    })

    it('sends what a request has recorded that failed', async () => {
      const [status] = await client.ask(port, '/fail/2')
      assert.equal(status, 500)
      await untilClosed(1)
      assert.deepEqual(await lines.take(), ['calls:3|c|#id:2', 'closed:1|c|#id:2', 'work:4|h|#id:2'])
    })

    it('sends what a request has recorded that was given up by its client', async () => {
      await client.giveUp(port, '/hang/7', new Promise((resolve) => (begun = resolve)))
      await untilClosed(1)
      assert.deepEqual(await lines.take(), ['calls:1|c|#id:7', 'closed:1|c|#id:7'])
      assert.equal(tracer.collector.stats().waiting, 0)
    })

    it('sends at once what comes later', async () => {
      assert.deepEqual(await client.ask(port, '/late/1'), [200, '1'])
      await untilClosed(1)
      await nextTurn()
      const expected = [
        'calls:2|c|#id:1',
        'closed:1|c|#id:1',
        'late.found:1|c|#id:1',
        'late.kept:1|c|#id:1',
        'work:2|h|#id:1',
      ]
      assert.deepEqual(await lines.take(), expected)
    })

    it('keeps twenty requests apart that are served at once', async () => {
      const ids = Array.from({ length: 20 }, (_, at) => at + 1)
      const answers = await Promise.all(ids.map((id) => client.ask(port, `/count/${id}`)))
      assert.deepEqual(
        answers,
        ids.map((id) => [200, String(id)]),
      )
      await untilClosed(20)
      const expected = ids.flatMap((id) => [
        `calls:${id + 1}|c|#id:${id}`,
        `closed:1|c|#id:${id}`,
        `work:${2 * id}|h|#id:${id}`,
      ])
      assert.deepEqual(await lines.take(), expected.sort())
    })

    it('knows the request in a handler that has waited for the body', async () => {
      assert.equal((await client.ask(port, '/count/2', '{"a":1}'))[0], 200)
      await untilClosed(1)
      assert.deepEqual(await lines.take(), ['calls:3|c|#id:2', 'closed:1|c|#id:2', 'work:4|h|#id:2'])
    })
  })
}

describe('tracer.collector in requests', () => {
  describeSite('of http', () => ({
    plugins: {},
    serve: (handle) =>
      listening(
        http.createServer(
          (request, response) => void text(request).then(() => answer(handle, request.url ?? '', response)),
        ),
      ),
  }))

  describeSite('of http2, by request and response', () => ({
    plugins: {},
    client: overHttp2,
    serve: (handle) =>
      listening(
        http2.createServer((request, response) => void text(request).then(() => answer(handle, request.url, response))),
      ),
  }))

  describeSite('of http2, by streams', () => ({
    plugins: {},
    client: overHttp2,
    async serve(handle) {
      const server = http2.createServer()
      server.on('stream', (stream, headers) => void answerStream(handle, String(headers[':path']), stream))
      return listening(server)
    },
  }))

  for (const version of ['4.22.1', '5.3.0']) {
    describePackages(`express ${version}`, { express: version }, undefined, ({ require }) => {
      describeSite('of Express', () => ({
        plugins: { express: {} },
        serve(handle) {
          type Next = (error?: unknown) => void
          type Handler = (
            request: { url: string },
            response: ServerResponse & { status(code: number): Response },
            next: Next,
          ) => void
          interface App extends http.RequestListener {
            use(...handlers: unknown[]): App
            all(path: string | RegExp, handler: Handler): App
          }
          const express = require('express') as { (): App; json(): unknown }
          const app = express().use(express.json())
          app.all(
            /.*/,
            ({ url }, response, next) => void handle(url, response).then((body) => response.end(body), next),
          )
          app.use((_error: Error, _request: unknown, response: ServerResponse, _next: Next) => {
            response.statusCode = 500
            response.end('sorry')
          })
          return listening(http.createServer(app))
        },
      }))
    })
  }

  describePackages('koa 3', { koa: '3.3.0' }, undefined, ({ require }) => {
    describeSite('of Koa', () => ({
      plugins: { koa: {} },
      serve(handle) {
        interface Context {
          readonly req: http.IncomingMessage
          readonly res: ServerResponse
          body: unknown
        }
        interface App {
          use(middleware: (context: Context, next: () => Promise<void>) => Promise<void>): App
          on(event: 'error', listener: () => void): App
          callback(): http.RequestListener
        }
        const app = new (require('koa') as new () => App)()
        app.on('error', () => {})
        app.use((_context, next) => next())
        app.use(async (context) => {
          await text(context.req)
          context.body = await handle(context.req.url ?? '', context.res)
        })
        return listening(http.createServer(app.callback()))
      },
    }))
  })

  describePackages('fastify 5', { fastify: '5.12.8' }, undefined, ({ require }) => {
    describeSite('of Fastify', () => ({
      plugins: { fastify: {} },
      async serve(handle) {
        interface App {
          readonly server: Server
          all(path: string, handler: (request: { url: string }, reply: { raw: ServerResponse }) => Promise<string>): App
          listen(options: object): Promise<unknown>
        }
        const app = (require('fastify') as () => App)()
        app.all('/*', ({ url }, { raw }) => handle(url, raw))
        await app.listen({ port: 0, host: '127.0.0.1' })
        return app.server
      },
    }))
  })

  describePackages('connect 3', { connect: '3.7.0' }, undefined, ({ require }) => {
    describeSite('of Connect', () => ({
      plugins: { connect: {} },
      serve(handle) {
        const app = (require('connect') as () => http.RequestListener & { use(handler: unknown): void })()
        app.use((request: http.IncomingMessage, response: ServerResponse, next: (error: unknown) => void) => {
          void text(request)
            .then(() => handle(request.url ?? '', response))
            .then((body) => response.end(body), next)
        })
        app.use((_error: Error, _request: unknown, response: ServerResponse, _next: unknown) => {
          response.statusCode = 500
          response.end('sorry')
        })
        return listening(http.createServer(app))
      },
    }))
  })

  describe('elsewhere', () => {
    let lines: MetricLines
    let tracing: Tracing

    before(async () => {
      lines = await MetricLines.listen()
      tracing = await Tracing.start({ http: { server: { blocklist: ['/health'] } } }, lines.options)
    })

    after(async () => {
      await tracing.stop()
      await lines.stop()
    })

    it('sends at once outside of any request, also by one that was asked for before', async () => {
      const { collector } = tracer
      collector.increment('m', 1, { tags: ['a:1'] })
      tracer.collector.gauge('g', 2)
      assert.deepEqual(await lines.take(), ['g:2|g', 'm:1|c|#a:1'])
      const server = await listening(
        http.createServer((_request, response) => {
          for (let at = 0; at < 3; at++) collector.increment('m')
          response.end()
        }),
      )
      const { port } = server.address() as AddressInfo
      await overHttp1.ask(port, '/')
      await shut(server)
      assert.deepEqual(await lines.take(), ['m:3|c'])
    })

    it('collects what a job does, with spans inside, without spans, and inside of a request', async () => {
      await tracer.collector.run(
        async () => {
          tracer.collector.increment('m')
          await tracer.trace('work', async () => {
            await nextTurn()
            tracer.collector.increment('m')
          })
          tracer.scope().activate(null, () => tracer.collector.increment('m'))
          tracer.withBaggage({ a: 'b' }, () => tracer.collector.increment('m'))
        },
        { baseTags: ['queue:mail'] },
      )
      assert.deepEqual(await lines.take(), ['m:4|c|#queue:mail'])
      const server = await listening(
        http.createServer((_request, response) => {
          tracer.collector.increment('m')
          tracer.collector.run(() => tracer.collector.increment('m', 5))
          tracer.collector.run(() => tracer.collector.increment('m', 7), { nested: 'isolate' })
          response.end()
        }),
      )
      await overHttp1.ask((server.address() as AddressInfo).port, '/')
      await shut(server)
      assert.deepEqual(await lines.take(), ['m:6|c', 'm:7|c'])
    })

    it('sends at once in requests that are not traced', async () => {
      const server = await listening(
        http.createServer((_request, response) => {
          tracer.collector.increment('m')
          tracer.collector.increment('m')
          response.end()
        }),
      )
      await overHttp1.ask((server.address() as AddressInfo).port, '/health')
      await shut(server)
      assert.deepEqual(await lines.take(), ['m:1|c', 'm:1|c'])
    })

    it('puts no listener on a response', async () => {
      const counts: number[] = []
      const server = await listening(
        http.createServer((_request, response) => {
          counts.push(response.listenerCount('close'), response.listenerCount('finish'))
          tracer.collector.increment('m')
          counts.push(response.listenerCount('close'), response.listenerCount('finish'))
          response.end()
        }),
      )
      await overHttp1.ask((server.address() as AddressInfo).port, '/')
      await shut(server)
      assert.deepEqual(counts.slice(2), counts.slice(0, 2))
      assert.deepEqual(await lines.take(), ['m:1|c'])
    })
  })

  it('gives what requests under way have collected when the tracer is shut down, and goes on when it is started again', async () => {
    const lines = await MetricLines.listen()
    const tracing = await Tracing.start({ http: {} }, lines.options)
    let arrived = (_response: ServerResponse) => {}
    const arriving = new Promise<ServerResponse>((resolve) => (arrived = resolve))
    const server = await listening(
      http.createServer((_request, response) => {
        tracer.collector.increment('m')
        arrived(response)
      }),
    )
    const asked = overHttp1.ask((server.address() as AddressInfo).port, '/')
    const response = await arriving
    const { collector } = tracer
    await tracing.stop()
    const again = await Tracing.start({ http: {} }, lines.options)
    patch({ http: true })
    assert.deepEqual(await lines.take(), ['m:1|c'])
    response.end('done')
    assert.deepEqual(await asked, [200, 'done'])
    collector.increment('after')
    assert.deepEqual(await lines.take(), ['after:1|c'])
    await shut(server)
    await again.stop()
    await lines.stop()
  })
})
