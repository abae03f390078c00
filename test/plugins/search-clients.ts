// The suite of all search clients: of Elasticsearch's three families and of OpenSearch's. They ask for the same in different ways.

import { strict as assert } from 'node:assert'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tracer } from '../../src'
import { describeWith, type Service } from '../services'
import { childrenOf, find, type ReceivedSpan } from '../support/agent'
import { type CallStyle, describeCallStyles, type Probe } from '../support/call-styles'
import type { Library } from '../support/library'
import { Tracing } from '../support/tracing'

export type Callback = (error: unknown, result: unknown, ...more: unknown[]) => void

export interface Client {
  search(params: object, ...rest: unknown[]): Promised
  bulk(params: object, ...rest: unknown[]): Promised
  exists(params: object, ...rest: unknown[]): Promised
  index(params: object, ...rest: unknown[]): Promised
  ping(...rest: unknown[]): Promised
  child?(options: object): Client
  close(): unknown
  readonly transport: {
    request(params: object, ...rest: unknown[]): Promised
    sniff(...args: unknown[]): unknown
    readonly connectionPool: object
  }
}

export interface Promised extends Promise<unknown> {
  abort(): unknown
}

export interface Row extends CallStyle<Client> {
  /** Default: that of `ask`. */
  readonly resource?: string
  readonly failed?: boolean
  /** How many requests it makes; default: one. */
  readonly spans?: number
  /** Whether its request leaves for a server. Default: true. */
  readonly sent?: boolean
}

export const INDEX = 'dd-test-42'
export const SEARCH = 'POST /dd-test-?/_search'
export const MISSING = 'GET /dd-test-?-gone/_doc/?'

/** A search in the one way that all clients know. */
export const ask = () => ({
  method: 'POST',
  path: `/${INDEX}/_search`,
  body: { query: { match: { colour: 'red' } } },
  ...searchOptions(),
})
const searchOptions = () => ({ querystring: { size: '5' }, query: { size: '5' } })
export const missing = () => ({ method: 'GET', path: `/${INDEX}-gone/_doc/7` })
export const colours = { query: { match: { colour: 'red' } } }

interface Found {
  readonly hits?: { readonly hits: readonly { readonly _id: string }[] }
  readonly items?: readonly object[]
}

/** What a program wants of an answer, without what differs from time to time. */
export function told(answer: unknown): unknown {
  if (typeof answer !== 'object' || answer === null) return answer
  const { body = answer } = answer as { body?: Found }
  const { hits, items } = (body ?? {}) as Found
  return hits?.hits.map(({ _id }) => _id) ?? items?.length ?? body
}

/** The error without the answer that it drags along. */
export function failure(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const { name, message } = error
  const { statusCode, status } = error as { statusCode?: number; status?: number }
  return { name, message: message.split('\n')[0], statusCode: statusCode ?? status }
}

export const promised = (promise: Promised) =>
  promise.then(told, (error: unknown) => {
    throw failure(error)
  })

export const called = (probe: Probe): Callback => {
  const callback = probe.callback()
  return function (this: unknown, error, result) {
    callback.call(this, failure(error), error ? undefined : told(result))
  }
}

/** The looks of what a request gives its program. */
export const shape = (result: Promised) =>
  Object.entries(result).map(([key, value]) => [key, typeof value, (value as () => void).name, value.length])

interface SearchSuite {
  readonly plugin: 'elasticsearch' | 'opensearch'
  readonly library: Library
  readonly service: Service
  readonly rows: readonly Row[]
  open(nodes: readonly string[], options?: object): Client
  /** What makes its pool ping servers that were away. */
  pinging?(): object
  /** Calls `sniff`, which then ends with `done`. */
  sniff(client: Client, done: (error: unknown) => void): void
  /** The methods that are patched: of what, and which. */
  patched(): readonly (readonly [object, string])[]
}

