// How many a limit lets through, second by second, on a clock that the test moves.

import { strict as assert } from 'node:assert'
import { RateLimiter } from '../../../src/trace/sampling/rate-limiter'

let nowMs = 0
/** How many of `count` questions are answered with yes. */
const ask = (limiter: RateLimiter, count: number): number =>
  Array.from({ length: count }, () => limiter.allows()).filter(Boolean).length

describe('a rate limiter', () => {
  beforeEach(() => {
    nowMs = 5000.25
  })
  const limited = (maxPerSecond: number) => new RateLimiter(maxPerSecond, () => nowMs)

  it('lets through so many in a window, and as many in the next', () => {
    const limiter = limited(3)
    assert.equal(ask(limiter, 5), 3)
    nowMs += 999.75
    assert.equal(ask(limiter, 1), 0)
    nowMs += 0.25
    assert.equal(ask(limiter, 5), 3)
    nowMs += 60_000
    assert.equal(ask(limiter, 5), 3)
  })

  it('lets nothing through at 0, ever', () => {
    const limiter = limited(0)
    for (let i = 0; i < 3; i++, nowMs += 10_000) assert.equal(ask(limiter, 2), 0)
    assert.equal(limiter.effectiveRate, 0)
  })

  it('lets one through every two seconds at 0.5', () => {
    const limiter = limited(0.5)
    const perSecond = Array.from({ length: 6 }, () => {
      const allowed = ask(limiter, 3)
      nowMs += 1000
      return allowed
    })
    assert.deepEqual(perSecond, [1, 0, 1, 0, 1, 0])
  })

  it('lets three through every two seconds at 1.5', () => {
    const limiter = limited(1.5)
    const perSecond = Array.from({ length: 6 }, () => {
      const allowed = ask(limiter, 3)
      nowMs += 1000
      return allowed
    })
    assert.deepEqual(perSecond, [1, 2, 1, 2, 1, 2])
  })

  it('tells the share of this window and the one before', () => {
    const limiter = limited(2)
    assert.equal(limiter.effectiveRate, 1)
    ask(limiter, 2)
    assert.equal(limiter.effectiveRate, 1)
    ask(limiter, 2)
    assert.equal(limiter.effectiveRate, 0.5)
    nowMs += 1000
    ask(limiter, 1)
    assert.equal(limiter.effectiveRate, 3 / 5)
    // The window before has no questions: the busy one is too long ago to count.
    nowMs += 2000
    ask(limiter, 1)
    assert.equal(limiter.effectiveRate, 1)
  })
})
