// A sketch against the truth: every quantile of what was put in, from one nanosecond to years, read from the bytes by the message's
// definition, is within one percent of the exact one; and the bytes have the Agent's own parameters.

import { strict as assert } from 'node:assert'
import { MAX_BINS, Sketch } from '../../../src/export/stats/sketch'
import { decodeSketch, quantile, type ReceivedSketch } from '../../support/decode-sketch'

function sketchOf(values: readonly number[]): ReceivedSketch {
  const sketch = new Sketch()
  for (const value of values) sketch.add(value)
  return decodeSketch(sketch.encode())
}

/** Reproducible numbers from 0 to 1. */
function dice(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

describe('a sketch', () => {
  const random = dice(7)
  const many = 10_000
  const kinds: [title: string, value: (i: number) => number][] = [
    ['one value', () => 43_000],
    ['a few values far apart', (i) => [1e3, 5e6, 2e9][i % 3]!],
    ['a row of numbers', (i) => (i + 1) * 1000],
    ['a long tail', () => 1e6 / (1.0001 - random())],
    ['every size from a nanosecond to a year', () => Math.exp(random() * Math.log(3.15e16))],
    ['nanoseconds', (i) => (i % 10) + 1],
    ['years', (i) => 3.15e16 * (i + 1)],
  ]
  for (const [title, value] of kinds) {
    it(`tells the quantiles of ${title} within one percent`, () => {
      const values = Array.from({ length: many }, (_, i) => value(i))
      const sketch = sketchOf(values)
      assert.equal(sketch.count, many)
      values.sort((a, b) => a - b)
      for (const q of [0, 0.01, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1]) {
        const exact = values[Math.floor(q * (many - 1))]!
        const told = quantile(sketch, q)
        assert.ok(Math.abs(told - exact) <= exact * 0.01 * (1 + 1e-9), `p${q * 100}: ${told}, not ${exact}`)
      }
    })
  }

  it('has the parameters of the Agent: γ of one percent, bins by the floor', () => {
    const sketch = sketchOf([1, 1e9])
    assert.equal(sketch.gamma, 1.01 / 0.99)
    assert.deepEqual([...sketch.bins.keys()], [0, Math.floor(Math.log(1e9) / Math.log(1.01 / 0.99))])
  })

  it('counts nothing, less and no number as zero', () => {
    const sketch = sketchOf([0, -5, Number.NaN, 7])
    assert.deepEqual([sketch.zeros, sketch.count], [3, 4])
    assert.equal(quantile(sketch, 0), 0)
    assert.ok(quantile(sketch, 1) > 6.9)
  })

  it('is a message that the Agent can read when it is empty', () => {
    const sketch = sketchOf([])
    assert.deepEqual([sketch.gamma, sketch.count, sketch.bins.size], [1.01 / 0.99, 0, 0])
  })

  it('has values below one, whose bins are negative', () => {
    const sketch = sketchOf([0.001, 0.5])
    for (const [q, exact] of [
      [0, 0.001],
      [1, 0.5],
    ] as const)
      assert.ok(Math.abs(quantile(sketch, q) - exact) <= exact * 0.01)
  })

  const gamma = 1.01 / 0.99
  for (const [bins, first] of [
    [MAX_BINS, 0],
    [MAX_BINS + 1, 1],
  ] as const) {
    it(`puts the lowest of ${bins} bins together only where there are more than ${MAX_BINS}`, () => {
      // The middle of each bin.
      const sketch = sketchOf(Array.from({ length: bins }, (_, k) => gamma ** (k + 0.5)))
      assert.deepEqual([sketch.bins.size, sketch.count, Math.min(...sketch.bins.keys())], [MAX_BINS, bins, first])
      assert.equal(sketch.bins.get(first), bins - MAX_BINS + 1)
    })
  }
})
