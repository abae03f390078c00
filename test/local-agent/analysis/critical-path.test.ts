// The critical path of hand-made traces, each with a picture, and of nonsense: whatever the spans say, the sections follow each
// other from the root's start to its end.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { criticalPath, rootRow } from '../../../src/local-agent/analysis/critical-path'
import { traceColumns } from '../../../src/local-agent/analysis/trace-columns'
import { HOSTILE, span, traceOf } from './traces'

type Row = [id: number, parent: number, from: number, to: number]
type Section = [id: number, from: number, to: number]

const CASES: readonly [what: string, rows: Row[], path: Section[]][] = [
  ['one span', [[1, 0, 0, 10]], [[1, 0, 10]]],
  [
    // 1 ──────────
    // 2   ────
    'a child in the middle',
    [
      [1, 0, 0, 10],
      [2, 1, 2, 6],
    ],
    [
      [1, 0, 2],
      [2, 2, 6],
      [1, 6, 10],
    ],
  ],
  [
    // 1 ──────────
    // 2  ───
    // 3      ───
    'children one after the other',
    [
      [1, 0, 0, 10],
      [2, 1, 1, 4],
      [3, 1, 5, 8],
    ],
    [
      [1, 0, 1],
      [2, 1, 4],
      [1, 4, 5],
      [3, 5, 8],
      [1, 8, 10],
    ],
  ],
  [
    // 1 ──────────
    // 2 ─────
    // 3      ─────
    'a child that begins when the one before ends',
    [
      [1, 0, 0, 10],
      [2, 1, 0, 5],
      [3, 1, 5, 10],
    ],
    [
      [2, 0, 5],
      [3, 5, 10],
    ],
  ],
  [
    // 1 ──────────
    // 2  ────          side by side: 3 finishes last, and 2 had not finished when 3 began
    // 3    ─────
    'children side by side',
    [
      [1, 0, 0, 10],
      [2, 1, 1, 5],
      [3, 1, 3, 8],
    ],
    [
      [1, 0, 3],
      [3, 3, 8],
      [1, 8, 10],
    ],
  ],
  [
    // 1 ──────────
    // 2 ──
    // 3    ───         finished before 4 began
    // 4        ──
    // 5   ───────      finishes with 4, began earlier
    'the one that began first, of two that end together',
    [
      [1, 0, 0, 10],
      [2, 1, 0, 2],
      [3, 1, 3, 6],
      [4, 1, 7, 9],
      [5, 1, 2, 9],
    ],
    [
      [2, 0, 2],
      [5, 2, 9],
      [1, 9, 10],
    ],
  ],
  [
    // 1 ──────────
    // 2   ──────────   goes on after the root: it counts up to the root's end
    // 3          ───
    'a child that outlives its parent',
    [
      [1, 0, 0, 10],
      [2, 1, 2, 14],
      [3, 2, 9, 13],
    ],
    [
      [1, 0, 2],
      [2, 2, 9],
      [3, 9, 10],
    ],
  ],
  [
    'work that begins after the root',
    [
      [1, 0, 0, 10],
      [2, 1, 12, 20],
      [3, 2, 13, 15],
    ],
    [[1, 0, 10]],
  ],
  [
    'a child whose clock is ahead',
    [
      [1, 0, 10, 20],
      [2, 1, 5, 12],
    ],
    [
      [2, 10, 12],
      [1, 12, 20],
    ],
  ],
  [
    // 1 ────────────────────
    // 2  ─────────
    // 4   ──  ────
    // 5   ─
    // 3            ────────   with 6 at its end
    'several levels',
    [
      [1, 0, 0, 20],
      [2, 1, 1, 10],
      [3, 1, 12, 20],
      [4, 2, 2, 4],
      [5, 4, 2, 3],
      [6, 3, 15, 20],
      [7, 2, 6, 10],
    ],
    [
      [1, 0, 1],
      [2, 1, 2],
      [5, 2, 3],
      [4, 3, 4],
      [2, 4, 6],
      [7, 6, 10],
      [1, 10, 12],
      [3, 12, 15],
      [6, 15, 20],
    ],
  ],
  [
    'the root, of several spans at the top',
    [
      [5, 99, 0, 3],
      [1, 0, 1, 10],
      [2, 1, 4, 5],
    ],
    [
      [1, 1, 4],
      [2, 4, 5],
      [1, 5, 10],
    ],
  ],
  [
    'fractions of microseconds',
    [
      [1, 0, 0, 1.3],
      [2, 1, 0.1, 0.2],
    ],
    [
      [1, 0, 0.1],
      [2, 0.1, 0.2],
      [1, 0.2, 1.3],
    ],
  ],
  [
    'children without duration',
    [
      [1, 0, 0, 10],
      [2, 1, 5, 5],
      [3, 1, 10, 10],
      [4, 1, 0, 0],
    ],
    [[1, 0, 10]],
  ],
  [
    'a root without duration',
    [
      [1, 0, 5, 5],
      [2, 1, 5, 9],
    ],
    [],
  ],
]

describe('critical path', () => {
  const pathOf = (rows: readonly Row[]): Section[] => {
    const columns = traceColumns(traceOf(rows.map((row) => span(...row))))
    return criticalPath(columns).map(({ span: row, start, end }) => [Number(columns.spans[row]?.spanId), start, end])
  }

  for (const [what, rows, path] of CASES) {
    it(`leads through ${what}`, () => {
      const first = Math.min(...rows.map(([, , from]) => from))
      const expected = path.map(([id, from, to]) => [id, from - first, to - first])
      assert.deepEqual(pathOf(rows), expected)
      assert.deepEqual(pathOf(rows.toReversed()), expected)
    })
  }

  it('is as long as the root and has no gap, for any spans', () => {
    const time = fc.integer({ min: 0, max: 60 })
    const rows = fc.array(fc.tuple(fc.integer({ min: 0, max: 12 }), time, time), { minLength: 1, maxLength: 12 })
    fc.assert(
      fc.property(rows, (list) => {
        const all = list.map(([parent, from, length], index): Row => [index + 1, parent, from, from + length])
        const columns = traceColumns(traceOf(all.map((row) => span(...row))))
        const root = rootRow(columns)
        let at = columns.start[root]!
        let last = -1
        for (const { span: row, start, end } of criticalPath(columns)) {
          assert.equal(start, at)
          assert.ok(end > start && row !== last)
          assert.ok(columns.start[row]! <= start && columns.end[row]! >= end)
          at = end
          last = row
        }
        assert.equal(at, columns.end[root]!)
      }),
      { numRuns: 3000 },
    )
  })

  for (const [what, trace] of Object.entries(HOSTILE)) {
    it(`has an end for ${what}`, () => {
      const columns = traceColumns(trace)
      const path = criticalPath(columns)
      assert.ok(path.length <= 2 * trace.spans.size)
      for (const { span: row, start, end } of path) assert.ok(start < end && columns.spans[row])
    })
  }
})
