// Metrics of OTLP as series: what was added and what is counted from the start, histograms of both kinds, summaries.

import assert from 'node:assert/strict'
import { MetricStore } from '../../../src/local-agent/dogstatsd/metric-store'
import { CumulativeValues, MAX_CUMULATIVE, MAX_CUMULATIVE_BYTES } from '../../../src/local-agent/otlp/cumulative-values'
import { OtlpMetrics } from '../../../src/local-agent/otlp/otlp-metrics'

const NOW_S = 1_700_000_000
const at = (second: number) => String(BigInt(NOW_S + second) * 1_000_000_000n)
const [DELTA, CUMULATIVE] = [1, 2]

describe('metrics of OTLP', () => {
  let store: MetricStore
  let metrics: OtlpMetrics
  beforeEach(() => {
    store = new MetricStore({ now: () => NOW_S * 1000 })
    metrics = new OtlpMetrics(store, new CumulativeValues(BigInt(at(-100))), () => BigInt(at(0)))
  })

  const take = (metric: object, resource: Record<string, string> = { 'service.name': 's' }) => {
    const attributes = Object.entries(resource).map(([key, stringValue]) => ({ key, value: { stringValue } }))
    return metrics.take({ resourceMetrics: [{ resource: { attributes }, scopeMetrics: [{ metrics: [metric] }] }] })
  }
  const point = (second: number, value: number, more: object = {}) => ({
    startTimeUnixNano: at(-50),
    timeUnixNano: at(second),
    asDouble: value,
    ...more,
  })
  const sum = (temporality: number, isMonotonic: boolean, ...dataPoints: object[]) => ({
    name: 'm',
    sum: { aggregationTemporality: temporality, isMonotonic, dataPoints },
  })
  const only = () => {
    const [series, ...others] = store.latest(10, 60)
    assert.deepEqual(others, [])
    return series!
  }

  it('adds up what was added, in windows of ten seconds', () => {
    take(sum(DELTA, true, point(-20, 2), point(-20, 3), point(-5, 4)))
    const { type, total, windows, source } = only()
    assert.deepEqual([source, type, total.value], ['otlp', 'count', 9])
    assert.deepEqual(
      windows.map(({ start, value }) => [start - NOW_S, value]),
      [
        [-20, 5],
        [-10, 4],
      ],
    )
  })

  it('takes what came since the last time of what only grows', () => {
    take(sum(CUMULATIVE, true, point(-40, 10)))
    take(sum(CUMULATIVE, true, point(-30, 15)))
    take(sum(CUMULATIVE, true, point(-30, 15)))
    take(sum(CUMULATIVE, true, point(-35, 12)))
    take(sum(CUMULATIVE, true, point(-20, 15)))
    assert.deepEqual(only().total, { value: 15 })
  })

  it('begins anew with a process that does', () => {
    take(sum(CUMULATIVE, true, point(-40, 10)))
    // With a new start, and without.
    take(sum(CUMULATIVE, true, point(-30, 12, { startTimeUnixNano: at(-35) })))
    assert.equal(only().total.value, 22)
    take(sum(CUMULATIVE, true, point(-20, 5, { startTimeUnixNano: at(-35) })))
    assert.equal(only().total.value, 27)
  })

  it('does not count what was counted before the agent began', () => {
    const old = { startTimeUnixNano: at(-101) }
    take(sum(CUMULATIVE, true, point(-40, 1000, old)))
    assert.deepEqual(store.latest(10, 6), [])
    take(sum(CUMULATIVE, true, point(-30, 1003, old)))
    assert.equal(only().total.value, 3)
  })

  it('tells processes with the same tags apart', () => {
    for (const id of ['a', 'b']) {
      const resource = { 'service.name': 's', 'service.instance.id': id }
      take(sum(CUMULATIVE, true, point(-40, id === 'a' ? 100 : 1)), resource)
      take(sum(CUMULATIVE, true, point(-30, id === 'a' ? 101 : 3)), resource)
    }
    assert.deepEqual([only().tags, only().total.value], [['service:s'], 104])
  })

  it('takes for a level what may shrink', () => {
    take(sum(CUMULATIVE, false, point(-40, 10), point(-30, 4)))
    assert.deepEqual([only().type, only().total.value], ['gauge', 4])
    const { points, rejected } = take({
      name: 'g',
      gauge: { dataPoints: [point(-5, 1.5), { asInt: '7' }, { asInt: -2, timeUnixNano: at(-9) }] },
    })
    assert.deepEqual([points, rejected], [3, 0])
    assert.deepEqual(store.latest(1, 0)[0]!.total, { value: 7 })
  })

  it('refuses points that say nothing', () => {
    const none = [{}, { asDouble: 'NaN' }, { asDouble: 'x' }, { asInt: 'x' }, { asDouble: 1, flags: 1 }, 7]
    assert.deepEqual(take({ name: 'g', gauge: { dataPoints: none } }), { points: 4, rejected: 4 })
    assert.deepEqual(take({ gauge: { dataPoints: [point(-1, 1)] } }), { points: 1, rejected: 1 })
    assert.deepEqual(take({ name: 'g' }), { points: 0, rejected: 0 })
  })

  const histogram = (temporality: number, second: number, counts: number[], total: number, more: object = {}) => ({
    name: 'h',
    histogram: {
      aggregationTemporality: temporality,
      dataPoints: [
        {
          startTimeUnixNano: at(-50),
          timeUnixNano: at(second),
          count: String(counts.reduce((all, one) => all + one, 0)),
          sum: total,
          bucketCounts: counts.map(String),
          explicitBounds: [10, 20, 50],
          ...more,
        },
      ],
    },
  })

  it('spreads a histogram over its buckets', () => {
    take(histogram(DELTA, -5, [10, 80, 10, 0], 1500, { min: 4, max: 40 }))
    const { type, total } = only()
    assert.equal(type, 'distribution')
    assert.deepEqual([total.count, total.sum, total.min, total.max, total.avg], [100, 1500, 4, 40, 15])
    assert.ok(total.median! > 14 && total.median! < 16)
    assert.ok(total.p95! > 20 && total.p95! <= 40)
  })

  it('takes what came since the last time of a histogram', () => {
    take(histogram(CUMULATIVE, -40, [1, 0, 0, 0], 5))
    take(histogram(CUMULATIVE, -30, [1, 3, 0, 1], 105))
    assert.deepEqual([only().total.count, only().total.sum], [5, 105])
    // A sum may shrink where values are negative.
    take(histogram(CUMULATIVE, -20, [2, 3, 0, 1], 100))
    assert.deepEqual([only().total.count, only().total.sum], [6, 100])
    take(histogram(CUMULATIVE, -10, [1, 0, 0, 0], 5))
    assert.deepEqual([only().total.count, only().total.sum], [7, 105])
  })

  it('takes a histogram without buckets for its average, and one of other bounds for none', () => {
    const dataPoints = [{ timeUnixNano: at(-5), count: '4', sum: 10 }]
    take({ name: 'h', histogram: { aggregationTemporality: DELTA, dataPoints } })
    assert.deepEqual([only().total.count, only().total.sum, only().total.median], [4, 10, 2.5])
    const odd = take(histogram(DELTA, -5, [1, 2], 3))
    assert.deepEqual(odd, { points: 1, rejected: 1 })
    assert.deepEqual(take(histogram(DELTA, -5, Array(2001).fill(1), 3)), { points: 1, rejected: 1 })
  })

  const exponential = (second: number, scale: number, offset: number, counts: number[], more: object = {}) => ({
    name: 'e',
    exponentialHistogram: {
      aggregationTemporality: CUMULATIVE,
      dataPoints: [
        {
          startTimeUnixNano: at(-50),
          timeUnixNano: at(second),
          count: String(counts.reduce((all, one) => all + one, 0)),
          sum: 1,
          scale,
          positive: { offset, bucketCounts: counts },
          ...more,
        },
      ],
    },
  })

  it('reads an exponential histogram', () => {
    // The base is 2: one value from 4 to 8, three from 8 to 16, one below -1, two zeros.
    const more = { count: '7', sum: 40, zeroCount: '2', negative: { offset: 0, bucketCounts: ['1'] } }
    take(exponential(-40, 0, 2, [1, 3], more))
    const { count, sum, min, max, median } = only().total
    assert.deepEqual([count, sum], [7, 40])
    assert.ok(min! < -1 && min! > -2 && max! > 8 && max! < 16)
    assert.ok(median! > 4 && median! < 8)
  })

  it('compares an exponential histogram with what it was, whatever became of its buckets', () => {
    take(exponential(-40, 1, 4, [1, 1]))
    // More buckets, in both directions.
    take(exponential(-30, 1, 2, [0, 5, 1, 2, 0, 1]))
    assert.equal(only().total.count, 9)
    // Half as many: 2 and 3 become 1, 4 and 5 become 2, 6 and 7 become 3.
    take(exponential(-20, 0, 1, [5, 3, 2]))
    assert.equal(only().total.count, 10)
    // Finer than before: it began anew.
    take(exponential(-10, 3, 0, [4]))
    assert.equal(only().total.count, 14)
    for (const scale of [31, -31, 1.5, 'x']) {
      assert.equal(take(exponential(-5, scale as number, 0, [1])).rejected, 1)
    }
    assert.equal(take(exponential(-4, -30, 100_000, [1])).rejected, 1)
  })

  it('makes three series of a summary', () => {
    const summary = (second: number, count: number, total: number) => ({
      name: 'q',
      summary: {
        dataPoints: [
          {
            startTimeUnixNano: at(-50),
            timeUnixNano: at(second),
            count: String(count),
            sum: total,
            quantileValues: [{ value: 1 }, { quantile: 0.99, value: 9 }],
          },
        ],
      },
    })
    take(summary(-40, 2, 10))
    take(summary(-30, 5, 20))
    const shown = store.latest(10, 0).map(({ name, type, tags, total }) => [name, type, tags.join(), total.value])
    assert.deepEqual(shown.sort(), [
      ['q.count', 'count', 'service:s', 5],
      ['q.quantile', 'gauge', 'quantile:0,service:s', 1],
      ['q.quantile', 'gauge', 'quantile:0.99,service:s', 9],
      ['q.sum', 'count', 'service:s', 20],
    ])
  })
})

describe('counters that count from the start', () => {
  it('are bounded: the one that was silent for longest is forgotten', () => {
    const values = new CumulativeValues(0n)
    const put = (key: string, time: bigint, value: number) =>
      values.difference(key, { start: 1n, time, values: [value] })
    for (let nth = 0; nth < MAX_CUMULATIVE; nth++) put(`k${nth}`, 1n, 1)
    assert.equal(values.size, MAX_CUMULATIVE)
    assert.deepEqual(put('k0', 2n, 5), [4])
    put('new', 1n, 1)
    assert.equal(values.size, MAX_CUMULATIVE)
    assert.deepEqual(put('k0', 3n, 6), [1])
    // Of `k1` nothing is known any more.
    assert.deepEqual(put('k1', 2n, 5), [5])
  })

  it('are bounded in memory too', () => {
    const values = new CumulativeValues(0n)
    for (let nth = 0; nth < 1000; nth++) {
      values.difference(`k${nth}`, { start: 1n, time: 1n, values: new Array(50_000).fill(1) })
      assert.ok(values.bytes <= MAX_CUMULATIVE_BYTES)
    }
    assert.ok(values.size < 100)
  })
})
