// Tables over many spans: resources with exact percentiles and histograms, groups of errors, facets.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { histogram, percentiles, sortedDurations } from '../../../src/local-agent/analysis/durations'
import { entrySpans } from '../../../src/local-agent/analysis/entry-spans'
import { ErrorGroups } from '../../../src/local-agent/analysis/error-groups'
import { facets, traceFacets } from '../../../src/local-agent/analysis/facets'
import { generalText } from '../../../src/local-agent/analysis/general-text'
import { ResourceTable } from '../../../src/local-agent/analysis/resource-table'
import { isPassedOn } from '../../../src/local-agent/analysis/span-errors'
import { matchesAnySpan } from '../../../src/local-agent/search/matches-span'
import { parseQuery } from '../../../src/local-agent/search/parse-query'
import { QueryError } from '../../../src/local-agent/search/query'
import { START } from '../wire-span'
import { HOSTILE, largeTrace, span, traceOf } from './traces'

const START_MS = Number(START) / 1e6

describe('percentiles', () => {
  const of = (...durations: number[]) => percentiles(sortedDurations(durations))

  it('are the smallest duration that so many do not exceed', () => {
    assert.deepEqual(of(), { p50: 0, p95: 0, p99: 0, max: 0 })
    assert.deepEqual(of(7), { p50: 7, p95: 7, p99: 7, max: 7 })
    assert.deepEqual(of(2, 1), { p50: 1, p95: 2, p99: 2, max: 2 })
    const hundred = Array.from({ length: 100 }, (_, index) => 100 - index)
    assert.deepEqual(of(...hundred), { p50: 50, p95: 95, p99: 99, max: 100 })
    assert.deepEqual(of(...hundred, 101), { p50: 51, p95: 96, p99: 100, max: 101 })
  })

  it('sort numbers as numbers', () => assert.equal(of(9, 10, 100).p50, 10))
})

describe('latency histogram', () => {
  it('has its edges where they say', () => {
    assert.deepEqual(histogram(sortedDurations([0, 0.999, 1, 1.499, 1.5, 3])), [
      { from: 0, to: 1, count: 2 },
      { from: 1, to: 1.5, count: 2 },
      { from: 1.5, to: 2, count: 1 },
      { from: 2, to: 3, count: 0 },
      { from: 3, to: 5, count: 1 },
    ])
    assert.deepEqual(histogram(sortedDurations([])), [])
    assert.deepEqual(histogram(sortedDurations([69_999.9])), [{ from: 50_000, to: 70_000, count: 1 }])
  })

  it('counts every duration once, whatever it is', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 2 ** 64, noNaN: true })), (durations) => {
        const sorted = sortedDurations(durations)
        const buckets = histogram(sorted)
        assert.equal(
          buckets.reduce((sum, { count }) => sum + count, 0),
          durations.length,
        )
        assert.ok(buckets.length <= 104)
        for (const [index, { from, to, count }] of buckets.entries()) {
          assert.equal(count, durations.filter((us) => us >= from && us < to).length)
          assert.equal(from, index === 0 ? from : buckets[index - 1]!.to)
        }
      }),
    )
  })
})

