// The undici plugin and the package `undici`, in all its majors: every way to ask is one span under the right parent, and the server
// can go on with its trace. (What global `fetch` does is in undici.test.ts.)

import { strict as assert } from 'node:assert'
import http from 'node:http'
import { Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { tracer } from '../../src'
import { childrenOf, find } from '../support/agent'
import { type CallStyle, describeCallStyles } from '../support/call-styles'
import { describeLibrary, type LibraryVersions } from '../support/library'
import { holdRefusingPort, listen, shut } from '../support/loopback'
import { Tracing } from '../support/tracing'

interface Answer {
  readonly statusCode: number
  readonly body: AsyncIterable<Buffer> & { text(): Promise<string> }
}

interface Dispatcher {
  request(options: object): Promise<Answer>
  close(): Promise<void>
}

interface Undici {
  request(url: string, options?: object): Promise<Answer>
  stream(url: string, options: object, factory: (data: Answer) => Writable): Promise<unknown>
  pipeline(url: string, options: object, handler: (data: Answer) => unknown): NodeJS.ReadWriteStream
  fetch(url: string, options?: object): Promise<Response>
  Client: new (
    origin: string,
  ) => Dispatcher & { request(options: object, callback: (...args: unknown[]) => void): void }
  Pool: new (origin: string, options?: object) => Dispatcher
  Agent: new () => Dispatcher
}

interface Row extends CallStyle<string> {
  /** `resource status`, and `error`. */
  readonly span?: string
  readonly path?: string
}

const versions: LibraryVersions = {
  name: 'undici',
  majors: { 5: ['5.0.0', '5.29.0'], 6: ['6.0.0', '6.29.1'], 7: ['7.0.0', '7.30.2'], 8: ['8.0.0', '8.12.4'] },
}

// The package puts an Agent of its own in the place of Node's, which the `fetch` of another version cannot use: not in the tests after these.
void globalThis.Response
const agents = [1, 2].map((version) => Symbol.for(`undici.globalDispatcher.${version}`)) as unknown as string[]
const shared = globalThis as unknown as Record<string, unknown>
const ofNode = agents.map((name) => shared[name])

describeLibrary('undici', versions, (library) => {
  after(() => {
    for (const [at, name] of agents.entries()) if (name in globalThis) shared[name] = ofNode[at]
  })

  let undici: Undici
  let origin: string
  let tracing: Tracing
  let release: (() => unknown) | undefined
  let deadOrigin: string
  const arrived: (string | undefined)[] = []

  const server = http.createServer(async (request, response) => {
    arrived.push(request.headers['x-datadog-parent-id'] as string | undefined)
    response.statusCode = Number(/^\/(\d{3})/.exec(request.url!)?.[1] ?? 200)
    response.end(`${request.method} ${request.url} ${await text(request)}`)
  })
  before(async () => {
    undici = library.load()
    origin = `http://127.0.0.1:${await listen(server)}`
    const held = await holdRefusingPort()
    deadOrigin = `http://127.0.0.1:${held.port}`
    release = () => held.release()
  })
  after(async () => {
    await release?.()
    await shut(server)
  })

  const read = async ({ statusCode, body }: Answer) => [statusCode, await body.text()]
  const using = async <D extends Dispatcher>(dispatcher: D, use: (dispatcher: D) => Promise<unknown>) => {
    try {
      return await use(dispatcher)
    } finally {
      await dispatcher.close()
    }
  }
  const failed = (promise: Promise<unknown>) =>
    promise.then(
      () => 'no failure',
      (error: Error) => error.message.replace(/\d+$/, ''),
    )

  const rows: Row[] = [
    { name: 'request', run: (url) => undici.request(`${url}/a?b=c`).then(read), path: '/a' },
    {
      name: 'request with a body and headers in a list',
      run: (url) => undici.request(url, { method: 'POST', body: 'sent', headers: ['x-own', 'yes'] }).then(read),
      span: 'POST 200',
    },
    {
      name: 'request with the headers of another trace',
      run: (url) =>
        undici.request(url, { headers: { 'x-datadog-parent-id': '2', 'X-Datadog-Trace-Id': '1' } }).then(read),
    },
    {
      name: 'request that is refused',
      run: (url) => undici.request(`${url}/404`).then(read),
      span: 'GET 404 error',
      path: '/404',
    },
    {
      name: 'request that the server fails',
      run: (url) => undici.request(`${url}/500`).then(read),
      span: 'GET 500',
      path: '/500',
    },
    {
      name: 'a dispatch of nothing',
      run: (url) => using(new undici.Client(url), (client) => failed(client.request(null as never))),
      span: '',
    },
    { name: 'request to nobody', run: () => failed(undici.request(deadOrigin)), span: 'GET error' },
    {
      name: 'stream',
      run: async (url) => {
        const parts: Buffer[] = []
        const sink = new Writable({
          write(part: Buffer, _encoding, done) {
            parts.push(part)
            done()
          },
        })
        await undici.stream(url, { method: 'GET' }, () => sink)
        return Buffer.concat(parts).toString()
      },
    },
    {
      name: 'pipeline',
      run: (url) => {
        const duplex = undici.pipeline(url, { method: 'PUT' }, ({ body }) => body)
        duplex.end('sent')
        return text(duplex)
      },
      span: 'PUT 200',
    },
    { name: 'its own fetch', run: async (url) => (await undici.fetch(url)).text() },
    {
      name: 'a Client',
      run: (url) => using(new undici.Client(url), (client) => client.request({ path: '/', method: 'GET' }).then(read)),
    },
    {
      name: 'a Client with a callback',
      run: (url, probe) => {
        const client = new undici.Client(url)
        const callback = probe.callback()
        client.request({ path: '/', method: 'GET' }, (error, data) => {
          void read(data as Answer).then((answer) => {
            callback(error, answer)
            return client.close()
          })
        })
      },
    },
    {
      name: 'a Pool',
      run: (url) => using(new undici.Pool(url), (pool) => pool.request({ path: '/', method: 'GET' }).then(read)),
    },
    {
      name: 'an Agent',
      run: (url) =>
        using(new undici.Agent(), (agent) => agent.request({ origin: url, path: '/', method: 'GET' }).then(read)),
    },
  ]

  describeCallStyles<string, Row>('asked by', rows, {
    without: { open: () => origin },
    with: {
      before: async () => {
        tracing = await Tracing.start({ undici: true })
      },
      open: async () => {
        await tracing.spans()
        tracing.clear()
        arrived.length = 0
        return origin
      },
      async check({ span: wanted = 'GET 200', path = '/' }) {
        const spans = await tracing.spans()
        if (wanted === '') return assert.deepEqual(spans, [])
        const span = find(spans, 'http.request')
        const { 'http.status_code': status } = span.meta
        assert.equal([span.resource, status, span.error ? 'error' : undefined].filter(Boolean).join(' '), wanted)
        assert.equal(span.meta['component'], 'undici')
        assert.equal(span.meta['out.host'], '127.0.0.1')
        if (status === undefined) return undefined
        assert.equal(span.meta['http.url'], origin + path)
        assert.deepEqual(arrived, [span.span_id])
        return undefined
      },
      after: () => tracing.stop(),
    },
  })

  it('puts the headers that are named into tags, of requests in every form', async () => {
    const wanted = ['x-a', 'Content-Length:length']
    for (const headers of [{ 'X-A': 'said' }, ['X-A', 'said']]) {
      tracing = await Tracing.start({ undici: true }, { headerTags: wanted })
      await undici.request(origin, { headers }).then(read)
      const { meta } = find(await tracing.spans(), 'http.request')
      assert.equal(meta['http.request.headers.x-a'], 'said')
      assert.equal(meta['http.response.headers.x-a'], undefined)
      assert.equal(meta['length'], String('GET / '.length))
      await tracing.stop()
    }
  })

  it('gives each of 20 requests at once its own span, from a cold pool of two connections', async () => {
    tracing = await Tracing.start({ undici: true })
    const pool = new undici.Pool(origin, { connections: 2 })
    const ask = (n: number) =>
      tracer.trace('request', { resource: `r${n}` }, () => pool.request({ path: `/${n}`, method: 'GET' }).then(read))
    await Promise.all(Array.from({ length: 20 }, (_, n) => ask(n)))
    await pool.close()
    const spans = await tracing.spans()
    for (let n = 0; n < 20; n++) {
      const request = find(spans, { name: 'request', resource: `r${n}` })
      assert.deepEqual(
        childrenOf(request, spans).map(({ meta }) => meta['http.url']),
        [`${origin}/${n}`],
      )
    }
    await tracing.stop()
  })
})
