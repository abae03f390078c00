// `patcher.bind`, `mute` and `bindEvents`: callbacks and listeners run in the context in which they should, and nothing else changes.

import { strict as assert } from 'node:assert'
import { EventEmitter } from 'node:events'
import { Patcher } from '../../src/plugin/patcher'
import { MadeTracer } from '../trace/made-tracer'
import { FAILURE, operation } from './library'

describe('patcher.bind', () => {
  let tracer: MadeTracer
  let patcher: Patcher
  beforeEach(() => {
    tracer = new MadeTracer()
    patcher = new Patcher('pool', {}, tracer)
  })

  /** A pool that is busy: it calls back from the context of whoever gives a connection up. */
  function makePool() {
    const waiting: (() => void)[] = []
    return {
      connect(...args: unknown[]): unknown {
        const done = args.findLast((arg) => typeof arg === 'function') as ((...results: unknown[]) => void) | undefined
        if (done === undefined) return args
        waiting.push(() => done.call('connection', 1, 2))
        return waiting.length
      },
      release: () => waiting.shift()?.(),
    }
  }

  it('runs the callback where the call was made, and opens no span', () => {
    const pool = makePool()
    patcher.bind(pool, 'connect')
    const seen: unknown[] = []
    const [caller, other] = [tracer.startSpan('caller'), tracer.startSpan('other')]
    tracer.scope().activate(caller, () => {
      const result = pool.connect(function (this: unknown, ...args: unknown[]) {
        seen.push(tracer.activeSpan, this, ...args)
      }, undefined)
      assert.equal(result, 1)
    })
    tracer.scope().activate(other, pool.release)
    assert.deepEqual(seen, [caller, 'connection', 1, 2])
    assert.deepEqual(tracer.spans, [])
  })

  it('passes on what has no callback', () => {
    const pool = makePool()
    patcher.bind(pool, 'connect')
    assert.deepEqual(pool.connect(), [])
    assert.deepEqual(pool.connect(undefined, 1), [undefined, 1])
  })

  for (const end of ['undo', 'shutdown'] as const) {
    it(`does nothing any more after ${end}, also through a reference that was kept`, async () => {
      const pool = makePool()
      patcher.bind(pool, 'connect')
      const { connect } = pool
      await (end === 'undo' ? patcher.undo() : tracer.shutdown())
      let called: unknown
      const callback = () => {
        called = tracer.activeSpan
      }
      const caller = tracer.startSpan('caller')
      const other = tracer.startSpan('other')
      tracer.scope().activate(caller, () => connect(callback))
      tracer.scope().activate(other, pool.release)
      assert.equal(called, end === 'undo' ? other : undefined)
    })
  }
})

describe('patcher.mute', () => {
  it('leaves no trace of the call and of what it leads to, and calls back where the call was made', async () => {
    const tracer = new MadeTracer()
    const patcher = new Patcher('driver', {}, tracer)
    const driver = {
      query: () => tracer.activeSpan,
      sniff(this: unknown, kind: string, done?: (...results: unknown[]) => void): unknown {
        assert.equal(this, driver)
        setImmediate(() => done?.call('driver', kind, driver.query()))
        return driver.query()
      },
    }
    patcher.trace(driver, 'query', operation('query'))
    patcher.mute(driver, 'sniff')
    const caller = tracer.startSpan('caller')
    const seen = await tracer.scope().activate(
      caller,
      () =>
        new Promise((resolve) => {
          const returned = driver.sniff('quick', function (this: unknown, ...results) {
            resolve([this, tracer.activeSpan, ...results, returned])
          })
        }),
    )
    assert.deepEqual(seen, ['driver', caller, 'quick', undefined, undefined])
    assert.deepEqual(tracer.spans, [])
    assert.equal(driver.sniff('without callback'), undefined)
    patcher.undo()
    const active = tracer.scope().activate(caller, () => driver.sniff('undone'))
    assert.equal(active, caller)
  })
})

describe('patcher.bindEvents', () => {
  let tracer: MadeTracer
  beforeEach(() => {
    tracer = new MadeTracer()
  })

  class Stream extends EventEmitter {}

  function open() {
    const patcher = new Patcher('stream', {}, tracer)
    class Bound extends Stream {}
    patcher.bindEvents(Bound.prototype)
    const target = { take: (_stream: Stream) => tracer.activeSpan }
    patcher.trace(target, 'take', {
      ...operation('take'),
      start: (_self, [stream]) => ({ resource: 'take', bind: [stream as Stream] }),
    })
    const stream = new Bound()
    return { patcher, stream, span: target.take(stream)! }
  }

  it('runs the listeners of an emitter that an operation has bound inside its span, whoever emits', () => {
    const { stream, span } = open()
    const seen: unknown[] = []
    stream.on('data', function (this: unknown, ...args: unknown[]) {
      seen.push(tracer.activeSpan, this, ...args)
    })
    const other = tracer.startSpan('other')
    const emitted = tracer.scope().activate(other, () => stream.emit('data', 1, 2))
    assert.equal(emitted, true)
    assert.deepEqual(seen, [span, stream, 1, 2])
    assert.equal(stream.emit('nobody listens'), false)
  })

  it('leaves other emitters, and an error that nobody listens for, alone', () => {
    const { stream } = open()
    const other = new (stream.constructor as typeof Stream)()
    let seen: unknown
    other.on('data', () => {
      seen = tracer.activeSpan
    })
    other.emit('data')
    assert.equal(seen, undefined)
    assert.throws(() => stream.emit('error', FAILURE), FAILURE)
  })

  it('ends with the patch', () => {
    const { stream, patcher } = open()
    let seen: unknown
    stream.on('data', () => {
      seen = tracer.activeSpan
    })
    patcher.undo()
    stream.emit('data')
    assert.equal(seen, undefined)
    assert.equal(Object.hasOwn(Object.getPrototypeOf(stream) as object, 'emit'), false)
  })
})