describe('resource table', () => {
  it('has a row for each resource of a service', () => {
    const table = new ResourceTable()
    const rows: [trace: string, id: number, from: number, to: number, error?: 1][] = [
      ['a', 1, 0, 10],
      ['b', 2, 1_000_000, 1_000_030],
      ['c', 3, 4_000_000, 4_000_020, 1],
      ['d', 4, 2_000_000, 2_000_005, 1],
    ]
    const failed = { 'error.type': 'Boom', 'error.message': 'no' }
    for (const [trace, id, from, to, error] of rows) {
      table.add(trace, span(id, 0, from, to, error ? { error, meta: { ...failed, 'error.message': `no ${id}` } } : {}))
    }
    table.add('e', span(5, 0, 0, 1, { service: 'db', name: 'pg.query', resource: 'SELECT 1', type: 'sql' }))
    const [web, db] = table.top('total', 10)
    assert.deepEqual(web, {
      service: 'web',
      name: 'web.request',
      resource: 'GET /',
      type: 'web',
      count: 4,
      errors: 2,
      rate: 1,
      p50: 10,
      p95: 30,
      p99: 30,
      max: 30,
      total: 65,
      histogram: [
        { from: 5, to: 7, count: 1 },
        { from: 7, to: 10, count: 0 },
        { from: 10, to: 15, count: 1 },
        { from: 15, to: 20, count: 0 },
        { from: 20, to: 30, count: 1 },
        { from: 30, to: 50, count: 1 },
      ],
      slowest: { traceId: 'b', spanId: '2' },
      lastError: { traceId: 'c', spanId: '3', type: 'Boom', message: 'no 3', time: START_MS + 4000 },
    })
    assert.equal(db?.lastError, undefined)
    assert.deepEqual([db?.count, db?.rate, db?.total], [1, 0.25, 1])
    assert.equal(table.top('total', 1).length, 1)
    assert.equal(table.size, 2)
  })

  it('is sorted by what is asked for', () => {
    const table = new ResourceTable()
    for (const [resource, durations] of [
      ['many', [1, 1, 1]],
      ['slow', [90]],
      ['mixed', [80, 2]],
    ] as const) {
      for (const us of durations) table.add('a', span(1, 0, 0, us, { resource, error: resource === 'mixed' ? 1 : 0 }))
    }
    const order = (sort: Parameters<ResourceTable['top']>[0]) => table.top(sort, 9).map(({ resource }) => resource)
    assert.deepEqual(order('count'), ['many', 'mixed', 'slow'])
    assert.deepEqual(order('total'), ['slow', 'mixed', 'many'])
    assert.deepEqual(order('errors'), ['mixed', 'many', 'slow'])
    assert.deepEqual(order('p50'), ['slow', 'mixed', 'many'])
    assert.deepEqual(order('max'), ['slow', 'mixed', 'many'])
  })

  it('is made of the spans with which traces enter services', () => {
    const ids = (...spans: ReturnType<typeof span>[]) => entrySpans(traceOf(spans)).map(({ spanId }) => spanId)
    assert.deepEqual(ids(span(1, 0, 0, 9), span(2, 1, 1, 2), span(3, 2, 1, 2, { service: 'db' })), ['1', '3'])
    assert.deepEqual(ids(span(2, 99, 0, 9), span(3, 2, 1, 2)), ['2'])
    assert.deepEqual(ids(span(1, 1, 0, 9)), ['1'])
    assert.deepEqual(ids(span(1, 2, 0, 9), span(2, 1, 0, 9)), [])
    for (const trace of Object.values(HOSTILE)) {
      const table = new ResourceTable()
      for (const entry of trace.spans.values()) table.add(trace.id, entry)
      for (const { total, rate, p99, count } of table.top('p99', 99)) {
        assert.ok([total, rate, p99].every((figure) => Number.isFinite(figure) && figure >= 0) && count > 0)
      }
    }
  })
})

describe('error groups', () => {
  const failed = (id: number, at: number, meta: Record<string, string>, resource = 'GET /users/1') =>
    span(id, 0, at, at, { error: 1, meta, resource })

  it('puts together what differs in numbers only, and shows the latest', () => {
    const groups = new ErrorGroups()
    const stack = Array.from({ length: 30 }, (_, line) => `at line ${line}`).join('\n')
    const timeout = (user: number) => ({
      'error.type': 'Timeout',
      'error.message': `user ${user} is away`,
      'error.stack': stack,
    })
    groups.add('a', failed(1, 1000, timeout(17)))
    groups.add('b', failed(2, 3000, timeout(18), 'GET /users/2'))
    groups.add('c', failed(3, 2000, timeout(19)))
    groups.add('d', failed(4, 0, { 'error.type': 'Timeout', 'error.msg': 'other' }))
    groups.add('e', failed(5, 5000, {}))
    groups.add('f', span(6, 0, 9, 9))
    assert.equal(groups.size, 3)
    const [bare, latest, other] = groups.latest(10)
    assert.deepEqual(latest, {
      type: 'Timeout',
      message: 'user 18 is away',
      service: 'web',
      resource: 'GET /users/2',
      count: 3,
      first: START_MS + 1,
      last: START_MS + 3,
      traceId: 'b',
      spanId: '2',
      stack: stack.split('\n').slice(0, 8).join('\n'),
    })
    assert.deepEqual([bare?.type, bare?.message, bare?.stack, bare?.count], ['', '', '', 1])
    assert.equal(other?.message, 'other')
    assert.equal(groups.latest(1).length, 1)
  })

  it('tells errors that say nothing by their status, of HTTP or gRPC', () => {
    const groups = new ErrorGroups()
    groups.add('a', failed(1, 1000, { 'http.status_code': '404' }))
    groups.add('b', failed(2, 2000, { 'http.status_code': '503' }))
    groups.add('c', span(3, 0, 3000, 3000, { error: 1, metrics: { 'grpc.status.code': 14 }, resource: 'GET /users/1' }))
    groups.add('d', failed(4, 4000, { 'http.status_code': '503' }))
    groups.add('e', failed(5, 5000, { 'http.status_code': '500', 'error.type': 'Boom' }))
    assert.deepEqual(
      groups.latest(10).map(({ type, message, count }) => [type, message, count]),
      [
        ['Boom', '', 1],
        ['', 'status 503', 2],
        ['', 'status 14', 1],
        ['', 'status 404', 1],
      ],
    )
  })

  it('takes an error that went up through a service for one', () => {
    const meta = { 'error.type': 'Boom', 'error.message': 'no' }
    const failing = { error: 1, meta } as const
    const trace = traceOf([
      span(1, 0, 0, 9, failing),
      span(2, 1, 0, 8, failing),
      span(3, 2, 0, 7, { ...failing, service: 'db' }),
      span(4, 1, 0, 6, { error: 1, meta: { ...meta, 'error.message': 'another' } }),
      span(5, 1, 0, 5, { error: 1 }),
      span(6, 5, 0, 4, { error: 1 }),
      span(7, 0, 0, 3),
      span(8, 7, 0, 2, failing),
    ])
    const own = [...trace.spans.values()].filter((one) => one.error && !isPassedOn(one, trace))
    assert.deepEqual(
      own.map(({ spanId }) => spanId),
      ['1', '3', '4', '5', '6', '8'],
    )
  })

  it('makes texts general', () => {
    const rows = [
      ['GET /users/17', 'GET /users/?'],
      ['id 3f2a-99 of v2', 'id ?-? of ?'],
      ['no numbers', 'no numbers'],
      ['', ''],
      ['x'.repeat(600), 'x'.repeat(500)],
    ] as const
    for (const [text, general] of rows) assert.equal(generalText(text), general)
  })
})

