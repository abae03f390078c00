// A wrapper must pass for the function it stands for wherever programs look: parameters, statics, `instanceof`,
// `util.promisify`, the kind of function. Each test compares what can be seen of both.

import { strict as assert } from 'node:assert'
import { promisify } from 'node:util'
import { runInThisContext } from 'node:vm'
import { mimic } from '../../src/base/mimic'

const wrapperOf = <F extends (...args: never[]) => unknown>(original: F): F => {
  function wrapper(this: unknown, ...args: unknown[]): unknown {
    return Reflect.apply(original, this, args)
  }
  return mimic<F>(wrapper as unknown as F, original)
}

// biome-ignore lint/complexity/noStaticOnlyClass: its statics are what is looked at
class Shape {
  static sides = 4
  static get area(): number {
    throw new Error('a getter must not be read')
  }
}

const originals: Record<string, (...args: never[]) => unknown> = {
  'a plain function': function named(_a: number, _b: number) {},
  'an arrow function': (_only: string) => 1,
  'an async function': async function later() {},
  'a generator function': function* many() {},
  // Not in strict mode: it has `caller` and `arguments` of its own.
  'a sloppy function': runInThisContext('(function sloppy(a, b, c) { return a })') as () => void,
  'a bound function': function free(_a: unknown) {}.bind(null),
  'a function without a name': (() => () => {})(),
  'a class': Shape as unknown as () => void,
}

describe('mimic', () => {
  for (const [title, original] of Object.entries(originals)) {
    it(`looks like ${title}`, () => {
      const wrapper = wrapperOf(original)
      assert.equal(wrapper.name, original.name)
      assert.equal(wrapper.length, original.length)
      assert.equal(Object.getPrototypeOf(wrapper), Object.getPrototypeOf(original))
      for (const key of Reflect.ownKeys(original)) {
        const { value, get } = Object.getOwnPropertyDescriptor(original, key)!
        const copy = Object.getOwnPropertyDescriptor(wrapper, key)
        assert.equal(copy?.value, value, String(key))
        assert.equal(copy?.get, get, String(key))
      }
    })
  }

  it('keeps statics, symbols and their attributes, and reads no getter', () => {
    const key = Symbol('key')
    const original = Object.assign(() => {}, { version: 3, [key]: 'symbol' })
    Object.defineProperty(original, 'hidden', { value: 1, enumerable: false })
    const wrapper = wrapperOf(original)
    assert.equal(wrapper.version, 3)
    assert.equal(wrapper[key], 'symbol')
    assert.deepEqual(Object.keys(wrapper), ['version'])
    assert.equal(Object.getOwnPropertyDescriptor(wrapperOf(Shape as never), 'area')?.set, undefined)
  })

  it('keeps promisify working', async () => {
    const original = Object.assign(() => {}, { [promisify.custom]: async () => 'custom' })
    assert.equal(await promisify(wrapperOf(original))(), 'custom')
  })

  it('keeps instanceof and subclasses working', () => {
    function Legacy(this: { made: boolean }) {
      this.made = true
    }
    Legacy.prototype.greet = () => 'hello'
    const Wrapped = wrapperOf(Legacy as () => void) as unknown as new () => { made: boolean; greet(): string }
    const made = new Wrapped()
    assert.ok(made instanceof Legacy && made instanceof Wrapped)
    assert.deepEqual([made.made, made.greet()], [true, 'hello'])
  })

  it('can be done twice', () => {
    const original = originals['a sloppy function']!
    const twice = wrapperOf(wrapperOf(original))
    assert.deepEqual([twice.name, twice.length], ['sloppy', 3])
  })
})
