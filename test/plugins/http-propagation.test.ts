// Traces and baggage over real sockets: through every client and server of Node's, in every style, through headers made to hurt,
// and past the browser, which asks first.

import { strict as assert } from 'node:assert'
import { once } from 'node:events'
import http, { type IncomingHttpHeaders, type OutgoingHttpHeaders, type ServerResponse } from 'node:http'
import http2 from 'node:http2'
import { text } from 'node:stream/consumers'
import fc from 'fast-check'
import { type InitOptions, tracer } from '../../src'
import { childrenOf, find, type ReceivedSpan } from '../support/agent'
import { collectLog } from '../support/log-lines'
import { ask, listen, shut } from '../support/loopback'
import { runNode } from '../support/spawn'
import { Tracing } from '../support/tracing'
import { anyHttpHeaders } from '../trace/propagation/hostile-headers'

const plugins = { http: true, http2: true, undici: true }

/** What arrived at the second of two servers. */
interface Arrived {
  readonly headers: IncomingHttpHeaders
  readonly traceId: string | undefined
  readonly baggage: ReadonlyMap<string, string>
}

const clients: Record<string, (port: number) => Promise<void>> = {
  'node:http': async (port) => {
    const request = http.get({ port, headers: { Traceparent: 'old' } })
    const closed = once(request, 'close')
    const [response] = await once(request, 'response')
    await text(response)
    await closed
  },
  fetch: async (port) => {
    const response = await fetch(`http://127.0.0.1:${port}/`, { headers: { Traceparent: 'old' } })
    await response.text()
  },
}

async function overHttp2(port: number): Promise<void> {
  const session = http2.connect(`http://127.0.0.1:${port}`)
  try {
    const stream = session.request({ ':path': '/', Traceparent: 'old' })
    const closed = once(stream, 'close')
    await text(stream)
    await closed
  } finally {
    session.close()
  }
}

