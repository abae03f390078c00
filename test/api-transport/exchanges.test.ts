// Both ways in which a request goes out and its answer comes back, `fetch` and Node's own client: the same to whoever uses them, also when
// the server does not behave.

import { strict as assert } from 'node:assert'
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { deflateSync, gzipSync } from 'node:zlib'
import { type Exchange, ExchangeError, type ExchangeRequest } from '../../src/api-transport/exchange'
import { FetchExchange } from '../../src/api-transport/fetch-exchange'
import { NodeExchange } from '../../src/api-transport/node-exchange'
import { selfSigned } from '../support/certificate'
import { freePort } from '../support/free-port'
import { type Manner, type ScriptedServer, startScriptedServer } from '../support/scripted-server'

const MAKERS: [name: string, make: () => Exchange & { close?(): void }][] = [
  ['fetch', () => new FetchExchange({ fetch })],
  ['Node’s client', () => new NodeExchange({ keepsProcess: true })],
]

const REQUEST: ExchangeRequest = { verb: 'GET', headers: {}, body: undefined, timeoutMs: 10_000 }

for (const [name, make] of MAKERS) {
  describe(`an exchange by ${name}`, () => {
    let server: ScriptedServer
    let exchange: Exchange & { close?(): void }

    beforeEach(async () => {
      server = await startScriptedServer()
      exchange = make()
    })
    afterEach(async () => {
      exchange.close?.()
      await server.close()
    })

    const url = (path = '/x') => new URL(server.url + path)

    async function failure(of: Promise<unknown>): Promise<ExchangeError> {
      const error = await of.then(
        () => assert.fail('it was answered'),
        (reason: unknown) => reason,
      )
      assert.ok(error instanceof ExchangeError, String(error))
      return error
    }

    it('has the status, the headers and the body of any answer', async () => {
      for (const status of [200, 201, 204, 302, 400, 404, 429, 500, 503]) {
        server.manners.push({ status, headers: { 'X-RateLimit-Reset': '5', Location: '/other' }, text: 'ä€😀' })
        const reply = await exchange.send(url(), REQUEST)
        assert.equal(reply.status, status)
        assert.equal(reply.headers['x-ratelimit-reset'], '5')
        assert.equal(reply.body, status === 204 ? '' : 'ä€😀')
      }
      // No redirect was followed.
      assert.deepEqual([...new Set(server.lines)], ['GET /x'])
    })

    it('sends verb, path, query, headers and body as they are', async () => {
      const body = Buffer.from('{"a":"ä"}')
      const headers = { 'Content-Type': 'application/json', 'Content-Length': String(body.length), 'DD-API-KEY': 'k' }
      for (const verb of ['POST', 'PUT', 'PATCH', 'DELETE']) {
        await exchange.send(url('/a%2Fb?q=a+b%26'), { ...REQUEST, verb, headers, body })
        const [asked] = server.asked.slice(-1)
        assert.deepEqual([asked?.verb, asked?.path, asked?.query], [verb, '/a%2Fb', { q: 'a b&' }])
        assert.deepEqual([asked?.body, asked?.headers['dd-api-key']], [{ a: 'ä' }, 'k'])
      }
      await exchange.send(url(), { ...REQUEST, verb: 'POST' })
      assert.equal(server.asked.at(-1)?.headers['content-length'], '0')
    })

    it('reads what is compressed', async () => {
      const text = JSON.stringify({ tags: Array.from({ length: 1000 }, (_, n) => `tag:${n}`) })
      for (const [encoding, bytes] of [
        ['gzip', gzipSync(text)],
        ['deflate', deflateSync(text)],
        ['identity', Buffer.from(text)],
      ] as const) {
        server.manners.push({ headers: { 'Content-Encoding': encoding }, text: bytes })
        assert.equal((await exchange.send(url(), REQUEST)).body, text, encoding)
        if (encoding !== 'identity')
          assert.match(server.asked.at(-1)?.headers['accept-encoding'] ?? '', new RegExp(encoding))
      }
    })

    it('does not read what only claims to be compressed', async () => {
      server.manners.push({ headers: { 'Content-Encoding': 'gzip' }, text: 'no gzip' })
      const { failure: kind, mayHaveArrived } = await failure(exchange.send(url(), REQUEST))
      assert.deepEqual([kind, mayHaveArrived], ['network', true])
    })

    it('reads 20 megabytes, and characters that are cut between packets', async () => {
      const text = '€'.repeat(7_000_000)
      server.manners.push({ text })
      assert.ok((await exchange.send(url(), REQUEST)).body === text)
    })

    it('uses its connection again', async () => {
      for (let n = 0; n < 5; n++) await exchange.send(url(), REQUEST)
      // `fetch` begins with two.
      assert.ok(server.connections <= 2, `${server.connections}`)
    })

    it('has several requests under way', async () => {
      server.always = ({ query }) => ({ text: query['n'] ?? '' })
      const replies = await Promise.all(Array.from({ length: 20 }, (_, n) => exchange.send(url(`/x?n=${n}`), REQUEST)))
      assert.deepEqual(
        replies.map(({ body }) => body),
        Array.from({ length: 20 }, (_, n) => String(n)),
      )
    })

    it('is refused: nothing can have arrived', async () => {
      const nowhere = new URL(`http://127.0.0.1:${await freePort()}/`)
      const error = await failure(exchange.send(nowhere, REQUEST))
      assert.deepEqual([error.failure, error.code, error.mayHaveArrived], ['network', 'ECONNREFUSED', false])
    })

    it('does not find the host: nothing can have arrived', async () => {
      const error = await failure(exchange.send(new URL('http://no-such-host.invalid/'), REQUEST))
      assert.equal(error.failure, 'network')
      assert.match(error.code ?? '', /^(?:ENOTFOUND|EAI_AGAIN)$/)
      assert.equal(error.mayHaveArrived, false)
    })

    it('does not trust the server: nothing can have arrived', async () => {
      const stranger = await startScriptedServer(selfSigned())
      const error = await failure(exchange.send(new URL(stranger.url), { ...REQUEST, verb: 'POST' }))
      assert.deepEqual(
        [error.failure, error.code, error.mayHaveArrived],
        ['network', 'DEPTH_ZERO_SELF_SIGNED_CERT', false],
      )
      assert.equal(stranger.asked.length, 0)
      await stranger.close()
    })

    for (const manner of ['cut', 'cut body'] as const) {
      it(`is cut off (${manner}): it may have arrived`, async () => {
        server.always = manner
        const error = await failure(exchange.send(url(), { ...REQUEST, verb: 'POST' }))
        assert.deepEqual([error.failure, error.mayHaveArrived], ['network', true])
        assert.ok(error.message.length > 0)
      })
    }

    const silent: [name: string, manner: Manner][] = [
      ['no headers come', 'hang'],
      ['the body stops', 'trickle'],
    ]
    for (const [when, manner] of silent) {
      it(`is late: ${when}`, async () => {
        server.always = manner
        const error = await failure(exchange.send(url(), { ...REQUEST, timeoutMs: 50 }))
        assert.deepEqual([error.failure, error.message], ['timeout', 'no answer within 50 ms'])
      })

      it(`is given up by the program: ${when}`, async () => {
        server.always = manner
        const stop = new AbortController()
        const call = exchange.send(url(), { ...REQUEST, signal: stop.signal })
        await server.until(1)
        stop.abort(new Error('a secret of the program'))
        const error = await failure(call)
        assert.deepEqual([error.failure, error.code], ['aborted', 'aborted'])
        assert.equal(error.message, 'it was given up by the program')
      })
    }

    it('is late where the body comes drop by drop', async () => {
      const drops = await listening((socket) => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n')
        const drip = setInterval(() => socket.write('x'), 5)
        socket.on('close', () => clearInterval(drip)).on('error', () => {})
      })
      const error = await failure(exchange.send(drops.url, { ...REQUEST, timeoutMs: 100 }))
      assert.equal(error.failure, 'timeout')
      await drops.close()
    })

    it('is late where the server takes the connection and says nothing of TLS', async () => {
      const mute = await listening(() => {})
      const secure = new URL(mute.url.href.replace('http:', 'https:'))
      const error = await failure(exchange.send(secure, { ...REQUEST, timeoutMs: 100 }))
      assert.equal(error.failure, 'timeout')
      await mute.close()
    })

    it('is given up before it begins', async () => {
      const error = await failure(exchange.send(url(), { ...REQUEST, signal: AbortSignal.abort() }))
      assert.equal(error.failure, 'aborted')
      assert.equal(server.asked.length, 0)
    })

    it('leaves nothing on a signal that many share', async () => {
      const { signal } = new AbortController()
      const counts = { addEventListener: 0, removeEventListener: 0 }
      for (const method of ['addEventListener', 'removeEventListener'] as const) {
        const original = signal[method]
        signal[method] = (...args: Parameters<typeof original>) => {
          counts[method]++
          original.apply(signal, args)
        }
      }
      await exchange.send(url(), { ...REQUEST, signal })
      server.always = 'cut'
      await failure(exchange.send(url(), { ...REQUEST, signal }))
      assert.deepEqual(counts, { addEventListener: 2, removeEventListener: 2 })
    })

    const odd: [name: string, answer: string][] = [
      ['is no HTTP', 'SSH-2.0-OpenSSH_9.6\r\n'],
      ['is nothing', ''],
      ['has a header that is none', 'HTTP/1.1 200 OK\r\nno header\r\n\r\n'],
      ['has a length that is none', 'HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n'],
    ]
    for (const [what, answer] of odd) {
      it(`is answered by what ${what}`, async () => {
        const odd = await listening((socket) => socket.on('error', () => {}).on('data', () => socket.end(answer)))
        const error = await failure(exchange.send(odd.url, REQUEST))
        assert.deepEqual([error.failure, error.mayHaveArrived], ['network', true])
        await odd.close()
      })
    }
  })
}

