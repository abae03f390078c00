// Ten thousand bodies that were damaged, of every kind: each is answered, with 2xx or 4xx, and the agent neither fails nor grows.

import assert from 'node:assert/strict'
import { Agent, request } from 'node:http'
import { gzipSync } from 'node:zlib'
import { encode } from 'msgpack-lite'
import { LOGS_REQUEST, METRICS_REQUEST, TRACES_REQUEST } from '../../../src/local-agent/otlp/otlp-schema'
import { type LocalAgent, startLocalAgent } from '../../../src/local-agent/start-local-agent'
import { encodeOtlp } from './encode-otlp'

const BODIES = 10_000
const MAX_HEAP_BYTES = 150 * 1024 * 1024

/** Numbers in an order that looks random and is the same each time. */
function dice(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 0x100000000) * below)
  }
}

const attributes = [
  { key: 'a', value: { stringValue: 'text' } },
  { key: 'b', value: { intValue: 7n } },
  {
    key: 'c',
    value: {
      arrayValue: {
        values: [{ doubleValue: 1.5 }, { kvlistValue: { values: [{ key: 'k', value: { boolValue: true } }] } }],
      },
    },
  },
]
const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] }
const times = { startTimeUnixNano: 1_700_000_000_000_000_000n, timeUnixNano: 1_700_000_001_000_000_000n }
const span = {
  traceId: '5b8efff798038103d269b633813fc60c',
  spanId: 'eee19b7ec3c1b174',
  parentSpanId: 'eee19b7ec3c1b173',
  name: 'work',
  kind: 3,
  startTimeUnixNano: times.startTimeUnixNano,
  endTimeUnixNano: times.timeUnixNano,
  attributes,
  events: [{ timeUnixNano: times.timeUnixNano, name: 'exception', attributes }],
  links: [{ traceId: '5b8efff798038103d269b633813fc60c', spanId: 'eee19b7ec3c1b174', attributes, flags: 1 }],
  status: { code: 2, message: 'bad' },
}
const numbers = { ...times, asInt: 5n, attributes }
const histogram = {
  ...times,
  count: 3n,
  sum: 9,
  bucketCounts: [1n, 2n],
  explicitBounds: [5],
  min: 1,
  max: 7,
  attributes,
}
const buckets = { offset: -2, bucketCounts: [1n, 2n] }
const exponential = {
  ...times,
  count: 6n,
  sum: 9,
  scale: 2,
  zeroCount: 0n,
  positive: buckets,
  negative: buckets,
  attributes,
}
const summary = { ...times, count: 6n, sum: 9, quantileValues: [{ quantile: 0.5, value: 3 }], attributes }
const metrics = [
  { name: 'g', gauge: { dataPoints: [numbers] } },
  { name: 's', sum: { dataPoints: [numbers], aggregationTemporality: 2, isMonotonic: true } },
  { name: 'h', histogram: { dataPoints: [histogram], aggregationTemporality: 2 } },
  { name: 'e', exponentialHistogram: { dataPoints: [exponential], aggregationTemporality: 2 } },
  { name: 'q', summary: { dataPoints: [summary] } },
]
const record = {
  ...times,
  severityNumber: 9,
  body: { stringValue: 'hello' },
  attributes,
  traceId: span.traceId,
  spanId: span.spanId,
}
const scope = { name: 'kit', version: '1', attributes }

const SIGNALS = [
  ['/v1/traces', TRACES_REQUEST, { resourceSpans: [{ resource, scopeSpans: [{ scope, spans: [span, span] }] }] }],
  ['/v1/metrics', METRICS_REQUEST, { resourceMetrics: [{ resource, scopeMetrics: [{ scope, metrics }] }] }],
  ['/v1/logs', LOGS_REQUEST, { resourceLogs: [{ resource, scopeLogs: [{ scope, logRecords: [record, record] }] }] }],
] as const

const STATS = encode({
  Hostname: 'h',
  Env: 'e',
  Version: 'v',
  Stats: [
    {
      Start: 1,
      Duration: 10,
      Stats: [{ Service: 's', Name: 'n', Resource: 'r', Hits: 3, Errors: 1, Duration: 9, OkSummary: Buffer.alloc(9) }],
    },
  ],
})

