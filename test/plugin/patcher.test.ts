// The runtime under every plugin: where the context goes, which calls it lets pass, that a fault of a plugin stays the plugin's,
// and that everything can be undone.

import { strict as assert } from 'node:assert'
import { EventEmitter } from 'node:events'
import type { Operation, Until } from '../../src/plugin/contract'
import { Patcher } from '../../src/plugin/patcher'
import { MUTED_CONTEXT } from '../../src/trace/context'
import type { Span } from '../../src/trace/span'
import { collectLog } from '../support/log-lines'
import { MadeTracer } from '../trace/made-tracer'
import {
  copyOfLibrary,
  endings,
  FAILURE,
  failureOf,
  type Library,
  type Method,
  operation,
  operationOf,
  tracedLibrary,
} from './library'

describe('patcher.trace', () => {
  const said = collectLog()
  let tracer: MadeTracer
  beforeEach(() => {
    tracer = new MadeTracer()
  })

  it('passes `this`, the arguments and the result through untouched', () => {
    const target = {
      look(this: unknown, ...args: unknown[]) {
        return { self: this, args }
      },
    }
    new Patcher('library', {}, tracer).trace(target, 'look', operation('look'))
    const args = [1, undefined, { deep: true }, () => {}, undefined]
    const result = target.look(...args) as unknown as { self: unknown; args: unknown[] }
    assert.equal(result.self, target)
    assert.equal(result.args.length, 5)
    for (const [index, arg] of args.entries()) assert.equal(result.args[index], arg)
    const other = {}
    assert.equal(Reflect.apply(target.look, other, []).self, other)
    assert.equal(Reflect.apply(target.look, undefined, []).self, undefined)
  })

  describe('carries the context', () => {
    for (const activate of [true, false]) {
      it(`${activate ? 'into' : 'past'} the library when activate is ${activate}`, async () => {
        const seen: (Span | undefined)[] = []
        const target = {
          work(done: () => void) {
            seen.push(tracer.activeSpan)
            setImmediate(() => {
              seen.push(tracer.activeSpan)
              done()
            })
          },
        }
        const opened: Span[] = []
        new Patcher('library', {}, tracer).trace(target, 'work', {
          ...operation('work'),
          activate,
          start: () => ({ resource: 'work', callback: 'last' }),
          before: (span) => void opened.push(span),
        })
        const parent = tracer.startSpan('parent')
        const inCallback = await tracer
          .scope()
          .activate(parent, () => new Promise((resolve) => target.work(() => resolve(tracer.activeSpan))))
        assert.deepEqual(seen, activate ? [opened[0], opened[0]] : [parent, parent])
        assert.equal(inCallback, parent, "the callback runs in its caller's context")
        assert.equal(opened[0]!.parentId, parent.spanId)
      })
    }

    it('out of the library again, for whoever called', async () => {
      const { library } = tracedLibrary(tracer)
      const parent = tracer.startSpan('parent')
      await tracer.scope().activate(parent, async () => {
        const promise = library.promise(1)
        assert.equal(tracer.activeSpan, parent)
        await promise
        assert.equal(tracer.activeSpan, parent)
      })
      assert.equal(tracer.activeSpan, undefined)
    })

    it('of each caller to its own callback, also when one flushes the queue of all', () => {
      const waiting: (() => void)[] = []
      const target = {
        queue(done: () => void) {
          waiting.push(done)
          if (waiting.length === 3) for (const next of waiting.splice(0)) next()
        },
      }
      new Patcher('library', {}, tracer).trace(target, 'queue', {
        ...operation('queue'),
        start: () => ({ resource: 'queue', callback: 'last' }),
      })
      const seen: boolean[] = []
      for (const name of ['a', 'b', 'c']) {
        const span = tracer.startSpan(name)
        tracer.scope().activate(span, () => target.queue(() => seen.push(tracer.activeSpan === span)))
      }
      assert.deepEqual(seen, [true, true, true])
    })

    it('not where a parent is given', () => {
      const target = { work: () => tracer.activeSpan?.parentId }
      let parent: Span | null = null
      new Patcher('library', {}, tracer).trace(target, 'work', {
        ...operation('work'),
        start: () => ({ resource: 'work', parent }),
      })
      const active = tracer.startSpan('active')
      const other = tracer.startSpan('other')
      tracer.scope().activate(active, () => {
        assert.equal(target.work(), undefined)
        parent = other
        assert.equal(target.work(), other.spanId)
      })
    })
  })

  describe('lets a call pass', () => {
    type Pass = (call: () => Promise<unknown>, patcher: Patcher) => Promise<unknown>
    const passes: [name: string, pass: Pass, asked: number][] = [
      ['that the plugin does not want', (call) => call(), 2],
      ['of its own traffic', async (call) => tracer.scopeOrNothing!.run(MUTED_CONTEXT, call), 0],
      ['after the tracer was shut down', (call) => tracer.shutdown().then(call), 0],
      ['after the patch was undone', async (call, patcher) => [patcher.undo(), await call()][1], 0],
    ]
    for (const [name, pass, wanted] of passes) {
      it(`${name}, even through a reference that was kept`, async () => {
        let asked = 0
        const { library, patcher } = tracedLibrary(tracer, { start: () => void asked++ as undefined })
        const { returns } = library
        const call = async () => [returns.call(library, 21), await failureOf(() => returns.call(library, FAILURE))]
        assert.deepEqual(await pass(call, patcher), [42, FAILURE])
        assert.deepEqual([asked, tracer.spans.length], [wanted, 0])
      })
    }

    it('with its arguments as they were, when the plugin changed some and then let it pass or failed', () => {
      let fault = false
      const target = { work: (...args: unknown[]) => args }
      new Patcher('library', {}, tracer).trace(target, 'work', {
        ...operation('work'),
        start(_self, args) {
          args[0] = 'changed'
          args.push('more')
          if (fault) throw new Error('plugin')
          return undefined
        },
      })
      assert.deepEqual(target.work('first'), ['first'])
      fault = true
      assert.deepEqual(target.work('first'), ['first'])
    })

    it('with arguments that the plugin has replaced, when it traces it', () => {
      const target = { work: (...args: unknown[]) => args }
      new Patcher('library', {}, tracer).trace(target, 'work', {
        ...operation('work'),
        start(_self, args) {
          args[0] = 'changed'
          return { resource: 'r' }
        },
        before: (_span, args) => void args.push('more'),
      })
      assert.deepEqual(target.work('first'), ['changed', 'more'])
    })
  })

  describe('keeps to itself a fault in', () => {
    const fault = () => {
      throw new TypeError('of the plugin')
    }
    const until = (emitter: Until['emitter']): Until => ({ emitter, events: ['end'] })
    const broken = () => Object.assign(new EventEmitter(), { on: fault })
    const unruly = () => Object.assign(new EventEmitter(), { removeListener: fault })
    const faults: [step: string, more: Partial<Operation<Library, unknown[]>>, place: string][] = [
      ['start', { start: fault }, 'start'],
      ['before', { before: fault }, 'start'],
      ['finish', { finish: fault }, 'finish'],
      ['an emitter that takes no listener', { start: () => ({ resource: 'r', until: until(broken()) }) }, 'start'],
      ['an emitter that gives none back', { start: () => ({ resource: 'r', until: until(unruly()) }) }, 'finish'],
    ]
    for (const [step, more, place] of faults) {
      it(`${step}: the calls are as without dd, and it is said once`, async () => {
        const patcher = new Patcher('faulty', {}, tracer)
        const Copy = copyOfLibrary()
        for (const method of Object.keys(endings) as Method[]) {
          patcher.trace(Copy.prototype, method, operationOf(method, more))
        }
        const { library: other } = tracedLibrary(tracer)
        for (let round = 0; round < 2; round++) {
          const library = new Copy()
          assert.equal(library.returns(21), 42)
          assert.equal(await failureOf(() => library.returns(FAILURE)), FAILURE)
          assert.equal(await library.promise(21), 42)
          assert.equal(await failureOf(() => library.promise(FAILURE)), FAILURE)
          assert.equal(await library.lazy(21), 42)
          const called: unknown[] = await new Promise((resolve) =>
            library.callback(FAILURE, function (this: unknown, ...args) {
              resolve([this, ...args])
            }),
          )
          assert.deepEqual(called, [library, FAILURE])
          assert.equal(await new Promise((resolve) => library.emitter(21).on('end', resolve)), 42)
        }
        assert.equal(said.length, 1)
        assert.equal(
          said[0]!.replace(/\.js:\d+/, ''),
          `the faulty plugin failed in ${place} (TypeError at test/plugin/patcher.test); the call itself is not affected`,
        )
        tracer.chunks.length = 0
        assert.equal(other.returns(21), 42)
        assert.deepEqual(tracer.names, [['library.returns']], 'other plugins go on')
      })
    }

    it('an emitter returned that takes no listener: the program gets it, and it is said once', () => {
      const emitter = broken()
      const target = { open: () => emitter }
      new Patcher('faulty', {}, tracer).trace(target, 'open', {
        ...operation('open'),
        start: () => ({ resource: 'open', until: until('result') }),
      })
      assert.equal(target.open(), emitter)
      assert.equal(target.open(), emitter)
      assert.equal(said.length, 1)
      assert.match(said[0]!, /^the faulty plugin failed in follow /)
    })
  })
})

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

