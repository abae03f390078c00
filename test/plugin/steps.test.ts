// How the runtime sees the end of a call whose result is an iterator, and how it loads builtin modules that warn.

import { strict as assert } from 'node:assert'
import { Patcher } from '../../src/plugin/patcher'
import { MadeTracer } from '../trace/made-tracer'
import { operation } from './library'

const FAILURE = new RangeError('no third')

class Steps {
  #n = 0

  constructor(readonly fails: boolean) {}

  next(...given: unknown[]): IteratorResult<unknown> {
    if (this.fails && this.#n === 2) throw FAILURE
    return this.#n++ < 2 ? { done: false, value: [this, ...given] } : { done: true, value: undefined }
  }

  return(value?: unknown): IteratorResult<unknown> {
    return { done: true, value }
  }
}

describe('patcher.bindSteps', () => {
  let tracer: MadeTracer
  let patcher: Patcher
  const library = { iterate: (fails?: boolean) => new Steps(fails === true), each: () => [1, 2].values() }

  beforeEach(() => {
    tracer = new MadeTracer()
    patcher = new Patcher('library', {}, tracer)
    patcher.bindSteps(Steps.prototype)
    for (const method of ['iterate', 'each'] as const) {
      patcher.trace(library, method, { ...operation(method), start: () => ({ resource: method, iterates: true }) })
    }
  })
  afterEach(() => patcher.undo())

  it('ends a span with the step that is the last', () => {
    const steps = library.iterate()
    assert.deepEqual(steps.next('given').value, [steps, 'given'])
    steps.next()
    assert.equal(tracer.spans.length, 0)
    assert.deepEqual(steps.next(), { done: true, value: undefined })
    assert.equal(tracer.spans.length, 1)
    steps.next()
    assert.equal(tracer.spans.length, 1)
  })

  it('ends a span with an early return', () => {
    const steps = library.iterate()
    steps.next()
    assert.deepEqual(steps.return('enough'), { done: true, value: 'enough' })
    assert.equal(tracer.spans.length, 1)
    assert.equal(tracer.spans[0]?.error, 0)
  })

  it('ends a span with a step that throws', () => {
    const steps = library.iterate(true)
    steps.next()
    steps.next()
    assert.throws(
      () => steps.next(),
      (error) => error === FAILURE,
    )
    assert.equal(tracer.spans.length, 1)
    assert.equal(tracer.spans[0]?.error, 1)
  })

  it('ends the span of an iterator that nobody watches with the return', () => {
    library.each()
    assert.equal(tracer.spans.length, 1)
  })

  it('is invisible, and can be undone', () => {
    const { next } = Steps.prototype
    assert.equal(next.name, 'next')
    assert.equal(next.length, 0)
    patcher.undo()
    assert.notEqual(Steps.prototype.next, next)
    assert.equal([...Array.from({ [Symbol.iterator]: () => library.iterate() })].length, 2)
    assert.equal(tracer.spans.length, 0)
  })
})
