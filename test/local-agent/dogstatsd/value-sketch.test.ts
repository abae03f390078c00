// Quantiles of many values in little memory, within 1 % of the truth.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { MAX_BINS, ValueSketch } from '../../../src/local-agent/dogstatsd/value-sketch'

const sketchOf = (values: readonly number[]) => {
  const sketch = new ValueSketch()
  for (const value of values) sketch.add(value, 1)
  return sketch
}

describe('value sketch', () => {
  it('has no quantiles without values', () => assert.equal(new ValueSketch().quantile(0.5), undefined))

  it('is exact where values are few', () => {
    const sketch = sketchOf([12, 13, 14, -5, 0, 0.001])
    assert.deepEqual(
      [0, 0.2, 0.4, 0.6, 0.8, 1].map((fraction) => sketch.quantile(fraction)),
      [-5, 0, 0.001, 12, 13, 14],
    )
  })

  it('is within 1 % of the truth, for any values', () => {
    const value = fc.double({ noNaN: true, min: -1e9, max: 1e9 })
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 1, maxLength: 200 }),
        fc.double({ noNaN: true, min: 0, max: 1 }),
        (values, fraction) => {
          const sketch = sketchOf(values)
          const sorted = [...values].sort((a, b) => a - b)
          const exact = sorted[Math.floor(fraction * (values.length - 1))]!
          const told = sketch.quantile(fraction)!
          assert.ok(Math.abs(told - exact) <= Math.abs(exact) * 0.0201 + Number.MIN_VALUE, `${told} for ${exact}`)
          assert.deepEqual([sketch.count, sketch.min, sketch.max], [values.length, sorted[0], sorted.at(-1)])
        },
      ),
      { numRuns: 2000 },
    )
  })

  it('counts a value as often as it is said to count', () => {
    const sketch = new ValueSketch()
    sketch.add(1, 9)
    sketch.add(100, 1)
    assert.deepEqual([sketch.count, sketch.sum, sketch.quantile(0.5), sketch.quantile(1)], [10, 109, 1, 100])
  })

  it('takes no more bins than it may, and says what it takes', () => {
    const sketch = new ValueSketch()
    let bytes = 0
    for (let power = -400; power < 400; power++) {
      for (const sign of [1, -1]) {
        for (const digit of [1, 2, 5]) bytes += sketch.add(sign * digit * 2 ** power, 1)
      }
    }
    assert.equal(sketch.count, 4800)
    assert.equal(bytes, MAX_BINS * 96)
    assert.equal(sketch.add(3 * 2 ** 500, 1), 0)
    assert.equal(sketch.max, 3 * 2 ** 500)
    assert.ok(Number.isFinite(sketch.quantile(0.99)))
  })
})
