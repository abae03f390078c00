// The query language, case by case: which of a few spans each query finds.

import assert from 'node:assert/strict'
import type { ReceivedSpan } from '../../../src/local-agent/received-span'
import { matchesAnySpan, matchesSpan } from '../../../src/local-agent/search/matches-span'
import { parseQuery } from '../../../src/local-agent/search/parse-query'
import { type Query, QueryError } from '../../../src/local-agent/search/query'
import { received } from '../received'

const ms = (count: number) => BigInt(count) * 1_000_000n

/** One letter for each span. */
const SPANS: Readonly<Record<string, ReceivedSpan>> = {
  w: received({
    traceId: '12297829382473034410',
    spanId: '255',
    service: 'web',
    name: 'express.request',
    resource: 'GET /users/:id',
    type: 'web',
    duration: ms(120),
    meta: {
      env: 'prod',
      version: '1.2.3',
      'http.method': 'GET',
      'http.status_code': '200',
      'http.url': 'http://localhost:3000/users/7?q=a%20b',
      '_dd.p.tid': '68f1a2b300000000',
      'user.first name': 'Ada Lovelace',
    },
    metrics: { 'http.response_time': 1.5, retries: 0 },
  }),
  e: received({
    traceId: '2',
    spanId: '18446744073709551615',
    service: 'web',
    name: 'express.request',
    resource: 'POST /orders',
    type: 'web',
    duration: ms(2500),
    error: 1,
    meta: {
      env: 'test',
      'http.method': 'POST',
      'http.status_code': '503',
      'error.type': 'TimeoutError',
      'error.message': 'no answer (after 2 s)',
      status: 'lost',
    },
  }),
  h: received({
    traceId: '3',
    spanId: '3',
    service: 'web',
    name: 'express.request',
    resource: 'GET /health',
    duration: ms(1),
    meta: { env: 'prod', 'http.status_code': '204' },
  }),
  d: received({
    traceId: '2',
    spanId: '4',
    parentId: '18446744073709551615',
    service: 'web-postgres',
    name: 'pg.query',
    resource: 'SELECT * FROM "users" WHERE id = ?',
    type: 'sql',
    duration: 1_234_567n,
    meta: { 'db.type': 'postgres', empty: '' },
    metrics: { 'db.row_count': 42 },
  }),
}

