// The anchor between the monotonic and the wall clock: it must stay where it is while the wall clock only shows its cut
// milliseconds, and move as soon as somebody has set that clock. The wall clock is replaced, so nothing here waits.

import { strict as assert } from 'node:assert'
import { monotonicMs, wallMs, wallOffsetMs } from '../../src/base/clock'

const realNow = Date.now

/** The anchor, with the wall clock `ms` behind the time that the anchor makes of the monotonic clock. */
function anchorWhenBehindBy(ms: number): { before: number; after: number; nowMs: number } {
  const monotonic = 1000
  Date.now = () => 1_800_000_000_000
  const before = wallOffsetMs(monotonic)
  const nowMs = before + monotonic - ms
  Date.now = () => nowMs
  return { before, after: wallOffsetMs(monotonic), nowMs }
}

describe('the clock', () => {
  afterEach(() => {
    Date.now = realNow
    wallOffsetMs(monotonicMs())
  })

  it('never runs backwards on the monotonic side and has fractions of milliseconds', () => {
    const readings = Array.from({ length: 1000 }, monotonicMs)
    assert.deepEqual(
      [...readings].sort((a, b) => a - b),
      readings,
    )
    assert.ok(readings.some((ms) => !Number.isInteger(ms)))
  })

  it('shows the wall clock in whole milliseconds', () => {
    Date.now = () => 1_790_000_000_123
    assert.equal(wallMs(), 1_790_000_000_123)
  })

  it('gives an anchor that turns the monotonic clock into the wall clock', () => {
    const distance = wallOffsetMs(monotonicMs()) + monotonicMs() - Date.now()
    assert.ok(distance > -2 && distance < 3, `${distance} ms apart`)
  })

  for (const behind of [-0.99, 0, 0.5, 1, 1.99]) {
    it(`keeps the anchor when the wall clock is ${behind} ms behind it`, () => {
      const { before, after } = anchorWhenBehindBy(behind)
      assert.equal(after, before)
    })
  }

  for (const behind of [-1.01, 2.01, -3_600_000, 3_600_000]) {
    it(`moves the anchor to the wall clock when that is ${behind} ms behind it`, () => {
      const { after, nowMs } = anchorWhenBehindBy(behind)
      // Half a millisecond more, because the wall clock is cut and not rounded.
      assert.ok(Math.abs(after + 1000 - (nowMs + 0.5)) < 0.001, `${after + 1000 - nowMs}`)
    })
  }
})
