// Two tests that pass and one that fails, for both runners.

const assert = require('node:assert')
const { add, total } = require('../src/sums')

describe('sums', () => {
  it('adds two', () => assert.equal(add(1, 2), 3))
  it('adds many, later', async () => {
    await new Promise((resolve) => setTimeout(resolve, 5))
    assert.equal(total([1, 2, 3]), 6)
  })
  it('is wrong', () => assert.equal(add(1, 2), 4))
})
