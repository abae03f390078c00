// `patcher.trace`, the way of most plugins: where the context goes, which calls it lets pass, and that a fault of a plugin stays the plugin's.

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
