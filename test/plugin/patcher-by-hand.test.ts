// What a plugin wraps by hand: `patcher.wrap`, `run`, `guarded` and `follow`, and that a fault in it stays its own.

import { strict as assert } from 'node:assert'
import { Patcher } from '../../src/plugin/patcher'
import { collectLog } from '../support/log-lines'
import { MadeTracer } from '../trace/made-tracer'
import { FAILURE, failureOf, operation } from './library'

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