export function describeSearchClient(suite: SearchSuite): void {
  const { plugin, library, service, rows, open, sniff, patched, pinging = () => ({}) } = suite
  describeWith(service, `a client of ${service.name}`, (server) => {
    const name = `${plugin}.query`
    const plugins = { [plugin]: true, http: true, undici: true }
    let tracing: Tracing
    let client: Client
    const start = async (settings: object = plugins) => {
      tracing = await Tracing.start(settings as Record<string, boolean>)
      client = open([server().url])
    }
    const stop = async () => {
      client.close()
      await tracing.stop()
    }

    before(async () => {
      for (const [id, colour] of ['red', 'blue', 'red'].entries()) {
        const response = await fetch(`${server().url}/${INDEX}/_doc/${id}?refresh=true`, {
          method: 'PUT',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ colour }),
        })
        assert.ok(response.ok, await response.text())
      }
    })

    describeCallStyles<Client, Row>('asked for by', rows, {
      without: { open: () => open([server().url]), close: (one) => void one.close() },
      with: {
        before: async () => {
          tracing = await Tracing.start({ [plugin]: true })
        },
        open: () => {
          tracing.clear()
          return open([server().url])
        },
        async check({ resource = SEARCH, failed = false, spans: count = 1, sent = true }) {
          const spans = await tracing.spans()
          assert.equal(spans.length, count, 'so many spans')
          for (const span of spans) {
            if (count === 1) assert.equal(span.resource, resource)
            assert.equal(span.error, failed ? 1 : 0)
            if (failed) assert.ok(span.meta['error.message'])
            checkTags(span, sent ? server().url : undefined)
          }
        },
        close: (one) => void one.close(),
        after: () => tracing.stop(),
      },
    })

    describe('in a program', () => {
      before(() => start())
      beforeEach(() => tracing.clear())
      after(stop)

      it('tells what was asked, of whom', async () => {
        await client.transport.request(ask())
        const span = find(await tracing.spans(), name)
        assert.equal(span.resource, SEARCH)
        assert.equal(span.meta[`${plugin}.url`], `/${INDEX}/_search`)
        assert.equal(span.meta[`${plugin}.method`], 'POST')
        assert.equal(span.meta[`${plugin}.body`], '{"query":{"match":{"colour":"red"}}}')
        assert.equal(span.meta[`${plugin}.params`], '{"size":"5"}')
        assert.equal(span.metrics['_dd.measured'], 1)
      })

      it('keeps the credentials in a body to itself, and the bodies of the endpoints for them', async () => {
        const body = { user: 'me', password: 'hunter2', query: { match: { api_key: { query: 'hunter2' } } } }
        await client.transport.request({ ...ask(), body }).catch(() => {})
        await client.transport.request({ ...ask(), body: JSON.stringify(body) }).catch(() => {})
        await client.transport.request({ method: 'PUT', path: '/_security/user/me', body }).catch(() => {})
        const spans = (await tracing.spans()).filter((span) => span.name === name)
        assert.equal(spans.length, 3)
        assert.ok(spans[0]?.meta[`${plugin}.body`]?.startsWith('{"user":"me","password":"?","query":'))
        assert.ok(spans[1]?.meta[`${plugin}.body`]?.startsWith('{"user":"me","password":"?","query":'))
        assert.equal(spans[2]?.meta[`${plugin}.body`], undefined)
        assert.doesNotMatch(spans.map((span) => Object.values(span.meta).join()).join(), /"hunter2/)
      })

      it('makes what goes out over HTTP a child of the request, and leaves the caller where it was', async () => {
        await tracer.trace('request', async (span) => {
          await client.transport.request(ask())
          assert.equal(tracer.activeSpan, span)
        })
        const spans = await tracing.spans()
        const [query, ...others] = childrenOf(find(spans, 'request'), spans)
        assert.deepEqual(others, [])
        assert.equal(query?.name, name)
        assert.deepEqual(
          childrenOf(query!, spans).map((span) => [span.name, span.resource]),
          [['http.request', 'POST']],
        )
        assert.equal(spans.length, 3)
      })

      it('gives each of 20 concurrent requests of a cold client its own, and none what the client sends for itself', async () => {
        const cold = open([server().url])
        const one = (n: number) =>
          tracer.trace('request', { resource: `r${n}` }, async (span) => {
            await cold.transport.request({ ...ask(), path: `/${INDEX}/_search`, body: { from: n } })
            assert.equal(tracer.activeSpan, span)
            await cold.transport.request({ ...ask(), path: `/${INDEX}/_count`, querystring: {}, query: {} })
          })
        await Promise.all(Array.from({ length: 20 }, (_, n) => one(n)))
        cold.close()
        const spans = await tracing.spans()
        for (let n = 0; n < 20; n++) {
          const request = find(spans, { name: 'request', resource: `r${n}` })
          const queries = childrenOf(request, spans)
          assert.deepEqual(
            queries.map((span) => span.resource),
            [SEARCH, 'POST /dd-test-?/_count'],
          )
          assert.equal(queries[0]?.meta[`${plugin}.body`], `{"from":${n}}`)
          for (const query of queries) {
            checkTags(query, server().url)
            assert.deepEqual(
              childrenOf(query, spans).map((span) => span.name),
              ['http.request'],
            )
          }
        }
        assert.equal(spans.length, 20 * 5)
      })

      it('says nothing of the look for further servers, and calls back where it was asked for', async () => {
        const looking = open([server().url])
        await looking.ping()
        await tracing.spans()
        tracing.clear()
        await tracer.trace('request', async (span) => {
          await new Promise<void>((resolve, reject) => sniff(looking, (error) => (error ? reject(error) : resolve())))
          assert.equal(tracer.activeSpan, span)
        })
        looking.close()
        const spans = await tracing.spans()
        assert.deepEqual(
          spans.map((span) => span.name),
          ['request'],
        )
      })

      it('says nothing of the ping of a server that was away, and goes on with the next request', async () => {
        // Away for the first request, back when it is pinged.
        const pings: string[] = []
        const away = createServer((request, response) => {
          pings.push(`${request.method} ${request.url}`)
          response.setHeader('x-elastic-product', 'Elasticsearch')
          response.end()
        })
        away.listen(0, '127.0.0.1')
        await once(away, 'listening')
        const { port } = away.address() as AddressInfo
        away.close()
        await once(away, 'close')
        const url = `http://127.0.0.1:${port}`
        const waiting = open([url], { maxRetries: 0, deadTimeout: 0, ...pinging() })
        Object.assign(waiting.transport.connectionPool, { resurrectTimeout: 0 })
        await assert.rejects(waiting.transport.request(ask()))
        away.listen(port, '127.0.0.1')
        await once(away, 'listening')
        await tracing.spans()
        tracing.clear()
        const pinged = once(away, 'request')
        await tracer.trace('request', () => waiting.transport.request(missing()).catch(() => {}))
        await pinged
        waiting.close()
        away.closeAllConnections()
        away.close()
        const spans = await tracing.spans()
        assert.ok(pings.includes('HEAD /'), `it pinged: ${pings.join()}`)
        assert.deepEqual(
          spans.filter((span) => span.resource === 'HEAD' && span.meta['span.kind'] === 'client'),
          [],
        )
      })

      it('finishes the span when there is no server', async () => {
        const nowhere = open(['http://127.0.0.1:1'], { maxRetries: 0 })
        await assert.rejects(nowhere.transport.request(ask()))
        nowhere.close()
        const span = find(await tracing.spans(), name)
        assert.equal(span.error, 1)
      })
    })

    it('takes its service from the options', async () => {
      await start({ [plugin]: { service: 'finder' } })
      await client.transport.request(ask())
      const span = find(await tracing.spans(), name)
      assert.equal(span.service, 'finder')
      assert.equal(span.meta['_dd.base_service'], 'test')
      await stop()
    })

    it('leaves the library as it was, before and after', async () => {
      library.load()
      const methods = () =>
        patched().map(([of, method]) => [of, method, Object.getOwnPropertyDescriptor(of, method)] as const)
      const originals = methods()
      await start({ [plugin]: false })
      assert.deepEqual(methods(), originals)
      await stop()
      await start()
      for (const [of, method, descriptor] of originals) {
        const { value } = Object.getOwnPropertyDescriptor(of, method)!
        assert.notEqual(value, descriptor?.value, method)
        assert.equal(value.name, descriptor?.value.name)
        assert.equal(value.length, descriptor?.value.length)
        assert.deepEqual(Object.getOwnPropertyNames(value), Object.getOwnPropertyNames(descriptor?.value))
      }
      await stop()
      assert.deepEqual(methods(), originals)
    })

    function checkTags(span: ReceivedSpan, url: string | undefined): void {
      assert.equal(span.name, name)
      assert.equal(span.type, 'elasticsearch')
      assert.equal(span.service, `test-${plugin}`)
      assert.equal(span.meta['component'], plugin)
      assert.equal(span.meta['span.kind'], 'client')
      assert.equal(span.meta['db.type'], plugin)
      assert.equal(span.meta['_dd.base_service'], 'test')
      if (url === undefined) return
      const { hostname, port } = new URL(url)
      assert.equal(span.meta['out.host'], hostname)
      assert.equal(span.metrics['network.destination.port'], Number(port))
    }
  })
}
