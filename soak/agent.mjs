// The Agents of the soak, in a process of their own: a real HTTP server that reads every span it is sent (`trees.mjs`), or one of those that
// a program may meet instead, which are away, slow, full, broken.

import { once } from 'node:events'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { readPayload } from './payload-reader.mjs'
import { TreeCheck } from './trees.mjs'

const require = createRequire(import.meta.url)
const answer = require('./answers.cjs')
/** The strict reader of the tests, which knows every type of the wire, and is forty times slower. */
const { decodeTraces } = require(join(process.argv[2], 'test', 'support', 'decode-traces.js'))

const FLAP_MS = 2000
const SLOW_MS = 10_000
const STRICTLY_EVERY = 50
const INFO = JSON.stringify({ version: '7.70.0', endpoints: ['/v0.4/traces', '/v0.5/traces'], client_drop_p0s: false })
const RATES = JSON.stringify({ rate_by_service: { 'service:,env:': 1 } })
const MAX_TOLD = 10

const taking = (response) => response.end(RATES)

/** What is answered to a payload of traces; those that take it are counted, by the bytes. */
const BEHAVIOURS = {
  healthy: { takes: true, reply: taking },
  absent: {},
  flapping: { takes: true, reply: taking, flaps: true },
  slow: { reply: (response) => setTimeout(() => response.writable && taking(response), SLOW_MS).unref() },
  silent: { reply() {} },
  'error 500': { reply: (response) => response.writeHead(500).end('no') },
  'error 413': { reply: (response) => response.writeHead(413).end('too much') },
  garbage: { reply: (response) => garbage[count.payloads % garbage.length](response) },
  'cut off': { cuts: true },
}

/** What no Agent answers. */
const garbage = [
  (response) => response.end(Buffer.from('\x00\xff\xfe{"rate_by_service":', 'latin1')),
  (response) =>
    response.end('{"rate_by_service":{"service:,env:":"all","service:shop,env:":-1,"x":null,"__proto__":{"y":7}}}'),
  (response) => response.socket.end('SSH-2.0-OpenSSH_9.2\r\n'),
  (response) => response.writeHead(302, { Location: 'http://127.0.0.1:1/' }).end(),
  (response) => response.writeHead(200, { 'Content-Length': 1000 }).end('short', () => response.socket?.destroy()),
  (response) => response.end('['.repeat(3_000_000)),
  (response) =>
    response
      .writeHead(200, { 'Content-Encoding': 'gzip', 'Datadog-Rates-Payload-Version': 'x'.repeat(9000) })
      .end('no'),
]

let behaviour
let trees
let count
let server
let port
let flapping
const sockets = new Set()

function reset(name, mayBeCut) {
  behaviour = BEHAVIOURS[name]
  trees = new TreeCheck({ mayBeCut })
  count = { payloads: 0, bytes: 0, spans: 0, refused: 0, strictly: 0, violations: [] }
}

async function listen() {
  server = createServer({ keepAliveTimeout: 0 }, take)
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
  })
  server.listen(port ?? 0, '127.0.0.1')
  await once(server, 'listening')
  port = server.address().port
}

async function hang() {
  if (server === undefined) return
  const closed = once(server, 'close')
  server.close()
  for (const socket of sockets) socket.destroy()
  server = undefined
  await closed
}

function take(request, response) {
  if (behaviour.cuts) return request.socket.destroy()
  const parts = []
  request.on('data', (part) => parts.push(part))
  request.on('end', () => {
    if (request.url === '/info') return response.end(INFO)
    const body = Buffer.concat(parts)
    if (behaviour.takes) read(body, request.url)
    else count.refused++
    count.payloads++
    behaviour.reply(response)
  })
}

function read(body, path) {
  count.bytes += body.length
  try {
    count.spans += readPayload(body, path, (spans) => trees.take(spans))
    if (path === '/v0.4/traces' && count.payloads % STRICTLY_EVERY === 0) {
      count.strictly++
      violates(decodeTraces(body).violations)
    }
  } catch (error) {
    violates([error.message])
  }
}

function violates(violations) {
  count.violations.push(...violations.slice(0, MAX_TOLD - count.violations.length))
}

answer({
  /** Behaves so from now on, and begins to count. */
  async begin({ name, mayBeCut }) {
    clearInterval(flapping)
    await hang()
    reset(name, mayBeCut)
    await listen()
    if (name === 'absent') await hang()
    if (behaviour.flaps) flapping = setInterval(() => (server === undefined ? listen() : hang()), FLAP_MS)
    return { url: `http://127.0.0.1:${port}` }
  },

  /** What has come since. */
  end() {
    return { ...count, trees: trees.end() }
  },
})
