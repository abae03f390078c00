// What the span of a request of Node's `http` says, that the server goes on with its trace, and that everything about a request runs in the
// context of its caller.

import { strict as assert } from 'node:assert'
import { once } from 'node:events'
import http, { type ClientRequest, type RequestOptions } from 'node:http'
import https from 'node:https'
import { Socket } from 'node:net'
import { join } from 'node:path'
import { tracer } from '../../src'
import { childrenOf, find, startAgent } from '../support/agent'
import { runNode } from '../support/spawn'
import { Tracing } from '../support/tracing'
import { PASSWORD } from './http-client-forms'
import { arrived, fetched, openSite } from './http-site'

describe('http client', () => {
  const site = openSite()

  describe('of a program', () => {
    let tracing: Tracing
    const loopback = { host: '127.0.0.1', port: 1 }
    /** As those of `agent-base`, which look at the stack to find out whose request it is. */
    const proxyAgent = {
      protocol: 'https:',
      get defaultPort() {
        return /node:https/.test(new Error().stack ?? '') ? 443 : 80
      },
      addRequest: (request: ClientRequest) => request.onSocket(new Socket()),
    } as unknown as https.Agent
    const plain = new http.Agent()
    const targets: [name: string, args: unknown[], url: string, host: string, port?: number, module?: typeof https][] =
      [
        ['text', ['http://127.0.0.1:1/a?b=c#d'], 'http://127.0.0.1:1/a', '127.0.0.1', 1],
        ['the usual port', ['http://127.0.0.1/a'], 'http://127.0.0.1/a', '127.0.0.1', 80],
        ['IPv6', ['http://[::1]:1/a'], 'http://[::1]:1/a', '::1', 1],
        ['IPv6 as an option', [{ hostname: '::1', port: 1 }], 'http://[::1]:1/', '::1', 1],
        ['credentials', [`http://ali:${PASSWORD}@127.0.0.1:1/`], 'http://127.0.0.1:1/', '127.0.0.1', 1],
        ['options', [{ ...loopback, port: '1', path: '/a?b' }], 'http://127.0.0.1:1/a', '127.0.0.1', 1],
        [
          'options that beat a URL',
          [new URL('http://a:2/b'), { hostname: '127.0.0.1' }],
          'http://127.0.0.1:2/b',
          '127.0.0.1',
          2,
        ],
        ['a port taken away', ['http://127.0.0.1:1/', { port: undefined }], 'http://127.0.0.1/', '127.0.0.1', 80],
        [
          'another usual port',
          [{ ...loopback, port: undefined, defaultPort: 1 }],
          'http://127.0.0.1:1/',
          '127.0.0.1',
          1,
        ],
        ['an agent', [{ ...loopback, agent: plain, method: 'get' }], 'http://127.0.0.1:1/', '127.0.0.1', 1],
        [
          'a proxy',
          [{ ...loopback, path: `http://ali:${PASSWORD}@other.example/a?b` }],
          'http://other.example/a',
          '127.0.0.1',
          1,
        ],
        [
          'a tunnel',
          [{ ...loopback, path: 'other.example:443' }],
          'http://127.0.0.1:1/other.example:443',
          '127.0.0.1',
          1,
        ],
        ['a socket', [{ socketPath: '/nowhere', path: '/a' }], 'http://localhost/a', 'localhost', undefined],
        ['https', ['https://127.0.0.1/a'], 'https://127.0.0.1/a', '127.0.0.1', 443, https],
        ['https on another port', [{ ...loopback, path: '/a' }], 'https://127.0.0.1:1/a', '127.0.0.1', 1, https],
        [
          'the agent of a proxy',
          [{ host: '127.0.0.1', agent: proxyAgent }],
          'https://127.0.0.1/',
          '127.0.0.1',
          443,
          https,
        ],
        [
          'https through http',
          ['https://127.0.0.1/', { agent: new https.Agent() }],
          'https://127.0.0.1/',
          '127.0.0.1',
          443,
        ],
      ]

    before(async () => {
      tracing = await Tracing.start({ http: true })
    })
    beforeEach(async () => {
      await tracing.spans()
      tracing.clear()
      arrived.length = 0
    })
    after(() => tracing.stop())

    for (const [name, args, url, host, port, module = http] of targets) {
      it(`tells where a request goes: ${name}`, async () => {
        const request = module.request(...(args as [string]))
        await new Promise((resolve) =>
          request
            .on('error', () => {})
            .on('close', resolve)
            .destroy(),
        )
        const { resource, meta, metrics } = find(await tracing.spans(), 'http.request')
        const seen = [resource, meta['http.url'], meta['out.host'], metrics['network.destination.port']]
        assert.deepEqual(seen, ['GET', url, host, port])
      })
    }

    it('tells the rest as every client does', async () => {
      const status = await tracer.trace('caller', async () => (await fetched(`${site.url}/404`)).status)
      assert.equal(status, 404)
      const spans = await tracing.spans()
      const caller = find(spans, 'caller')
      const [span] = childrenOf(caller, spans)
      const { name, type, service, error } = span!
      assert.deepEqual([name, type, service, error], ['http.request', 'http', 'test', 1])
      const { meta, metrics } = span!
      const tags = { component: 'http', '_dd.integration': 'http', 'span.kind': 'client', 'http.method': 'GET' }
      assert.deepEqual({ ...meta, ...tags, 'http.status_code': '404' }, meta)
      assert.equal(metrics['_dd.measured'], 1)
      assert.equal(meta['error.message'], undefined)
    })

    it('describes the error of a request', async () => {
      const request = http.get({ port: site.refusedPort, host: '127.0.0.1' })
      await once(request, 'error')
      const { meta } = find(await tracing.spans(), 'http.request')
      assert.match(meta['error.message']!, /ECONNREFUSED/)
      assert.match(meta['error.stack']!, /ECONNREFUSED/)
    })

    it('lets the server go on with the trace', async () => {
      await tracer.trace('caller', () => fetched(`${site.url}/a`))
      const spans = await tracing.spans()
      const [request] = childrenOf(find(spans, 'caller'), spans)
      const [served] = childrenOf(request!, spans)
      assert.equal(served?.name, 'web.request')
      const tid = spans[0]!.meta['_dd.p.tid']!
      const hex = (id: string) => BigInt(id).toString(16).padStart(16, '0')
      assert.deepEqual(arrived[0], {
        traceparent: `00-${tid}${hex(request!.trace_id)}-${hex(request!.span_id)}-01`,
        tracestate: `dd=s:1;p:${hex(request!.span_id)};t.dm:-1;t.ksr:1`,
        'x-datadog-trace-id': request!.trace_id,
        'x-datadog-parent-id': request!.span_id,
        'x-datadog-sampling-priority': '1',
        'x-datadog-tags': `_dd.p.dm=-1,_dd.p.ksr=1,_dd.p.tid=${tid}`,
      })
    })

    it('gives each of 20 requests at once its own caller and its own server', async () => {
      const ask = (n: number) => tracer.trace('caller', { resource: `${n}` }, () => fetched(`${site.url}/${n}`))
      await Promise.all(Array.from({ length: 20 }, (_, n) => ask(n)))
      const spans = await tracing.spans()
      assert.equal(spans.length, 60)
      for (let n = 0; n < 20; n++) {
        const [request] = childrenOf(find(spans, { name: 'caller', resource: `${n}` }), spans)
        const [served] = childrenOf(request!, spans)
        assert.deepEqual([request?.meta['http.url'], served?.meta['http.url']], Array(2).fill(`${site.url}/${n}`))
      }
    })

    it('runs what belongs to a request in the context of its caller, though all share one connection', async () => {
      const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
      const strays: string[] = []
      const ask = (n: number) =>
        tracer.trace('caller', (span) => {
          const check = (what: string) => () => {
            if (tracer.activeSpan !== span) strays.push(`${n} ${what}`)
          }
          const request = http.request(site.url, { agent, method: 'POST' }, (response) => {
            check('callback')()
            for (const event of ['data', 'end', 'close']) response.on(event, check(event))
          })
          for (const event of ['socket', 'finish', 'response', 'close']) request.on(event, check(event))
          request.write('one', check('written'))
          request.end('two', check('ended'))
          return once(request, 'close')
        })
      await Promise.all(Array.from({ length: 6 }, (_, n) => ask(n)))
      agent.destroy()
      assert.deepEqual(strays, [])
      const spans = await tracing.spans()
      for (const caller of spans.filter(({ name }) => name === 'caller'))
        assert.equal(childrenOf(caller, spans).length, 1)
    })

    it('runs errors and timeouts in the context of the caller', async () => {
      const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
      const inCaller = (options: RequestOptions, event: string) =>
        tracer.trace('caller', async (span) => {
          const request = http.get({ port: site.port, agent, ...options })
          const seen = new Promise((resolve) => request.on(event, () => resolve(tracer.activeSpan === span)))
          request.on('error', () => {}).on('response', (response) => response.resume())
          if (event === 'timeout') request.on('timeout', () => request.destroy())
          return seen
        })
      assert.equal(await inCaller({ port: site.refusedPort, host: '127.0.0.1' }, 'error'), true)
      assert.equal(await inCaller({ path: '/hang-up' }, 'error'), true)
      assert.equal(await inCaller({ path: '/', timeout: 5000 }, 'close'), true)
      assert.equal(await inCaller({ path: '/never', timeout: 5 }, 'timeout'), true)
      agent.destroy()
    })

    it('adds no listener and no property to a request', async () => {
      const traced = http.request(site.url)
      const untraced = new http.ClientRequest(site.url)
      const counts = traced.eventNames().map((event) => [event, traced.listenerCount(event)])
      for (const one of [traced, untraced]) one.on('error', () => {}).destroy()
      assert.deepEqual(counts, [])
      assert.deepEqual(Reflect.ownKeys(traced), Reflect.ownKeys(untraced))
    })
  })

  it('covers the named imports of ES modules', async () => {
    const agent = await startAgent()
    const { stdout, stderr } = await runNode({
      module: 'esm',
      code: `
        import { get, request } from 'node:http'
        import * as https from 'https'
        import { once } from 'node:events'
        const told = async (call) => (await once(call, 'response'))[0].resume().statusCode
        console.log(await told(get('${site.url}/200')), await told(request('${site.url}/201').end()))
        console.log(await told(https.get('${site.secureUrl}', { rejectUnauthorized: false })))
      `,
      execArgv: ['--require', join(__dirname, '../../src/init.js')],
      env: { DD_TRACE_AGENT_URL: agent.url, DD_SERVICE: 'esm' },
    })
    assert.deepEqual([stdout, stderr], ['200 201\n200\n', ''])
    const spans = await agent.waitForSpans(3)
    await agent.close()
    assert.deepEqual(
      spans.map(({ meta }) => meta['http.url']),
      [`${site.url}/200`, `${site.url}/201`, site.secureUrl],
    )
  })
})
