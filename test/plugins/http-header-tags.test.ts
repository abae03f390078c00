// Headers as tags: only those that are named, of requests and responses, on servers and clients of every protocol.

import { strict as assert } from 'node:assert'
import { once } from 'node:events'
import http from 'node:http'
import http2 from 'node:http2'
import type { AddressInfo } from 'node:net'
import { HeaderTags, inHeaders, inList, inText } from '../../plugins/http/header-tags'
import { find, type ReceivedSpan } from '../support/agent'
import { Tracing } from '../support/tracing'

const WANTED = [
  'X-Tenant',
  'x-mode:app.mode',
  'Content-Type',
  'Set-Cookie',
  'x-not-there',
  ' x-spaced : a.tag ',
  ':odd',
  '',
]

/** The tags of headers, and those that `WANTED` names. */
const tagsOf = ({ meta }: ReceivedSpan) =>
  Object.fromEntries(Object.entries(meta).filter(([key]) => /^http\.re\w+\.headers\.|^app\.|^a\.tag|secret/.test(key)))

/** What every server and client here says and hears. */
const ASKED = { 'x-tenant': 'acme', 'x-mode': 'fast', 'x-secret': 'hidden', 'x-spaced': 'yes' }
const EXPECTED = {
  'http.request.headers.x-tenant': 'acme',
  'app.mode': 'slow',
  'a.tag': 'yes',
  'http.response.headers.content-type': 'text/plain',
  'http.response.headers.set-cookie': 'a=1, b=2',
}

interface Answering {
  readonly name: string
  answer(response: http.ServerResponse): void
}

/** The ways to give headers: Node keeps what it was given in different places. */
const ANSWERS: Answering[] = [
  {
    name: 'set one by one',
    answer(response) {
      response.setHeader('Content-Type', 'text/plain')
      response.setHeader('Set-Cookie', ['a=1', 'b=2'])
      response.setHeader('X-Mode', 'slow')
      response.end()
    },
  },
  {
    name: 'given to writeHead',
    answer(response) {
      response.writeHead(200, { 'Content-Type': 'text/plain', 'Set-Cookie': ['a=1', 'b=2'], 'X-Mode': 'slow' }).end()
    },
  },
  {
    name: 'given to writeHead as a list',
    answer(response) {
      const list = ['Content-Type', 'text/plain', 'Set-Cookie', 'a=1', 'Set-Cookie', 'b=2', 'X-Mode', 'slow']
      response.writeHead(200, list).end()
    },
  },
  {
    name: 'given in both ways',
    answer(response) {
      response.setHeader('Content-Type', 'text/plain')
      response.writeHead(200, { 'set-cookie': ['a=1', 'b=2'], 'x-mode': 'slow' }).end()
    },
  },
]

