// The options of the http plugin's client side: what is not traced, what gets no headers, what counts as an error, the service; and that the
// plugin leaves no trace of itself when it is off.

import { strict as assert } from 'node:assert'
import http from 'node:http'
import https from 'node:https'
import { find } from '../support/agent'
import { Tracing } from '../support/tracing'
import { arrived, clientOnly, fetched, openSite } from './http-site'
import { summary } from './http-span'

describe('http client by its options', () => {
  const site = openSite()
  let tracing: Tracing

  afterEach(() => tracing.stop())

  const paths = ['/a', '/a?b', '/ab', '/400', '/500']
  const table: [name: string, options: object, spans: string[], headers: string[]][] = [
    ['everything by default', {}, ['/a', '/a', '/ab', '/400 error', '/500'], paths],
    ['nothing with client: false', { client: false }, [], []],
    [
      'no path that is blocked',
      { client: { blocklist: '/a' } },
      ['/ab', '/400 error', '/500'],
      ['/ab', '/400', '/500'],
    ],
    [
      'nothing that a pattern blocks',
      { client: { blocklist: /a$/g } },
      ['/ab', '/400 error', '/500'],
      ['/ab', '/400', '/500'],
    ],
    [
      'what any rule lets pass',
      { client: { blocklist: [/\d00$/, (url: string) => url.endsWith('b')] } },
      ['/a', '/a'],
      ['/a', '/a?b'],
    ],
    [
      'what gets no headers',
      { client: { propagationBlocklist: ['/a', /400/] } },
      ['/a', '/a', '/ab', '/400 error', '/500'],
      ['/ab', '/500'],
    ],
    ['other errors', { client: { errorStatuses: [[500, 599]] } }, ['/a', '/a', '/ab', '/400', '/500 error'], paths],
  ]
  for (const [name, { ...options }, expected, withHeaders] of table) {
    it(`traces ${name}`, async () => {
      tracing = await Tracing.start({ http: { server: false, ...options } })
      arrived.length = 0
      for (const path of paths) await fetched(site.url + path)
      const seen = (await tracing.spans()).map(
        ({ meta, error }) => new URL(meta['http.url']!).pathname + (error ? ' error' : ''),
      )
      assert.deepEqual(seen, expected)
      assert.deepEqual(
        paths.filter((_, at) => arrived[at]?.['x-datadog-trace-id'] !== undefined),
        withHeaders,
      )
    })
  }

  it('takes error statuses from the settings', async () => {
    tracing = await Tracing.start(clientOnly, { httpClientErrorStatuses: [[500, 500]] })
    for (const status of [404, 500]) await fetched(`${site.url}/${status}`)
    assert.deepEqual((await tracing.spans()).map(summary), ['GET 404', 'GET 500 error'])
  })

  it('names the service of its spans', async () => {
    tracing = await Tracing.start({ http: { server: false, client: { service: 'partner' } } })
    await fetched(site.url)
    const { service, meta } = find(await tracing.spans(), 'http.request')
    assert.deepEqual([service, meta['_dd.base_service'], meta['_dd.svc_src']], ['partner', 'test', 'http'])
  })

  it('leaves everything as it was, before and after', async () => {
    const described = () =>
      [http, https].flatMap((module) => [
        Object.getOwnPropertyDescriptor(module, 'request'),
        Object.getOwnPropertyDescriptor(module, 'get'),
      ])
    const before = described()
    tracing = await Tracing.start({ http: { client: false } })
    assert.deepEqual(described(), before)
    await tracing.stop()
    tracing = await Tracing.start({ http: true })
    for (const [at, { value, ...attributes }] of (described() as PropertyDescriptor[]).entries()) {
      const { value: original, ...originalAttributes } = before[at]!
      assert.notEqual(value, original)
      assert.deepEqual(attributes, originalAttributes)
      assert.deepEqual([value.name, value.length], [original.name, original.length])
      assert.deepEqual(Reflect.ownKeys(value), Reflect.ownKeys(original))
    }
    await tracing.stop()
    assert.deepEqual(described(), before)
  })
})
