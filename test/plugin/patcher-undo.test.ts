// `patcher.undo`: everything that a plugin has patched is as it was, also when somebody else has wrapped it since.

import { strict as assert } from 'node:assert'
import { Patcher } from '../../src/plugin/patcher'
import { collectLog } from '../support/log-lines'
import { MadeTracer } from '../trace/made-tracer'
import { copyOfLibrary, operation, operationOf } from './library'

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
