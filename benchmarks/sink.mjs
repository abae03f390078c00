// Where all peers send their spans: a Datadog Agent, an OpenTelemetry collector and an Elastic APM server that count and throw
// away.
//
// It runs in a process of its own, so that its CPU time is nobody's, and it reads payloads just far enough to count spans: a
// peer that loses some would look cheap.

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import { createGunzip } from 'node:zlib'

/** The key that opens every span of a v0.4 payload, as MessagePack. No tag of the benchmarks is called so. */
const DATADOG_SPAN = Buffer.from('\xa8trace_id', 'latin1')
/** Elastic's agent sends lines of JSON; its transactions are spans too. */
const ELASTIC_SPANS = [Buffer.from('\n{"span":'), Buffer.from('\n{"transaction":')]

/** Field numbers on the way to a span in OTLP: request.resource_spans.scope_spans.spans. */
const OTLP_PATH = [1, 2, 2]

const LENGTH_DELIMITED = 2

/** Starts a sink; `take()` gives what has come since the last call. */
export async function startSink() {
  const child = fork(fileURLToPath(import.meta.url), ['serve'])
  const [{ port }] = await once(child, 'message')
  return {
    url: `http://127.0.0.1:${port}`,
    async take() {
      child.send('take')
      const [counts] = await once(child, 'message')
      return counts
    },
    stop() {
      child.kill()
    },
  }
}

/** What a path's payloads are, how their spans are counted, and what is answered. */
const INTAKES = {
  '/v0.4/traces': {
    count: (body) => countOccurrences(body, DATADOG_SPAN),
    status: 200,
    type: 'application/json',
    reply: JSON.stringify({ rate_by_service: {} }),
  },
  '/v1/traces': {
    count: (body) => countMessages(body, OTLP_PATH),
    status: 200,
    type: 'application/x-protobuf',
    reply: '',
  },
  '/intake/v2/events': {
    count: (body) => ELASTIC_SPANS.reduce((sum, wanted) => sum + countOccurrences(body, wanted), 0),
    status: 202,
    type: 'application/json',
    reply: '',
  },
}

/** What peers ask besides. */
const ANSWERS = {
  '/info': { version: '7.70.0', endpoints: ['/v0.4/traces'], client_drop_p0s: false },
  // Elastic's agent asks which server it has.
  '/': { version: '8.19.0', build_date: '2025-01-01T00:00:00Z' },
}

function serve() {
  let counts = { payloads: 0, bytes: 0, spans: 0 }
  const server = createServer((request, response) => {
    const path = request.url.split('?')[0]
    const intake = INTAKES[path]
    let bytes = 0
    const parts = []
    request.on('data', (part) => {
      bytes += part.length
    })
    const body = request.headers['content-encoding'] === 'gzip' ? request.pipe(createGunzip()) : request
    body.on('data', (part) => parts.push(part))
    body.on('end', () => {
      if (intake !== undefined) {
        counts.payloads++
        counts.bytes += bytes
        counts.spans += intake.count(Buffer.concat(parts))
      }
      response.statusCode = intake?.status ?? 200
      response.setHeader('Content-Type', intake?.type ?? 'application/json')
      response.end(intake?.reply ?? JSON.stringify(ANSWERS[path] ?? {}))
    })
  })
  server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }))
  process.on('message', () => {
    process.send(counts)
    counts = { payloads: 0, bytes: 0, spans: 0 }
  })
  process.on('disconnect', () => process.exit())
}

function countOccurrences(body, wanted) {
  let count = 0
  for (let at = body.indexOf(wanted); at !== -1; at = body.indexOf(wanted, at + wanted.length)) count++
  return count
}

/** How many messages a protobuf holds at the end of a path of field numbers. */
function countMessages(body, [field, ...rest]) {
  if (field === undefined) return 1
  let count = 0
  let at = 0
  const varint = () => {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = body[at++]
      value += (byte & 127) * scale
      if (byte < 128) return value
    }
  }
  while (at < body.length) {
    const tag = varint()
    // The levels above a span hold nothing but messages and text.
    if (tag % 8 !== LENGTH_DELIMITED) throw new Error(`unexpected protobuf wire type ${tag % 8}`)
    const length = varint()
    if (Math.floor(tag / 8) === field) count += countMessages(body.subarray(at, at + length), rest)
    at += length
  }
  return count
}

if (process.argv[1] === fileURLToPath(import.meta.url) && process.argv[2] === 'serve') serve()
