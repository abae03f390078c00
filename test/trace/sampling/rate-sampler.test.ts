// The decision must be the one every other Datadog tracer makes for the same trace. The judge is Knuth's rule written down again
// with BigInt, from the published constants, over many random ids and the edges of the arithmetic; and what dd-trace itself has
// decided for fixed ids (test/vectors/sampler-decisions.json).

import { strict as assert } from 'node:assert'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { randomInt32 } from '../../../src/base/id'
import { RateSampler } from '../../../src/trace/sampling/rate-sampler'
import { repoRoot } from '../../support/repo-root'
import { MadeTracer } from '../made-tracer'

const FACTOR = 1_111_111_111_111_111_111n
const TWO_64 = 1n << 64n

function hash(high: number, low: number): bigint {
  const id = (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)
  return (id * FACTOR) % TWO_64
}

/** The share is exact: a double is a fraction of two whole numbers. */
function judge(rate: number): (high: number, low: number) => boolean {
  if (rate === 1) return () => true
  if (rate === 0) return () => false
  const threshold = BigInt(Math.floor(rate * 2 ** 64))
  return (high, low) => hash(high, low) <= threshold
}

/** The first numbers of SplitMix64: ids that are spread over all 64 bits, the same in every run. */
function* fixedIds(count: number): Generator<bigint> {
  const mask = TWO_64 - 1n
  for (let n = 1n; n <= count; n++) {
    let id = (n * 0x9e3779b97f4a7c15n) & mask
    id = ((id ^ (id >> 30n)) * 0xbf58476d1ce4e5b9n) & mask
    id = ((id ^ (id >> 27n)) * 0x94d049bb133111ebn) & mask
    yield id ^ (id >> 31n)
  }
}

const rates = [0, 2 ** -64, 2 ** -63, 1e-9, 0.001, 0.1, 1 / 3, 0.5, 0.5 + 2 ** -40, 0.999, 1 - 2 ** -53, 1]

describe('RateSampler', () => {
  it('decides as the rule says for a hundred thousand random ids and every rate', () => {
    const ids = Array.from({ length: 100_000 }, () => [randomInt32(), randomInt32()] as const)
    const hashes = ids.map(([high, low]) => hash(high, low))
    for (const rate of rates) {
      const sampler = new RateSampler(rate)
      const threshold = BigInt(Math.floor(rate * 2 ** 64))
      let wrong = 0
      ids.forEach(([high, low], i) => {
        const expected = rate === 1 || (rate !== 0 && hashes[i]! <= threshold)
        if (sampler.keeps(high, low) !== expected) wrong++
      })
      assert.equal(wrong, 0, `rate ${rate}`)
    }
  })

  it('decides as dd-trace does for 1024 fixed ids and each of its rates', () => {
    const file = join(repoRoot, 'test', 'vectors', 'sampler-decisions.json')
    const { kept } = JSON.parse(readFileSync(file, 'utf8')) as { kept: Record<string, string> }
    assert.ok(Object.keys(kept).length > 10)
    for (const [rate, expected] of Object.entries(kept)) {
      const sampler = new RateSampler(Number(rate))
      const bits = [...fixedIds(1024)].map((id) =>
        sampler.keeps(Number(id >> 32n) | 0, Number(id & 0xffffffffn) | 0) ? '1' : '0',
      )
      const digits = bits.join('').match(/.{4}/g) ?? []
      assert.equal(digits.map((four) => Number.parseInt(four, 2).toString(16)).join(''), expected, `rate ${rate}`)
    }
  })

  it('decides as the rule says at the edges of both halves', () => {
    const edges = [0, 1, 2, 0xffff, 0x10000, 0x7fffffff, -0x80000000, -0x10000, -2, -1]
    for (const rate of rates) {
      const [sampler, expected] = [new RateSampler(rate), judge(rate)]
      for (const high of edges) {
        for (const low of edges) {
          assert.equal(sampler.keeps(high, low), expected(high, low), `rate ${rate}, id ${high} ${low}`)
        }
      }
    }
  })

  it('keeps the id whose hash is the threshold and drops the one right after it', () => {
    // The factor is odd, so every hash belongs to exactly one id.
    let inverse = FACTOR
    for (let i = 0; i < 6; i++) inverse = (inverse * (2n - FACTOR * inverse)) & (TWO_64 - 1n)
    for (const rate of [0.5, 0.1, 0.75, 2 ** -40]) {
      const threshold = BigInt(Math.floor(rate * 2 ** 64))
      const sampler = new RateSampler(rate)
      const decide = (wanted: bigint) => {
        const id = (wanted * inverse) & (TWO_64 - 1n)
        const [high, low] = [Number(id >> 32n) | 0, Number(id & 0xffffffffn) | 0]
        assert.equal(hash(high, low), wanted)
        return sampler.keeps(high, low)
      }
      assert.deepEqual([decide(threshold - 1n), decide(threshold), decide(threshold + 1n)], [true, true, false])
    }
  })

  it('keeps the share it was asked for', () => {
    const sampler = new RateSampler(0.2)
    let kept = 0
    for (let i = 0; i < 100_000; i++) if (sampler.keeps(randomInt32(), randomInt32())) kept++
    // Eight standard deviations.
    assert.ok(Math.abs(kept - 20_000) < 1012, `${kept} of 100000`)
  })

  it('looks at the lower half of the trace id', () => {
    const tracer = new MadeTracer()
    const sampler = new RateSampler(0.5)
    for (let i = 0; i < 100; i++) {
      const span = tracer.startSpan('op')
      assert.equal(sampler.sample(span), sampler.keeps(span.trace.idHigh, span.trace.idLow))
    }
  })

  for (const rate of [0, 1, 0.5]) it(`takes ${rate}`, () => assert.equal(new RateSampler(rate).rate, rate))

  for (const rate of [-0.001, 1.001, Number.NaN, Number.POSITIVE_INFINITY, '0.5', null, undefined]) {
    it(`refuses ${String(rate)}`, () => {
      assert.throws(() => new RateSampler(rate as number), /^RangeError: a sample rate is a number from 0 to 1, not/)
    })
  }
})
