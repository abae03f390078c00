// `dog mcp` as coding assistants use it: by the protocol's own client, in each of its versions, and by hand where a client would be too
// polite. The traces come from a real local agent.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type LocalAgent, startLocalAgent } from '../../src/local-agent/start-local-agent'
import { cleanEnv } from '../support/clean-env'
import { freePort } from '../support/free-port'
import { INSTALL_TIMEOUT_MS, PackageSet } from '../support/npm-packages'
import { DOG } from './dog-process'
import { type Answer, ByHand, type Called, deliverShop, HIGH } from './mcp-by-hand'

/** The parts of `@modelcontextprotocol/client` that are used here. */
interface ClientModule {
  Client: new (info: object, options?: object) => McpClient
}
interface StdioModule {
  StdioClientTransport: new (server: { command: string; args: string[]; env: Record<string, string> }) => object
}
interface McpClient {
  connect(transport: object): Promise<void>
  close(): Promise<void>
  getServerVersion(): { name: string; version: string } | undefined
  getInstructions(): string | undefined
  listTools(): Promise<{ tools: { name: string; description: string; inputSchema: object; annotations: object }[] }>
  callTool(call: { name: string; arguments?: object }): Promise<Called>
}
const officialClient = new PackageSet('mcp-client', { '@modelcontextprotocol/client': '2.4.0' })
const olderClient = new PackageSet('mcp-sdk', { '@modelcontextprotocol/sdk': '1.32.2' })

