// The generic-pool plugin: whoever asks a busy pool is served in his own context, and cannot tell that anybody sees to it.

import { strict as assert } from 'node:assert'
import { tracer } from '../../src'
import { childrenOf, find } from '../support/agent'
import { type CallStyle, describeCallStyles } from '../support/call-styles'
import { describeLibrary, type Library } from '../support/library'
import { Tracing } from '../support/tracing'

type Callback = (this: unknown, error: unknown, thing?: Thing) => unknown

interface Thing {
  readonly n: number
}

interface Pool {
  acquire(...args: unknown[]): unknown
  use(use: (thing: Thing) => unknown): Promise<unknown>
  borrow(...args: unknown[]): unknown
  pooled(decorated: (thing: Thing, ...args: unknown[]) => void): (...args: unknown[]) => unknown
  release(thing: Thing): unknown
  drain(done?: () => void): unknown
}

interface GenericPool {
  readonly Pool: { new (factory: object): Pool; prototype: Pool }
  createPool(factory: object, options: object): Pool
}

/** A pool with room for one thing, which takes a turn to be made; `broken`: it cannot be made. */
function open(library: Library, { broken = false } = {}): Pool {
  let made = 0
  const make = () => {
    if (broken) throw new Error('out of things')
    return { n: ++made }
  }
  if (library.major > 2) {
    const { createPool } = library.load<GenericPool>()
    const create = async () => make()
    return createPool({ create, destroy: async () => {} }, { max: 1, priorityRange: 2, acquireTimeoutMillis: 2000 })
  }
  const { Pool } = library.load<GenericPool>()
  return new Pool({
    name: 'things',
    max: 1,
    priorityRange: 2,
    log: false,
    destroy: () => {},
    create: (done: Callback) => setImmediate(() => (broken ? done(new Error('out of things')) : done(null, make()))),
  })
}

interface Row extends CallStyle<Pool> {
  readonly broken?: boolean
}

const callbackRows: readonly Row[] = [
  { name: 'a callback', run: (pool, probe) => pool.acquire(probe.callback()) },
  { name: 'a callback and a priority', run: (pool, probe) => pool.acquire(probe.callback(), 1) },
  {
    name: 'a second callback that has to wait',
    run(pool, probe) {
      pool.acquire(probe.callback('first', ((_error: unknown, thing: Thing) => pool.release(thing)) as never))
      return pool.acquire(probe.callback('second'))
    },
  },
  { name: 'an error to a callback', broken: true, run: (pool, probe) => pool.acquire(probe.callback()) },
  { name: 'borrow', run: (pool, probe) => pool.borrow(probe.callback()) },
  {
    name: 'a function that is given a thing',
    run(pool, probe) {
      const decorated = pool.pooled((thing, word, done) => (done as Callback)(null, { n: thing.n + Number(word) }))
      return decorated(41, probe.callback())
    },
  },
  {
    name: 'a callback that throws',
    run(pool, probe) {
      pool.acquire(() => {
        throw new Error('from the callback')
      })
      return probe.unhandled()
    },
  },
  {
    name: 'a pool that is closed',
    run(pool, probe) {
      pool.drain()
      return pool.acquire(probe.optional('callback'))
    },
  },
  { name: 'no callback', run: (pool) => pool.acquire() },
]

const promiseRows: readonly Row[] = [
  { name: 'a promise', run: (pool) => pool.acquire() },
  { name: 'a promise and a priority', run: (pool) => pool.acquire(1) },
  {
    name: 'a second promise that has to wait',
    run(pool) {
      void (pool.acquire() as Promise<Thing>).then((thing) => pool.release(thing))
      return pool.acquire()
    },
  },
  { name: 'use', run: (pool) => pool.use((thing) => `used ${thing.n}`) },
  {
    name: 'a pool that is closed',
    run(pool) {
      void pool.drain()
      return pool.acquire()
    },
  },
]

describeLibrary(
  'generic-pool',
  { name: 'generic-pool', majors: { 2: ['2.4.0', '2.5.4'], 3: ['3.0.0', '3.9.0'] } },
  (library) => {
    const hasCallbacks = library.major === 2
    let tracing: Tracing

    // The rows differ in what they are opened with, which a call style does not know.
    for (const broken of [false, true]) {
      const rows = (hasCallbacks ? callbackRows : promiseRows).filter((row) => (row.broken ?? false) === broken)
      if (rows.length === 0) continue
      describeCallStyles<Pool, Row>(broken ? 'asked in vain by' : 'asked by', rows, {
        without: { open: () => open(library, { broken }) },
        with: {
          before: async () => {
            tracing = await Tracing.start({ 'generic-pool': true })
          },
          open: () => open(library, { broken }),
          check: async () => assert.deepEqual(await tracing.spans(), []),
          after: () => tracing.stop(),
        },
      })
    }

    describe('in a program', () => {
      beforeEach(async () => {
        tracing = await Tracing.start({ 'generic-pool': true })
      })
      afterEach(() => tracing.stop())

      const acquire = (pool: Pool): Promise<Thing> =>
        hasCallbacks
          ? new Promise((resolve, reject) => {
              const span = tracer.activeSpan
              pool.acquire((error: unknown, thing: Thing) => {
                assert.equal(tracer.activeSpan, span)
                tracer.trace('in the callback', () => {})
                return error ? reject(error) : resolve(thing)
              })
            })
          : (pool.acquire() as Promise<Thing>).then((thing) => {
              tracer.trace('in the callback', () => {})
              return thing
            })

      it('serves each of 20 requests to one thing in its own context', async () => {
        const pool = open(library)
        const one = (n: number) =>
          tracer.trace('request', { resource: `r${n}` }, async () => {
            const thing = await acquire(pool)
            await tracer.trace('work', () => new Promise((resolve) => setImmediate(resolve)))
            pool.release(thing)
          })
        await Promise.all(Array.from({ length: 20 }, (_, n) => one(n)))
        const spans = await tracing.spans()
        for (let n = 0; n < 20; n++) {
          const request = find(spans, { name: 'request', resource: `r${n}` })
          assert.deepEqual(
            childrenOf(request, spans).map(({ name }) => name),
            ['in the callback', 'work'],
          )
        }
        assert.equal(spans.length, 60)
      })
    })

    it('leaves the library as it was, before and after', async () => {
      const { Pool } = library.load<GenericPool>()
      const original = Object.getOwnPropertyDescriptor(Pool.prototype, 'acquire')
      tracing = await Tracing.start({ 'generic-pool': false })
      assert.deepEqual(Object.getOwnPropertyDescriptor(Pool.prototype, 'acquire'), original)
      await tracing.stop()
      tracing = await Tracing.start({ 'generic-pool': true })
      const { acquire } = Pool.prototype
      assert.equal(acquire === original?.value, !hasCallbacks)
      assert.equal(acquire.name, original?.value.name)
      assert.equal(acquire.length, original?.value.length)
      await tracing.stop()
      assert.deepEqual(Object.getOwnPropertyDescriptor(Pool.prototype, 'acquire'), original)
    })
  },
)