describe('headers as tags', () => {
  let tracing: Tracing
  let answering = ANSWERS[0]!
  const server = http.createServer((_request, response) => answering.answer(response))
  let port: number
  before(async () => {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    port = (server.address() as AddressInfo).port
  })
  after(() => void server.close())
  afterEach(async () => {
    await tracing.stop()
    answering = ANSWERS[0]!
  })

  const get = async (headers: http.RequestOptions['headers'], path = '/') => {
    const request = http.get({ host: '127.0.0.1', port, path, agent: false, headers })
    const [response] = (await once(request, 'response')) as [http.IncomingMessage]
    await Promise.all([once(response.resume(), 'end'), once(request, 'close')])
    return tracing.spans()
  }

  for (const answer of ANSWERS) {
    it(`are those that are named, of a response with headers ${answer.name}`, async () => {
      tracing = await Tracing.start({ http: true }, { headerTags: WANTED })
      answering = answer
      const spans = await get(ASKED)
      assert.deepEqual(tagsOf(find(spans, 'web.request')), EXPECTED)
      assert.deepEqual(tagsOf(find(spans, 'http.request')), EXPECTED)
    })
  }

  it('are those of a request whose headers are a list', async () => {
    tracing = await Tracing.start({ http: true }, { headerTags: WANTED })
    const spans = await get(Object.entries({ ...ASKED, host: 'h' }).flat())
    assert.deepEqual(tagsOf(find(spans, 'http.request')), EXPECTED)
  })

  it('are none unless they are named', async () => {
    tracing = await Tracing.start({ http: true })
    for (const span of await get(ASKED)) assert.deepEqual(tagsOf(span), {})
  })

  it('are named by the environment', async () => {
    process.env['DD_TRACE_HEADER_TAGS'] = 'X-Tenant:tenant.id, x-mode'
    tracing = await Tracing.start({ http: true })
    delete process.env['DD_TRACE_HEADER_TAGS']
    const { meta } = find(await get(ASKED), 'web.request')
    assert.equal(meta['tenant.id'], 'acme')
    assert.equal(meta['http.request.headers.x-mode'], 'fast')
    assert.equal(meta['http.response.headers.x-mode'], 'slow')
  })

  it('can differ between servers and clients', async () => {
    tracing = await Tracing.start(
      { http: { server: { headers: ['x-tenant'] }, client: { headers: [] } } },
      { headerTags: ['x-mode'] },
    )
    const spans = await get(ASKED)
    assert.deepEqual(tagsOf(find(spans, 'web.request')), { 'http.request.headers.x-tenant': 'acme' })
    assert.deepEqual(tagsOf(find(spans, 'http.request')), {})
  })

  it('are those of a request that fails, and no response', async () => {
    tracing = await Tracing.start({ http: true }, { headerTags: WANTED })
    answering = { name: 'gone', answer: (response) => response.destroy() }
    const request = http.get({ host: '127.0.0.1', port, agent: false, headers: ASKED })
    await once(request, 'error')
    const expected = { 'http.request.headers.x-tenant': 'acme', 'app.mode': 'fast', 'a.tag': 'yes' }
    const spans = await tracing.spans()
    assert.deepEqual(tagsOf(find(spans, 'http.request')), expected)
    assert.deepEqual(tagsOf(find(spans, 'web.request')), expected)
  })

  it('are those of fetch', async () => {
    tracing = await Tracing.start({ undici: true, http: { client: false } }, { headerTags: WANTED })
    await (await fetch(`http://127.0.0.1:${port}/`, { headers: ASKED })).text()
    assert.deepEqual(tagsOf(find(await tracing.spans(), 'http.request')), EXPECTED)
  })

  it('are those of HTTP/2, streams and the compatible API', async () => {
    tracing = await Tracing.start({ http2: true }, { headerTags: WANTED })
    const answers = { 'content-type': 'text/plain', 'set-cookie': ['a=1', 'b=2'], 'x-mode': 'slow' }
    for (const compatible of [false, true]) {
      const server = http2.createServer()
      if (compatible) server.on('request', (_request, response) => response.writeHead(200, answers).end())
      else server.on('stream', (stream) => stream.respond({ ':status': 200, ...answers }, { endStream: true }))
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      const session = http2.connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
      const stream = session.request({ ':path': '/', ...ASKED }).resume()
      await once(stream, 'close')
      session.close()
      server.close()
      await once(server, 'close')
      const spans = await tracing.spans()
      assert.deepEqual(tagsOf(find(spans, 'web.request')), EXPECTED)
      assert.deepEqual(tagsOf(find(spans, 'http.request')), EXPECTED)
      tracing.clear()
    }
  })
})

describe('the look-up of headers', () => {
  it('keeps of a name what the Agent takes', () => {
    const put: [string, unknown][] = []
    const span = { put: (key: string, value: unknown) => put.push([key, value]) } as never
    new HeaderTags(['X.Odd Name/a_b-c', 'é', 'x-y:Keep.This One']).put(
      span,
      () => ' v ',
      () => undefined,
    )
    assert.deepEqual(put, [
      ['http.request.headers.x_odd_name/a_b-c', 'v'],
      ['http.request.headers._', 'v'],
      ['Keep.This One', 'v'],
    ])
  })

  it('knows every form they have', () => {
    const text = 'GET /a:b HTTP/1.1\r\nHost: h:1\r\nX-A: 1\r\nx-a:2 \r\nX-Ab: 3\r\n\r\n'
    assert.deepEqual(
      [inText(text)('x-a'), inText(text)('host'), inText(text)('x-'), inText('')('a')],
      [['1', '2'], ['h:1'], undefined, undefined],
    )
    const list = ['X-A', '1', Buffer.from('x-a'), Buffer.from('2'), 'x-b', 'x-a']
    assert.deepEqual(
      [inList(list)('x-a'), inList(list)('x-b'), inList(list)('x-c'), inList(undefined)('x-a')],
      [['1', '2'], ['x-a'], undefined, undefined],
    )
    assert.deepEqual(
      [inHeaders({ a: '1' })('a'), inHeaders({ a: '1' })('constructor'), inHeaders(undefined)('a')],
      ['1', undefined, undefined],
    )
  })
})
