// Lanes of the flame graph: below the parent, no two spans of a lane at the same time, no block torn.

import assert from 'node:assert/strict'
import { flameLayout, lastStarted } from '../../../src/local-agent/viewer/trace/flame-layout'
import { TraceModel } from '../../../src/local-agent/viewer/trace/trace-model'
import { Dice } from './sample-traces'

type Row = readonly [parent: number, start: number, end: number]

/** Of rows in reading order. */
function modelOf(rows: readonly Row[]): TraceModel {
  const zeros = rows.map(() => 0)
  const depth: number[] = []
  for (const [parent] of rows) depth.push(parent < 0 ? 0 : depth[parent]! + 1)
  return new TraceModel({
    id: '1',
    revision: 1,
    start: 0,
    duration: Math.max(...rows.map(([, , end]) => end)),
    summary: {
      id: '1',
      revision: 1,
      rootId: '1',
      name: '',
      title: '',
      service: '',
      resource: '',
      type: '',
      env: '',
      statusCode: '',
      status: 'ok',
      start: 0,
      duration: 0,
      spanCount: rows.length,
      errorCount: 0,
      services: [],
    },
    names: ['n'],
    services: ['s'],
    resources: ['r'],
    types: [''],
    titles: [],
    spans: {
      id: rows.map((_, index) => String(index + 1)),
      parent: rows.map(([parent]) => parent),
      depth,
      start: rows.map(([, start]) => start),
      duration: rows.map(([, start, end]) => end - start),
      self: zeros,
      name: zeros,
      service: zeros,
      resource: zeros,
      type: zeros,
      title: rows.map(() => -1),
      error: zeros,
    },
    critical: [],
    serviceTable: [],
  })
}

const lanesOf = (...rows: Row[]): number[] => [...flameLayout(modelOf(rows)).lane]

describe('the layout of the flame graph', () => {
  const cases: [what: string, rows: Row[], lanes: number[]][] = [
    [
      'children one after the other',
      [
        [-1, 0, 100],
        [0, 0, 40],
        [0, 40, 90],
      ],
      [0, 1, 1],
    ],
    [
      'children at the same time',
      [
        [-1, 0, 100],
        [0, 0, 50],
        [0, 20, 70],
        [0, 60, 90],
      ],
      [0, 1, 2, 1],
    ],
    [
      'a block below a block',
      [
        [-1, 0, 100],
        [0, 0, 50],
        [1, 10, 40],
        [0, 20, 70],
      ],
      [0, 1, 2, 3],
    ],
    [
      'a child that outlives its parent',
      [
        [-1, 0, 100],
        [0, 0, 10],
        [1, 5, 60],
        [0, 30, 50],
      ],
      [0, 1, 2, 3],
    ],
    [
      'two roots',
      [
        [-1, 0, 50],
        [-1, 60, 90],
      ],
      [0, 0],
    ],
    [
      'two roots at the same time',
      [
        [-1, 0, 50],
        [0, 0, 50],
        [-1, 20, 90],
      ],
      [0, 1, 2],
    ],
    [
      'no time at all',
      [
        [-1, 5, 5],
        [0, 5, 5],
        [0, 5, 5],
      ],
      [0, 1, 1],
    ],
  ]
  for (const [what, rows, lanes] of cases) it(`takes ${what}`, () => assert.deepEqual(lanesOf(...rows), lanes))

  it('never lays two spans over each other, whatever the trace', () => {
    const dice = new Dice(5)
    for (let round = 0; round < 50; round++) {
      const rows: Row[] = []
      // In reading order: a span hangs below the one before it, or below one of those above that.
      const grow = (parent: number, from: number, to: number, left: number): number => {
        rows.push([parent, from, to])
        const own = rows.length - 1
        let rest = left
        while (rest > 0 && dice.roll() < 0.7) {
          const start = dice.between(from, to)
          rest = grow(own, start, start + dice.between(0, (to - from) * 0.8), rest - 1)
        }
        return rest
      }
      grow(-1, 0, 1000, 60)
      const model = modelOf(rows)
      const { lane, lanes } = flameLayout(model)
      rows.forEach(([parent], row) => {
        assert.ok(parent < 0 || lane[row]! > lane[parent]!)
      })
      for (const list of lanes) {
        for (let at = 1; at < list.length; at++) assert.ok(model.start[list[at]!]! >= model.end[list[at - 1]!]!)
      }
    }
  })

  it('finds what is under a point', () => {
    const start = [0, 10, 20]
    const found = [-1, 0, 9, 10, 25].map((time) => lastStarted([0, 1, 2], start, time))
    assert.deepEqual(found, [-1, 0, 0, 1, 2])
  })
})

describe('the model of a trace', () => {
  it('knows what is below a span, and hides it', () => {
    const model = modelOf([
      [-1, 0, 9],
      [0, 0, 5],
      [1, 1, 2],
      [0, 6, 7],
      [-1, 8, 9],
    ])
    assert.deepEqual([...model.subtreeEnd], [4, 3, 3, 4, 5])
    assert.deepEqual(model.visibleRows(new Set()), [0, 1, 2, 3, 4])
    assert.deepEqual(model.visibleRows(new Set(['2'])), [0, 1, 3, 4])
    assert.deepEqual(model.visibleRows(new Set(['1', '2'])), [0, 4])
    assert.deepEqual(model.ancestors(2), [1, 0])
    assert.equal(model.descendants(0), 3)
  })
})
