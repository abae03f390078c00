// What is sent of a trace to draw it: rows, texts, self times and shares, for good traces and nonsense.

import assert from 'node:assert/strict'
import { selfTimes } from '../../../src/local-agent/analysis/self-times'
import { serviceShares } from '../../../src/local-agent/analysis/service-shares'
import { MAX_TEXT, skeleton } from '../../../src/local-agent/analysis/skeleton'
import { traceColumns } from '../../../src/local-agent/analysis/trace-columns'
import { exactJson } from '../../../src/local-agent/exact-json'
import { START } from '../wire-span'
import { HOSTILE, largeTrace, span, traceOf } from './traces'

describe('skeleton', () => {
  it('has a row for each span in reading order, texts once', () => {
    const http = { 'http.method': 'GET', 'http.url': 'http://api.test:80/a?b', 'span.kind': 'client' }
    const trace = traceOf([
      span(3, 1, 6, 9.5, { service: 'db', name: 'pg.query', resource: 'SELECT 1', type: 'sql', error: 1 }),
      span(1, 0, 0, 10),
      span(4, 2, 2, 3, { service: 'db', name: 'pg.query', resource: 'SELECT 1', type: 'sql' }),
      span(2, 1, 1, 5, { name: 'http.request', resource: 'GET', meta: http }),
    ])
    const { spans, summary, critical, serviceTable, ...rest } = skeleton(trace)
    assert.deepEqual(rest, {
      id: '1'.padStart(32, '0'),
      revision: 1,
      start: Number(START) / 1e6,
      duration: 10,
      names: ['web.request', 'http.request', 'pg.query'],
      services: ['web', 'db'],
      resources: ['GET /', 'GET', 'SELECT 1'],
      types: ['web', 'sql'],
      titles: ['GET api.test/a'],
    })
    assert.deepEqual(spans, {
      id: ['1', '2', '4', '3'],
      parent: [-1, 0, 1, 0],
      depth: [0, 1, 2, 1],
      start: [0, 1, 2, 6],
      duration: [10, 4, 1, 3.5],
      self: [2.5, 3, 1, 3.5],
      name: [0, 1, 2, 2],
      service: [0, 0, 1, 1],
      resource: [0, 1, 2, 2],
      type: [0, 0, 1, 1],
      title: [-1, 0, -1, -1],
      error: [0, 0, 0, 1],
    })
    assert.deepEqual([summary.spanCount, summary.rootId], [4, '1'])
    assert.deepEqual(
      critical.map(({ span: row }) => row),
      [0, 1, 2, 1, 0, 3, 0],
    )
    assert.deepEqual(serviceTable, [
      { service: 'web', spans: 2, errors: 0, self: 5.5, share: 0.55 },
      { service: 'db', spans: 2, errors: 1, self: 4.5, share: 0.45 },
    ])
  })

  it('cuts long resources', () => {
    const texts = (length: number) => skeleton(traceOf([span(1, 0, 0, 1, { resource: 'x'.repeat(length) })])).resources
    assert.equal(texts(MAX_TEXT)[0]?.length, MAX_TEXT)
    assert.equal(texts(MAX_TEXT + 1)[0], `${'x'.repeat(MAX_TEXT)}…`)
  })

  it('is less than a tenth of the trace', () => {
    const trace = largeTrace(10_000)
    const whole = exactJson([...trace.spans.values()]).length
    const small = exactJson(skeleton(trace)).length
    assert.ok(small * 10 < whole, `${small} of ${whole} bytes`)
  })

  const lists = [
    'id',
    'parent',
    'depth',
    'start',
    'duration',
    'self',
    'name',
    'service',
    'resource',
    'type',
    'title',
    'error',
  ]
  for (const [what, trace] of Object.entries(HOSTILE)) {
    it(`is whole for ${what}`, () => {
      const { spans, duration, start } = JSON.parse(exactJson(skeleton(trace)))
      for (const list of lists) assert.equal(spans[list].length, trace.spans.size, list)
      assert.deepEqual([...spans.id].sort(), [...trace.spans.keys()].sort())
      for (const [row, parent] of spans.parent.entries()) {
        assert.ok(parent < row && parent >= -1)
        assert.equal(spans.depth[row], parent < 0 ? 0 : spans.depth[parent] + 1)
        for (const list of ['start', 'duration', 'self']) assert.ok(spans[list][row] >= 0, list)
        assert.ok(spans.self[row] <= spans.duration[row])
      }
      assert.ok(Number.isFinite(duration) && Number.isFinite(start))
    })
  }
})

describe('self times', () => {
  const rows: [what: string, spans: [id: number, parent: number, from: number, to: number][], self: number[]][] = [
    ['are durations without children', [[1, 0, 0, 10]], [10]],
    [
      'leave children out',
      [
        [1, 0, 0, 10],
        [2, 1, 1, 4],
        [3, 1, 5, 6],
      ],
      [6, 3, 1],
    ],
    [
      'count children side by side once',
      [
        [1, 0, 0, 10],
        [2, 1, 1, 6],
        [3, 1, 2, 8],
        [4, 1, 3, 4],
      ],
      [3, 5, 6, 1],
    ],
    [
      'do not count what children do outside',
      [
        [1, 0, 10, 20],
        [2, 1, 0, 12],
        [3, 1, 19, 99],
      ],
      [7, 12, 80],
    ],
    [
      'leave out grandchildren with their parents only',
      [
        [1, 0, 0, 10],
        [2, 1, 0, 2],
        [3, 2, 0, 9],
      ],
      [8, 0, 9],
    ],
    [
      'are never negative',
      [
        [1, 0, 0, 10],
        [2, 1, 0, 10],
        [3, 1, 0, 10],
      ],
      [0, 10, 10],
    ],
  ]
  for (const [what, spans, self] of rows) {
    it(what, () => {
      const columns = traceColumns(traceOf(spans.map((each) => span(...each))))
      const byId = new Map(columns.spans.map(({ spanId }, row) => [Number(spanId), selfTimes(columns)[row]]))
      assert.deepEqual(
        spans.map(([id]) => byId.get(id)),
        self,
      )
    })
  }

  it('have shares that make one, whatever the services are called', () => {
    const columns = traceColumns(HOSTILE['100 services in a row']!)
    const shares = serviceShares(columns, selfTimes(columns))
    assert.equal(shares.length, 100)
    assert.ok(Math.abs(shares.reduce((sum, { share }) => sum + share, 0) - 1) < 0.01)
    assert.deepEqual(serviceShares(traceColumns(HOSTILE['no durations']!), new Float64Array(3))[0]?.share, 0)
  })
})
