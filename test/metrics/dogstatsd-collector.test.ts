// The collector: what its calls become, what a flush leaves behind, and that nothing it is given is lost without being counted.

import { strict as assert } from 'node:assert'
import { MAX_VALUES } from '../../src/metrics/collector/collected-series'
import type { CollectorOptions } from '../../src/metrics/collector/collecting'
import type { CollectorCounts } from '../../src/metrics/collector/collector-stats'
import { DogstatsdCollector } from '../../src/metrics/collector/dogstatsd-collector'
import type { MetricSink } from '../../src/metrics/collector/metric-sink'
import type { MetricsError } from '../../src/metrics/metrics-error'
import { TagSet } from '../../src/metrics/tag-set'
import { notingSink, type Told } from '../support/vectors/play-collector'

const spanOf = (milliseconds: number) => ({ total: () => milliseconds })

describe('DogstatsdCollector', () => {
  let told: Told[]
  let errors: MetricsError[]

  beforeEach(() => {
    told = []
    errors = []
  })

  const collectorOf = (options: CollectorOptions = {}, failing: number[] = []) =>
    new DogstatsdCollector(notingSink(told, failing), { onError: (error) => errors.push(error), ...options })

  const lines = () =>
    told.splice(0).map(([kind, name, value, { tags }]) => `${kind} ${name} ${value} ${tags.join(',')}`.trim())

  /** What went in is what came out, or is accounted for. */
  function assertBalanced(collector: DogstatsdCollector, expected: Partial<CollectorCounts>): void {
    const counts = collector.stats()
    const { recorded, merged, waiting, sent, failed, droppedInvalid } = counts
    assert.equal(recorded, merged + waiting + sent + failed + droppedInvalid)
    for (const [name, value] of Object.entries(expected))
      assert.equal(counts[name as keyof CollectorCounts], value, name)
  }

  it('sends nothing before a flush', () => {
    const collector = collectorOf()
    collector.increment('m')
    collector.histogram('h', 1)
    assert.deepEqual(lines(), [])
    assertBalanced(collector, { recorded: 2, waiting: 2, sent: 0 })
    collector.flush()
    assert.deepEqual(lines(), ['histogram h 1', 'increment m 1'])
    assertBalanced(collector, { waiting: 0, sent: 2 })
  })

  it('makes of each kind what it is for', () => {
    const collector = collectorOf()
    for (const value of [2, 5, 2]) {
      collector.increment('c', value)
      collector.decrement('d', value)
      collector.histogram('h', value)
      collector.gauge('g', value)
      collector.set('s', value)
      collector.distribution('x', value)
      collector.timing('t', spanOf(value))
    }
    collector.set('s', '2')
    collector.flush()
    assert.deepEqual(lines(), [
      'histogram h 9',
      'increment c 9',
      'increment d -9',
      'gauge g 2',
      'set s 2',
      'set s 5',
      'distribution x 2',
      'distribution x 5',
      'distribution x 2',
      'timing t 2',
      'timing t 5',
      'timing t 2',
    ])
    assertBalanced(collector, { recorded: 22, sent: 12, merged: 10 })
  })

  it('keeps every value of a histogram where samples are asked for', () => {
    const collector = collectorOf({ histograms: 'samples' })
    for (const value of [3, 0.5, 3]) collector.histogram('h', value)
    collector.flush()
    assert.deepEqual(lines(), ['histogram h 3', 'histogram h 0.5', 'histogram h 3'])
  })

  it('counts by one without a value, and never writes -0', () => {
    const collector = collectorOf()
    collector.increment('a')
    collector.decrement('b')
    collector.decrement('zero', 0)
    collector.flush()
    assert.deepEqual(
      told.map(([, name, value]) => [name, value]),
      [
        ['a', 1],
        ['b', -1],
        ['zero', 0],
      ],
    )
  })

  it('adds bigints exactly, and to numbers as numbers', () => {
    const collector = collectorOf()
    collector.increment('big', 2n ** 53n)
    collector.increment('big', 1n)
    collector.decrement('less', 2n ** 53n + 1n)
    collector.increment('mixed', 1n)
    collector.increment('mixed', 0.5)
    collector.flush()
    assert.deepEqual(
      told.map(([, , value]) => value),
      [9007199254740993n, -9007199254740993n, 1.5],
    )
  })

  const spellings = [['b:2', 'a:1'], ['a:1', 'b:2', 'a:1'], { b: 2, a: 1 }, TagSet.of(['a:1', 'b:2'])] as const
  it('knows a series by its kind, name and set of tags, however these are spelled', () => {
    const collector = collectorOf()
    for (let round = 0; round < 2; round++) for (const tags of spellings) collector.increment('m', 1, { tags })
    collector.gauge('m', 7, { tags: spellings[0] })
    collector.increment('m')
    collector.increment('m', 1, { tags: [] })
    collector.increment('m', 1, { tags: {} })
    collector.increment('other', 1, { tags: spellings[0] })
    collector.flush()
    assert.deepEqual(lines(), [
      'increment m 8 a:1,b:2',
      'increment m 3',
      'gauge m 7 a:1,b:2',
      'increment other 1 a:1,b:2',
    ])
  })

  it('does not take an object of tags for a list, nor two tags for one that holds both', () => {
    const collector = collectorOf()
    collector.increment('m', 1, { tags: { a: 'b' } })
    collector.increment('m', 1, { tags: ['a', 'b'] })
    collector.increment('m', 1, { tags: ['a.b'] })
    collector.increment('m', 1, { tags: ['a,b'] })
    collector.flush()
    assert.deepEqual(lines(), ['increment m 1 a:b', 'increment m 1 a,b', 'increment m 1 a.b', 'increment m 1 a_b'])
  })

  it('merges base tags before it looks for the series; a tag of the call takes the place of one of the same key', () => {
    const collector = collectorOf({ baseTags: { svc: 'web', zone: 'a' } })
    collector.increment('m')
    collector.increment('m', 1, { tags: ['zone:a'] })
    collector.increment('m', 1, { tags: ['svc:web', 'zone:a'] })
    collector.increment('m', 1, { tags: ['zone:b'] })
    collector.flush()
    assert.deepEqual(lines(), ['increment m 3 svc:web,zone:a', 'increment m 1 svc:web,zone:b'])
  })

  it('sends histograms first, then all others by name in the order in which they were recorded', () => {
    const collector = collectorOf()
    collector.increment('b', 1, { tags: ['x'] })
    collector.gauge('a', 1)
    collector.histogram('z', 1)
    collector.increment('b', 1, { tags: ['w'] })
    collector.histogram('y', 1)
    collector.gauge('a', 2)
    collector.flush()
    assert.deepEqual(lines(), ['histogram z 1', 'histogram y 1', 'increment b 1 x', 'increment b 1 w', 'gauge a 2'])
  })

  it('begins anew after a flush', () => {
    const collector = collectorOf()
    collector.increment('m', 2)
    collector.flush()
    collector.flush()
    collector.increment('m')
    collector.flush()
    assert.deepEqual(lines(), ['increment m 2', 'increment m 1'])
  })

  it('keeps for the next flush what the sink itself records during one', () => {
    const sink = notingSink(told)
    const collector: DogstatsdCollector = new DogstatsdCollector({
      ...sink,
      gauge(...args): void {
        collector.increment('again')
        sink.gauge(...args)
      },
    })
    collector.gauge('g', 1)
    collector.flush()
    assert.deepEqual(lines(), ['gauge g 1'])
    collector.flush()
    assert.deepEqual(lines(), ['increment again 1'])
  })

  it('sends the others where one cannot be sent, and says so once', () => {
    const collector = collectorOf({}, [2, 3])
    for (const name of ['a', 'b', 'c', 'd']) collector.increment(name)
    collector.flush()
    assert.deepEqual(lines(), ['increment a 1', 'increment d 1'])
    assert.deepEqual(
      errors.map(({ code, message, cause }) => [code, message, (cause as Error).name]),
      [['sink', 'b was not sent (RangeError: the sink fails)', 'RangeError']],
    )
    assertBalanced(collector, { sent: 2, failed: 2, waiting: 0 })
  })

  it('is not brought down by an onError that throws', () => {
    const collector = collectorOf({ onError: () => assert.fail('onError') }, [1])
    collector.increment('a')
    collector.flush()
    assertBalanced(collector, { failed: 1 })
  })

  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    it(`drops ${value}, which would spoil the sum, and counts it`, () => {
      const collector = collectorOf()
      collector.increment('m')
      collector.increment('m', value)
      collector.set('s', value)
      collector.timing('t', spanOf(value))
      collector.flush()
      assert.deepEqual(lines(), ['increment m 1'])
      assert.deepEqual(
        errors.map(({ code, message }) => [code, message]),
        [['invalid', `m was not sent: the value ${value}`]],
      )
      assertBalanced(collector, { recorded: 4, droppedInvalid: 3 })
    })
  }

  it('drops what has tags that cannot be read', () => {
    const collector = collectorOf()
    const tags = [Object.create(null) as string]
    collector.increment('m', 1, { tags })
    collector.flush()
    assert.deepEqual(lines(), [])
    assertBalanced(collector, { droppedInvalid: 1 })
    assert.match(errors[0]?.message ?? '', /^m was not sent: its tags cannot be read/)
  })

  type Use = (collector: DogstatsdCollector) => void
  const mistakes: [what: string, use: Use, message: RegExp][] = [
    ['no value', (c) => c.histogram('m', undefined as never), /histogram of m: the value is a number, not undefined/],
    ['a text', (c) => c.increment('m', '1' as never), /increment of m: the value is a number, not string/],
    ['a text to decrement', (c) => c.decrement('m', 'x' as never), /the value is a number, not string/],
    ['null', (c) => c.gauge('m', null as never), /the value is a number, not null/],
    ['a flag', (c) => c.set('m', true as never), /set of m: the value is a number or a text, not boolean/],
    ['no span of time', (c) => c.timing('m', { total: 5 } as never), /timing of m: the value is a number, not object/],
    ['a rate', (c) => c.increment('m', 1, { rate: 0.5 } as never), /knows the option tags, not rate/],
    ['a time', (c) => c.gauge('m', 1, { timestamp: 1 } as never), /knows the option tags, not timestamp/],
    ['no function to run', (c) => c.run(1 as never), /fn is a function, not number/],
    ['another way to nest', (c) => c.run(() => {}, { nested: 'x' as never }), /nested is one of fold, isolate, not x/],
  ]
  for (const [what, use, message] of mistakes) {
    it(`throws a TypeError for ${what}, also after its end`, () => {
      const collector = collectorOf()
      assert.throws(() => use(collector), { name: 'TypeError', message })
      collector.end()
      assert.throws(() => use(collector), { name: 'TypeError', message })
      assertBalanced(collector, { recorded: 0 })
    })
  }

  it('says what is wrong with its arguments', () => {
    const sink = notingSink(told)
    const rows: [sink: unknown, options: object, message: RegExp][] = [
      [undefined, {}, /lacks increment, histogram, gauge, set, distribution, timing/],
      [{ ...sink, set: undefined, timing: 1 }, {}, /lacks set, timing$/],
      [sink, { maxSeries: 0 }, /maxSeries is a whole number from 1/],
      [sink, { maxSeries: 1.5 }, /maxSeries is a whole number/],
      [sink, { histograms: 'both' }, /histograms is one of sum, samples, not both/],
      [sink, { onError: 'log' }, /onError is a function, not string/],
    ]
    for (const [given, options, message] of rows) {
      assert.throws(() => new DogstatsdCollector(given as MetricSink, options), { name: 'TypeError', message })
    }
  })

  describe('that is full', () => {
    it('sends further series at once, and still merges into those that it has', () => {
      const collector = collectorOf({ maxSeries: 2 })
      for (const name of ['a', 'b', 'c', 'c', 'a']) collector.increment(name)
      assert.deepEqual(lines(), ['increment c 1', 'increment c 1'])
      assertBalanced(collector, { overflowed: 2, sent: 2, waiting: 2, merged: 1 })
      collector.flush()
      assert.deepEqual(lines(), ['increment a 2', 'increment b 1'])
      collector.increment('c')
      collector.flush()
      assert.deepEqual(lines(), ['increment c 1'])
      assert.deepEqual(
        errors.map(({ code }) => code),
        ['overflow'],
      )
    })

    it('holds as many series as it should, and no more', () => {
      const collector = collectorOf()
      for (let at = 0; at < 1001; at++) collector.increment('m', 1, { tags: [`n:${at}`] })
      assertBalanced(collector, { waiting: 1000, overflowed: 1 })
      assert.deepEqual(lines(), ['increment m 1 n:1000'])
    })

    it('sends values at once beyond those that one series keeps', () => {
      const collector = collectorOf()
      for (let at = 0; at <= MAX_VALUES; at++) {
        collector.distribution('x', at)
        collector.set('s', at)
      }
      collector.set('s', 0)
      assert.deepEqual(lines(), [`distribution x ${MAX_VALUES}`, `set s ${MAX_VALUES}`])
      assertBalanced(collector, { waiting: 2 * MAX_VALUES, overflowed: 2, merged: 1 })
    })
  })

  describe('after its end', () => {
    it('sends at once, with its base tags, and holds nothing', () => {
      const collector = collectorOf({ baseTags: ['b:1'] })
      collector.increment('m')
      collector.end()
      assert.deepEqual(lines(), ['increment m 1 b:1'])
      collector.increment('m', 2, { tags: ['a:1'] })
      collector.timing('t', 5)
      assert.deepEqual(lines(), ['increment m 2 a:1,b:1', 'timing t 5 b:1'])
      collector.end()
      collector.flush()
      assert.deepEqual(lines(), [])
      assertBalanced(collector, { passedThrough: 2, waiting: 0, sent: 3 })
    })

    it('counts a sink that throws, and does not let the program have it', () => {
      const collector = collectorOf({}, [1])
      collector.end()
      collector.increment('m')
      assertBalanced(collector, { failed: 1 })
    })

    it('is what a block with `using` leaves behind', () => {
      const collector = collectorOf()
      collector.increment('m')
      collector[Symbol.dispose]()
      assert.deepEqual(lines(), ['increment m 1'])
      collector.increment('m')
      assert.deepEqual(lines(), ['increment m 1'])
    })
  })
})
