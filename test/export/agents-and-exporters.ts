// Exporters and what they send to, for the tests of the Agent exporter: the fake Agent, plain and rude servers in its place, and programs of
// their own. What a test makes is closed after it. Waits that must not end are an hour.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { AgentExporter, type AgentExporterParts } from '../../src/export/agent-exporter'
import { type FakeAgent, startAgent } from '../support/agent'
import { listen, shut } from '../support/loopback'

export const HOUR_MS = 3_600_000
export const MB = 1024 * 1024

const exporters: AgentExporter[] = []
const servers: Server[] = []

/** Of the suite that has called `useAgent`; as new for each test. */
export let agent: FakeAgent

/** Call it inside a `describe`. */
export function useAgent(): void {
  before(async () => {
    agent = await startAgent()
  })
  after(() => agent.close())
  beforeEach(() => {
    agent.clear()
    agent.mode = 'ok'
    agent.rates = { 'service:,env:': 1 }
  })
  afterEach(async () => {
    await Promise.all(servers.splice(0).map(shut))
    await Promise.all(exporters.splice(0).map((exporter) => exporter.shutdown()))
  })
}

/** Another one where the Agent was, which must have been closed. */
export async function reopenAgent(): Promise<void> {
  agent = await startAgent({ port: agent.port })
}

/** What the suite's hooks close. */
export function closeAfterTest(server: Server): void {
  servers.push(server)
}

export type Change = Partial<Omit<AgentExporterParts, 'url'>>

export function exporterTo(url: string, change: Change = {}): AgentExporter {
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
    limits: { timeoutMs: HOUR_MS, ...change.limits },
  })
  exporters.push(made)
  return made
}

/** What became of whole chunks. */
export function chunkCounts({ counts }: AgentExporter) {
  const { sentChunks, sentPayloads, droppedChunks } = counts
  return { sentChunks, sentPayloads, droppedChunks }
}

/** A plain HTTP server in the place of the Agent. */
export async function rawAgent(
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
export async function droppingAgent(): Promise<{ url: string; connections: () => number }> {
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
export const childWith = (url: string) => `
  const { AgentExporter } = require(${JSON.stringify(join(__dirname, '../../src/export/agent-exporter.js'))})
  const { uniqueChunk } = require(${JSON.stringify(join(__dirname, 'made-chunk.js'))})
  const exporter = new AgentExporter({
    service: 's', tags: {}, runtimeId: () => 'r', pid: 1, url: new URL(${JSON.stringify(url)}), flushIntervalMs: ${HOUR_MS},
    tracerVersion: '1.0.0', mute: (fn) => fn(), onRates() {}, limits: { timeoutMs: ${HOUR_MS}, retryDelaysMs: [${HOUR_MS}] },
  })
  exporter.export(uniqueChunk())
`

export const ok = (_request: IncomingMessage, response: ServerResponse) => response.end('{}')
