// Two traces compared: what is called the same, what was added, and what time that took.

import assert from 'node:assert/strict'
import { compareTraces, MAX_PATH, MAX_ROWS } from '../../../src/local-agent/analysis/compare-traces'
import type { ReceivedSpan } from '../../../src/local-agent/received-span'
import { HOSTILE, largeTrace, span, traceOf } from './traces'

describe('compare traces', () => {
  const rowsOf = (a: ReceivedSpan[], b: ReceivedSpan[]) =>
    compareTraces(traceOf(a, 'a'), traceOf(b, 'b')).rows.map(
      ({ depth, resource, change, countA, countB, durationA, durationB }) =>
        `${'.'.repeat(depth)}${resource} ${change} ${countA}→${countB} ${durationA}→${durationB}`,
    )

  it('finds nothing in the same trace', () => {
    const trace = largeTrace(500)
    const { rows, totals, a, b } = compareTraces(trace, trace)
    assert.ok(rows.length > 100 && rows.every(({ change, countA, countB }) => change === 'same' && countA === countB))
    assert.deepEqual(a, b)
    assert.deepEqual([totals.same, totals.added, totals.removed, totals.omittedRows], [rows.length, 0, 0, 0])
    assert.deepEqual([totals.spansA, totals.errorsB], [500, 5])
  })

  it('lists what is in one only where it belongs, and counts what repeats', () => {
    const query = (id: number, from: number, to: number, resource: string) =>
      span(id, 1, from, to, { service: 'db', name: 'pg.query', resource })
    const before = [
      span(1, 0, 0, 1000, { resource: 'GET /users/17' }),
      query(2, 10, 500, 'SELECT users'),
      query(3, 510, 600, 'SELECT old'),
      query(4, 600, 900, 'SELECT last'),
    ]
    const after = [
      span(1, 0, 0, 5000, { resource: 'GET /users/18' }),
      query(2, 10, 500, 'SELECT users'),
      query(5, 510, 600, 'SELECT new'),
      query(6, 600, 900, 'SELECT last'),
      query(7, 900, 1200, 'SELECT last'),
      query(8, 1200, 1500, 'SELECT last'),
      span(9, 5, 520, 530, { resource: 'parse' }),
    ]
    assert.deepEqual(rowsOf(before, after), [
      'GET /users/17 slower 1→1 1000→5000',
      '.SELECT users same 1→1 490→490',
      '.SELECT old removed 1→0 90→0',
      '.SELECT last slower 1→3 300→900',
      '.SELECT new added 0→1 0→90',
      '..parse added 0→1 0→10',
    ])
    const { rows, totals } = compareTraces(traceOf(after, 'b'), traceOf(before, 'a'))
    assert.deepEqual(
      rows.map(({ change }) => change),
      ['faster', 'same', 'removed', 'removed', 'faster', 'added'],
    )
    assert.deepEqual(rows.at(3)?.path, ['web.request', 'pg.query', 'web.request'])
    assert.deepEqual(
      [totals.faster, totals.same, totals.removed, totals.added, totals.durationA, totals.durationB],
      [2, 1, 2, 1, 5000, 1000],
    )
  })

  const changes: [a: number, b: number, change: string][] = [
    [1000, 1099, 'same'],
    [1000, 1100, 'slower'],
    [1100, 1000, 'faster'],
    [10_000, 10_999, 'same'],
    [10_000, 11_000, 'slower'],
    [1, 100, 'same'],
    [1, 101, 'slower'],
    [0, 0, 'same'],
    [0, 100, 'slower'],
  ]
  for (const [a, b, change] of changes) {
    it(`calls ${a} µs → ${b} µs ${change}`, () => {
      const { rows } = compareTraces(traceOf([span(1, 0, 0, a)]), traceOf([span(1, 0, 0, b)]))
      assert.equal(rows[0]?.change, change)
    })
  }

  it('keeps rows and paths within bounds', () => {
    const chain = HOSTILE['a chain of 10,000']!
    const numbered = (count: number) =>
      traceOf([
        span(1, 0, 0, 1),
        ...Array.from({ length: count }, (_, index) => span(index + 2, 1, 0, 1, { name: `n${index}` })),
      ])
    const deep = compareTraces(chain, chain)
    assert.equal(deep.rows.length, MAX_ROWS)
    assert.equal(deep.totals.omittedRows, 10_000 - MAX_ROWS)
    assert.equal(deep.rows.at(-1)?.path.length, MAX_PATH + 1)
    assert.equal(compareTraces(numbered(MAX_ROWS - 1), numbered(1)).totals.omittedRows, 0)
    assert.equal(compareTraces(numbered(MAX_ROWS), numbered(1)).totals.omittedRows, 1)
  })

  for (const [what, trace] of Object.entries(HOSTILE)) {
    it(`has an end for ${what}`, () => {
      for (const [a, b] of [
        [trace, HOSTILE['one span that is its own parent']!],
        [HOSTILE['10,000 children']!, trace],
      ] as const) {
        const { rows, totals } = compareTraces(a, b)
        assert.ok(rows.length > 0 && rows.length <= MAX_ROWS)
        assert.equal(totals.spansA + totals.spansB, a.spans.size + b.spans.size)
      }
    })
  }
})
