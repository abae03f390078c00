// The texts of the viewer: laid out SQL, terms of a query, figures.

import assert from 'node:assert/strict'
import { axisTime, bytes, millis, percent, quantity } from '../../../src/local-agent/viewer/base/format'
import { roundMarks } from '../../../src/local-agent/viewer/base/round-marks'
import { linesOf, rangeOf, windowStarts } from '../../../src/local-agent/viewer/metrics/chart-scale'
import { complete, hasTerm, suggest, toggleTerm } from '../../../src/local-agent/viewer/parts/suggestions'
import { isSql, sqlParts } from '../../../src/local-agent/viewer/trace/sql-text'
import type { Facet } from '../../../src/local-agent/viewer/wire'

const laidOut = (sql: string): string =>
  sqlParts(sql)
    .map(({ kind, text, indent }) => (kind === 'break' ? `\n${'  '.repeat(indent)}` : text))
    .join('')
    .replace(/ +\n/g, '\n')

describe('laid out SQL', () => {
  it('has a line for each clause', () => {
    assert.equal(
      laidOut(
        "select a, count(*) from t left join u on u.id = t.id where a = 'x from y' and b > 1 group by a order by a",
      ),
      "select a, count(*)\nfrom t\nleft join u on u.id = t.id\nwhere a = 'x from y'\n  and b > 1\ngroup by a\norder by a",
    )
    assert.equal(
      laidOut('INSERT INTO t (a) VALUES ($1)\n  RETURNING id'),
      'INSERT INTO t (a)\nVALUES ($1)\nRETURNING id',
    )
  })

  it('loses nothing of the text', () => {
    const squeezed = (text: string) => text.replace(/\s+/g, '')
    for (const sql of [
      "select 'it''s', \"From\", `x`, $1, 1.5e3 -- why from\nfrom t /* where */ where (select 1 from u) > 0",
      "select 'open",
      'select /* open',
      'select ))) ((( ünïcode é 😀',
      'with a as (select 1) delete from t where x in (1, 2)',
    ])
      assert.equal(squeezed(laidOut(sql)), squeezed(sql))
  })

  it('is made of what is SQL only', () => {
    for (const text of ['select 1', ' WITH a AS (SELECT 1) SELECT 2', 'begin']) assert.ok(isSql(text), text)
    for (const text of ['GET /select', 'selected items', '', '{"select": 1}']) assert.ok(!isSql(text), text)
  })
})

describe('terms of a query', () => {
  const facets: Facet[] = [
    {
      field: 'service',
      label: 'Service',
      values: [
        { value: 'web shop', count: 3, query: 'service:"web shop"' },
        { value: 'db', count: 1, query: 'service:db' },
      ],
    },
    { field: '@http.method', label: 'HTTP method', values: [{ value: 'GET', count: 2, query: '@http.method:GET' }] },
  ]
  const termsOf = (query: string) => suggest(query, query.length, facets).map(({ term }) => term)

  it('are suggested from what is there', () => {
    assert.ok(termsOf('serv').includes('service:'))
    assert.ok(termsOf('meth').includes('@http.method:'))
    assert.deepEqual(termsOf('status:ok service:'), ['service:"web shop"', 'service:db'])
    assert.deepEqual(termsOf('service:d'), ['service:db'])
    assert.equal(suggest('service:web', 11, facets)[0]?.note, '3')
  })

  it('take the place of what was typed', () => {
    const [value] = suggest('-service:we', 11, facets)
    assert.ok(value)
    assert.deepEqual(complete('-service:we', value), { query: '-service:"web shop" ', at: 20 })
    const [field] = suggest('http.m', 6, facets)
    assert.ok(field)
    assert.deepEqual(complete('http.m status:ok', field), { query: '@http.method:status:ok', at: 13 })
  })

  it('are added and taken out', () => {
    assert.equal(toggleTerm('', 'status:error'), 'status:error')
    assert.equal(toggleTerm('a  service:"web shop" b', 'service:"web shop"'), 'a b')
    assert.equal(toggleTerm('status:error', 'service:db'), 'status:error service:db')
    assert.ok(hasTerm('x service:"web shop"', 'service:"web shop"'))
    assert.ok(!hasTerm('-status:error', 'status:error'))
  })
})

describe('figures', () => {
  it('have as many digits as they need', () => {
    assert.deepEqual([0, 0.5, 12_000, 1_234_567, 2e9].map(quantity), ['0', '0.5', '12k', '1.235M', '2G'])
    assert.equal(quantity(undefined), '–')
    assert.deepEqual([0, 0.004, 0.5, 1].map(percent), ['0 %', '0.4 %', '50 %', '100 %'])
    assert.deepEqual([900, 2048, 5 * 1024 * 1024].map(bytes), ['900 B', '2.00 KiB', '5.00 MiB'])
    assert.deepEqual([0, 5, 1500, 2_500_000].map(axisTime), ['0', '5 µs', '1.5 ms', '2.5 s'])
  })

  it('read times exactly, and refuse what is none', () => {
    assert.equal(millis('1700000000123456789'), 1_700_000_000_123.456)
    assert.equal(millis('tomorrow'), 0)
  })

  it('have marks at round places', () => {
    assert.deepEqual(roundMarks(0, 100, 5), [0, 20, 40, 60, 80, 100])
    assert.deepEqual(roundMarks(12, 18, 3), [12, 14, 16, 18])
    assert.ok(roundMarks(0, 1e-9, 5).length <= 50)
  })
})

describe('lines of a chart', () => {
  it('are 0 where counts had nothing, and gaps where others had', () => {
    const starts = windowStarts(1_000_005)
    assert.equal(starts.at(-1), 1_000_000)
    const windows = [{ start: 1_000_000, value: 3 }]
    assert.deepEqual(linesOf('count', windows, starts)[0]?.values.slice(-2), [0, 3])
    assert.deepEqual(linesOf('gauge', windows, starts)[0]?.values.slice(-2), [undefined, 3])
    const labels = linesOf('distribution', [{ start: 1_000_000, median: 1, p95: 2, p99: 3 }], starts).map(
      ({ label }) => label,
    )
    assert.deepEqual(labels, ['median', 'p95', 'p99'])
  })

  it('begin at 0 unless they vary little', () => {
    const line = (...values: (number | undefined)[]) => [{ label: '', colour: '', values }]
    assert.equal(rangeOf(line(2, 9), 'gauge')[0], 0)
    assert.ok(rangeOf(line(100, 110), 'gauge')[0] > 90)
    assert.equal(rangeOf(line(100, 110), 'count')[0], 0)
    assert.deepEqual(rangeOf(line(undefined), 'gauge'), [0, 1])
    const [low, high] = rangeOf(line(5, 5), 'gauge')
    assert.ok(low < 5 && high > 5)
    assert.ok(rangeOf(line(-5, 5), 'gauge')[0] === -5)
  })
})