const json = (body: unknown) =>
  Buffer.from(JSON.stringify(body, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value)))

function damaged(body: Buffer, roll: (below: number) => number): Buffer {
  const bytes = Buffer.from(body)
  for (let left = 1 + roll(8); left > 0; left--) {
    switch (roll(6)) {
      case 0:
        bytes[roll(bytes.length)] = roll(256)
        break
      case 1:
        bytes[roll(bytes.length)]! ^= 1 << roll(8)
        break
      case 2:
        return bytes.subarray(0, roll(bytes.length + 1))
      case 3: {
        const [from, to] = [roll(bytes.length), roll(bytes.length)]
        bytes.copyWithin(to, from, from + roll(20))
        break
      }
      case 4:
        bytes.fill(roll(2) * 255, roll(bytes.length)).fill(roll(256), 0, roll(3))
        break
      default: {
        const at = roll(bytes.length)
        return Buffer.concat([bytes.subarray(0, at), bytes.subarray(roll(bytes.length))])
      }
    }
  }
  return bytes
}

describe('local agent, damaged bodies', () => {
  let agent: LocalAgent
  const connections = new Agent({ keepAlive: true, maxSockets: 4 })
  before(async () => {
    agent = await startLocalAgent({ port: 0 })
  })
  after(async () => {
    connections.destroy()
    await agent.close()
  })

  const post = (path: string, headers: Record<string, string>, body: Buffer) =>
    new Promise<number>((resolve, reject) => {
      const sent = request(agent.url + path, { method: 'POST', headers, agent: connections }, (response) => {
        response.resume()
        response.once('end', () => resolve(response.statusCode ?? 0))
      })
      sent.once('error', reject)
      sent.end(body)
    })

  const kinds: [string, (roll: (below: number) => number) => [string, Record<string, string>, Buffer]][] = [
    [
      'Protobuf of OTLP',
      (roll) => {
        const [path, schema, body] = SIGNALS[roll(3)]!
        return [path, { 'content-type': 'application/x-protobuf' }, damaged(encodeOtlp(body, schema), roll)]
      },
    ],
    [
      'JSON of OTLP',
      (roll) => {
        const [path, , body] = SIGNALS[roll(3)]!
        return [path, { 'content-type': 'application/json' }, damaged(json(body), roll)]
      },
    ],
    [
      'compressed OTLP',
      (roll) => {
        const [path, , body] = SIGNALS[roll(3)]!
        const type = { 'content-type': 'application/json', 'content-encoding': 'gzip' }
        return [path, type, roll(2) ? damaged(gzipSync(json(body)), roll) : gzipSync(damaged(json(body), roll))]
      },
    ],
    ['statistics', (roll) => ['/v0.6/stats', { 'content-type': 'application/msgpack' }, damaged(STATS, roll)]],
  ]
  for (const [what, make] of kinds) {
    it(`answers ${BODIES} of ${what}`, async function () {
      this.timeout(180_000)
      const roll = dice(what.length)
      const statuses = new Map<number, number>()
      globalThis.gc?.()
      const before = process.memoryUsage().heapUsed
      for (let done = 0; done < BODIES; done += 4) {
        const answers = Array.from({ length: 4 }, () => post(...make(roll)))
        for (const status of await Promise.all(answers)) statuses.set(status, (statuses.get(status) ?? 0) + 1)
      }
      for (const status of statuses.keys()) assert.ok([200, 400, 413].includes(status), `status ${status}`)
      // Both happen often, or the test tests nothing.
      assert.ok((statuses.get(200) ?? 0) > BODIES / 50, JSON.stringify([...statuses]))
      assert.ok((statuses.get(400) ?? 0) > BODIES / 50, JSON.stringify([...statuses]))
      globalThis.gc?.()
      assert.ok(process.memoryUsage().heapUsed - before < MAX_HEAP_BYTES)
      for (const path of ['/api/traces', '/api/metrics', '/api/logs', '/api/stats', '/api/status', '/api/services']) {
        assert.equal((await fetch(agent.url + path)).status, 200, path)
      }
    })
  }
})
