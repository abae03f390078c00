// Whose wait for a connection gets a span, and whose only a tag: on a pool that calls back at once, later, from another context, and
// that asks itself again.

import { strict as assert } from 'node:assert'
import { Patcher } from '../../src/plugin/patcher'
import { PoolWait } from '../../src/plugin/pool-wait'
import type { Span } from '../../src/trace/span'
import { MadeTracer, tagsOf } from '../trace/made-tracer'
import { FAILURE } from './library'

type Callback = (error: unknown, connection?: string) => void

class Pool {
  readonly waiting: Callback[] = []
  readonly asked: (number | undefined)[] = []
  broken = false

  constructor(private readonly take: () => number | undefined) {}

  acquire(done: Callback): void {
    if (this.broken) done(FAILURE)
    else this.waiting.push(done)
  }

  query(done: Callback): void {
    this.acquire((error) => {
      if (!error) this.asked.push(this.take())
      done(error, 'rows')
    })
  }

  /** As when a connection turns out to be dead: whoever was to have it asks again. */
  retry(): void {
    this.acquire(this.waiting.shift()!)
  }

  serve(): void {
    this.waiting.shift()!(null, 'connection')
  }
}

describe('PoolWait', () => {
  let tracer: MadeTracer
  let patcher: Patcher
  let pool: Pool
  let caller: Span

  beforeEach(() => {
    tracer = new MadeTracer()
    patcher = new Patcher('driver', {}, tracer)
    const wait = PoolWait.of(patcher)
    assert.equal(PoolWait.of(patcher), wait)
    wait.acquire(Pool.prototype, 'acquire', { name: 'acquire', kind: 'client' }, () => ({ tags: { database: 'test' } }))
    wait.uses(Pool.prototype, 'query')
    pool = new Pool(() => wait.take())
    caller = tracer.startSpan('caller')
  })
  afterEach(() => patcher.undo())

  const spans = () => {
    caller.finish()
    return tracer.spans.filter(({ name }) => name === 'acquire')
  }
  const asCaller = <T>(fn: () => T): T => tracer.scope().activate(caller, fn) as T

  it("gives the program's own wait a span, and calls back where it was asked", () => {
    let active: unknown
    asCaller(() =>
      pool.acquire((error, connection) => {
        assert.deepEqual([error, connection], [null, 'connection'])
        active = tracer.activeSpan
      }),
    )
    pool.retry()
    pool.serve()
    assert.equal(active, caller)
    const [span, ...others] = spans()
    assert.deepEqual(others, [])
    const { database, 'driver.pool.wait_time': waited } = tagsOf(span!)
    assert.equal(database, 'test')
    assert.ok(Number(waited) >= 0)
  })

  it('gives the wait of a query none, and tells the query how long it was, once', () => {
    let active: unknown
    asCaller(() =>
      pool.query(() => {
        active = tracer.activeSpan
        pool.asked.push(PoolWait.of(patcher).take())
      }),
    )
    pool.retry()
    pool.serve()
    assert.equal(active, caller)
    assert.deepEqual(spans(), [])
    const [waited, again] = pool.asked
    assert.ok(waited !== undefined && waited >= 0)
    assert.equal(again, undefined)
  })

  it('knows that what a callback asks for is asked by the program, also when it is called back at once', () => {
    pool.broken = true
    pool.query(() => pool.acquire(() => {}))
    assert.deepEqual(
      spans().map(({ error }) => error),
      [1],
    )
  })

  it('does not confuse a query that failed to get a connection with the next one', () => {
    pool.query(() => pool.asked.push(PoolWait.of(patcher).take()))
    pool.waiting.shift()!(FAILURE)
    assert.deepEqual(pool.asked, [undefined])
  })

  it("gives the program's own wait for a promise a span, under the tag that the plugin names", async () => {
    const other = new Patcher('other', {}, tracer)
    const prototype = {
      connect: (broken: boolean) => (broken ? Promise.reject(FAILURE) : Promise.resolve('connection')),
    }
    const connections: unknown[] = []
    const finish = (_span: Span, connection: unknown) => void connections.push(connection)
    const acquiring = { name: 'acquire', kind: 'client', waitTag: 'waited', finish } as const
    PoolWait.of(other).acquire(prototype, 'connect', acquiring, () => ({}))
    assert.equal(await prototype.connect(false), 'connection')
    await assert.rejects(prototype.connect(true), FAILURE)
    assert.deepEqual(connections, ['connection', undefined])
    const [good, bad, ...others] = spans()
    assert.deepEqual([good?.error, bad?.error, others], [0, 1, []])
    assert.ok(Number(tagsOf(good!)['waited']) >= 0)
    other.undo()
  })

  it('passes on what has no callback', () => {
    assert.doesNotThrow(() => Reflect.apply(pool.acquire, pool, []))
    assert.deepEqual(pool.waiting, [undefined])
  })
})
