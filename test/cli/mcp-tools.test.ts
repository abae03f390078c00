// What the tools of `dog mcp` answer: as text for a model, as data for a program, and never too much.

import assert from 'node:assert/strict'
import { tools } from '../../src/cli/mcp/tools'
import { type LocalAgent, startLocalAgent } from '../../src/local-agent/start-local-agent'
import { put } from '../local-agent/send'
import { jsonSpan } from '../local-agent/wire-span'
import { ByHand, type Called, deliverShop, HIGH } from './mcp-by-hand'

describe('tools of dog mcp', () => {
  let agent: LocalAgent
  before(async () => {
    agent = await startLocalAgent({ port: 0 })
    await deliverShop(agent)
  })
  after(() => agent.close())

  describe('tools', () => {
    let mcp: ByHand
    beforeEach(async () => {
      mcp = await ByHand.opened(agent.port)
    })
    afterEach(() => mcp.end())
    const call = async (name: string, given?: object): Promise<Called> =>
      (await mcp.ask('tools/call', { name, arguments: given })).result as unknown as Called
    const text = async (name: string, given?: object): Promise<string> =>
      (await call(name, given)).content[0]?.text ?? ''

    it('list_services tells who calls whom', async () => {
      const { content, structuredContent } = await call('list_services')
      assert.equal(
        content[0]?.text,
        [
          '2 services:',
          '- shop (web): 2 requests, 1 error, p50 1.00 ms, p95 30.0 ms, p99 30.0 ms',
          '- shop-postgres (db, seen from its clients only): 1 request, 0 errors, p50 5.00 ms, p95 5.00 ms, p99 5.00 ms',
          'Calls:',
          '- shop → shop-postgres: 1 call, 0 errors, p95 5.00 ms',
        ].join('\n'),
      )
      assert.deepEqual(structuredContent?.['calls'], [
        { from: 'shop', to: 'shop-postgres', calls: 1, errors: 0, p95_ms: 5 },
      ])
      assert.match(await text('list_services', { service: 'none' }), /no service none/)
    })

    it('get_trace shows the spans of a trace, by any part of its id', async () => {
      const whole = `${HIGH}000000000000aa01`
      const { content, structuredContent } = await call('get_trace', { trace_id: 'aa01' })
      assert.equal(
        content[0]?.text,
        [
          `trace ${whole}: GET /offer, shop, 2023-11-14T22:13:20.000Z, 30.0 ms, 2 spans, 0 errors`,
          'own time by service: shop 25.0 ms (83%), shop-postgres 5.00 ms (17%)',
          'path operation resource (service) +start duration (own time) span',
          '1 web.request GET /offer (shop) +0.00 µs 30.0 ms (25.0 ms) 1',
          ' 1.1 pg.query select 1 (shop-postgres) +10.0 ms 5.00 ms 2',
        ].join('\n'),
      )
      const rows = structuredContent?.['rows'] as { depth: number; path: string; operation: string }[]
      assert.deepEqual(
        rows.map(({ depth, path, operation }) => [depth, path, operation]),
        [
          [0, '1', 'web.request'],
          [1, '1.1', 'pg.query'],
        ],
      )
      for (const id of [whole, whole.toUpperCase(), String(0xaa01), `0x${whole}`])
        assert.equal(await text('get_trace', { trace_id: id }), content[0]?.text)
      assert.match(
        await text('get_trace', { trace_id: whole, query: 'select' }),
        /\n1 of 2 spans match:\n.*\n 1\.1 pg\.query/,
      )
      assert.match(await text('get_trace', { trace_id: whole, limit: 1 }), /\n1 more row: offset=1, or a query$/)
      assert.match(await text('get_trace', { trace_id: whole, offset: 1 }), /\n 1\.1 pg\.query select 1 [^\n]*$/)
    })

    it('get_trace shows one span whole', async () => {
      const { content, structuredContent } = await call('get_trace', { trace_id: 'aa02', span_id: '1' })
      const shown = content[0]?.text ?? ''
      assert.match(shown, /^span 1 of trace \S+: web\.request GET \/boom \(shop\), 2023-\S+, 1\.00 ms, parent 0\n/)
      assert.match(shown, /\nerror: TypeError: no price\n {4}at price \(\/app\/price\.js:3:9\)\n/)
      assert.match(shown, /\nhttp\.status_code: 500(\n|$)/)
      assert.deepEqual((structuredContent?.['error'] as { type: string } | undefined)?.type, 'TypeError')
      assert.equal(
        await text('get_trace', { trace_id: 'aa02', span_id: '0000000000000001' }),
        await text('get_trace', { trace_id: 'aa02', span_id: '0x1' }),
      )
    })

    it('get_trace tells which traces there are when an id fits none, or several', async () => {
      assert.match(
        await text('get_trace', { trace_id: 'ffff' }),
        /^There is no trace ffff, or not any more\. The latest: \S+ \(GET \/boom, /,
      )
      assert.match(await text('get_trace', { trace_id: '6b02' }), /^6b02 fits 2 traces: .*\. Give more digits\.$/)
      assert.match(await text('get_trace', { trace_id: 'f'.repeat(32) }), /search_traces lists those/)
      assert.match(await text('get_trace', { trace_id: 'aa' }), /at least 4 of its 32/)
      assert.match(await text('get_trace', { trace_id: 'aa01', span_id: '99' }), /^Span 99 is not in this trace\./)
    })

    it('list_errors groups them, with the place', async () => {
      const { content, structuredContent } = await call('list_errors')
      assert.equal(
        content[0]?.text,
        [
          '1 kind of errors:',
          `- 1× TypeError: no price, in shop GET /boom, last 2023-11-14T22:13:20.001Z, trace ${HIGH}000000000000aa02 span 1`,
          '    at price (/app/price.js:3:9)',
        ].join('\n'),
      )
      assert.equal((structuredContent?.['errors'] as { count: number }[] | undefined)?.[0]?.count, 1)
      assert.equal(await text('list_errors', { query: 'service:none' }), 'No errors in traces that match service:none.')
    })

    it('query_metrics finds series by name and tags', async () => {
      assert.match(
        await text('query_metrics', { name: 'ord' }),
        /^1 series, .*:\n- orders\{shop:berlin\} \(count\): in all 3; by window \d\d:\d\d:\d\d 3$/,
      )
      assert.match(await text('query_metrics', { tags: 'shop:berlin', windows: 0 }), /in all 3$/)
      assert.match(await text('query_metrics', { tags: 'shop:rome' }), /^No series has these tags; 1 /)
      assert.match(await text('query_metrics', { name: 'none' }), /^No series of that name/)
      agent.metrics.take(Buffer.from('stock:1|g'))
      assert.match(
        await text('query_metrics', { limit: 1 }),
        /^2 series, .*\n- stock .*\n… 1 more\. Give a longer name/,
      )
    })

    it('compare_traces tells what is different', async () => {
      const { content, structuredContent } = await call('compare_traces', { a: 'aa01', b: 'aa02' })
      assert.match(
        content[0]?.text ?? '',
        /^a: \S+ GET \/offer, 30\.0 ms, 2 spans, 0 errors\nb: \S+ GET \/boom, 1\.00 ms, 1 span, 1 error\n0 slower, 0 faster, 1 only in b, 2 only in a, 0 the same; the largest difference first:\n- only in a: web\.request/,
      )
      assert.equal((structuredContent?.['differences'] as object[] | undefined)?.length, 3)
      assert.match(await text('compare_traces', { a: 'aa01', b: 'aa01' }), /2 the same\.$/)
      assert.match(await text('compare_traces', { a: 'aa01' }), /^compare_traces needs b\. b: Id of the trace after\.$/)
    })

    it('search_logs finds lines by words and by trace', async () => {
      assert.match(
        await text('search_logs', { query: 'offer' }),
        /^1 line, the latest first:\n- \S+Z shop info: offer shown \[trace \S+aa01\]$/,
      )
      assert.match(await text('search_logs', { trace_id: 'aa01' }), /offer shown/)
      assert.match(await text('search_logs', { trace_id: 'aa02' }), /^No log lines of trace/)
      assert.match(await text('search_logs', { query: 'nothing' }), /^No log lines\./)
    })

    it('say what would be right', async () => {
      assert.match(
        await text('search_traces', { query: 'service:(' }),
        /^The query is wrong at character 10: .*Datadog's search syntax/,
      )
      assert.equal(
        await text('search_traces', { q: 'x' }),
        'search_traces has no argument q. Its arguments: query, limit, before.',
      )
      assert.equal(
        await text('get_trace', { trace_id: '' }),
        'get_trace needs trace_id. trace_id: Its id, or at least 4 digits of its beginning or end.',
      )
      assert.equal(await text('search_traces', { query: 7.5 }), 'query is a text, not 7.5.')
    })

    it('ask for more where there is more', async () => {
      const first = await call('search_traces', { limit: 1 })
      const before = first.structuredContent?.['before']
      assert.match(first.content[0]?.text ?? '', new RegExp(`\nFor older ones: before=${before}$`))
      const rest = await call('search_traces', { limit: 1, before })
      assert.match(rest.content[0]?.text ?? '', /GET \/offer/)
    })
  })

  it('keeps every answer short, whatever spans say', async () => {
    const large = await startLocalAgent({ port: 0 })
    const long = 'é'.repeat(4000)
    const chunks = Array.from({ length: 5 }, (_, trace) => {
      const spans = Array.from({ length: 40 }, (__, at) =>
        jsonSpan({
          trace_id: BigInt(trace + 1),
          span_id: BigInt(at + 1),
          parent_id: BigInt(at),
          resource: `${long}${trace}`,
          error: 1,
          meta: {
            'error.type': long,
            'error.message': `${long}${at}`,
            'error.stack': `x\n${`    at ${long}\n`.repeat(5)}`,
            tag: long,
          },
        }),
      )
      return `[${spans.join(',')}]`
    })
    assert.equal((await put(`${large.url}/v0.4/traces`, `[${chunks.join(',')}]`)).status, 200)
    const name = 'a'.repeat(180)
    for (let at = 0; at < 500; at++) large.metrics.take(Buffer.from(`${name}${at}:1|c|#${'t'.repeat(180)}`))
    for (let at = 0; at < 500; at++) large.logs.add({ stream: 'stdout', service: 'x', text: `${at} ${long}` })
    const mcp = await ByHand.opened(large.port)
    const given: Record<string, object> = {
      search_traces: { limit: 100 },
      get_trace: { trace_id: '1'.padStart(32, '0'), limit: 500 },
      compare_traces: { a: '1'.padStart(32, '0'), b: '2'.padStart(32, '0') },
      query_metrics: { limit: 200 },
      search_logs: { limit: 200 },
    }
    for (const tool of [
      ...tools.map(({ name: tool }) => ({ tool, args: given[tool] ?? {} })),
      { tool: 'get_trace', args: { ...given['get_trace'], span_id: '1' } },
    ]) {
      const { content, structuredContent, isError } = (
        await mcp.ask('tools/call', { name: tool.tool, arguments: tool.args })
      ).result as unknown as Called
      assert.equal(isError, undefined, content[0]?.text)
      const bytes = Buffer.byteLength(content[0]?.text ?? '')
      assert.ok(bytes <= 8192, `${tool.tool}: ${bytes} bytes`)
      assert.ok(
        Buffer.byteLength(JSON.stringify(structuredContent)) <= 32_768,
        `${tool.tool}: ${JSON.stringify(structuredContent).length} of data`,
      )
    }
    await mcp.end()
    await large.close()
  })
})