describe('a trace over HTTP', () => {
  let tracing: Tracing
  const servers: { port: number; server: http.Server | http2.Http2Server }[] = []
  let arrived: Arrived | undefined

  async function start(options: InitOptions): Promise<{ http: number; http2: number }> {
    tracing = await Tracing.start(plugins, options)
    const answer = (request: { headers: IncomingHttpHeaders }, response: { end(body: string): unknown }) => {
      arrived = { headers: request.headers, traceId: tracer.activeSpan?.traceId, baggage: tracer.baggage }
      response.end('done')
    }
    const [one, two] = [http.createServer(answer), http2.createServer(answer)]
    for (const server of [one, two]) servers.push({ server, port: await listen(server) })
    return { http: servers[0]!.port, http2: servers[1]!.port }
  }

  afterEach(async () => {
    for (const { server } of servers.splice(0)) await shut(server)
    arrived = undefined
    await tracing.stop()
  })

  const headersOf: Record<string, readonly string[]> = {
    datadog: ['x-datadog-trace-id', 'x-datadog-parent-id', 'x-datadog-sampling-priority', 'x-datadog-tags'],
    tracecontext: ['traceparent', 'tracestate'],
    b3: ['b3'],
    b3multi: ['x-b3-traceid', 'x-b3-spanid', 'x-b3-sampled'],
  }
  for (const [style, names] of Object.entries(headersOf)) {
    it(`goes on by ${style}, and baggage with it, through every client and server`, async () => {
      const styles = [style, 'baggage']
      const ports = await start({ propagationStyleExtract: styles, propagationStyleInject: styles })
      const ways: [string, () => Promise<unknown>][] = [
        ...Object.entries(clients).map(([name, send]): [string, () => Promise<unknown>] => [
          name,
          () => send(ports.http),
        ]),
        ['node:http2', () => overHttp2(ports.http2)],
      ]
      for (const [name, send] of ways) {
        tracing.clear()
        let traceId = ''
        await tracer.withBaggage({ 'user.id': 'é 1' }, () =>
          tracer.trace('caller', (span) => {
            traceId = span.traceId
            return send()
          }),
        )
        const spans = await tracing.spans()
        const caller = find(spans, 'caller')
        const request = childrenOf(caller, spans).find((span) => span.name === 'http.request')
        const [served] = childrenOf(request!, spans)
        assert.equal(served?.name, 'web.request', name)
        assert.equal(arrived!.traceId, traceId)
        assert.equal(served.meta['baggage.user.id'], 'é 1')
        assert.deepEqual([...arrived!.baggage], [['user.id', 'é 1']])
        const found = Object.keys(arrived!.headers).filter((header) =>
          /^(x-datadog|x-b3|b3|tracep|traces|baggage)/.test(header),
        )
        const others = style === 'tracecontext' ? [] : ['traceparent']
        assert.deepEqual(
          found.sort(),
          ['baggage', ...names, ...others].sort(),
          `${name}: each once, and those of the program`,
        )
      }
    })
  }

  it('has no baggage of where its server was made', async () => {
    await start({})
    const port = await tracer.withBaggage({ boot: '1' }, () => {
      const server = http.createServer((_request, response) => {
        arrived = { headers: {}, traceId: undefined, baggage: tracer.baggage }
        response.end()
      })
      return listen(server).then((own) => {
        servers.push({ server, port: own })
        return own
      })
    })
    await ask(port, 'GET /')
    assert.deepEqual([...arrived!.baggage], [])
    await ask(port, 'GET /', ['baggage: a=1'])
    assert.deepEqual([...arrived!.baggage], [['a', '1']])
  })

  it('goes on by headers that only the environment asks for', async () => {
    await start({})
    const { stdout, stderr } = await runNode({
      code: `
        const http = require('node:http')
        const server = http.createServer((request, response) => response.end(JSON.stringify(request.headers)))
        server.listen(0, () => http.get({ port: server.address().port }, async (response) => {
          for await (const part of response) process.stdout.write(part)
          server.close()
        }))`,
      execArgv: ['--require', require.resolve('../../src/init')],
      env: {
        DD_TRACE_PROPAGATION_STYLE: 'b3multi,nonsense',
        DD_TRACE_PROPAGATION_STYLE_EXTRACT: 'none',
        DD_TRACE_AGENT_URL: tracing.agent.url,
      },
    })
    const names = Object.keys(JSON.parse(stdout)).filter((name) => name.startsWith('x-') || name.startsWith('trace'))
    assert.deepEqual(names.sort(), ['x-b3-sampled', 'x-b3-spanid', 'x-b3-traceid'])
    assert.match(stderr, /number 2 of 2 propagation styles does not exist/)
    const roots = (await tracing.spans()).filter(({ parent_id }) => parent_id === '0')
    assert.deepEqual(roots.map(({ name }) => name).sort(), ['http.request', 'web.request'], 'nothing is read')
  })

  describe('of strangers', () => {
    const lines = collectLog()

    it('stays whole, whatever their headers are (200 requests)', async function () {
      this.timeout(60_000)
      const all = ['datadog', 'tracecontext', 'b3', 'b3multi', 'baggage']
      const ports = await start({ propagationStyleExtract: all, propagationStyleInject: all, baggageTagKeys: ['*'] })
      const front = http.createServer(async (_request, response) => {
        const [back] = await once(http.get({ port: ports.http }), 'response')
        response.end(await text(back))
      })
      const port = await listen(front)
      servers.push({ server: front, port })
      const samples = fc.sample(anyHttpHeaders, 200)
      let roots = 0
      for (const sample of samples) {
        const head = Object.entries(sample).map(([name, value]) => `${name}: ${value}`)
        const answer = await ask(port, 'GET /', head)
        assert.match(answer, /^HTTP\/1.1 200 OK\r\n[\s\S]*done/, JSON.stringify(sample))
        const spans = await tracing.spans()
        tracing.clear()
        assertWhole(spans, sample)
        if (spans.some(({ parent_id }) => parent_id === '0')) roots++
      }
      assert.ok(roots > 10 && roots < 190, `${roots} of 200 began a trace`)
      // Another test of the run may have loaded undici, with a client of a database.
      assert.deepEqual(
        lines.filter((line) => !/was loaded before dd/.test(line)),
        [],
      )
    })
  })
})

