// The Agent's rates on their way: from its answer to the next traces, as it sends them only to those who do not have them yet.

import { strict as assert } from 'node:assert'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tracer } from '../../../src'
import { tagsOf } from '../made-tracer'

const VERSION_HEADER = 'datadog-rates-payload-version'

describe("the Agent's rates, answer by answer", () => {
  let server: Server
  let rates: Record<string, number> = {}
  let version = 'a'
  const versionsSeen: (string | undefined)[] = []

  before(async () => {
    // As datadog-agent, pkg/trace/api/responses.go: an empty object for who has the newest rates.
    server = createServer((request, response) => {
      const known = request.headers[VERSION_HEADER] as string | undefined
      request.resume().on('end', () => {
        if (request.url !== '/v0.4/traces') return response.writeHead(404).end()
        versionsSeen.push(known)
        response.setHeader(VERSION_HEADER, version)
        return response.end(known === version ? '{}' : JSON.stringify({ rate_by_service: rates }))
      })
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    tracer.init({ service: 'My Shop', env: 'Prod!', agentUrl: `http://127.0.0.1:${port}`, flushIntervalMs: 60_000 })
  })
  after(async () => {
    await tracer.shutdown()
    server.close()
    server.closeAllConnections()
  })

  /** Sends a trace; the rate by which it was decided. */
  async function rateOfNext(): Promise<unknown> {
    const root = tracer.startSpan('op', { childOf: null })
    root.finish()
    await tracer.flush()
    return tagsOf(root)['_dd.agent_psr']
  }

  it('rise to the double with each, though the Agent would not repeat them; services and env are named as the Agent does', async () => {
    rates = { 'service:my_shop,env:prod': 0.2, 'service:,env:': 0 }
    assert.deepEqual([await rateOfNext(), await rateOfNext(), await rateOfNext()], [undefined, 0.2, 0.2])
    assert.deepEqual(versionsSeen.splice(0), [undefined, 'a', 'a'])
    rates = { 'service:my_shop,env:prod': 1, 'service:,env:': 0 }
    version = 'b'
    const seen: unknown[] = []
    for (let i = 0; i < 5; i++) seen.push(await rateOfNext())
    assert.deepEqual(seen, [0.2, 0.4, 0.8, 1, 1])
    // While a rate may still rise, it tells no version.
    assert.deepEqual(versionsSeen, ['a', undefined, undefined, 'b', 'b'])
  })
})
