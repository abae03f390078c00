// Wrapped functions and decorated methods: to their callers they are the originals, down to `this`, name, length and statics;
// each call becomes a span that ends when the work does. The legacy decorator is called by the very code TypeScript emits.

import { strict as assert } from 'node:assert'
import { promisify } from 'node:util'
import type { Span } from '../../src/trace/span'
import { observe } from '../support/observe'
import { MadeTracer, tagsOf } from './made-tracer'

let tracer: MadeTracer
const boom = new Error('boom')

/** What TypeScript puts at the top of a file with `experimentalDecorators` (its `tslib.__decorate`). */
function legacyDecorate(decorators: ((...args: never[]) => unknown)[], target: object, key: string | symbol): void {
  let descriptor = Object.getOwnPropertyDescriptor(target, key)!
  for (const decorate of [...decorators].reverse()) {
    const replaced = Reflect.apply(decorate, undefined, [target, key, descriptor]) as PropertyDescriptor | undefined
    descriptor = replaced ?? descriptor
  }
  Object.defineProperty(target, key, descriptor)
}

describe('a wrapped function', () => {
  beforeEach(() => {
    tracer = new MadeTracer()
  })

  it('gets the same this and arguments and gives back the same value', () => {
    const self = { factor: 3 }
    const wrapped = tracer.wrap('multiply', function (this: typeof self, a: number, b = 2) {
      assert.equal(tracer.activeSpan?.name, 'multiply')
      return [this, a * b * this.factor]
    })
    assert.deepEqual(Reflect.apply(wrapped, self, [5]), [self, 30])
    assert.deepEqual(tracer.names, [['multiply']])
  })

  it('may be a class, which stays one', () => {
    class Point {
      static readonly zero = 0
      constructor(readonly x: number) {
        assert.equal(tracer.activeSpan?.name, 'Point')
      }
    }
    const Wrapped = tracer.wrap(Point as never) as unknown as typeof Point
    class Pixel extends Wrapped {}
    const pixel = new Pixel(3)
    assert.ok(pixel instanceof Pixel && pixel instanceof Point)
    assert.deepEqual([pixel.x, Wrapped.zero, new Wrapped(4) instanceof Point], [3, 0, true])
    assert.throws(() => (Wrapped as unknown as () => void)(), TypeError)
  })

  it('looks like the original', () => {
    const custom = async () => 'custom'
    const original = Object.assign(function original(_a: unknown, _b: unknown) {}, {
      static: 1,
      [promisify.custom]: custom,
    })
    const wrapped = tracer.wrap('op', original)
    assert.deepEqual(
      [wrapped.name, wrapped.length, wrapped.static, wrapped[promisify.custom]],
      ['original', 2, 1, custom],
    )
  })

  it('still makes instances', () => {
    function Point(this: { x: number }, x: number) {
      this.x = x
    }
    const Wrapped = tracer.wrap(Point) as unknown as new (x: number) => { x: number }
    const point = new Wrapped(5)
    assert.deepEqual([point.x, point instanceof Point, tracer.names], [5, true, [['Point']]])
  })

  const names: [title: string, make: () => (...args: never[]) => unknown, name: string][] = [
    ['the given name', () => tracer.wrap('given', function own() {}), 'given'],
    ['the function its name', () => tracer.wrap(function own() {}), 'own'],
    ['nobody a name', () => tracer.wrap((() => () => {})()), 'anonymous'],
  ]
  for (const [title, make, name] of names) {
    it(`makes spans that ${title} names`, () => {
      make()()
      assert.deepEqual(tracer.names, [[name]])
    })
  }

  it('makes a span of each call, with the options', () => {
    const wrapped = tracer.wrap('op', { service: 's', resource: 'r', type: 't', tags: { a: 1 } }, () => {})
    wrapped()
    wrapped()
    assert.equal(tracer.chunks.length, 2)
    const [{ service, resource, type }] = tracer.spans as [Span]
    assert.deepEqual([service, resource, type, tagsOf(tracer.spans[0]!)], ['s', 'r', 't', { a: 1 }])
  })

  it('may compute the options from this and the arguments of each call', () => {
    const wrapped = tracer.wrap(
      'op',
      function (this: unknown, id: number) {
        return { resource: `${(this as { table: string }).table} ${id}` }
      },
      (_id: number) => {},
    )
    Reflect.apply(wrapped, { table: 'users' }, [1])
    Reflect.apply(wrapped, { table: 'orders' }, [2])
    assert.deepEqual(
      tracer.spans.map(({ resource }) => resource),
      ['users 1', 'orders 2'],
    )
  })

  type Style = {
    title: string
    fn: (...args: never[]) => unknown
    call: (fn: (...args: unknown[]) => unknown, callback: (...args: unknown[]) => unknown) => unknown
    error: 0 | 1
  }
  type Callback = (error: unknown, value?: unknown) => void
  const styles: Style[] = [
    { title: 'returns', fn: (a: number) => a, call: (fn) => fn(5), error: 0 },
    {
      title: 'throws',
      fn: () => {
        throw boom
      },
      call: (fn) => fn(),
      error: 1,
    },
    { title: 'resolves', fn: async (a: number) => a, call: (fn) => fn(5), error: 0 },
    {
      title: 'rejects',
      fn: async () => {
        throw boom
      },
      call: (fn) => fn(),
      error: 1,
    },
    {
      title: 'rejects and is dropped',
      fn: async () => {
        throw boom
      },
      call: (fn) => void fn(),
      error: 1,
    },
    { title: 'calls back at once', fn: (cb: Callback) => cb(null, 5), call: (fn, cb) => fn(cb), error: 0 },
    {
      title: 'calls back later',
      fn: (cb: Callback) => void setImmediate(cb, null, 5),
      call: (fn, cb) => fn(cb),
      error: 0,
    },
    {
      title: 'calls back with an error',
      fn: (cb: Callback) => void setImmediate(cb, boom),
      call: (fn, cb) => fn(cb),
      error: 1,
    },
    {
      title: 'calls back with text that is no error',
      fn: (cb: Callback) => void setImmediate(cb, 'value'),
      call: (fn, cb) => fn(cb),
      error: 0,
    },
    {
      title: 'calls back twice',
      fn: (cb: Callback) => {
        cb(null, 1)
        cb(null, 2)
      },
      call: (fn, cb) => fn(cb),
      error: 0,
    },
    {
      title: 'uses what the callback returns',
      fn: (cb: (a: number) => number) => cb(1),
      call: (fn) => fn((a: unknown) => [a]),
      error: 0,
    },
    {
      title: 'resolves though it was given a function',
      fn: async (map: (a: number) => number) => map(1),
      call: (fn) => fn((a: unknown) => [a]),
      error: 0,
    },
  ]
  for (const { title, fn, call, error } of styles) {
    it(`that ${title} is seen by its caller as it was, and ends its span`, async () => {
      const plain = await observe((probe) => call(fn as never, probe.optional('callback')))
      const traced = await observe((probe) => call(tracer.wrap('op', fn) as never, probe.optional('callback')))
      assert.deepEqual(traced, plain)
      assert.deepEqual(
        tracer.spans.map((span) => [span.name, span.error]),
        [['op', error]],
      )
    })
  }

  it('runs its callback in the context of the caller, the rest inside the span', (done) => {
    const outer = tracer.startSpan('outer')
    const seen: (string | undefined)[] = []
    const wrapped = tracer.wrap('op', (callback: () => void) => {
      seen.push(tracer.activeSpan?.name)
      setImmediate(() => {
        seen.push(tracer.activeSpan?.name)
        callback()
        assert.equal(tracer.chunks.length, 0)
        outer.finish()
        assert.deepEqual([seen, tracer.names], [['op', 'op', 'outer'], [['op', 'outer']]])
        done()
      })
    })
    tracer.scope().activate(outer, () => wrapped(() => seen.push(tracer.activeSpan?.name)))
  })

  it('hands its callback on looking as it was', () => {
    const callback = Object.assign(function named(_a: unknown, _b: unknown) {}, { custom: 1 })
    tracer.wrap('op', (given: typeof callback) => {
      assert.deepEqual([given.name, given.length, given.custom], ['named', 2, 1])
    })(callback)
  })

  it('starts a lazy thenable exactly once', async () => {
    let starts = 0
    const lazy = {
      // biome-ignore lint/suspicious/noThenProperty: thenables are what this is about
      then: (resolve: (value: string) => unknown) => {
        starts++
        return Promise.resolve('rows').then(resolve)
      },
    }
    const wrapped = tracer.wrap('op', () => lazy)
    const returned = wrapped()
    assert.deepEqual([returned === lazy, starts, tracer.names], [true, 0, []])
    assert.equal(await returned, 'rows')
    assert.deepEqual([starts, tracer.names], [1, [['op']]])
  })
})

