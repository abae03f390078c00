// An agent that was sent two traces, a request that failed and one that went well, for the tests of its addresses.

import assert from 'node:assert/strict'
import { type LocalAgent, startLocalAgent } from '../../src/local-agent/start-local-agent'
import { put, send } from './send'
import { START, uint64, v04, wireSpan } from './wire-span'

export const MS = 1_000_000n
const HIGH = '68f1a2b300000000'

/** A request with a database query that failed, and a second trace that is all right. */
export const FAILED = v04([
  wireSpan({
    trace_id: 77n,
    span_id: 1n,
    name: 'express.request',
    resource: 'GET /users/:id',
    duration: 20n * MS,
    meta: { env: 'prod', 'http.status_code': '500', 'http.method': 'GET', '_dd.p.tid': HIGH, 'span.kind': 'server' },
  }),
  {
    ...wireSpan({
      trace_id: 77n,
      span_id: 2n ** 64n - 1n,
      parent_id: 1n,
      service: 'web-postgres',
      name: 'pg.query',
      resource: 'SELECT * FROM users',
      type: 'sql',
      start: START + 5n * MS,
      duration: 10n * MS + 1n,
      error: 1,
      meta: {
        'error.type': 'DatabaseError',
        'error.message': 'timeout after 10 ms',
        'error.stack': 'DatabaseError: timeout\n    at query (pg.js:1:1)',
        'span.kind': 'client',
        note: '<b>not HTML</b>',
      },
      metrics: { 'db.row_count': 3 },
    }),
    span_events: [
      { time_unix_nano: uint64(START + 6n * MS), name: 'retry', attributes: { n: { type: 2, int_value: 1 } } },
    ],
    span_links: [
      { trace_id: uint64(78n), trace_id_high: 0, span_id: 5 },
      { trace_id: uint64(1n), span_id: 5 },
    ],
  },
])
export const GOOD = v04([
  wireSpan({ trace_id: 78n, span_id: 5n, resource: 'GET /health', duration: 2n * MS, meta: { env: 'dev' } }),
])

export const ID = `${HIGH}${(77).toString(16).padStart(16, '0')}`
export const GOOD_ID = (78).toString(16).padStart(32, '0')

/** Of the test that runs. */
export let agent: LocalAgent

/** Call it inside a `describe`. */
export function useTwoTraces(): void {
  beforeEach(async () => {
    agent = await startLocalAgent({ port: 0 })
    for (const payload of [FAILED, GOOD]) await put(`${agent.url}/v0.4/traces`, payload)
  })
  afterEach(() => agent.close())
}

export const get = async (path: string) => {
  const { status, text, headers } = await send(agent.url + path)
  return { status, headers, text, body: JSON.parse(text) }
}
export const read = async (path: string) => {
  const { status, body } = await get(path)
  assert.equal(status, 200, JSON.stringify(body))
  return body
}
export const query = (text: string) => `query=${encodeURIComponent(text)}`
