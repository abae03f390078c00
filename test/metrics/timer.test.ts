// Timers: around functions, as decorators of both kinds, with `using` and by hand. What is wrapped is to its callers what it was before.

import { strict as assert } from 'node:assert'
import { promisify } from 'node:util'
import { MetricsError } from '../../src/metrics/metrics-error'
import { Timer } from '../../src/metrics/timer'

let nowMs: number
let recorded: number[]
let timer: Timer

const boom = new Error('boom')
const take = <T>(ms: number, result?: T): T => {
  nowMs += ms
  return result as T
}

/** What TypeScript puts at the top of a file with `experimentalDecorators` (its `tslib.__decorate`). */
function legacyDecorate(decorator: Timer, target: object, key: string): void {
  const descriptor = Object.getOwnPropertyDescriptor(target, key)!
  Object.defineProperty(target, key, decorator(target, key, descriptor))
}

describe('a timer', () => {
  beforeEach(() => {
    nowMs = 1000
    recorded = []
    timer = new Timer(
      (ms) => recorded.push(ms),
      () => nowMs,
    )
  })

  describe('by hand', () => {
    it('records the time between start and stop', () => {
      assert.equal(timer.ms, undefined)
      assert.equal(timer.start(), timer)
      take(5.5)
      assert.equal(timer.stop(), timer)
      assert.deepEqual([recorded, timer.ms], [[5.5], 5.5])
    })

    it('records what stop measured, when it is told to', () => {
      timer.start()
      take(5)
      timer.stop({ send: false })
      take(100)
      assert.deepEqual([recorded, timer.ms], [[], 5])
      assert.equal(timer.send(), timer)
      assert.deepEqual(recorded, [5])
    })

    it('measures again from the same start', () => {
      timer.start()
      take(5)
      timer.stop({ send: false })
      take(5)
      timer.stop({ send: false }).send()
      assert.deepEqual(recorded, [10])
    })

    it('begins anew', () => {
      timer.start()
      take(5)
      timer.stop()
      timer.start()
      assert.equal(timer.ms, undefined)
      take(2)
      timer.stop()
      assert.deepEqual(recorded, [5, 2])
    })

    const mistakes: [title: string, make: () => unknown, message: string][] = [
      ['stop before start', () => timer.stop(), 'Timer has not started.'],
      ['send before start', () => timer.send(), 'No data recorded.'],
      ['send before stop', () => timer.start().send(), 'No data recorded.'],
      ['send twice', () => timer.start().stop().send(), 'Already sent data.'],
      ['stop twice', () => timer.start().stop().stop(), 'Already sent data.'],
    ]
    for (const [title, make, message] of mistakes) {
      it(`refuses ${title}`, () => {
        assert.throws(make, (error) => {
          assert.ok(error instanceof MetricsError)
          assert.deepEqual([error.code, error.message], ['state', message])
          return true
        })
      })
    }
  })

  describe('with using', () => {
    const dispose = () => timer[Symbol.dispose]()

    it('records the block, from start on', () => {
      take(3)
      timer.start()
      take(4)
      dispose()
      assert.deepEqual(recorded, [4])
    })

    it('records the block that it is written in', () => {
      {
        using _ = timer.start()
        take(6)
      }
      assert.deepEqual(recorded, [6])
    })

    it('records the time since it was made where it was not started', () => {
      take(3)
      dispose()
      assert.deepEqual(recorded, [3])
    })

    it('records nothing after a stop', () => {
      timer.start().stop()
      dispose()
      dispose()
      timer.start().stop({ send: false })
      dispose()
      assert.deepEqual(recorded, [0])
    })
  })

  describe('around a function', () => {
    it('records each call and gives back what it returns, with its this and arguments and nothing else', () => {
      const wrapped = timer(function (this: { factor: number }, ...numbers: number[]) {
        take(2)
        return [this.factor, numbers]
      })
      assert.deepEqual(wrapped.call({ factor: 3 }, 1, 2), [3, [1, 2]])
      assert.deepEqual(wrapped.call({ factor: 3 }), [3, []])
      assert.deepEqual(recorded, [2, 2])
      assert.equal(timer(Math.max)(1, 2), 2)
    })

    it('looks like the original', () => {
      const custom = async () => 'custom'
      const original = Object.assign(function original(_a: unknown, _b: unknown) {}, {
        static: 1,
        [promisify.custom]: custom,
      })
      const wrapped = timer(original)
      assert.deepEqual(
        [wrapped.name, wrapped.length, wrapped.static, wrapped[promisify.custom]],
        ['original', 2, 1, custom],
      )
    })

    it('records a call that throws, and throws the same', () => {
      const wrapped = timer(() => {
        take(3)
        throw boom
      })
      assert.throws(wrapped, boom)
      assert.deepEqual(recorded, [3])
    })

    it('records a promise when it settles', async () => {
      const work = async (fails: boolean) => {
        await null
        take(7)
        if (fails) throw boom
        return 'done'
      }
      const wrapped = timer(work)
      const first = wrapped(false)
      assert.deepEqual(recorded, [])
      assert.equal(await first, 'done')
      await assert.rejects(wrapped(true), boom)
      assert.deepEqual(recorded, [7, 7])
    })

    it('leaves a thenable what it is, and its work to whoever asks for it', async () => {
      let begun = 0
      const query = {
        limit: () => query,
        // biome-ignore lint/suspicious/noThenProperty: as query builders have it
        then(resolve: (value: string) => void) {
          begun++
          take(4)
          resolve('rows')
        },
      }
      const given = timer(() => query)()
      assert.deepEqual([given, begun], [query, 0])
      assert.equal(await given, 'rows')
      assert.deepEqual([recorded, begun], [[4], 1])
    })

    it('keeps overlapping and nested calls apart', async () => {
      const releases: (() => void)[] = []
      const wait = timer(() => new Promise<void>((resolve) => releases.push(resolve)))
      const first = wait()
      take(10)
      const second = wait()
      take(1)
      releases[1]!()
      await second
      take(1)
      releases[0]!()
      await first
      assert.deepEqual(recorded, [1, 12])
      const countDown = timer((left: number): number => take(1, left === 0 ? 0 : countDown(left - 1)))
      countDown(2)
      assert.deepEqual(
        recorded.slice(2),
        [0, 0, 0].map((_, depth) => depth + 1),
      )
    })

    it('may be a class, which stays one', () => {
      class Point {
        static readonly zero = 0
        constructor(readonly x: number) {
          take(1)
        }
      }
      const Wrapped = timer(Point as never) as unknown as typeof Point
      class Pixel extends Wrapped {}
      const pixel = new Pixel(3)
      assert.ok(pixel instanceof Pixel && pixel instanceof Point)
      assert.deepEqual([pixel.x, Wrapped.zero, recorded], [3, 0, [1]])
    })

    it('does not touch what is measured by hand', () => {
      timer.start()
      take(1)
      timer(() => take(5))()
      timer.stop()
      assert.deepEqual(recorded, [5, 6])
    })

    it('refuses what is no function', () => {
      for (const wrong of [undefined, null, 5, 'name', {}]) {
        assert.throws(() => timer(wrong as never), { name: 'TypeError', message: /a timer wraps a function/ })
      }
    })
  })

  describe('as a decorator', () => {
    it('times a method in the standard way', () => {
      function work(this: object, ms: number) {
        return take(ms, this)
      }
      const decorated = timer(work, { kind: 'method', name: 'work' } as ClassMethodDecoratorContext)
      const self = {}
      assert.equal(decorated.call(self, 4), self)
      assert.deepEqual([recorded, decorated.name, decorated.length], [[4], 'work', 1])
    })

    it('times methods of a class as they are written', async () => {
      class Service {
        constructor(readonly factor: number) {}

        @timer
        work(ms: number): number {
          return take(ms, this.factor)
        }

        @timer
        async later(ms: number): Promise<number> {
          return take(ms, this.factor)
        }

        @timer
        static make(): Service {
          return take(1, new Service(2))
        }
      }
      const service = Service.make()
      assert.deepEqual([service.work(4), await service.later(5), recorded], [2, 2, [1, 4, 5]])
    })

    it('times a method in the legacy way', async () => {
      class Service {
        async work(ms: number) {
          return take(ms, this)
        }
      }
      legacyDecorate(timer, Service.prototype, 'work')
      const service = new Service()
      assert.equal(await service.work(4), service)
      assert.deepEqual([recorded, Service.prototype.work.name], [[4], 'work'])
      assert.equal(Object.getOwnPropertyDescriptor(Service.prototype, 'work')!.enumerable, false)
    })

    it('refuses what is no method', () => {
      assert.throws(() => timer({}, 'field', { value: 5 }), TypeError)
      assert.throws(() => timer(undefined as never, { kind: 'field' } as never), TypeError)
    })
  })

  it('is an instance of Timer', () => {
    assert.ok(timer instanceof Timer)
    assert.equal(typeof timer, 'function')
  })
})
