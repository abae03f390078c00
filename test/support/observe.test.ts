// An observation has to tell apart everything a program could tell apart, and nothing else: each case here is a pair of
// calls that must compare equal or must not.

import { strict as assert } from 'node:assert'
import { EventEmitter } from 'node:events'
import { observe, type Probe } from './observe'

class DatabaseError extends Error {
  code = '42P01'
}
class Query extends EventEmitter {}

describe('observe', () => {
  it('records a value, its kind and a class', async () => {
    const observation = await observe(() => Promise.resolve([new Date(5), { a: 1n }]))
    assert.equal(observation.returned, 'Promise')
    assert.deepEqual(observation.value, ['[Date 5]', { a: 1n }])
    assert.equal((await observe(() => new Query())).returned, 'emitter Query')
    assert.equal((await observe(() => undefined)).returned, 'undefined')
  })

  it('records an error with class, message, code and own keys, thrown or rejected', async () => {
    const expected = { '[error]': 'DatabaseError', message: 'no table', code: '42P01' }
    const thrown = await observe(() => {
      throw new DatabaseError('no table')
    })
    assert.deepEqual(thrown.thrown, expected)
    assert.deepEqual((await observe(() => Promise.reject(new DatabaseError('no table')))).rejected, expected)
  })

  it('records callbacks: number, arguments, this, and whether they were synchronous', async () => {
    const query = new Query()
    const observation = await observe((probe) => {
      const callback = probe.callback('done')
      probe.note('the query', query)
      callback.call(query, null, 1)
      setImmediate(() => callback.call(undefined, new Error('no')))
    })
    assert.deepEqual(observation.callbacks, [
      { callback: 'done', this: 'the query', args: [null, 1], sync: true },
      { callback: 'done', this: 'undefined', args: [{ '[error]': 'Error', message: 'no' }], sync: false },
    ])
  })

  it('counts what nobody handled, and mocha does not hear of it', async () => {
    const observation = await observe((probe) => {
      Promise.reject(new Error('dropped'))
      process.nextTick(() => {
        throw new Error('thrown in a callback')
      })
      return probe.unhandled()
    })
    assert.deepEqual(observation.unhandledRejections, [{ '[error]': 'Error', message: 'dropped' }])
    assert.deepEqual(observation.uncaughtExceptions, [{ '[error]': 'Error', message: 'thrown in a callback' }])
  })

  it('gives mocha its listeners back', async () => {
    const listeners = () => [
      ...process.rawListeners('uncaughtException'),
      ...process.rawListeners('unhandledRejection'),
    ]
    const before = listeners()
    assert.ok(before.length >= 2)
    await observe(() => 1)
    assert.deepEqual(listeners(), before)
  })

  it('waits for each of two callbacks of one name, but for none after a throw', async () => {
    const both = await observe((probe) => {
      setTimeout(probe.callback('row'), 5)
      setImmediate(probe.callback('row'))
    })
    assert.equal(both.callbacks.length, 2)
    const thrown = await observe((probe) => {
      probe.callback()
      throw new Error('x')
    })
    assert.deepEqual(thrown.missing, [])
  })

  it('names what did not happen', async () => {
    const observation = await observe(
      (probe) => {
        probe.callback('never')
        probe.optional('perhaps')
        return new Promise(() => {})
      },
      { timeoutMs: 20 },
    )
    assert.deepEqual(observation.missing, ['never was not called', 'what was returned did not settle'])
  })

  const differences: [string, (probe: Probe) => unknown, (probe: Probe) => unknown][] = [
    ['a promise and a thenable', () => Promise.resolve(1), thenable],
    ['thrown and rejected', () => Promise.reject(new Error('x')), fail],
    ['a promise and a subclass', () => Promise.resolve(1), () => class Lazy extends Promise<number> {}.resolve(1)],
    ['an error with one more key', () => Promise.reject(new Error('x')), () => Promise.reject(marked())],
    ['one call and two', callBack(1), callBack(2)],
    ['a function and a renamed one', () => function query() {}, () => function wrapped() {}],
    ['a branch that nobody handles', () => Promise.reject(new Error('x')), branched],
  ]
  for (const [title, plain, traced] of differences) {
    it(`tells apart ${title}`, async () => {
      assert.deepEqual(await observe(plain), await observe(plain))
      assert.notDeepEqual(await observe(traced), await observe(plain))
    })
  }
})

function thenable(): object {
  // biome-ignore lint/suspicious/noThenProperty: query builders are such objects
  return { then: (done: (value: number) => void) => done(1) }
}

function fail(): never {
  throw new Error('x')
}

function marked(): Error {
  return Object.defineProperty(new Error('x'), Symbol('mark'), { value: 1, enumerable: false })
}

function callBack(times: number): (probe: Probe) => void {
  return (probe) => {
    const callback = probe.callback()
    for (let call = 0; call < times; call++) setImmediate(callback)
  }
}

/** What an instrumentation does wrong that calls `then` on the side. */
function branched(): Promise<never> {
  const promise = Promise.reject(new Error('x'))
  promise.then(() => {})
  return promise
}
