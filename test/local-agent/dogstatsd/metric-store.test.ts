// What the local agent makes of metrics: the same as an Agent in windows of ten seconds, and everything accounted for.

import assert from 'node:assert/strict'
import { MAX_UNIQUE } from '../../../src/local-agent/dogstatsd/gathered'
import {
  MAX_AGE_S,
  MAX_AHEAD_S,
  MAX_NOTES,
  MAX_REJECTED,
  MetricStore,
} from '../../../src/local-agent/dogstatsd/metric-store'
import { MAX_WINDOWS, type SeriesName } from '../../../src/local-agent/dogstatsd/series'
import { MAX_NAME_LENGTH } from '../../../src/local-agent/dogstatsd/series-table'

/** The beginning of a window, in seconds. */
const START = 1_700_000_000

describe('metric store', () => {
  let nowS: number
  let store: MetricStore
  const make = (limits: object = {}) => new MetricStore({ ...limits, now: () => nowS * 1000 })
  beforeEach(() => {
    nowS = START
    store = make()
  })

  const take = (...lines: string[]) => store.take(Buffer.from(lines.join('\n')))
  const series = (name: string, windows = MAX_WINDOWS) =>
    store.latest(1000, windows).filter((each) => each.name === name)
  const only = (name: string, windows?: number) => {
    const found = series(name, windows)
    assert.equal(found.length, 1, `${found.length} series ${name}`)
    return found[0]!
  }

  describe('of DogStatsD', () => {
    it('adds counts up, scaled by their rate', () => {
      take('a:1|c', 'a:2:3|c', 'a:-1|c', 'a:1|c|@0.25', 'a:4|c|@2')
      const { source, type, host, tags, lines, values, total, windows } = only('a')
      assert.deepEqual({ source, type, host, tags }, { source: 'dogstatsd', type: 'count', host: '', tags: [] })
      assert.deepEqual({ lines, values, total }, { lines: 5, values: 6, total: { value: 11 } })
      assert.deepEqual(windows, [{ start: START, value: 11 }])
    })

    it('keeps the last value of a gauge, whatever its rate or its sign', () => {
      take('a:5|g', 'a:1:2|g|@0.1', 'a:-3|g')
      assert.deepEqual(only('a').total, { value: -3 })
      take('a:+4|g')
      assert.deepEqual(only('a').total, { value: 4 })
    })

    it('counts the different values of a set, up to a limit', () => {
      take('a:x|s', 'a:y|s', 'a:x|s|@0.5', 'a:1:2|s')
      assert.deepEqual(only('a').total, { value: 3 })
      for (let i = 3; i < MAX_UNIQUE; i++) take(`a:n${i}|s`)
      assert.deepEqual(only('a').total, { value: MAX_UNIQUE })
      take('a:x|s')
      assert.deepEqual(only('a').total, { value: MAX_UNIQUE })
      take('a:more|s')
      assert.deepEqual(only('a').total, { value: MAX_UNIQUE, isMore: true })
    })

    for (const [mark, type] of [
      ['h', 'histogram'],
      ['d', 'distribution'],
      ['ms', 'timing'],
    ]) {
      it(`makes a summary of a ${type}`, () => {
        take(`a:3:1:2|${mark}`, `a:4|${mark}|@0.5`, `a:0|${mark}|@0`)
        const { total } = only('a')
        assert.equal(only('a').type, type)
        assert.deepEqual(total, { count: 6, sum: 14, min: 0, max: 4, avg: 14 / 6, median: 2, p95: 4, p99: 4 })
      })
    }

    it('keeps apart what differs in name, type, host or tags, not in their order or number', () => {
      take('a:1|c', 'a:1|g', 'b:1|c', 'a:1|c|#x', 'a:1|c|#x,y', 'a:1|c|#y,x', 'a:1|c|#y,,x,y', 'a:1|c|#host:h,x')
      assert.equal(store.counters.series, 6)
      const tagged = series('a').filter((each) => each.tags.length === 2)
      assert.deepEqual([tagged.length, tagged[0]?.lines, tagged[0]?.tags], [1, 3, ['x', 'y']])
      assert.deepEqual(
        series('a')
          .filter(({ host }) => host === 'h')
          .map(({ tags }) => tags),
        [['x']],
      )
    })

    it('takes out the tags that mean something to the Agent', () => {
      take('a:1|c|#dd.internal.entity_id:1,dd.internal.card:low,dd.internal.jmx_check_name:x,host:one,host:two,k:v')
      const { host, tags } = only('a')
      assert.deepEqual({ host, tags }, { host: 'two', tags: ['k:v'] })
    })

    it('makes windows of ten seconds, the last of which it keeps', () => {
      for (let i = 0; i <= MAX_WINDOWS; i++) {
        take('a:1|c')
        nowS += 9
        take('a:1|c')
        nowS += 1
      }
      const { total, windows } = only('a')
      assert.deepEqual(total, { value: 2 * (MAX_WINDOWS + 1) })
      assert.equal(windows.length, MAX_WINDOWS)
      assert.deepEqual(
        [windows[0], windows.at(-1)],
        [
          { start: START + 10, value: 2 },
          { start: START + 10 * MAX_WINDOWS, value: 2 },
        ],
      )
      assert.deepEqual(only('a', 1).windows, [windows.at(-1)])
      assert.deepEqual(only('a', 0).windows, [])
    })

    it('puts points with a time into the window of it', () => {
      take('a:1|c', `a:2|c|T${START - 25}`, `a:4|c|T${START - 10}`, `a:8|c|T${START - 1}`, `a:16|c|T${START + 10}`)
      assert.deepEqual(
        only('a').windows.map(({ start, value }) => [start - START, value]),
        [
          [-30, 2],
          [-10, 12],
          [0, 1],
          [10, 16],
        ],
      )
      take('g:1|g', `g:2|g|T${START - 1}`)
      assert.deepEqual(only('g').total, { value: 1 })
    })

    it('counts what Datadog would not keep, on both sides of both limits', () => {
      const within = [`a:1|c|T${START - MAX_AGE_S}`, `a:1|c|T${START + MAX_AHEAD_S}`]
      take(...within)
      assert.equal(store.counters.outOfRange, 0)
      take(`a:1|c|T${START - MAX_AGE_S - 1}`, `a:1:1|c|T${START + MAX_AHEAD_S + 1}`)
      assert.equal(store.counters.outOfRange, 3)
      assert.equal(only('a').windows.length, 2)
      assert.deepEqual(only('a').total, { value: 5 })
    })

    it('keeps no window older than the oldest of a full list', () => {
      for (let i = 0; i < MAX_WINDOWS; i++) {
        take('a:1|c')
        nowS += 10
      }
      take(`a:1|c|T${START - 1}`)
      assert.equal(only('a').windows[0]?.start, START)
      assert.deepEqual(only('a').total, { value: MAX_WINDOWS + 1 })
    })

    it('says what it does not take, and why', () => {
      take('bad', 'a:1|h|T5', 'a:1|s|T5', 'a:1|c|@0', 'a:1|c|@-1', 'a:1|h|@nan', 'a:1|c|@inf')
      const { received, rejectedLines, series: held } = store.counters
      assert.deepEqual({ received, rejectedLines, held }, { received: 7, rejectedLines: 7, held: 0 })
      const reasons = store.rejected.latest(10).map(({ line, reason }) => `${line}: ${reason}`)
      assert.deepEqual(reasons.slice(0, 2), [
        'a:1|c|@inf: the rate is not above 0',
        'a:1|h|@nan: the rate is not above 0',
      ])
      assert.match(reasons[4]!, /a:1\|s\|T5: only counts and gauges may have a timestamp/)
      assert.match(reasons[6]!, /bad: there is no type/)
    })

    it('drops values that are no finite numbers, and no others of their line', () => {
      take('a:1:nan:2:inf|c', 'b:nan|g')
      const { values, rejectedValues, lines, rejectedLines, series: held } = store.counters
      assert.deepEqual({ values, rejectedValues, rejectedLines }, { values: 2, rejectedValues: 3, rejectedLines: 0 })
      assert.deepEqual([lines.count, lines.gauge, held], [1, 1, 1])
      assert.deepEqual(only('a').total, { value: 3 })
    })

    it('counts every line by what it is', () => {
      take('a:1|c', 'a:1|g', 'a:1|ms', 'a:1|h', 'a:1|s', 'a:1|d', '_e{1,1}:a|b|p:x', '_sc|a|0', 'no', '', 'a:1|c')
      const { received, rejectedLines, lines, ignoredFields } = store.counters
      assert.deepEqual({ received, rejectedLines, ignoredFields }, { received: 10, rejectedLines: 1, ignoredFields: 1 })
      assert.deepEqual(lines, {
        count: 2,
        gauge: 1,
        timing: 1,
        histogram: 1,
        set: 1,
        distribution: 1,
        event: 1,
        check: 1,
      })
    })

    it('keeps the last events and checks, the latest first', () => {
      for (let i = 0; i <= MAX_NOTES; i++)
        take(`_e{4,1}:${String(i).padStart(4, '0')}|b|#host:h,y,x`, `_sc|n${i}|1|h:given`)
      const [event] = store.events.latest(1)
      assert.deepEqual(
        [event?.title, event?.hostname, event?.tags, event?.receivedAt, event?.source],
        ['1000', 'h', ['x', 'y'], START * 1000, 'dogstatsd'],
      )
      assert.equal(store.events.latest(5000).length, MAX_NOTES)
      assert.equal(store.events.latest(5000).at(-1)?.title, '0001')
      assert.deepEqual([store.checks.latest(1)[0]?.name, store.checks.latest(5000).length], ['n1000', MAX_NOTES])
      assert.equal(store.checks.latest(1)[0]?.hostname, 'given')
      assert.deepEqual(store.counters.lines.event, MAX_NOTES + 1)
    })
  })

  describe('of the API', () => {
    const of = (type: SeriesName['type']): SeriesName => ({ source: 'api', type, name: 'a', host: '', tags: [] })
    const add = (type: SeriesName['type'], ...points: [second: number, value: number][]) =>
      store.addPoints(
        of(type),
        points.map(([second, value]) => ({ second, value })),
      )

    it('lets a point take the place of one at the same time, as the intake does', () => {
      add('count', [START, 1], [START + 1, 2], [START, 5])
      assert.deepEqual(only('a').windows, [{ start: START, value: 7 }])
      assert.deepEqual(only('a').total, { value: 7 })
      add('count', [START, 5], [START + 1, 2])
      assert.deepEqual(only('a').total, { value: 7 })
    })

    it('shows the latest point of a gauge and the mean of a rate', () => {
      add('gauge', [START + 2, 3], [START + 1, 4])
      assert.deepEqual([only('a').windows[0]?.value, only('a').total], [3, { value: 3 }])
      store = make()
      add('rate', [START, 1], [START + 1, 2])
      assert.deepEqual(only('a').windows[0]?.value, 1.5)
    })

    it('merges distributions', () => {
      add('distribution', [START, 1], [START, 2])
      add('distribution', [START, 3])
      assert.equal(only('a').windows[0]?.count, 3)
    })

    it('is kept apart from what came by DogStatsD, and counted apart', () => {
      take('a:1|c')
      add('count', [START, 1])
      assert.equal(series('a').length, 2)
      const { received, api } = store.counters
      assert.deepEqual([received, api], [1, { points: 1, events: 0, checks: 0 }])
    })
  })

  describe('within bounds', () => {
    it('puts out the series that had nothing new for longest', () => {
      store = make({ maxSeries: 3 })
      take('a:1|c', 'b:1|c', 'c:1|c')
      nowS += 10
      take('a:1|c', 'd:1|c')
      assert.deepEqual(
        store.latest(10, 0).map(({ name }) => name),
        ['d', 'a', 'c'],
      )
      assert.equal(store.counters.evictedSeries, 1)
    })

    it('estimates its memory, which is nothing when all is gone', () => {
      store = make({ maxBytes: 20_000 })
      for (let i = 0; i < 1000; i++) {
        take(`a${i % 50}:${i}|${['c', 'g', 's', 'd'][i % 4]}|#${'t'.repeat(i % 100)}`)
        if (i % 7 === 0) nowS += 10
        assert.ok(store.counters.bytes <= 20_000 && store.counters.bytes > 0)
      }
      assert.ok(store.counters.evictedSeries > 0)
      store = make({ maxSeries: 0 })
      for (let i = 0; i < 200; i++) {
        take(`a:${i}|s`, `a:${i}|d`, 'b:1|c')
        nowS += 10
      }
      assert.deepEqual([store.counters.bytes, store.counters.series], [0, 0])
    })

    it('estimates the memory of a series as it grows and its windows go', () => {
      const lines = ['a:1|c', 'a:2|g', 'a:x|s', 'a:3:4|d']
      for (let i = 0; i < MAX_WINDOWS; i++) {
        take(...lines)
        nowS += 10
      }
      const { bytes } = store.counters
      for (let i = 0; i < MAX_WINDOWS; i++) {
        take(...lines)
        nowS += 10
      }
      assert.equal(store.counters.bytes, bytes)
    })

    it('takes a name and tags up to a length', () => {
      const overhead = 'dogstatsd\ncount\n\n\n'.length
      take(`${'n'.repeat(MAX_NAME_LENGTH - overhead)}:1|c`)
      assert.equal(store.counters.rejectedLines, 0)
      take(`${'n'.repeat(MAX_NAME_LENGTH - overhead + 1)}:1|c`)
      assert.equal(store.counters.rejectedLines, 1)
      assert.match(store.rejected.latest(1)[0]?.reason ?? '', /65536 characters/)
      assert.equal(store.rejected.latest(1)[0]?.line.length, 200)
    })

    it('keeps the last rejected lines', () => {
      for (let i = 0; i <= MAX_REJECTED; i++) take(`bad${i}`)
      const kept = store.rejected.latest(1000)
      assert.deepEqual([kept.length, kept[0]?.line, kept.at(-1)?.line], [MAX_REJECTED, `bad${MAX_REJECTED}`, 'bad1'])
    })
  })
})