describe('patcher.wrap, run and guarded', () => {
  const said = collectLog()
  let tracer: MadeTracer
  let patcher: Patcher
  beforeEach(() => {
    tracer = new MadeTracer()
    patcher = new Patcher('hand-made', {}, tracer)
  })

  it('let a plugin wrap by hand, in the context of its choice', () => {
    const target = { work: (...args: unknown[]) => [tracer.activeSpan, ...args] }
    const span = tracer.startSpan('of the plugin')
    patcher.wrap(
      target,
      'work',
      (original) =>
        (...args) =>
          patcher.run(span, original, target, args),
    )
    assert.deepEqual(target.work(1), [span, 1])
    patcher.wrap(
      target,
      'work',
      (original) =>
        (...args) =>
          patcher.run(undefined, original, target, [...args, 2]),
    )
    assert.deepEqual(target.work(1), [span, 1, 2])
  })

  it('report a fault of a guarded step once, and go on', () => {
    const step = () => patcher.guarded('step', () => assert.fail('of the plugin'))
    assert.deepEqual([step(), step(), patcher.guarded('step', () => 1)], [undefined, undefined, 1])
    assert.equal(said.length, 1)
    assert.match(
      said[0]!,
      /^the hand-made plugin failed in step \(AssertionError ERR_ASSERTION at [^ ]+\); the call itself/,
    )
  })

  it('skip guarded steps after the patch was undone', () => {
    patcher.undo()
    assert.equal(
      patcher.guarded('step', () => 1),
      undefined,
    )
  })

  it('refuse a method that is not there', () => {
    const target = {} as { gone: () => void }
    const patches = [
      () => patcher.wrap(target, 'gone', (original) => original),
      () => patcher.bind(target, 'gone'),
      () => patcher.trace(target, 'gone', operation('gone')),
    ]
    for (const patch of patches) assert.throws(patch, { name: 'TypeError', message: 'there is no method gone' })
  })
})

