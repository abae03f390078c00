// The store's promises: parts of a trace find each other, memory has an end, and what was changed since is known.

import assert from 'node:assert/strict'
import { TraceStore } from '../../src/local-agent/trace-store'
import { received } from './received'

const HIGH = '68f1a2b300000000'

describe('trace store', () => {
  const span = (traceId: number, spanId = 1, meta: Record<string, string> = {}) =>
    received({ traceId: String(traceId), spanId: String(spanId), meta })
  const ids = (store: TraceStore) => store.latest(100).map(({ id }) => Number.parseInt(id.slice(16), 16))

  describe('128-bit ids', () => {
    const find = (store: TraceStore, id: string) => store.find(id)?.spans.size

    it('are taken from the first span of a chunk, and found in every form', () => {
      const store = new TraceStore()
      store.add([[span(255, 1, { '_dd.p.tid': HIGH }), span(255, 2)], [span(255, 3, { '_dd.p.tid': HIGH })]])
      assert.equal(find(store, `${HIGH}00000000000000ff`), 3)
      assert.equal(find(store, `${HIGH}00000000000000FF`.toUpperCase()), 3)
      assert.equal(find(store, '255'), 3)
      assert.equal(find(store, '0'.repeat(30).concat('ff')), 3)
      assert.equal(find(store, '1'.repeat(16).concat('00000000000000ff')), undefined)
      assert.equal(find(store, 'ff'), undefined)
    })

    it('keep traces apart whose low halves are the same', () => {
      const store = new TraceStore()
      store.add([[span(1, 1, { '_dd.p.tid': HIGH })], [span(1, 1, { '_dd.p.tid': '1'.repeat(16) })]])
      assert.equal(store.traces, 2)
      assert.equal(find(store, `${HIGH}${'1'.padStart(16, '0')}`), 1)
    })

    it('may be unknown to a service: its part joins, whichever comes first', () => {
      for (const first of [HIGH, '']) {
        const store = new TraceStore()
        for (const high of [first, first === '' ? HIGH : '']) {
          store.add([[span(1, high === '' ? 2 : 1, high === '' ? {} : { '_dd.p.tid': high })]])
        }
        assert.equal(store.traces, 1)
        assert.equal(find(store, `${HIGH}${'1'.padStart(16, '0')}`), 2)
      }
    })

    it('are not made of tags that are none', () => {
      const store = new TraceStore()
      for (const tid of ['xyz', '', HIGH.slice(1), '0'.repeat(16)]) store.add([[span(1, 1, { '_dd.p.tid': tid })]])
      assert.deepEqual(
        store.latest(9).map(({ id }) => id),
        ['1'.padStart(32, '0')],
      )
    })
  })

  it('gives a chunk of several traces to each of them', () => {
    const store = new TraceStore()
    store.add([[span(1, 1, { '_dd.p.tid': HIGH }), span(2, 2)]])
    assert.deepEqual(
      store.latest(9).map(({ id }) => id.slice(0, 16)),
      ['0'.repeat(16), HIGH],
    )
  })

  it('keeps as many traces as it may and puts out the one untouched for longest', () => {
    const store = new TraceStore({ maxTraces: 3 })
    for (const traceId of [1, 2, 3]) store.add([[span(traceId)]])
    assert.equal(store.evictedTraces, 0)
    store.add([[span(1, 2)]])
    store.add([[span(4)]])
    assert.deepEqual(ids(store), [4, 1, 3])
    assert.deepEqual([store.evictedTraces, store.traces, store.spans], [1, 3, 4])
    assert.equal(store.find('2'), undefined)
  })

  it('keeps as many spans as it may', () => {
    const store = new TraceStore({ maxSpans: 4 })
    store.add([
      [span(1, 1), span(1, 2)],
      [span(2, 1), span(2, 2)],
    ])
    assert.deepEqual([store.spans, store.evictedTraces], [4, 0])
    store.add([[span(2, 2)]])
    assert.deepEqual([store.spans, store.evictedTraces], [4, 0])
    store.add([[span(2, 3)]])
    assert.deepEqual([store.spans, store.evictedTraces, store.droppedSpans], [3, 1, 0])
  })

  it('takes no more spans into a trace than the whole store may hold', () => {
    const store = new TraceStore({ maxSpans: 4 })
    store.add([Array.from({ length: 6 }, (_, index) => span(1, index + 1))])
    assert.deepEqual([store.spans, store.droppedSpans, store.evictedTraces], [4, 2, 0])
    store.add([[span(2)]])
    assert.deepEqual([ids(store), store.spans], [[2], 1])
  })

  it('counts the bytes of texts, and gives them back', () => {
    const store = new TraceStore({ maxBytes: 20_000 })
    const large = (traceId: number, length: number) => span(traceId, 1, { text: 'x'.repeat(length) })
    store.add([[large(1, 9000)]])
    const one = store.bytes
    assert.ok(one > 9000 && one < 10_000)
    store.add([[large(2, 9000)]])
    assert.deepEqual([store.traces, store.bytes], [2, 2 * one])
    store.add([[large(1, 8000)]])
    assert.deepEqual([store.traces, store.bytes], [2, 2 * one - 1000])
    store.add([[large(3, 9000)]])
    assert.deepEqual([ids(store), store.bytes], [[3, 1], 2 * one - 1000])
    store.add([[large(4, 30_000)]])
    assert.deepEqual([ids(store), store.droppedSpans], [[3, 1], 1])
  })

  it('tells its listeners of each changed trace once, in the order of its revisions', () => {
    const store = new TraceStore({ maxTraces: 2 })
    const told: [number, number][] = []
    store.subscribe(({ id, revision }) => told.push([Number(id.slice(16)), revision]))
    store.add([[span(1)], [span(2)], [span(1, 2)]])
    assert.deepEqual(told, [
      [2, 2],
      [1, 3],
    ])
    told.length = 0
  })

  it('tells them too of what the rest of its own payload puts out', () => {
    const store = new TraceStore({ maxTraces: 2 })
    const told: [number, number][] = []
    store.subscribe(({ id }, spans) => told.push([Number(id.slice(16)), spans.length]))
    const kept = store.add([[span(1), span(1, 2)], [span(2)], [span(3)], [span(4)], [span(1, 3)]])
    assert.deepEqual(told, [
      [1, 2],
      [2, 1],
      [3, 1],
      [4, 1],
      [1, 1],
    ])
    assert.deepEqual([kept.map(({ id }) => Number(id.slice(16))), ids(store), store.evictedTraces], [[4, 1], [1, 4], 3])
  })

  it('knows what was changed since a revision', () => {
    const store = new TraceStore()
    for (const traceId of [1, 2, 3, 1]) store.add([[span(traceId)]])
    const since = (revision: number) => store.changedSince(revision).map(({ id }) => Number(id.slice(16)))
    assert.deepEqual(since(0), [2, 3, 1])
    assert.deepEqual(since(2), [3, 1])
    assert.deepEqual(since(4), [])
  })
})