describe('an exchange by a fetch of the program’s', () => {
  const send = (own: typeof fetch, signal?: AbortSignal) =>
    new FetchExchange({ fetch: own }).send(new URL('http://127.0.0.1/'), { ...REQUEST, timeoutMs: 20, signal })

  it('may fail in any way', async () => {
    for (const [thrown, message] of [
      [new Error('boom'), 'boom'],
      [new TypeError('fetch failed', { cause: Object.assign(new Error('x'), { code: 'ECONNRESET' }) }), 'ECONNRESET'],
      ['text', 'text'],
      [undefined, 'undefined'],
      [null, 'null'],
    ] as const) {
      const own = () => Promise.reject(thrown)
      await assert.rejects(send(own), { name: 'ExchangeError', failure: 'network', message })
    }
    const own = () => {
      throw new Error('boom')
    }
    await assert.rejects(send(own), { name: 'ExchangeError', failure: 'network' })
  })

  it('has limits of its own, which are timeouts too', async () => {
    for (const code of ['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'UND_ERR_CONNECT_TIMEOUT', 'ETIMEDOUT']) {
      const own = () =>
        Promise.reject(new TypeError('fetch failed', { cause: Object.assign(new Error('x'), { code }) }))
      await assert.rejects(send(own), { failure: 'timeout', mayHaveArrived: code !== 'UND_ERR_CONNECT_TIMEOUT' })
    }
  })

  it('is late even if it does not heed its signal', async () => {
    await assert.rejects(
      send(() => new Promise(() => {})),
      { failure: 'timeout' },
    )
    await assert.rejects(
      send(() => new Promise(() => {}), AbortSignal.abort()),
      { failure: 'aborted' },
    )
  })

  it('is handed a dispatcher', async () => {
    const dispatcher = {}
    let given: unknown
    const own = async (_url: unknown, init?: object) => {
      given = (init as { dispatcher?: unknown }).dispatcher
      return new Response('{}')
    }
    await new FetchExchange({ fetch: own as typeof fetch, dispatcher }).send(new URL('http://x/'), REQUEST)
    assert.equal(given, dispatcher)
  })
})

async function listening(take: (socket: Socket) => void): Promise<{ url: URL; close: () => Promise<void> }> {
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    take(socket)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  return {
    url: new URL(`http://127.0.0.1:${port}/`),
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
