// The only place that changes somebody else's object: what it may change, what it refuses, and that undoing leaves no trace.

import { strict as assert } from 'node:assert'
import { promisify } from 'node:util'
import { replaceMethod } from '../../src/plugin/replace-method'

type Method = (this: unknown, ...args: unknown[]) => unknown

function query(this: unknown, first: unknown, second: unknown): unknown[] {
  return [this, first, second]
}
const methodOf = (target: object, key = 'query') => (target as Record<string, Method>)[key]!
const property = (attributes: PropertyDescriptor) => Object.defineProperty({}, 'query', { value: query, ...attributes })
const passOn = (original: Method): Method =>
  ({
    replacement(this: unknown, ...args: unknown[]) {
      return Reflect.apply(original, this, args)
    },
  }).replacement

describe('replaceMethod', () => {
  const targets: [name: string, make: () => object][] = [
    ['an ordinary property', () => ({ query })],
    [
      'a static property of a class',
      () =>
        class {
          static query = query
          answer = 42
        },
    ],
    [
      'a method of a class',
      () =>
        class {
          query() {}
        }.prototype,
    ],
    ['a hidden property', () => property({ configurable: true, writable: true })],
    ['a property that is read-only', () => property({ configurable: true, enumerable: true })],
    ['a property that cannot be deleted', () => property({ writable: true, enumerable: true })],
    ['an inherited method', () => Object.create({ query }) as object],
    ['a method inherited from far away', () => Object.create(Object.create(Object.create({ query }))) as object],
    ['a property of an object that takes no new ones', () => Object.preventExtensions({ query })],
    ['a property of an object without a prototype', () => Object.assign(Object.create(null) as object, { query })],
    ['a property of a function', () => Object.assign(() => {}, { query })],
  ]
  for (const [name, make] of targets) {
    it(`replaces ${name} and puts it back exactly`, () => {
      const target = make()
      const original = methodOf(target)
      const before = Object.getOwnPropertyDescriptors(target)
      const keys = Reflect.ownKeys(target)
      const own = Object.getOwnPropertyDescriptor(target, 'query')
      const undo = replaceMethod(target, 'query', passOn)
      const replaced = Object.getOwnPropertyDescriptor(target, 'query')!
      assert.notEqual(replaced.value, original)
      const attributes = own ?? { configurable: true, enumerable: false, writable: true }
      assert.deepEqual(replaced, { ...attributes, value: replaced.value as Method })
      undo()
      assert.deepEqual(Object.getOwnPropertyDescriptors(target), before)
      assert.deepEqual(Reflect.ownKeys(target), keys)
      assert.equal(methodOf(target), original)
    })
  }

  it('passes `this`, arguments and the result on', () => {
    const target = { query: query as Method }
    replaceMethod(target, 'query', passOn)
    const self = { target }
    assert.deepEqual(Reflect.apply(target.query, self, [1, 2]), [self, 1, 2])
    assert.deepEqual(target.query('a', 'b'), [target, 'a', 'b'])
  })

  const refused: [name: string, make: () => object, message: RegExp][] = [
    ['nothing there', () => ({}), /^there is no method query$/],
    ['something that is no function', () => ({ query: 'select' }), /^there is no method query$/],
    ['a setter alone', () => ({ set query(_: unknown) {} }), /^there is no method query$/],
    [
      'a getter',
      () => ({
        get query() {
          return query
        },
      }),
      /^query is an accessor, which cannot be replaced$/,
    ],
    [
      'an inherited getter',
      () =>
        Object.create({
          get query() {
            return query
          },
        }) as object,
      /accessor/,
    ],
    ['a frozen object', () => Object.freeze({ query }), /^query is read-only and cannot be replaced$/],
    ['a fixed property', () => property({}), /^query is read-only and cannot be replaced$/],
    ['a frozen object that inherits', () => Object.freeze(Object.create({ query }) as object), /read-only/],
  ]
  for (const [name, make, message] of refused) {
    it(`refuses ${name}, says why and changes nothing`, () => {
      const target = make()
      const before = Object.getOwnPropertyDescriptors(target)
      assert.throws(() => replaceMethod(target, 'query', passOn), { name: 'TypeError', message })
      assert.deepEqual(Object.getOwnPropertyDescriptors(target), before)
    })
  }

  it('does not call a getter to find out', () => {
    let called = 0
    const target = {
      get query() {
        called++
        return query
      },
    }
    assert.throws(() => replaceMethod(target, 'query', passOn))
    assert.equal(called, 0)
  })

  const originals: [name: string, original: Method][] = [
    ['a function', query],
    ['an arrow function', () => 1],
    ['an async function', async (_a: unknown) => 1],
    ['a method', { query(_a: unknown, _b: unknown) {} }.query],
    ['a function with default values', function query(_a: unknown, _b = 2) {} as Method],
    ['an anonymous function', (() => () => {})()],
    ['a bound function', query.bind(null, 1)],
    ['a function with properties', Object.assign((_a: unknown) => 1, { timeout: 5, [Symbol.for('mark')]: true })],
    ['a function with a prototype', Object.assign(function Query() {}, { prototype: { text: '' } }) as Method],
    [
      'a class',
      class Query {
        static of = 1
        text = ''
      } as unknown as Method,
    ],
    ['a function with another prototype', Object.setPrototypeOf(() => 1, { shared: 2 }) as Method],
    ['a frozen function', Object.freeze(function query(_a: unknown) {} as Method)],
    ['a function without a name', Object.defineProperty((_a: unknown) => 1, 'name', { value: '' })],
  ]
  for (const [name, original] of originals) {
    it(`gives ${name} a replacement that looks like it`, () => {
      const target = { query: original }
      const undo = replaceMethod(target, 'query', passOn)
      const { query: replacement } = target
      assert.notEqual(replacement, original)
      assert.equal(replacement.name, original.name)
      assert.equal(replacement.length, original.length)
      assert.equal(Object.getPrototypeOf(replacement), Object.getPrototypeOf(original))
      assert.deepEqual(new Set(Reflect.ownKeys(replacement)), new Set(Reflect.ownKeys(original)))
      for (const key of Reflect.ownKeys(original)) {
        assert.equal(Reflect.get(replacement, key), Reflect.get(original, key), String(key))
      }
      assert.equal('prototype' in replacement, 'prototype' in original)
      undo()
      assert.equal(target.query, original)
    })
  }

  it('keeps what util.promisify looks for', async () => {
    const target = {
      query: Object.assign((_: unknown, done: (error: null, value: number) => void) => done(null, 1), {
        [promisify.custom]: async () => 'custom',
      }) as Method,
    }
    replaceMethod(target, 'query', passOn)
    assert.equal(await promisify(target.query as never)(), 'custom')
  })

  it('takes out several replacements of one method, the last one first', () => {
    const target = { query }
    const before = Object.getOwnPropertyDescriptors(target)
    const undos = [1, 2, 3].map(() => replaceMethod(target, 'query', passOn as never))
    for (const undo of undos.reverse()) undo()
    assert.deepEqual(Object.getOwnPropertyDescriptors(target), before)
  })

  it('leaves what somebody else put over it', () => {
    const target = { query: query as Method }
    const undo = replaceMethod(target, 'query', passOn)
    const ours = target.query
    const theirs: Method = function (this: unknown, ...args) {
      return Reflect.apply(ours, this, args)
    }
    target.query = theirs
    undo()
    assert.equal(target.query, theirs)
    assert.deepEqual(target.query(1, 2), [target, 1, 2])
  })
})