describe('facets', () => {
  it('count traces, for each value that one of their spans has', () => {
    const db = { service: 'db', name: 'pg.query', resource: 'SELECT 1', type: 'sql', meta: { 'db.type': 'postgres' } }
    const http = (code: string) => ({ meta: { env: 'prod', 'http.status_code': code } })
    const found = facets(
      [
        traceOf([span(1, 0, 0, 2000, http('200')), span(2, 1, 0, 9, db), span(3, 1, 0, 9, db)]),
        traceOf([span(1, 0, 0, 200_000, { ...http('500'), error: 1 }), span(2, 1, 0, 9, db)]),
        traceOf([span(1, 0, 0, 900)]),
      ].map(traceFacets),
    )
    const counts = Object.fromEntries(
      found.facets.map(({ field, values }) => [
        field,
        values.map(({ value, count }) => `${value} ${count}`).join(', '),
      ]),
    )
    assert.deepEqual(counts, {
      status: 'ok 3, error 1',
      service: 'web 3, db 2',
      operation_name: 'web.request 3, pg.query 2',
      resource_name: 'GET / 3, SELECT 1 2',
      type: 'web 3, sql 2',
      env: 'prod 2',
      '@http.status_code': '200 1, 500 1',
      '@db.type': 'postgres 2',
      duration: '>=1ms 2, >=5ms 1, >=10ms 1, >=50ms 1, >=100ms 1',
    })
    assert.deepEqual(found.keys, ['db.type', 'env', 'http.status_code'])
  })

  it('have the most frequent values first, at most 20', () => {
    const traces = Array.from({ length: 30 }, (_, index) =>
      traceOf([span(1, 0, 0, 1, { service: `s${Math.min(index, 25)}` })]),
    )
    const { values } = facets(traces.map(traceFacets)).facets.find(({ field }) => field === 'service')!
    assert.equal(values.length, 20)
    assert.deepEqual(values[0], { value: 's25', count: 5, query: 'service:s25' })
  })

  it('have queries that find as many traces as they say', () => {
    const traces = [
      ...Object.values(HOSTILE),
      ...Array.from({ length: 20 }, (_, index) => largeTrace(30, { seed: index })),
      traceOf([span(1, 0, 0, 1, { resource: 'a "quoted" \\ (*) text', service: 'a b', meta: { env: '-x' } })]),
    ]
    let checked = 0
    for (const { values } of facets(traces.map(traceFacets)).facets) {
      for (const { query: text, count } of values) {
        const query = parseQuery(text)
        assert.ok(!(query instanceof QueryError), text)
        assert.equal(traces.filter(({ spans }) => matchesAnySpan(query, spans.values())).length, count, text)
        checked++
      }
    }
    assert.ok(checked > 50)
  })
})