describe('dog mcp', () => {
  let agent: LocalAgent
  before(async () => {
    agent = await startLocalAgent({ port: 0, dogstatsdPort: 0 })
    await deliverShop(agent)
  })
  after(() => agent.close())

  const serverFor = (port: number) => ({
    command: process.execPath,
    args: [DOG, 'mcp', '--port', String(port)],
    env: cleanEnv(),
  })

  for (const { set, module, stdio, options, title } of [
    {
      title: 'the client of 2026-07-28',
      set: officialClient,
      module: '@modelcontextprotocol/client',
      stdio: '@modelcontextprotocol/client/stdio',
      options: { versionNegotiation: { mode: { pin: '2026-07-28' } } },
    },
    {
      title: 'the same client by initialize',
      set: officialClient,
      module: '@modelcontextprotocol/client',
      stdio: '@modelcontextprotocol/client/stdio',
      options: {},
    },
    {
      title: 'the client of 2025-11-25',
      set: olderClient,
      module: '@modelcontextprotocol/sdk/client',
      stdio: '@modelcontextprotocol/sdk/client/stdio.js',
      options: {},
    },
  ]) {
    describe(`with ${title}`, () => {
      let client: McpClient
      before(async function () {
        this.timeout(INSTALL_TIMEOUT_MS)
        await set.install()
        const { Client } = set.require(module) as ClientModule
        const { StdioClientTransport } = set.require(stdio) as StdioModule
        client = new Client({ name: 'test', version: '1.0.0' }, options)
        await client.connect(new StdioClientTransport(serverFor(agent.port)))
      })
      after(() => client?.close())

      it('introduces itself', () => {
        assert.equal(client.getServerVersion()?.name, 'dd')
        assert.match(client.getServerVersion()?.version ?? '', /^\d+\.\d+\.\d+/)
        assert.match(client.getInstructions() ?? '', /list_services/)
      })

      it('lists its tools, which change nothing', async () => {
        const listed = (await client.listTools()).tools
        assert.deepEqual(
          listed.map(({ name }) => name),
          [
            'list_services',
            'search_traces',
            'get_trace',
            'list_errors',
            'query_metrics',
            'compare_traces',
            'search_logs',
          ],
        )
        for (const { annotations, inputSchema } of listed) {
          assert.deepEqual(annotations, { readOnlyHint: true, openWorldHint: false })
          assert.equal((inputSchema as { type: string }).type, 'object')
        }
      })

      it('answers as text and as data', async () => {
        const { content, structuredContent, isError } = await client.callTool({
          name: 'search_traces',
          arguments: { query: 'status:error' },
        })
        assert.equal(isError ?? false, false)
        assert.equal(
          content[0]?.text,
          `1 of 2 traces match, the latest first:\n- ${HIGH}000000000000aa02 2023-11-14T22:13:20.000Z shop: GET /boom → 500, 1.00 ms, 1 span, 1 error`,
        )
        assert.equal(
          (structuredContent?.['traces'] as { trace_id: string }[] | undefined)?.[0]?.trace_id,
          `${HIGH}000000000000aa02`,
        )
      })

      it('tells a mistake as an answer', async () => {
        const { content, isError } = await client.callTool({ name: 'search_traces', arguments: { limit: 'many' } })
        assert.equal(isError, true)
        assert.equal(content[0]?.text, 'limit is a whole number from 1 to 100, not "many".')
      })
    })
  }

  it('says how to start an agent where there is none, and finds it when there is', async () => {
    const port = await freePort()
    const mcp = await ByHand.opened(port)
    const ask = async () => (await mcp.ask('tools/call', { name: 'list_services' })).result as unknown as Called
    const away = await ask()
    assert.equal(away.isError, true)
    assert.match(
      away.content[0]?.text ?? '',
      /^No local agent answers at http:\/\/localhost:\d+ \(ECONNREFUSED\)\. Start one with `npx dog agent`.*`npx dog run -- node app\.js`/,
    )
    const own = await startLocalAgent({ port })
    assert.match((await ask()).content[0]?.text ?? '', /^No traces have come yet\./)
    await own.close()
    await mcp.end()
  })

  it('says what listens there instead', async () => {
    const server = createServer((request, response) => {
      if (request.url === '/info') response.end(JSON.stringify({ version: '7.52.0' }))
      else response.writeHead(404).end()
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const mcp = await ByHand.opened((server.address() as AddressInfo).port)
    const { content } = (await mcp.ask('tools/call', { name: 'list_errors' })).result as unknown as Called
    assert.match(
      content[0]?.text ?? '',
      /there is no local agent of dd but a Datadog Agent 7\.52\.0.*npx dog agent --port 8127/,
    )
    await mcp.end()
    server.closeAllConnections()
    server.close()
  })

  describe('protocol', () => {
    let mcp: ByHand
    beforeEach(() => {
      mcp = new ByHand(agent.port)
    })
    afterEach(() => mcp.end())

    const open = (protocolVersion: string) =>
      mcp.ask('initialize', { protocolVersion, capabilities: {}, clientInfo: { name: 'x', version: '1' } })
    const stateless = (version = '2026-07-28') => ({
      _meta: { 'io.modelcontextprotocol/protocolVersion': version, 'io.modelcontextprotocol/clientCapabilities': {} },
    })

    it('agrees on the version that is asked for, or offers the newest that opens', async () => {
      for (const version of ['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25']) {
        assert.equal((await open(version)).result?.['protocolVersion'], version)
      }
      assert.equal((await open('1999-01-01')).result?.['protocolVersion'], '2025-11-25')
      assert.deepEqual((await mcp.ask('ping')).result, {})
    })

    it('serves requests that stand for themselves', async () => {
      const discovered = (await mcp.ask('server/discover', stateless())).result
      assert.ok((discovered?.['supportedVersions'] as string[] | undefined)?.includes('2026-07-28'))
      assert.equal(discovered?.['resultType'], 'complete')
      const listed = (await mcp.ask('tools/list', stateless())).result
      assert.deepEqual(
        [listed?.['resultType'], listed?.['cacheScope'], typeof listed?.['ttlMs']],
        ['complete', 'public', 'number'],
      )
      const called = (await mcp.ask('tools/call', { ...stateless(), name: 'list_services' })).result
      assert.equal(called?.['resultType'], 'complete')
      assert.equal(
        (called?.['_meta'] as Record<string, { name: string }> | undefined)?.['io.modelcontextprotocol/serverInfo']
          ?.name,
        'dd',
      )
    })

    it('refuses what it does not speak', async () => {
      const unsupported = (await mcp.ask('tools/list', stateless('2031-01-01'))).error
      assert.equal(unsupported?.code, -32022)
      assert.equal((unsupported?.data as { requested?: string } | undefined)?.requested, '2031-01-01')
      assert.equal((await mcp.ask('tools/list')).error?.code, -32602)
      const { _meta } = stateless()
      const bare = {
        _meta: { 'io.modelcontextprotocol/protocolVersion': _meta['io.modelcontextprotocol/protocolVersion'] },
      }
      assert.match((await mcp.ask('tools/list', bare)).error?.message ?? '', /clientCapabilities is missing/)
      await open('2025-06-18')
      assert.equal((await mcp.ask('resources/list')).error?.code, -32601)
      assert.equal((await mcp.ask('tools/call', { name: 'nothing' })).error?.code, -32602)
    })

    it('answers what is no message, and goes on', async () => {
      const codes: unknown[] = []
      for (const line of [
        '{',
        '[]',
        '7',
        'null',
        '{"jsonrpc":"1.0","id":1,"method":"ping"}',
        '{"jsonrpc":"2.0","id":null,"method":"ping"}',
        '{"jsonrpc":"2.0","id":{},"method":"ping"}',
        '[1]',
        `{"long":"${'x'.repeat(2_000_000)}"}`,
      ]) {
        const answer = await mcp.send(line)
        codes.push((Array.isArray(answer) ? answer[0] : answer)?.error?.code)
      }
      assert.deepEqual(codes, [-32700, -32600, -32600, -32600, -32600, -32600, -32600, -32600, -32700])
      assert.deepEqual((await mcp.ask('ping')).result, {})
    })

    it('takes batches, and says nothing to notifications and responses', async () => {
      mcp.tell('{"jsonrpc":"2.0","method":"notifications/initialized"}')
      mcp.tell('{"jsonrpc":"2.0","id":9,"result":{}}')
      mcp.tell('[{"jsonrpc":"2.0","method":"notifications/initialized"}]')
      const answers = await mcp.send(
        '[{"jsonrpc":"2.0","id":1,"method":"ping"},{"jsonrpc":"2.0","id":"two","method":"ping"}]',
      )
      assert.deepEqual(
        (answers as Answer[]).map(({ id }) => id),
        [1, 'two'],
      )
    })

    it('answers nothing to a request that was cancelled', async () => {
      const silent = createServer(() => {}).listen(0, '127.0.0.1')
      await once(silent, 'listening')
      const slow = await ByHand.opened((silent.address() as AddressInfo).port)
      slow.tell('{"jsonrpc":"2.0","id":"slow","method":"tools/call","params":{"name":"list_services"}}')
      await once(silent, 'request')
      slow.tell('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"slow"}}')
      const { stdout } = await slow.end()
      silent.closeAllConnections()
      silent.close()
      assert.doesNotMatch(stdout, /slow/)
    })

    it('ends with its input, with answers to all that was asked', async () => {
      await open('2025-06-18')
      mcp.tell('{"jsonrpc":"2.0","id":"last","method":"tools/call","params":{"name":"list_services"}}')
      const { code, stdout, stderr } = await mcp.end()
      assert.equal(code, 0)
      assert.match(stdout, /"id":"last"/)
      assert.equal(stderr, '')
    })
  })
})
