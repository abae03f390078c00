// The way to the Agent, on real connections: when a payload leaves, what it looks like to a strict Agent, what happens when the
// Agent is slow, broken or away, and that none of it ever reaches the program or keeps its process alive. Limits and waits are
// set so that nothing here has to be slept through; where a wait must not end, it is an hour.

import { strict as assert } from 'node:assert'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { AgentExporter, type AgentExporterParts } from '../../src/export/agent-exporter'
import { MUTED_CONTEXT } from '../../src/trace/context'
import { AsyncLocalScope } from '../../src/trace/scope/async-local-scope'
import { type AgentMode, absentAgentUrl, type FakeAgent, startAgent } from '../support/agent'
import { selfSigned } from '../support/certificate'
import { collectLog } from '../support/log-lines'
import { listen, shut } from '../support/loopback'
import { runNode } from '../support/spawn'
import { madeChunk, oddChunk, uniqueChunk } from './made-chunk'

const HOUR_MS = 3_600_000
const MB = 1024 * 1024

let exporters: AgentExporter[]
let servers: Server[]

type Change = Partial<Omit<AgentExporterParts, 'url'>>

function exporterTo(url: string, change: Change = {}): AgentExporter {
  const made = new AgentExporter({
    service: 'shop',
    env: 'test',
    version: '1',
    tags: {},
    runtimeId: () => 'run-1',
    pid: process.pid,
    url: new URL(url),
    flushIntervalMs: HOUR_MS,
    tracerVersion: '1.2.3',
    mute: (fn) => fn(),
    onRates: () => {},
    ...change,
  })
  exporters.push(made)
  return made
}

/** What became of whole chunks. */
function chunkCounts({ counts }: AgentExporter) {
  const { sentChunks, sentPayloads, droppedChunks } = counts
  return { sentChunks, sentPayloads, droppedChunks }
}