describe('patcher.follow', () => {
  const said = collectLog()
  const calls: Record<string, [call: () => unknown, failed: boolean]> = {
    'what returns': [() => 42, false],
    'what throws': [
      () => {
        throw FAILURE
      },
      true,
    ],
    'a promise': [async () => 42, false],
    'a promise that is rejected': [
      async () => {
        throw FAILURE
      },
      true,
    ],
  }

  for (const [name, [call, failed]] of Object.entries(calls)) {
    it(`runs ${name} in the span, tells its end once, and changes nothing`, async () => {
      const tracer = new MadeTracer()
      const patcher = new Patcher('library', {}, tracer)
      const span = tracer.startSpan('shared')
      const ends: [error: unknown, failed: boolean][] = []
      const actives: unknown[] = []
      const run = () =>
        patcher.follow(
          span,
          () => {
            actives.push(tracer.activeSpan)
            return call()
          },
          undefined,
          [],
          (...end) => void ends.push(end),
        )
      if (failed) assert.equal(await failureOf(run), FAILURE)
      else assert.equal(await run(), 42)
      assert.deepEqual(actives, [span])
      assert.deepEqual(ends, [[failed ? FAILURE : undefined, failed]])
      assert.equal(span.isFinished, false)
      assert.deepEqual(said, [])
    })
  }

  it('keeps to itself a fault in the plugin', () => {
    const patcher = new Patcher('library', {}, new MadeTracer())
    const faulty = () => {
      throw new Error('a mistake')
    }
    assert.equal(
      patcher.follow(new MadeTracer().startSpan('shared'), () => 42, undefined, [], faulty),
      42,
    )
    assert.match(said.join(), /library.*end \(Error at test\/plugin\/patcher/)
  })
})

describe('patcher.undo', () => {
  const said = collectLog()
  let tracer: MadeTracer
  let patcher: Patcher
  beforeEach(() => {
    tracer = new MadeTracer()
    patcher = new Patcher('library', {}, tracer)
  })

  it('restores every property of every object, the last change first', () => {
    const order: string[] = []
    const target = { work: () => 1, connect: () => 2, emit: () => true, listenerCount: () => 0 }
    const before = Object.getOwnPropertyDescriptors(target)
    patcher.onUndo(() => order.push('first'))
    patcher.trace(target, 'work', operation('work'))
    patcher.trace(target, 'work', operation('work again'))
    patcher.bind(target, 'connect')
    patcher.bindEvents(target)
    patcher.wrap(target, 'work', (original) => () => original())
    patcher.onUndo(() => order.push('last'))
    patcher.undo()
    assert.deepEqual(Object.getOwnPropertyDescriptors(target), before)
    assert.deepEqual(order, ['last', 'first'])
    patcher.undo()
    assert.deepEqual(order, ['last', 'first'])
  })

  it('goes on when one thing cannot be restored any more, and says so', () => {
    const [frozen, other] = [{ work: () => 1 }, { work: () => 2 }]
    const { work } = other
    patcher.trace(other, 'work', operation('work'))
    patcher.trace(frozen, 'work', operation('work'))
    Object.freeze(frozen)
    patcher.undo()
    assert.equal(other.work, work)
    assert.equal(frozen.work(), 1)
    assert.deepEqual(tracer.spans, [])
    assert.match(said.join(), /^the library plugin failed in undo \(TypeError at [^ ]+\); [^\n]*$/)
  })

  it('leaves a wrapper that lets everything pass where somebody has wrapped it since', () => {
    const target = { work: () => 1 }
    patcher.trace(target, 'work', operation('work'))
    const { work } = target
    const theirs = () => work() + 1
    target.work = theirs
    assert.equal(target.work(), 2)
    assert.equal(tracer.spans.length, 1)
    patcher.undo()
    assert.equal(target.work, theirs)
    assert.equal(target.work(), 2)
    assert.equal(tracer.spans.length, 1)
  })

  it('treats two copies of a library each by itself', () => {
    const copies = [copyOfLibrary(), copyOfLibrary()]
    for (const Copy of copies) patcher.trace(Copy.prototype, 'returns', operationOf('returns'))
    for (const Copy of copies) assert.equal(new Copy().returns(21), 42)
    assert.equal(tracer.spans.length, 2)
    patcher.undo()
    for (const Copy of copies) assert.equal(Object.hasOwn(Copy.prototype, 'returns'), false)
  })
})