describe('a decorated method', () => {
  beforeEach(() => {
    tracer = new MadeTracer()
  })

  const key: unique symbol = Symbol('key')

  /** Classes are made anew for each tracer. */
  function decorated() {
    class Service {
      factor = 2
      @tracer.wrap()
      own(a: number, _b?: number): unknown[] {
        return [tracer.activeSpan?.name, a * this.factor]
      }
      @tracer.wrap('named', { resource: 'r' })
      async other(): Promise<string | undefined> {
        await null
        return tracer.activeSpan?.name
      }
      @tracer.wrap()
      static shared(): unknown {
        // biome-ignore lint/complexity/noThisInStatic: whether it is the class is the question
        return this
      }
      @tracer.wrap()
      [key](): void {}
    }
    return Service
  }

  it('is a span in the standard (TC39) way', async () => {
    const Service = decorated()
    const service = new Service()
    assert.deepEqual(service.own(4), ['own', 8])
    assert.equal(await service.other(), 'named')
    assert.equal(Service.shared(), Service)
    service[key]()
    assert.deepEqual(tracer.names, [['own'], ['named'], ['shared'], ['Symbol(key)']])
    assert.equal(tracer.spans[1]!.resource, 'r')
    assert.deepEqual([service.own.name, service.own.length, Object.keys(service)], ['own', 2, ['factor']])
  })

  it('is a span in the legacy TypeScript way, and the property keeps its attributes', async () => {
    class Service {
      factor = 2
      own(a: number, _b?: number): unknown[] {
        return [tracer.activeSpan?.name, a * this.factor]
      }
      async other(): Promise<string | undefined> {
        await null
        return tracer.activeSpan?.name
      }
    }
    const before = Object.getOwnPropertyDescriptor(Service.prototype, 'own')!
    legacyDecorate([tracer.wrap() as never], Service.prototype, 'own')
    legacyDecorate([tracer.wrap('named', { resource: 'r' }) as never], Service.prototype, 'other')
    const service = new Service()
    assert.deepEqual(service.own(4), ['own', 8])
    assert.equal(await service.other(), 'named')
    assert.deepEqual(tracer.names, [['own'], ['named']])
    const { value, ...attributes } = Object.getOwnPropertyDescriptor(Service.prototype, 'own')!
    const { value: original, ...wanted } = before
    assert.deepEqual(attributes, wanted)
    assert.notEqual(value, original)
    assert.deepEqual([service.own.name, service.own.length], ['own', 2])
  })
})