/** A plain HTTP server in the place of the Agent. */
async function rawAgent(
  answer: (request: IncomingMessage, response: ServerResponse, count: number) => void,
  host = '127.0.0.1',
): Promise<{ url: string; requests: IncomingMessage[]; sockets: Set<Socket> }> {
  const requests: IncomingMessage[] = []
  const sockets = new Set<Socket>()
  const server = createServer((request, response) => {
    requests.push(request)
    request.resume().on('end', () => answer(request, response, requests.length))
  })
  server.on('connection', (socket) => sockets.add(socket))
  const port = await listen(server, host)
  servers.push(server)
  return { url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`, requests, sockets }
}

/** A server that ends every connection at once, before the first byte of an answer. */
async function droppingAgent(): Promise<{ url: string; connections: () => number }> {
  let connections = 0
  const server = createTcpServer((socket) => {
    connections++
    socket.on('error', () => {})
    socket.once('data', () => socket.destroy())
  })
  const port = await listen(server)
  servers.push(server)
  return { url: `http://127.0.0.1:${port}`, connections: () => connections }
}

/** A program that has an exporter with a chunk in it, and waits of an hour. */
const childWith = (url: string) => `
  const { AgentExporter } = require(${JSON.stringify(join(__dirname, '../../src/export/agent-exporter.js'))})
  const { uniqueChunk } = require(${JSON.stringify(join(__dirname, 'made-chunk.js'))})
  const exporter = new AgentExporter({
    service: 's', tags: {}, runtimeId: () => 'r', pid: 1, url: new URL(${JSON.stringify(url)}), flushIntervalMs: ${HOUR_MS},
    tracerVersion: '1.0.0', mute: (fn) => fn(), onRates() {}, limits: { retryDelaysMs: [${HOUR_MS}] },
  })
  exporter.export(uniqueChunk())
`

const ok = (_request: IncomingMessage, response: ServerResponse) => response.end('{}')

describe('the Agent exporter', () => {
  let agent: FakeAgent
  before(async () => {
    agent = await startAgent()
  })
  after(() => agent.close())
  beforeEach(() => {
    agent.clear()
    agent.mode = 'ok'
    agent.rates = { 'service:,env:': 1 }
    exporters = []
    servers = []
  })
  afterEach(async () => {
    await Promise.all(servers.map(shut))
    await Promise.all(exporters.map((exporter) => exporter.shutdown()))
  })
  const lines = collectLog()

  describe('sends a payload', () => {
    it('that a strict Agent has nothing against', async () => {
      const exporter = exporterTo(agent.url)
      for (let i = 0; i < 3; i++) exporter.export(uniqueChunk())
      await exporter.flush()
      assert.deepEqual(agent.violations, [])
      assert.equal(agent.chunks.length, 3)
      const [{ method, url, headers, body }] = agent.requests as [(typeof agent.requests)[number]]
      assert.deepEqual([method, url, agent.requests.length], ['PUT', '/v0.4/traces', 1])
      const { host, connection, 'datadog-container-id': _id, 'datadog-entity-id': _entity, ...rest } = headers
      assert.deepEqual(
        { host, connection, ...rest },
        {
          host: new URL(agent.url).host,
          connection: 'keep-alive',
          'content-type': 'application/msgpack',
          'content-length': String(body.length),
          'x-datadog-trace-count': '3',
          'datadog-meta-lang': 'nodejs',
          'datadog-meta-lang-version': process.version,
          'datadog-meta-lang-interpreter': 'v8',
          'datadog-meta-tracer-version': '1.2.3',
          'datadog-client-computed-top-level': 'true',
          'datadog-send-real-http-status': 'true',
        },
      )
      assert.deepEqual(chunkCounts(exporter), { sentChunks: 3, sentPayloads: 1, droppedChunks: 0 })
    })

    it('with the external env, if there is one', async () => {
      const exporter = exporterTo(agent.url, { externalEnv: 'it-false,cn-app' })
      exporter.export(uniqueChunk())
      await exporter.flush()
      assert.equal(agent.requests[0]!.headers['datadog-external-env'], 'it-false,cn-app')
    })

    it('on the timer, all in one', async () => {
      let timers = 0
      const mute = <T>(fn: () => T): T => {
        const result = fn()
        if (!(result instanceof Promise)) timers++
        return result
      }
      const exporter = exporterTo(agent.url, { flushIntervalMs: 20, mute })
      for (let i = 0; i < 5; i++) exporter.export(uniqueChunk())
      await agent.waitForSpans(5)
      assert.deepEqual([agent.requests.length, timers], [1, 1])
      exporter.export(uniqueChunk())
      await agent.waitForSpans(6)
      assert.equal(agent.requests.length, 2)
      assert.deepEqual(agent.violations, [])
    })

    it('of each chunk at once where the interval is 0', async () => {
      const exporter = exporterTo(agent.url, { flushIntervalMs: 0 })
      exporter.export(uniqueChunk())
      await agent.waitForSpans(1)
      exporter.export(uniqueChunk())
      await agent.waitForSpans(2)
      assert.equal(agent.requests.length, 2)
    })

    it('that is large without waiting for the timer, and no smaller one', async () => {
      // What runs muted is setting a timer, or sending, which ends later.
      let begun = 0
      const mute = <T>(fn: () => T): T => {
        const result = fn()
        if (result instanceof Promise) begun++
        return result
      }
      const exporter = exporterTo(agent.url, { mute })
      for (let i = 0; i < 3; i++) exporter.export(uniqueChunk(MB))
      assert.equal(begun, 0)
      exporter.export(uniqueChunk(MB))
      assert.equal(begun, 1)
      await agent.waitForSpans(4)
      assert.ok(agent.requests[0]!.body.length >= 4 * MB)
      exporter.export(uniqueChunk())
      assert.equal(begun, 1)
      await exporter.flush()
      assert.deepEqual([begun, agent.requests.length, agent.violations], [2, 2, []])
    })

    it('only when there is one', async () => {
      const exporter = exporterTo(agent.url)
      await exporter.flush()
      await exporter.flush(true)
      assert.equal(agent.requests.length, 0)
    })

    it('one at a time, on one connection that is kept', async () => {
      let open = 0
      let most = 0
      const { url, requests, sockets } = await rawAgent((_request, response) => {
        most = Math.max(most, ++open)
        setImmediate(() => {
          open--
          response.end('{}')
        })
      })
      const exporter = exporterTo(url, { flushIntervalMs: 0 })
      const flushes: Promise<void>[] = []
      for (let i = 0; i < 10; i++) {
        exporter.export(uniqueChunk())
        flushes.push(exporter.flush())
        await turn()
      }
      await Promise.all(flushes)
      assert.deepEqual([exporter.counts.sentChunks, most, sockets.size], [10, 1, 1])
      assert.ok(requests.length > 1)
    })

    it('that gathers while another is under way', async () => {
      agent.mode = { slowMs: 20 }
      const exporter = exporterTo(agent.url, { flushIntervalMs: 0 })
      exporter.export(uniqueChunk())
      await agent.waitForRequests(1)
      for (let i = 0; i < 5; i++) exporter.export(uniqueChunk())
      await agent.waitForSpans(6)
      assert.deepEqual(
        agent.requests.map(({ chunks }) => chunks.length),
        [1, 5],
      )
    })

    it('that gathers while another takes longer than the timer', async () => {
      agent.mode = { slowMs: 30 }
      const exporter = exporterTo(agent.url, { flushIntervalMs: 5 })
      exporter.export(uniqueChunk())
      await agent.waitForRequests(1)
      exporter.export(uniqueChunk())
      await agent.waitForRequests(2)
      exporter.export(uniqueChunk())
      await agent.waitForSpans(3)
    })

    it('that has become large while another was under way, without waiting for the timer', async () => {
      agent.mode = { slowMs: 20 }
      const exporter = exporterTo(agent.url)
      exporter.export(uniqueChunk(4 * MB))
      assert.equal(agent.requests.length, 0)
      for (let i = 0; i < 4; i++) exporter.export(uniqueChunk(MB + 1000))
      await agent.waitForRequests(2)
      await exporter.flush()
      assert.equal(exporter.counts.sentChunks, 5)
    })
  })

  describe('goes to', () => {
    it('a base path, with or without a slash at its end', async () => {
      const { url, requests } = await rawAgent(ok)
      for (const path of ['', '/', '/agent', '/agent/', '/a/b']) {
        const exporter = exporterTo(url + path)
        exporter.export(uniqueChunk())
        await exporter.flush()
      }
      assert.deepEqual(
        requests.map((request) => request.url),
        ['/v0.4/traces', '/v0.4/traces', '/agent/v0.4/traces', '/agent/v0.4/traces', '/a/b/v0.4/traces'],
      )
    })

    it('an IPv6 address', async function () {
      const { url, requests } = await rawAgent(ok, '::1').catch(() => ({ url: '', requests: [] }))
      // A host without IPv6 cannot tell.
      if (url === '') return this.skip()
      const exporter = exporterTo(url)
      exporter.export(uniqueChunk())
      await exporter.flush()
      assert.deepEqual([requests.length, exporter.counts.sentChunks], [1, 1])
    })

    it('a server that speaks TLS', async () => {
      const { key, cert } = selfSigned()
      const urls: (string | undefined)[] = []
      const server = createSecureServer({ key, cert }, (request, response) => {
        urls.push(request.url)
        request.resume().on('end', () => response.end('{}'))
      })
      const port = await listen(server)
      servers.push(server)
      const folder = mkdtempSync(join(tmpdir(), 'dd-tls-'))
      try {
        writeFileSync(join(folder, 'ca.pem'), cert)
        const run = await runNode({
          code: `${childWith(`https://localhost:${port}/base`)}
            exporter.flush().then(() => console.log(exporter.counts.sentChunks))`,
          env: { NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem') },
        })
        assert.deepEqual([run.stderr, run.stdout], ['', '1\n'])
        assert.deepEqual(urls, ['/base/v0.4/traces'])
      } finally {
        rmSync(folder, { recursive: true })
      }
    })

    it('a unix socket', async () => {
      const local = await startAgent({ socketPath: join(tmpdir(), `dd-exporter ${process.pid}.sock`) })
      const exporter = exporterTo(local.socketUrl!)
      exporter.export(uniqueChunk())
      await exporter.flush()
      assert.deepEqual([local.spans().length, local.violations], [1, []])
      await local.close()
    })

    it('nobody: a unix socket that does not exist is tried again and named', async () => {
      const exporter = exporterTo('unix:///no/such.socket', { limits: { retryDelaysMs: [1] } })
      exporter.export(uniqueChunk())
      await exporter.flush()
      assert.deepEqual(lines, [
        'traces cannot be sent to the Agent at unix:///no/such.socket (ENOENT); 1 dropped so far',
      ])
    })
  })

  describe('tries again', () => {
    const attempts = 3
    const limits = { retryDelaysMs: [1, 1] }

    it('when the connection is lost, as often as it has delays, then gives up', async () => {
      const { url, connections } = await droppingAgent()
      const exporter = exporterTo(url, { limits })
      exporter.export(uniqueChunk())
      await exporter.flush()
      assert.deepEqual([connections(), exporter.counts.droppedChunks], [attempts, 1])
    })

    it('and succeeds at the last attempt', async () => {
      const { url, requests } = await rawAgent((request, response, count) =>
        count < attempts ? request.socket.destroy() : response.end('{}'),
      )
      const exporter = exporterTo(url, { limits })
      exporter.export(uniqueChunk())
      await exporter.flush()
      assert.deepEqual(
        [requests.length, chunkCounts(exporter), lines],
        [attempts, { sentChunks: 1, sentPayloads: 1, droppedChunks: 0 }, []],
      )
    })

    it('with the very same payload, while new chunks gather', async () => {
      agent.mode = 'close'
      const exporter = exporterTo(agent.url, { limits })
      exporter.export(uniqueChunk())
      const flushed = exporter.flush()
      await agent.waitForRequests(1)
      agent.mode = 'ok'
      exporter.export(uniqueChunk())
      await flushed
      assert.deepEqual(
        agent.requests.slice(0, 2).map(({ chunks }) => chunks.length),
        [1, 1],
      )
      assert.deepEqual(agent.requests[0]!.body, agent.requests[1]!.body)
      await exporter.flush()
      assert.deepEqual([exporter.counts.sentChunks, agent.violations], [2, []])
    })

    it('without a wait when it is the last chance, and then no more', async () => {
      const { url, connections } = await droppingAgent()
      const exporter = exporterTo(url, { limits: { retryDelaysMs: [HOUR_MS, HOUR_MS] } })
      exporter.export(uniqueChunk())
      const patient = exporter.flush()
      while (connections() === 0) await turn()
      // Long enough for the loss to be noticed, so that what is cut short is the wait.
      for (let i = 0; i < 50; i++) await turn()
      await Promise.all([exporter.flush(true), patient])
      assert.deepEqual([connections(), exporter.counts.droppedChunks], [2, 1])
      exporter.export(uniqueChunk())
      await exporter.flush(true)
      assert.equal(exporter.counts.droppedChunks, 2)
    })

    it('still has patience after a last chance is over', async () => {
      const { url, requests } = await rawAgent((request, response, count) =>
        count === 2 ? request.socket.destroy() : response.end('{}'),
      )
      const exporter = exporterTo(url, { limits: { retryDelaysMs: [1] } })
      exporter.export(uniqueChunk())
      await exporter.flush(true)
      exporter.export(uniqueChunk())
      await exporter.flush()
      assert.deepEqual([requests.length, exporter.counts.sentChunks], [3, 2])
    })

    for (const status of [300, 302, 400, 404, 413, 429, 500, 503]) {
      it(`not when the Agent answers ${status}`, async () => {
        agent.mode = { status }
        const exporter = exporterTo(agent.url, { limits })
        exporter.export(uniqueChunk())
        await exporter.flush()
        assert.deepEqual(
          [agent.requests.length, chunkCounts(exporter)],
          [1, { sentChunks: 0, sentPayloads: 0, droppedChunks: 1 }],
        )
        assert.match(lines[0]!, new RegExp(`\\(it answered ${status}\\); 1 dropped`))
      })
    }

    for (const status of [200, 202, 299]) {
      it(`not when the Agent answers ${status}, which is well`, async () => {
        agent.mode = { status }
        const exporter = exporterTo(agent.url, { limits })
        exporter.export(uniqueChunk())
        await exporter.flush()
        assert.deepEqual([agent.requests.length, exporter.counts.sentChunks], [1, 1])
      })
    }

    it('when the answer breaks off', async () => {
      const { url, requests } = await rawAgent((request, response, count) => {
        if (count > 1) return void response.end('{}')
        response.writeHead(200, { 'content-length': 100 }).write('{', () => request.socket.destroy())
      })
      const exporter = exporterTo(url, { limits: { ...limits, timeoutMs: HOUR_MS } })
      exporter.export(uniqueChunk())
      await exporter.flush()
      assert.deepEqual([requests.length, exporter.counts.sentChunks], [2, 1])
    })

    it('not when the Agent hangs: the time is up', async () => {
      agent.mode = 'hang'
      const exporter = exporterTo(agent.url, { limits: { ...limits, timeoutMs: 30 } })
      exporter.export(uniqueChunk())
      await exporter.flush()
      assert.deepEqual([agent.requests.length, exporter.counts.droppedChunks], [1, 1])
      assert.match(lines[0]!, /\(TIMEOUT\); 1 dropped so far$/)
    })

    it('not when only the end of the answer never comes', async () => {
      const { url, requests } = await rawAgent((_request, response) => void response.writeHead(200).write('{'))
      const exporter = exporterTo(url, { limits: { ...limits, timeoutMs: 30 } })
      exporter.export(uniqueChunk())
      await exporter.flush()
      assert.deepEqual([requests.length, exporter.counts.droppedChunks], [1, 1])
    })

    for (const [title, lastChance, requests] of [
      ['sends what waits behind a payload that was not answered', false, 2],
      ['gives that up when the process ends', true, 1],
    ] as const) {
      it(`not when the Agent hangs: ${title}`, async () => {
        agent.mode = 'hang'
        const exporter = exporterTo(agent.url, { flushIntervalMs: 0, limits: { timeoutMs: 100 } })
        exporter.export(uniqueChunk())
        await agent.waitForRequests(1)
        exporter.export(uniqueChunk())
        await exporter.flush(lastChance)
        assert.deepEqual([agent.requests.length, exporter.counts.droppedChunks], [requests, 2])
        agent.mode = 'ok'
        for (const isLast of [false, true]) {
          exporter.export(uniqueChunk())
          await exporter.flush(isLast)
        }
        assert.equal(exporter.counts.sentChunks, 2, 'it recovers')
      })
    }

    it("not after a timely answer, and its time is nobody else's", async () => {
      agent.mode = { slowMs: 120 }
      const exporter = exporterTo(agent.url, { limits: { timeoutMs: 200 } })
      for (let i = 0; i < 2; i++) {
        exporter.export(uniqueChunk())
        await exporter.flush()
      }
      assert.deepEqual([exporter.counts.sentChunks, lines], [2, []])
    })
  })

  describe('drops', () => {
    it('and says so once a minute, with the count and without secrets', async () => {
      const url = new URL(await absentAgentUrl())
      const exporter = exporterTo(`http://user:secret@${url.host}/path`, { limits: { retryDelaysMs: [] } })
      for (let i = 0; i < 3; i++) {
        exporter.export(uniqueChunk())
        exporter.export(uniqueChunk())
        await exporter.flush()
      }
      assert.deepEqual(lines, [
        `traces cannot be sent to the Agent at http://${url.host} (ECONNREFUSED); 2 dropped so far`,
      ])
      assert.equal(exporter.counts.droppedChunks, 6)
    })

    it('what no longer fits while the Agent is away, and nothing of what fits', async () => {
      agent.mode = 'hang'
      const exporter = exporterTo(agent.url, { limits: { maxBytes: 11_000, timeoutMs: HOUR_MS, retryDelaysMs: [] } })
      exporter.export(uniqueChunk())
      const flushed = exporter.flush()
      await agent.waitForRequests(1)
      for (let i = 0; i < 4; i++) exporter.export(uniqueChunk(3000))
      assert.equal(exporter.counts.droppedChunks, 1)
      assert.match(lines[0]!, /\(the buffer is full\); 1 dropped so far$/)
      exporter.export(uniqueChunk())
      assert.equal(exporter.counts.droppedChunks, 1, 'a small one still fits')
      await agent.close()
      await flushed
      agent = await startAgent({ port: agent.port })
      await exporter.flush()
      assert.deepEqual([agent.violations, agent.chunks.length, exporter.counts.droppedChunks], [[], 4, 2])
    })

    it('a chunk that is too large for any payload', async () => {
      const exporter = exporterTo(agent.url, { limits: { maxBytes: 1000 } })
      exporter.export(uniqueChunk(2000))
      exporter.export(uniqueChunk())
      await exporter.flush()
      assert.deepEqual(
        [chunkCounts(exporter), agent.violations],
        [{ sentChunks: 1, sentPayloads: 1, droppedChunks: 1 }, []],
      )
    })

    it('a chunk that cannot be written, alone', async () => {
      const exporter = exporterTo(agent.url)
      exporter.export(uniqueChunk())
      exporter.export(oddChunk)
      exporter.export(uniqueChunk())
      await exporter.flush()
      assert.deepEqual(
        [chunkCounts(exporter), agent.violations],
        [{ sentChunks: 2, sentPayloads: 1, droppedChunks: 1 }, []],
      )
      assert.match(lines[0]!, /\(a span could not be encoded: TypeError/)
    })
  })

  describe('takes from the reply', () => {
    const sentWith = async (change: Change, payloads = 1) => {
      const exporter = exporterTo(agent.url, change)
      for (let i = 0; i < payloads; i++) {
        exporter.export(uniqueChunk())
        await exporter.flush()
      }
      return exporter
    }

    it('the rates', async () => {
      const seen: unknown[] = []
      agent.rates = { 'service:shop,env:test': 0.25, 'service:,env:': 1 }
      await sentWith({ onRates: (rates) => void seen.push(rates) })
      assert.deepEqual(seen, [agent.rates])
    })

    for (const [title, body] of [
      ['no rates', '{}'],
      ['the word of an old Agent', 'OK\n'],
      ['nothing', ''],
      ['null', 'null'],
      ['rates of null', '{"rate_by_service":null}'],
      ['a page', '<html>'],
      ['broken JSON', '{"rate_by_service":{'],
    ] as const) {
      it(`nothing where it holds ${title}, and counts it as sent`, async () => {
        const { url } = await rawAgent((_request, response) => response.end(body))
        const seen: unknown[] = []
        const exporter = exporterTo(url, { onRates: (rates) => void seen.push(rates) })
        exporter.export(uniqueChunk())
        await exporter.flush()
        assert.deepEqual([exporter.counts.sentChunks, lines, seen], [1, [], []])
      })
    }

    it('the version of the rates, and tells it with every later payload', async () => {
      const { url, requests } = await rawAgent((_request, response, count) => {
        if (count === 1) response.setHeader('Datadog-Rates-Payload-Version', 'v7')
        response.end(count === 1 ? '{"rate_by_service":{"service:,env:":1}}' : '{}')
      })
      const exporter = exporterTo(url)
      for (let i = 0; i < 3; i++) {
        exporter.export(uniqueChunk())
        await exporter.flush()
      }
      assert.deepEqual(
        requests.map(({ headers }) => headers['datadog-rates-payload-version']),
        [undefined, 'v7', 'v7'],
      )
    })

    it('no harm from a listener that throws', async () => {
      const exporter = await sentWith({
        onRates: () => {
          throw new Error('listener')
        },
      })
      assert.equal(exporter.counts.sentChunks, 1)
    })
  })

  describe('when flushed', () => {
    it('sends what is under way and what waits behind it', async () => {
      agent.mode = { slowMs: 5 }
      const exporter = exporterTo(agent.url, { flushIntervalMs: 0 })
      for (let i = 0; i < 4; i++) exporter.export(uniqueChunk())
      await exporter.flush()
      assert.deepEqual([agent.spans().length, exporter.counts.sentChunks], [4, 4])
    })

    it('comes to an end though new chunks never stop coming', async () => {
      const { url, requests } = await rawAgent((_request, response) => {
        exporter.export(uniqueChunk())
        response.end('{}')
      })
      const exporter = exporterTo(url)
      exporter.export(uniqueChunk())
      await exporter.flush()
      assert.ok(requests.length <= 2, `${requests.length} requests`)
    })

    it('serves all who asked', async () => {
      const exporter = exporterTo(agent.url)
      exporter.export(uniqueChunk())
      await Promise.all([exporter.flush(), exporter.flush(), exporter.flush(true)])
      assert.deepEqual([agent.requests.length, agent.spans().length], [1, 1])
    })

    it('never rejects', async () => {
      agent.mode = 'close'
      const exporter = exporterTo(agent.url, { limits: { retryDelaysMs: [] } })
      exporter.export(uniqueChunk())
      assert.equal(await exporter.flush(), undefined)
    })
  })

  describe('when shut down', () => {
    it('sends what it has, closes the connection, and drops what comes later without a word', async () => {
      const { url, requests, sockets } = await rawAgent(ok)
      const exporter = exporterTo(url, { flushIntervalMs: 0 })
      exporter.export(uniqueChunk())
      await exporter.shutdown()
      const [socket] = [...sockets]
      if (!socket!.destroyed) await once(socket!, 'close')
      exporter.export(uniqueChunk())
      await exporter.flush()
      await exporter.shutdown()
      assert.deepEqual(
        [requests.length, chunkCounts(exporter), lines],
        [1, { sentChunks: 1, sentPayloads: 1, droppedChunks: 1 }, []],
      )
    })

    it('does not wait for an Agent that is away', async () => {
      const exporter = exporterTo(await absentAgentUrl(), { limits: { retryDelaysMs: [HOUR_MS] } })
      exporter.export(uniqueChunk())
      await exporter.shutdown()
      assert.equal(exporter.counts.droppedChunks, 1)
    })
  })

  it('makes its requests where nothing is traced', async () => {
    const scope = new AsyncLocalScope()
    const muted: boolean[] = []
    const look = () => muted.push(scope.active().muted)
    subscribe('http.client.request.start', look)
    try {
      const mute = <T>(fn: () => T): T => scope.run(MUTED_CONTEXT, fn) as T
      agent.mode = 'close'
      const exporter = exporterTo(agent.url, { mute, flushIntervalMs: 1, limits: { retryDelaysMs: [1] } })
      exporter.export(uniqueChunk())
      await agent.waitForRequests(2)
      await exporter.flush()
      agent.mode = 'ok'
      exporter.export(uniqueChunk())
      await exporter.flush()
      assert.deepEqual(muted, [true, true, true])
    } finally {
      unsubscribe('http.client.request.start', look)
    }
  })

  describe('keeps no process alive', () => {
    const modes: [title: string, mode: AgentMode, body: string, stdout: string][] = [
      ['with a timer that runs', 'ok', '', ''],
      ['with a connection that is kept', 'ok', "exporter.flush().then(() => console.log('sent'))", 'sent\n'],
      ['with a wait before the next attempt', 'close', "exporter.flush().then(() => console.log('never'))", ''],
    ]
    for (const [title, mode, body, stdout] of modes) {
      it(title, async () => {
        agent.mode = mode
        const run = await runNode({ code: childWith(agent.url) + body, timeoutMs: 5000 })
        assert.deepEqual([run.code, run.signal, run.stdout, run.stderr], [0, null, stdout, ''])
      })
    }

    it('but is waited for when it is asked to flush before the exit', async () => {
      agent.mode = { slowMs: 50 }
      const run = await runNode({
        code: `${childWith(agent.url)}process.once('beforeExit', () => exporter.flush(true))`,
        timeoutMs: 5000,
      })
      assert.deepEqual([run.code, agent.spans().length], [0, 1])
    })
  })

  it('sends real chunks of a trace that nobody has decided on', async () => {
    const exporter = exporterTo(agent.url)
    exporter.export(madeChunk([{}, { idLow: 3, parentLow: 2 }]))
    await exporter.flush()
    assert.deepEqual([agent.spans().length, agent.violations], [2, []])
  })
})
