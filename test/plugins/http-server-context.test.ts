// Everything that belongs to a request to a server of Node's `http` runs in its span and in no other's, also on a shared connection and when
// the client hangs up; and the plugin leaves nothing on requests, responses and connections.

import { strict as assert } from 'node:assert'
import { once } from 'node:events'
import http, { type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import https from 'node:https'
import { finished } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'
import { tracer } from '../../src'
import { childrenOf, find } from '../support/agent'
import { selfSigned } from '../support/certificate'
import { ask, Dialogue, listen, requestText, shut } from '../support/loopback'
import { done, type Serving, serve, TracedProgram, wait } from './http-serving'
import { summary } from './http-span'

/** Notes for each request which of its callbacks ran outside of its span. */
function contexts(): { watch: RequestListener; seen: (serving: Serving) => Promise<Record<string, string[]>> } {
  const strays: Record<string, string[]> = {}
  const watch: RequestListener = async (request, response) => {
    const span = tracer.activeSpan
    const list: string[] = []
    strays[request.url!] = list
    if (span?.name !== 'web.request') list.push('handler')
    const check = (what: string) => () => {
      if (tracer.activeSpan !== span) list.push(what)
    }
    for (const event of ['data', 'end', 'close']) request.on(event, check(`request ${event}`))
    for (const event of ['finish', 'close', 'prefinish']) response.on(event, check(`response ${event}`))
    finished(response, check('finished'))
    process.nextTick(check('nextTick'))
    queueMicrotask(check('microtask'))
    setTimeout(check('timeout'), 1)
    await once(request, 'end')
    check('once')()
    await wait()
    check('await')()
    response.write('done ', check('written'))
    response.end(request.url, check('ended'))
  }
  const seen = async ({ server }: Serving) => {
    await shut(server)
    await wait()
    return strays
  }
  return { watch, seen }
}

describe('an http server', () => {
  const program = TracedProgram.declare()

  it('runs everything that belongs to a request inside its span', async () => {
    const { seen, watch } = contexts()
    program.answer = watch
    assert.match(await ask(program.port, 'POST /a', [], 'body'), /200 OK/)
    assert.deepEqual(await seen(program.serving), { '/a': [] })
  })

  it('keeps requests apart that share a connection, one after the other', async () => {
    const { seen, watch } = contexts()
    program.answer = watch
    const dialogue = Dialogue.open(program.port)
    for (const path of ['/1', '/2', '/3']) {
      dialogue.say(requestText(`POST ${path}`, [], `body of ${path}`))
      await dialogue.answer(new RegExp(`${path}\\r\\n0`))
    }
    assert.deepEqual(await seen(program.serving), { '/1': [], '/2': [], '/3': [] })
  })

  it('keeps requests apart that share a connection at once', async () => {
    const { seen, watch } = contexts()
    program.answer = watch
    const all = ['/1', '/2', '/3'].map((path) => requestText(`POST ${path}`, [], `body of ${path}`))
    await Dialogue.open(program.port)
      .say(all.join(''))
      .answer(/\/3\r\n0/)
    assert.deepEqual(await seen(program.serving), { '/1': [], '/2': [], '/3': [] })
  })

  it('gives each of 20 requests at once its own tree', async () => {
    program.answer = (request, response) => {
      setImmediate(() =>
        tracer.trace('work', { resource: request.url! }, async () => {
          await wait()
          tracer.trace('more', { resource: request.url! }, () => response.end())
        }),
      )
    }
    await Promise.all(Array.from({ length: 20 }, (_, n) => ask(program.port, `GET /${n}`)))
    const spans = await program.spans()
    const requests = spans.filter(({ name }) => name === 'web.request')
    assert.equal(requests.length, 20)
    for (const request of requests) {
      const path = new URL(request.meta['http.url']!).pathname
      const [work, ...others] = childrenOf(request, spans)
      assert.deepEqual(others, [])
      assert.equal(work?.resource, path)
      assert.deepEqual(
        childrenOf(work, spans).map(({ resource }) => resource),
        [path],
      )
    }
  })

  it('finishes the span of an aborted request once, and at once', async () => {
    const dialogue = Dialogue.open(program.port)
    const closed = new Promise((resolve) => {
      program.answer = (_request, response) => {
        response.on('close', () => {
          response.end()
          response.emit('finish')
          resolve(undefined)
        })
        dialogue.socket.destroy()
      }
    })
    dialogue.say(requestText('GET /'))
    await closed
    assert.deepEqual((await program.spans()).map(summary), ['GET 200'])
  })

  it('gives a request that was never answered no status', async () => {
    const dialogue = Dialogue.open(program.port)
    const closed = new Promise((resolve) => {
      program.answer = (_request, response) => {
        response.statusCode = 202
        response.on('close', resolve)
        dialogue.socket.destroy()
      }
    })
    dialogue.say(requestText('GET /'))
    await closed
    assert.deepEqual((await program.spans()).map(summary), ['GET -'])
  })

  it('finishes the spans of requests whose answers wait for another, when their connection is aborted', async () => {
    const all = ['/1', '/2', '/3']
    const dialogue = Dialogue.open(program.port)
    const closed = new Promise((resolve) => {
      program.answer = ({ url, socket }) => {
        if (url !== '/3') return
        socket.on('close', () => setImmediate(resolve))
        dialogue.socket.destroy()
      }
    })
    dialogue.say(all.map((path) => requestText(`GET ${path}`)).join(''))
    await closed
    const spans = await program.spans()
    assert.deepEqual(spans.map(({ meta }) => new URL(meta['http.url']!).pathname).sort(), all)
  })

  it('listens to a connection once, however many requests come on it at once', async () => {
    const counts: number[] = []
    program.answer = (request, response) => {
      counts.push(request.socket.listenerCount('close'))
      setImmediate(() => response.end(`done ${request.url}`))
    }
    const all = Array.from({ length: 30 }, (_, n) => requestText(`GET /${n}`))
    await Dialogue.open(program.port)
      .say(all.join(''))
      .answer(/done \/29$/)
    assert.ok(Math.max(...counts) <= counts[0]! + 2, counts.join())
    assert.equal((await program.spans()).length, 30)
  })

  it('adds nothing to request, response and server', async () => {
    const counts: Record<string, number> = {}
    program.answer = (request, response) => {
      for (const [name, emitter] of Object.entries({ request, response, server: program.serving.server })) {
        for (const event of emitter.eventNames()) counts[`${name} ${String(event)}`] = emitter.listenerCount(event)
      }
      done(request, response)
    }
    await ask(program.port, 'GET /')
    const onMessages = Object.entries(counts).filter(([key]) => /^(request|response)/.test(key))
    // Node's own, which ends the connection.
    assert.deepEqual(onMessages, [['response finish', 1]])
  })

  it('finishes the span of a response whose listeners were all removed', async () => {
    program.answer = (_request, response) => {
      response.end('done')
      process.nextTick(() => response.removeAllListeners('close'))
    }
    await program.spanOf('GET /')
  })

  it('causes no warning, however long a connection lasts', async () => {
    const warnings: Error[] = []
    const note = (warning: Error) => warnings.push(warning)
    process.on('warning', note)
    const dialogue = Dialogue.open(program.port)
    program.answer = (request, response) => void response.end(`done ${request.url}`)
    for (let n = 0; n < 30; n++) {
      dialogue.say(requestText(`GET /${n}`))
      await dialogue.answer(new RegExp(`done /${n}$`))
    }
    await nextTurn()
    process.removeListener('warning', note)
    assert.deepEqual(warnings, [])
  })

  it('covers https, with the same events', async () => {
    const { seen, watch } = contexts()
    const certificate = selfSigned()
    const secure = { server: https.createServer(certificate, watch), port: 0 }
    const port = await listen(secure.server)
    const dialogue = new Dialogue(connectTls({ port, host: '127.0.0.1', ca: certificate.cert }))
    await dialogue.say(requestText('POST /a', ['connection: close'], 'body')).answer()
    assert.deepEqual(await seen(secure), { '/a': [] })
    assert.equal(find(await program.spans(), 'web.request').meta['http.url'], 'https://shop.example/a')
  })

  it('covers subclasses of Server and what is emitted through them', async () => {
    class Shop extends http.Server {
      override emit(event: string | symbol, ...args: unknown[]): boolean {
        return super.emit(event as 'request', ...(args as [IncomingMessage, ServerResponse & { req: IncomingMessage }]))
      }
    }
    const shop = await serve(new Shop(done))
    await ask(shop.port, 'GET /')
    await shut(shop.server)
    assert.deepEqual((await program.spans()).map(summary), ['GET 200'])
  })
})
