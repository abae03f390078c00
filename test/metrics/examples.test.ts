// The README's page on metrics is copied from files that run: each does what its words say, against real sockets.

import { strict as assert } from 'node:assert'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { ExampleFolder } from '../support/example-folder'
import { repoRoot } from '../support/repo-root'
import { runNode, startNode } from '../support/spawn'

const FILES = ['counters.js', 'request.js', 'aggregator.js']

describe('the example of metrics', () => {
  const folder = new ExampleFolder('metrics')
  after(() => folder.remove())
  const program = (file: string) => ({ file: join(folder.path, file), cwd: folder.path })

  /** A server for DogStatsD; `lines` resolves with what has come when it has as many. */
  async function startServer() {
    const socket = createSocket('udp4')
    const lines: string[] = []
    socket.on('message', (packet) => {
      // A program tells its tags and container, and the client about itself.
      const metrics = packet.toString().split('\n')
      lines.push(...metrics.filter((line) => line !== '' && !line.startsWith('datadog.dogstatsd.client')))
    })
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    return {
      url: `udp://127.0.0.1:${socket.address().port}`,
      close: () => socket.close(),
      async lines(count: number) {
        while (lines.length < count) await once(socket, 'message')
        return lines.map((line) => line.replace(/\|c:[^|]*/, '').replace(/(ship:)[\d.]+/, '$1?'))
      },
    }
  }

  for (const file of FILES) {
    it(`${file} stands in the README as it is`, () => {
      const text = readFileSync(join(repoRoot, 'examples', 'metrics', file), 'utf8')
      const readme = readFileSync(join(repoRoot, 'README.md'), 'utf8')
      assert.ok(readme.includes(`\`\`\`js\n${text}\`\`\``), text)
    })
  }

  it('counts in code', async () => {
    const server = await startServer()
    const env = { DD_DOGSTATSD_URL: server.url, DD_SERVICE: 'shop' }
    const { code, stdout, stderr } = await runNode({ ...program('counters.js'), env })
    assert.deepEqual([code, stdout, stderr], [0, 'order 7 is on its way\n', ''])
    assert.deepEqual((await server.lines(7)).sort(), [
      'order.value:59.9|d|#shop:berlin,currency:eur,service:shop',
      'orders:1|c|#shop:berlin,service:shop',
      ...Array(3).fill('page.views:1|c|#page:start,service:shop'),
      'queue.length:12|g|#service:shop',
      'ship:?|ms|#service:shop',
    ])
    server.close()
  })

  it('collects for each request', async () => {
    const server = await startServer()
    const env = {
      DD_DOGSTATSD_URL: server.url,
      DD_SERVICE: 'shop',
      DD_TRACE_AGENT_URL: 'http://127.0.0.1:9',
      PORT: '0',
    }
    const child = await startNode({
      ...program('request.js'),
      execArgv: ['--require', 'dd/init'],
      env,
      ready: /^\d+$/m,
    })
    const port = Number(/^\d+$/m.exec(child.stdout)?.[0])
    for (const items of [3, 0, 2]) {
      assert.equal(await (await fetch(`http://127.0.0.1:${port}/basket/${items}`)).text(), 'ok')
    }
    assert.deepEqual(await server.lines(2), ['basket.lookups:3|c|#service:shop', 'basket.lookups:2|c|#service:shop'])
    child.kill()
    server.close()
  })

  it('aggregates without an Agent', async () => {
    const posted: unknown[] = []
    const server = createServer(async (request, response) => {
      const parts: Buffer[] = []
      for await (const part of request) parts.push(part as Buffer)
      const { series } = JSON.parse(gunzipSync(Buffer.concat(parts)).toString()) as { series: { metric: string }[] }
      posted.push([request.url, request.headers['dd-api-key'], series.map(({ metric }) => metric)])
      response.writeHead(202).end('{"errors":[]}')
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const env = {
      DATADOG_HOST: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      DD_API_KEY: 'a'.repeat(32),
    }
    const { code, stderr } = await runNode({ ...program('aggregator.js'), env })
    assert.deepEqual([code, stderr], [0, ''])
    const [[path, key, names]] = posted as [[string, string, string[]]]
    assert.deepEqual([path, key, posted.length], ['/api/v2/series', 'a'.repeat(32), 1])
    assert.deepEqual([...new Set(names.map((name) => name.replace(/seconds\..*/, 'seconds')))].sort(), [
      'import.done',
      'import.files',
      'import.seconds',
    ])
    server.close()
  })
})
