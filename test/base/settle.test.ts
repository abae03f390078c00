// Seeing a value settle must leave no trace on it: the same outcome, the same number of unhandled rejections, the same object
// where it is not a plain promise, and work that is begun by `then` begun exactly once.

import { strict as assert } from 'node:assert'
import { isThenable, whenInnerSettled, whenSettled } from '../../src/base/settle'
import { observe } from '../support/observe'

const boom = new Error('boom')

class Special<T> extends Promise<T> {}

class Deferred implements PromiseLike<unknown> {
  starts = 0
  readonly #outcome: () => Promise<unknown>
  constructor(outcome: () => Promise<unknown>) {
    this.#outcome = outcome
  }
  limit(): this {
    return this
  }
  // biome-ignore lint/suspicious/noThenProperty: thenables are what this is about
  then<A = unknown, B = never>(
    resolved?: ((value: unknown) => A | PromiseLike<A>) | null,
    rejected?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.starts++
    return this.#outcome().then(resolved, rejected)
  }
  catch<B>(rejected: (error: unknown) => B): Promise<unknown> {
    return this.then(undefined, rejected)
  }
}

type Told = [error: unknown, value: unknown, failed: boolean]

function watch<T extends PromiseLike<unknown>>(thenable: T): { told: Told[]; result: T } {
  const told: Told[] = []
  return { told, result: whenSettled(thenable, (...outcome) => told.push(outcome)) as T }
}

describe('whenSettled', () => {
  const makers: [title: string, make: (outcome: () => Promise<unknown>) => PromiseLike<unknown>][] = [
    ['a promise', (outcome) => outcome()],
    ['a promise of a subclass', (outcome) => Special.resolve(outcome())],
    // As other instrumentation leaves it behind; `await` goes round that `then`.
    [
      'a promise with a then of its own',
      (outcome) => Object.defineProperty(outcome(), 'then', { value: Promise.prototype.then }),
    ],
    ['a thenable', (outcome) => new Deferred(outcome)],
  ]
  const outcomes: [title: string, outcome: () => Promise<unknown>, told: Told][] = [
    ['a value', () => Promise.resolve('value'), [undefined, 'value', false]],
    ['undefined', () => Promise.resolve(undefined), [undefined, undefined, false]],
    ['an error', () => Promise.reject(boom), [boom, undefined, true]],
    ['a rejection with undefined', () => Promise.reject(undefined), [undefined, undefined, true]],
  ]
  const uses: [title: string, use: (result: PromiseLike<unknown>) => unknown][] = [
    ['awaited', (result) => (async () => await result)()],
    ['returned', (result) => result],
    ['followed by then', (result) => result.then((value) => [value])],
    [
      'followed by both',
      (result) =>
        result.then(
          (value) => [value],
          (error: unknown) => [error],
        ),
    ],
    ['caught', (result) => (result as Promise<unknown>).catch((error: unknown) => [error])],
    ['followed and dropped', (result) => void result.then((value) => [value])],
  ]
  for (const [what, make] of makers) {
    for (const [outcomeTitle, outcome, told] of outcomes) {
      for (const [useTitle, use] of uses) {
        it(`sees ${what} become ${outcomeTitle}, ${useTitle}, and its owner cannot tell`, async () => {
          const plain = await observe(() => use(make(outcome)))
          const seen: Told[] = []
          const watched = await observe(() => use(whenSettled(make(outcome), (...args) => seen.push(args))))
          assert.deepEqual(watched, plain)
          assert.deepEqual(seen, [told])
        })
      }
    }
  }

  it('chains a native promise: dropped, its rejection is reported once', async () => {
    const plain = await observe(() => void Promise.reject(boom))
    const watched = await observe(() => void watch(Promise.reject(boom)))
    assert.deepEqual(watched, plain)
    assert.equal(watched.unhandledRejections.length, 1)
  })

  it('gives back the very object unless it is a native promise', async () => {
    const special = Special.resolve(1)
    assert.equal(watch(special).result, special)
    const deferred = new Deferred(async () => 1)
    const { result, told } = watch(deferred)
    assert.equal(result, deferred)
    assert.equal(result.limit(), deferred)
    assert.deepEqual([deferred.starts, told], [0, []])
    assert.equal(watch(Promise.resolve(1)).result instanceof Promise, true)
  })

  it('tells the outcome once, however often the thenable is asked', async () => {
    const deferred = new Deferred(async () => 'rows')
    const { result, told } = watch(deferred)
    assert.deepEqual([await result, await result], ['rows', 'rows'])
    assert.deepEqual([deferred.starts, told.length], [2, 1])
  })

  it('leaves no mark that a program would find by looking', () => {
    assert.deepEqual(Object.keys(watch(new Deferred(async () => 1)).result), ['starts'])
  })

  it('keeps what a library has put on its promise', async () => {
    const { result } = watch(Object.assign(Promise.resolve('out'), { child: { pid: 5 } }))
    assert.deepEqual([result.child, await result], [{ pid: 5 }, 'out'])
  })

  it('hands the callbacks of the program their own arguments only', async () => {
    const { result } = watch(new Deferred(async () => 'rows'))
    const args: unknown[][] = []
    await result.then((...given: unknown[]) => args.push(given), null)
    assert.deepEqual(args, [['rows']])
  })

  it('counts a frozen thenable as done and leaves it alone', async () => {
    const frozen = Object.freeze(new Deferred(async () => 'rows'))
    const { result, told } = watch(frozen)
    assert.equal(result, frozen)
    assert.deepEqual(told, [[undefined, undefined, false]])
  })
})