const CASES: readonly [query: string, found: string][] = [
  ['', 'wehd'],
  ['   ', 'wehd'],
  // Fields.
  ['service:web', 'weh'],
  ['service:WEB', 'weh'],
  ['service:web-postgres', 'd'],
  ['operation_name:pg.query', 'd'],
  ['operation:pg.query', 'd'],
  ['name:pg.query', 'd'],
  ['resource_name:"POST /orders"', 'e'],
  ['resource:"POST /orders"', 'e'],
  ['type:sql', 'd'],
  ['status:error', 'e'],
  ['status:ok', 'whd'],
  ['env:prod', 'wh'],
  ['version:1.2.3', 'w'],
  ['@env:prod', 'wh'],
  ['@service:web', 'weh'],
  ['@status:lost', 'e'],
  ['@status:ok', 'whd'],
  ['span_id:255', 'w'],
  ['span_id:00000000000000ff', 'w'],
  ['span_id:0xff', 'w'],
  ['span_id:ffffffffffffffff', 'e'],
  ['span_id:18446744073709551615', 'e'],
  ['span_id:18446744073709551614', ''],
  ['trace_id:2', 'ed'],
  ['trace_id:12297829382473034410', 'w'],
  ['trace_id:aaaaaaaaaaaaaaaa', 'w'],
  ['trace_id:68f1a2b300000000aaaaaaaaaaaaaaaa', 'w'],
  ['trace_id:68F1A2B300000000AAAAAAAAAAAAAAAA', 'w'],
  ['trace_id:11f1a2b300000000aaaaaaaaaaaaaaaa', ''],
  ['trace_id:11111111111111110000000000000002', 'ed'],
  ['trace_id:68f1a2b3*', 'w'],
  ['trace_id:aaaaaaaa*', 'w'],
  ['parent_id:18446744073709551615', 'd'],
  ['parent_id:0', 'weh'],
  // Tags.
  ['@http.status_code:200', 'w'],
  ['http.status_code:200', 'w'],
  ['@http.status_code:20', ''],
  ['@http.method:get', 'w'],
  ['@http.response_time:1.5', 'w'],
  ['@http.response_time:1.50', 'w'],
  ['@retries:0', 'w'],
  ['@missing:x', ''],
  ['@constructor:*', ''],
  ['@user.first\\ name:"Ada Lovelace"', 'w'],
  ['@user.first\\ name:Ada\\ Lovelace', 'w'],
  ['@user.first\\ name:Ada?Lovelace', 'w'],
  ['"@user.first name":Ada*', 'w'],
  ['@http.url:http://localhost:3000/users/7?q=a%20b', 'w'],
  ['@http.url:*q\\=a*', 'w'],
  ['@http.status_code:*', 'weh'],
  ['@error.type:*', 'e'],
  ['-@http.status_code:*', 'd'],
  ['@empty:*', ''],
  ['@empty:""', 'd'],
  ['*:postgres', 'd'],
  ['*:*postgres', 'd'],
  ['*:pro*', 'wh'],
  ['*:42', 'd'],
  // Wildcards.
  ['service:web*', 'wehd'],
  ['service:*web', 'weh'],
  ['service:*e*', 'wehd'],
  ['service:w?b', 'weh'],
  ['service:??b', 'weh'],
  ['service:??', ''],
  ['service:????', ''],
  ['service:w*b', 'weh'],
  ['service:w*b*s', 'd'],
  ['resource_name:*health*', 'h'],
  ['resource_name:GET*', 'wh'],
  ['resource_name:G?T*:i?', 'w'],
  ['resource_name:"SELECT *"*', 'd'],
  ['resource_name:SELECT\\ \\**\\?', 'd'],
  ['resource_name:*"*"*', 'd'],
  ['resource_name:"GET*"', ''],
  ['resource_name:*users*users*', ''],
  ['resource_name:*"\\"users\\""*', 'd'],
  // Comparisons and ranges.
  ['@http.status_code:>=500', 'e'],
  ['@http.status_code:>=503', 'e'],
  ['@http.status_code:>503', ''],
  ['@http.status_code:<=200', 'w'],
  ['@http.status_code:<204', 'w'],
  ['@http.status_code:<1e3', 'weh'],
  ['@http.response_time:>-1.5', 'w'],
  ['@http.response_time:<1.5', ''],
  ['@http.status_code:[200 TO 204]', 'wh'],
  ['@http.status_code:{200 TO 204]', 'h'],
  ['@http.status_code:[200 TO 204}', 'w'],
  ['@http.status_code:{200 TO 204}', ''],
  ['@http.status_code:[204 TO *]', 'eh'],
  ['@http.status_code:[* TO 204]', 'wh'],
  ['@http.status_code:[* TO *]', 'weh'],
  ['@http.status_code:[ 200  TO  204 ]', 'wh'],
  ['@http.method:>1', ''],
  ['@http.method:[* TO *]', ''],
  ['@empty:<1', ''],
  ['@db.row_count:[42 TO 42]', 'd'],
  ['duration:>100ms', 'we'],
  ['duration:>=120ms', 'we'],
  ['duration:>120ms', 'e'],
  ['duration:<=1ms', 'h'],
  ['duration:<1ms', ''],
  ['duration:>2s', 'e'],
  ['duration:>2.5s', ''],
  ['duration:<1m', 'wehd'],
  ['duration:>0.04m', 'e'],
  ['duration:<1h', 'wehd'],
  ['duration:[1ms TO 120ms]', 'whd'],
  ['duration:[1ms TO 120ms}', 'hd'],
  ['duration:1234567', 'd'],
  ['duration:1234567ns', 'd'],
  ['duration:1234.567us', 'd'],
  ['duration:1234.567µs', 'd'],
  ['duration:120ms', 'w'],
  ['@duration:>100000000', 'we'],
  ['@duration:>100ms', 'we'],
  ['duration:*', 'wehd'],
  // Operators and precedence.
  ['service:web status:error', 'e'],
  ['service:web AND status:error', 'e'],
  ['service:web && status:error', 'e'],
  ['status:error OR type:sql', 'ed'],
  ['status:error || type:sql', 'ed'],
  ['type:sql OR status:error AND env:prod', 'd'],
  ['env:prod AND status:error OR type:sql', 'd'],
  ['(type:sql OR status:error) AND env:test', 'e'],
  ['env:prod type:web OR type:sql', 'whd'],
  ['NOT env:prod', 'ed'],
  ['-env:prod', 'ed'],
  ['NOT -env:prod', 'wh'],
  ['--env:prod', 'wh'],
  ['-(env:prod OR type:sql)', 'e'],
  ['NOT(env:prod OR type:sql)', 'e'],
  ['-env:prod OR env:prod', 'wehd'],
  ['-env:prod -type:sql', 'e'],
  ['NOT env:prod AND type:sql', 'd'],
  ['NOT env:prod OR type:web', 'wehd'],
  ['env:(prod OR test)', 'weh'],
  ['env:(prod test)', ''],
  ['service:(web -web-postgres)', 'weh'],
  ['@http.status_code:(200 OR >=500)', 'we'],
  ['@http.status_code:([200 TO 204] AND -204)', 'w'],
  ['-env:(prod OR test)', 'd'],
  ['((((type:sql))))', 'd'],
  ['service:web @http.status_code:>=200 duration:>100ms -resource_name:*orders*', 'w'],
  // Free words.
  ['express', 'weh'],
  ['EXPRESS', 'weh'],
  ['xpress.req', 'weh'],
  ['-express', 'd'],
  ['users', 'wd'],
  ['users postgres', 'd'],
  ['postgres OR timeout', 'ed'],
  ['"no answer (after"', 'e'],
  ['"GET /health"', 'h'],
  ['GET /health', 'h'],
  ['http.status_code', 'weh'],
  ['http.status_code=503', 'e'],
  ['status_code=5', 'e'],
  ['http*503', 'e'],
  ['l?velace', 'w'],
  ['row_count=42', 'd'],
  ['1.5', 'w'],
  ['255', 'w'],
  ['00000000000000ff', 'w'],
  ['68f1a2b300000000aaaaaaaaaaaaaaaa', 'w'],
  ['nowhere', ''],
  ['and', ''],
  ['ORDERS', 'e'],
  ['"OR"', 'e'],
]

describe('query', () => {
  const read = (text: string): Query => {
    const query = parseQuery(text)
    if (query instanceof QueryError) assert.fail(`${text}: ${query.message}`)
    return query
  }
  const found = (query: Query) =>
    Object.entries(SPANS)
      .filter(([, span]) => matchesSpan(query, span))
      .map(([letter]) => letter)
      .join('')

  for (const [text, expected] of CASES) {
    it(`${text} finds ${expected || 'nothing'}`, () => {
      assert.equal(found(read(text)), expected)
      assert.equal(matchesAnySpan(read(text), Object.values(SPANS)), expected !== '')
    })
  }

  it('with - before it finds the others', () => {
    for (const [text, expected] of CASES.filter(([query]) => query.trim() !== '')) {
      const others = [...Object.keys(SPANS)].filter((letter) => !expected.includes(letter)).join('')
      for (const negated of [`-(${text})`, `NOT (${text})`]) assert.equal(found(read(negated)), others, negated)
    }
  })

  it('reads spans whose duration is text or number, as the page has them', () => {
    for (const duration of [120_000_000, '120000000', 120_000_000n]) {
      assert.ok(matchesSpan(read('duration:120ms'), { ...SPANS['w']!, duration }))
    }
  })
})