/** Three spans, one below the other, of one trace. */
function assertWhole(spans: readonly ReceivedSpan[], sample: unknown): void {
  const message = JSON.stringify(sample)
  assert.deepEqual(spans.map(({ name }) => name).sort(), ['http.request', 'web.request', 'web.request'], message)
  assert.equal(new Set(spans.map(({ trace_id }) => trace_id)).size, 1, message)
  const request = find(spans, 'http.request')
  assert.equal(childrenOf(request, spans).length, 1, message)
  const front = spans.find(({ span_id }) => span_id === request.parent_id)
  assert.equal(front?.name, 'web.request', message)
  const priorities = new Set(
    spans.map(({ metrics }) => metrics['_sampling_priority_v1']).filter((each) => each !== undefined),
  )
  assert.equal(priorities.size, 1, message)
}

describe('a preflight request', () => {
  let tracing: Tracing
  let port: number
  let answer: (response: ServerResponse) => void
  const server = http.createServer((_request, response) => answer(response))
  const origin = 'https://shop.example'

  before(async () => {
    tracing = await Tracing.start({ http: { client: false } })
    port = await listen(server)
  })
  after(async () => {
    await shut(server)
    await tracing.stop()
  })

  async function allowed(asked: string | undefined, answerIt: typeof answer, method = 'OPTIONS', from = origin) {
    answer = answerIt
    const request = asked === undefined ? [] : [`access-control-request-headers: ${asked}`]
    const head = await ask(port, `${method} /`, [`origin: ${from}`, ...request])
    return /^access-control-allow-headers: (.*)\r$/im.exec(head)?.[1]
  }
  const set = (headers: OutgoingHttpHeaders) => (response: ServerResponse) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value as string)
    response.statusCode = 204
    response.end()
  }
  const letIn = { 'Access-Control-Allow-Origin': '*' }
  const all = 'x-own, TraceParent,tracestate,baggage,x-datadog-trace-id,x-datadog-tags'

  const rows: [title: string, asked: string | undefined, answer: typeof answer, allowed: string | undefined][] = [
    ['lets in what is asked for', all, set(letIn), 'traceparent,tracestate,baggage,x-datadog-trace-id,x-datadog-tags'],
    ['lets it in where the site is named', 'baggage', set({ 'access-control-allow-origin': origin }), 'baggage'],
    ['keeps out another site', 'baggage', set({ 'access-control-allow-origin': 'https://other.example' }), undefined],
    ['keeps out all sites', 'baggage', set({}), undefined],
    [
      'adds to what the program allows',
      'x-own,traceparent',
      set({ ...letIn, 'access-control-allow-headers': 'X-Own' }),
      'X-Own,traceparent',
    ],
    [
      'changes nothing where all is allowed',
      'traceparent',
      set({ ...letIn, 'access-control-allow-headers': '*' }),
      '*',
    ],
    [
      'says nothing twice',
      'traceparent',
      set({ ...letIn, 'access-control-allow-headers': 'TraceParent' }),
      'TraceParent',
    ],
    ['lets in only what is asked for', 'x-own', set(letIn), undefined],
    ['lets in nothing that is not asked for', undefined, set(letIn), undefined],
    [
      'knows headers given with the status',
      'traceparent',
      (response) => response.writeHead(204, letIn).end(),
      'traceparent',
    ],
    [
      'adds to headers given with the status',
      'traceparent',
      (response) => response.writeHead(204, 'Fine', { ...letIn, 'Access-Control-Allow-Headers': 'x-own' }).end(),
      'x-own,traceparent',
    ],
    [
      'adds to a list of headers given with the status',
      'traceparent',
      (response) =>
        response.writeHead(204, ['access-control-allow-origin', '*', 'access-control-allow-headers', 'x-own']).end(),
      'x-own,traceparent',
    ],
  ]
  for (const [title, asked, answerIt, expected] of rows) {
    it(title, async () => assert.equal(await allowed(asked, answerIt), expected))
  }

  it('is the only one that is looked at', async () => {
    assert.equal(await allowed('traceparent', set(letIn), 'GET'), undefined)
  })

  it('leaves the response as the program knows it', async () => {
    let keys: string[] = []
    await allowed('traceparent', (response) => {
      keys = Object.keys(response).filter((key) => key === 'writeHead')
      assert.deepEqual(
        [response.writeHead.name, response.writeHead.length],
        ['writeHead', http.ServerResponse.prototype.writeHead.length],
      )
      response.end()
    })
    assert.deepEqual(keys, [])
  })
})