describe('whenInnerSettled', () => {
  /** What search clients return: an object whose methods are those of a promise that nobody else has. */
  function eager(outcome: () => Promise<unknown>) {
    const promise = outcome()
    return {
      // biome-ignore lint/suspicious/noThenProperty: thenables are what this is about
      then: ((...args: []) => promise.then(...args)) as Promise<unknown>['then'],
      catch: ((...args: []) => promise.catch(...args)) as Promise<unknown>['catch'],
      finally: (done: () => void) => promise.finally(done),
      abort: () => 'aborted',
    }
  }
  type Eager = ReturnType<typeof eager>
  const uses: [title: string, use: (result: Eager) => unknown][] = [
    ['awaited', (result) => (async () => await result)()],
    ['only caught', (result) => result.catch((error: unknown) => ['caught', error])],
    ['only finally done', (result) => result.finally(() => {})],
    ['asked twice', (result) => Promise.all([result, result])],
    ['dropped', () => undefined],
  ]
  const outcomes: [title: string, outcome: () => Promise<unknown>, told: Told][] = [
    ['a value', async () => 'value', [undefined, 'value', false]],
    ['an error', () => Promise.reject(boom), [boom, undefined, true]],
  ]
  for (const [useTitle, use] of uses) {
    for (const [outcomeTitle, outcome, expected] of outcomes) {
      it(`sees it become ${outcomeTitle}, ${useTitle}, and its owner cannot tell`, async () => {
        const told: Told[] = []
        const reference = await observe(() => use(eager(outcome)))
        const observation = await observe(() => {
          const thenable = eager(outcome)
          const result = whenInnerSettled(thenable, (...one) => told.push(one)) as Eager
          assert.equal(result, thenable)
          return use(result)
        })
        assert.deepEqual(observation, reference)
        assert.deepEqual(told, [expected])
      })
    }
  }

  it('leaves its looks as they were', () => {
    const looks = (one: object) =>
      Object.entries(Object.getOwnPropertyDescriptors(one)).map(([key, { value, ...attributes }]) => [
        ...[key, attributes, value.name, value.length],
      ])
    const thenable = eager(async () => 1)
    const before = looks(thenable)
    whenInnerSettled(thenable, () => {})
    assert.deepEqual(looks(thenable), before)
    assert.equal(thenable.abort(), 'aborted')
  })

  it('does as whenSettled with what has its methods from elsewhere', async () => {
    const told: Told[] = []
    const deferred = new Deferred(async () => 1)
    const result = whenInnerSettled(deferred, (...one) => told.push(one))
    assert.equal(deferred.starts, 0)
    assert.equal(await result, 1)
    assert.equal(await whenInnerSettled(Promise.resolve(2), (...one) => told.push(one)), 2)
    assert.deepEqual(
      told.map(([, value]) => value),
      [1, 2],
    )
  })
})

describe('isThenable', () => {
  // biome-ignore lint/suspicious/noThenProperty: thenables are what this is about
  const object = { then: () => {} }
  const table: [title: string, value: unknown, expected: boolean][] = [
    ['a promise', Promise.resolve(), true],
    ['an object with then', object, true],
    ['a function with then', Object.assign(() => {}, object), true],
    // biome-ignore lint/suspicious/noThenProperty: thenables are what this is about
    ['an object whose then is no function', { then: 1 }, false],
    ['an object', {}, false],
    ['a function', () => {}, false],
    ['null', null, false],
    ['undefined', undefined, false],
    ['text', 'then', false],
    [
      'an object whose then throws',
      Object.defineProperty({}, 'then', {
        get: () => {
          throw boom
        },
      }),
      false,
    ],
  ]
  for (const [title, value, expected] of table) {
    it(`says ${expected} for ${title}`, () => assert.equal(isThenable(value), expected))
  }
})
