// When the spans of a trace leave: with the last one, when enough have gathered, or when they have waited long enough for one
// that may never finish. The clock is given to `sweep`; what can be collected is asked of a process with a visible collector.

import { strict as assert } from 'node:assert'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { MAX_WAITING_TRACES } from '../../src/trace/recorder'
import type { Span } from '../../src/trace/span'
import { runNode } from '../support/spawn'
import { MadeTracer } from './made-tracer'

let tracer: MadeTracer

function open(name: string, childOf: Span | null = null): Span {
  return tracer.startSpan(name, { childOf })
}

describe('the recorder', () => {
  beforeEach(() => {
    tracer = new MadeTracer({ partialFlushMinSpans: 3, traceMaxAgeMs: 60_000 })
  })
  afterEach(() => tracer.recorder.releaseAll())

  it('sends a trace when its last open span finishes, in the order in which they finished', () => {
    const root = open('root')
    const [a, b] = [open('a', root), open('b', root)]
    b.finish()
    root.finish()
    assert.deepEqual(tracer.names, [])
    a.finish()
    assert.deepEqual(tracer.names, [['b', 'root', 'a']])
    assert.equal(tracer.chunks[0]!.trace, root.trace)
  })

  it('keeps traces apart', () => {
    const [one, two] = [open('one'), open('two')]
    open('child of two', two).finish()
    one.finish()
    assert.deepEqual(tracer.names, [['one']])
    two.finish()
    assert.deepEqual(tracer.names, [['one'], ['child of two', 'two']])
  })

  it('sends a trace in part at the limit, not one span before', () => {
    const root = open('root')
    for (const name of ['1', '2']) open(name, root).finish()
    assert.deepEqual(tracer.names, [])
    open('3', root).finish()
    assert.deepEqual(tracer.names, [['1', '2', '3']])
    open('4', root).finish()
    root.finish()
    assert.deepEqual(tracer.names, [
      ['1', '2', '3'],
      ['4', 'root'],
    ])
  })

  it('sends every span at once where the limit is one', () => {
    tracer = new MadeTracer({ partialFlushMinSpans: 1 })
    const root = open('root')
    open('child', root).finish()
    root.finish()
    assert.deepEqual(tracer.names, [['child'], ['root']])
  })

  it('sends a span that begins and ends after its trace was sent', () => {
    const root = open('root')
    root.finish()
    open('late', root).finish()
    assert.deepEqual(tracer.names, [['root'], ['late']])
  })

  it('decides on the sampling before the first part, and never again', () => {
    let asked = 0
    tracer.sampler = { sample: () => ++asked === 1 }
    const root = open('root')
    for (const name of ['1', '2', '3']) open(name, root).finish()
    assert.deepEqual([asked, root.trace.priority], [1, 2])
    root.finish()
    assert.deepEqual([asked, root.trace.priority], [1, 2])
  })

  describe('with a span that never finishes', () => {
    it('releases the siblings at the maximum age, not a moment before', () => {
      const root = open('root')
      open('done', root).finish()
      const sinceMs = root.trace.waitingSinceMs
      tracer.recorder.sweep(sinceMs + 59_999.9)
      assert.deepEqual(tracer.names, [])
      tracer.recorder.sweep(sinceMs + 60_000)
      assert.deepEqual(tracer.names, [['done']])
      root.finish()
      assert.deepEqual(tracer.names, [['done'], ['root']])
    })

    it('counts the age from the first span that waits, and anew after each part', () => {
      const root = open('root')
      open('first', root).finish()
      const firstMs = root.trace.waitingSinceMs
      open('second', root).finish()
      assert.equal(root.trace.waitingSinceMs, firstMs)
      tracer.recorder.sweep(firstMs + 60_000)
      assert.deepEqual(tracer.names, [['first', 'second']])
      open('third', root).finish()
      assert.ok(root.trace.waitingSinceMs >= firstMs)
      tracer.recorder.sweep(root.trace.waitingSinceMs + 59_999)
      assert.equal(tracer.chunks.length, 1)
      tracer.recorder.sweep(root.trace.waitingSinceMs + 60_000)
      assert.deepEqual(tracer.names[1], ['third'])
    })

    it('releases only those that are old enough', () => {
      const [old, young] = [open('old'), open('young')]
      open('a', old).finish()
      open('b', young).finish()
      old.trace.waitingSinceMs = 1000
      young.trace.waitingSinceMs = 1001
      tracer.recorder.sweep(61_000)
      assert.deepEqual(tracer.names, [['a']])
      tracer.recorder.sweep(61_001)
      assert.deepEqual(tracer.names, [['a'], ['b']])
    })

    it('forgets a trace that was sent in another way', () => {
      const [whole, part] = [open('whole'), open('part')]
      open('a', whole).finish()
      for (const name of ['1', '2', '3']) open(name, part).finish()
      whole.finish()
      tracer.recorder.sweep(Number.MAX_VALUE)
      assert.deepEqual(tracer.names, [
        ['1', '2', '3'],
        ['a', 'whole'],
      ])
    })

    it('sweeps by itself, on a timer that holds up no exit and no other test', (done) => {
      tracer = new MadeTracer({ traceMaxAgeMs: 1 })
      const root = open('root')
      open('done', root).finish()
      const look = () => (tracer.chunks.length === 0 ? setImmediate(look) : done())
      look()
    })

    it('sets its timer again for those that are not old enough yet', async () => {
      tracer = new MadeTracer({ traceMaxAgeMs: 5 })
      const [old, young] = [open('old'), open('young')]
      open('a', old).finish()
      open('b', young).finish()
      young.trace.waitingSinceMs += 5
      while (tracer.chunks.length < 2) await turn()
      assert.deepEqual(tracer.names, [['a'], ['b']])
    })

    it(`lets the oldest of more than ${MAX_WAITING_TRACES} waiting traces go`, () => {
      const roots: Span[] = []
      for (let i = 0; i < MAX_WAITING_TRACES; i++) {
        const root = open('root')
        open(String(i), root).finish()
        roots.push(root)
      }
      assert.equal(tracer.chunks.length, 0)
      for (const name of ['one more', 'and another']) open(name, open('root')).finish()
      assert.deepEqual(tracer.names, [['0'], ['1']])
    })
  })

  it('releases everything finished when asked, whatever is open, and goes on', () => {
    const [one, two] = [open('one'), open('two')]
    open('a', one).finish()
    open('b', two).finish()
    tracer.recorder.releaseAll()
    tracer.recorder.releaseAll()
    assert.deepEqual(tracer.names, [['a'], ['b']])
    one.finish()
    two.finish()
    assert.deepEqual(tracer.names, [['a'], ['b'], ['one'], ['two']])
  })

  it('keeps neither a span that was forgotten nor the request that ran into it', async () => {
    const made = JSON.stringify(join(__dirname, 'made-tracer.js'))
    const { stdout, stderr, code } = await runNode({
      execArgv: ['--expose-gc'],
      code: `
        const { AsyncLocalStorage } = require('node:async_hooks')
        const { setImmediate: turn } = require('node:timers/promises')
        const { MadeTracer } = require(${made})
        const tracer = new MadeTracer({ traceMaxAgeMs: 5 })
        const requests = new AsyncLocalStorage()
        function leak() {
          const request = { body: 'large' }
          const root = tracer.startSpan('forgotten', { childOf: null })
          requests.run(request, () => tracer.scope().activate(root, () => tracer.startSpan('done').finish()))
          return [new WeakRef(root), new WeakRef(request)]
        }
        async function main() {
          const refs = leak()
          // Because of this one the sweep that releases the first sets its timer again.
          const open = tracer.startSpan('open')
          tracer.startSpan('waits', { childOf: open }).finish()
          open.trace.waitingSinceMs += 3_600_000
          while (tracer.chunks.length === 0) await turn()
          const sent = tracer.names
          tracer.chunks.length = 0
          const alive = () => refs.map((ref) => ref.deref() !== undefined)
          for (let i = 0; i < 20 && alive().some(Boolean); i++) {
            await turn()
            gc()
          }
          console.log(JSON.stringify({ sent, alive: alive() }))
        }
        main()`,
    })
    assert.deepEqual([stderr, code], ['', 0])
    assert.deepEqual(JSON.parse(stdout), { sent: [['done']], alive: [false, false] })
  })
})
