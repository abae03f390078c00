// Wrapped generator functions: the span covers the iteration, from the first step to the last, however it is left; and neither the
// generator's body nor who iterates over it can tell.

import { strict as assert } from 'node:assert'
import { Readable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { isAsyncFunction, isGeneratorObject } from 'node:util/types'
import { createContext, runInContext } from 'node:vm'
import { Tracer } from '../../src/trace/tracer'
import { observe } from '../support/observe'
import { MadeTracer, tagsOf } from './made-tracer'

/** Counts the spans that are begun. */
class CountingTracer extends MadeTracer {
  override startSpan(...args: Parameters<Tracer['startSpan']>): ReturnType<Tracer['startSpan']> {
    started++
    return super.startSpan(...args)
  }
}

let tracer: MadeTracer
let started = 0
const boom = new Error('boom')

function* count(this: unknown, to: number): Generator<number, string, string | undefined> {
  const answers: unknown[] = []
  try {
    for (let i = 1; i <= to; i++) answers.push(yield i)
    return `end ${answers.join()}`
  } catch (error) {
    yield -1
    throw error
  }
}

async function* countLater(this: unknown, to: number): AsyncGenerator<number, string, string | undefined> {
  const answers: unknown[] = []
  try {
    for (let i = 1; i <= to; i++) {
      await turn()
      answers.push(yield i)
    }
    return `end ${answers.join()}`
  } catch (error) {
    yield -1
    throw error
  }
}

function* failing(): Generator<number> {
  yield 1
  throw boom
}

async function* failingLater(): AsyncGenerator<number> {
  await turn()
  yield 1
  throw boom
}

type Counter = typeof count
type LateCounter = typeof countLater
/** What becomes of the span: none was made, it is open, it finished, it finished with an error. */
type End = 'none' | 'open' | 'finished' | 'failed'
type Row<F> = readonly [title: string, use: (fn: F) => unknown, end: End]

const sync: Row<Counter>[] = [
  ['iterated to its end', (fn) => [...fn(3)], 'finished'],
  ['iterated over nothing', (fn) => [...fn(0)], 'finished'],
  ['never iterated', (fn) => void fn(3), 'none'],
  ['left after the first step', (fn) => fn(3).next(), 'open'],
  [
    'left by break',
    (fn) => {
      for (const n of fn(3)) if (n === 2) return n
      return undefined
    },
    'finished',
  ],
  [
    'left by a throw of the loop',
    (fn) => {
      for (const n of fn(3)) throw new Error(`at ${n}`)
    },
    'finished',
  ],
  ['returned from before it began', (fn) => [fn(3).return('early')], 'none'],
  [
    'thrown into before it began',
    (fn) => {
      fn(3).throw(boom)
    },
    'none',
  ],
  [
    'returned from twice',
    (fn) => {
      const steps = fn(3)
      return [steps.next(), steps.return('a'), steps.return('b'), steps.next()]
    },
    'finished',
  ],
  [
    'given answers',
    (fn) => {
      const steps = fn(2)
      return [steps.next('lost'), steps.next('a'), steps.next('b'), steps.next()]
    },
    'finished',
  ],
  [
    'thrown into, where it goes on',
    (fn) => {
      const steps = fn(3)
      return [steps.next(), steps.throw(boom)]
    },
    'open',
  ],
  [
    'thrown into, where it fails at last',
    (fn) => {
      const steps = fn(3)
      steps.next()
      steps.throw(boom)
      steps.next()
    },
    'failed',
  ],
  [
    'delegated to',
    (fn) => {
      function* outer(): Generator<number, unknown, undefined> {
        return [yield* fn(2)]
      }
      const all = outer()
      return [all.next(), all.next(), all.next()]
    },
    'finished',
  ],
  [
    'destructured',
    (fn) => {
      const [first] = fn(3)
      return first
    },
    'finished',
  ],
]

const later: Row<LateCounter>[] = [
  ['iterated to its end', (fn) => collect(fn(3)), 'finished'],
  ['never iterated', (fn) => void fn(3), 'none'],
  ['left after the first step', (fn) => fn(3).next(), 'open'],
  [
    'left by break',
    async (fn) => {
      for await (const n of fn(3)) if (n === 2) return n
      return undefined
    },
    'finished',
  ],
  ['returned from before it began', (fn) => fn(3).return('early'), 'none'],
  ['thrown into before it began', (fn) => fn(3).throw(boom), 'none'],
  [
    'given answers',
    async (fn) => {
      const steps = fn(2)
      return [await steps.next('lost'), await steps.next('a'), await steps.next('b'), await steps.next()]
    },
    'finished',
  ],
  [
    'asked for all steps at once',
    (fn) => {
      const steps = fn(2)
      return Promise.all([steps.next(), steps.next(), steps.next(), steps.next()])
    },
    'finished',
  ],
  [
    'thrown into, where it fails at last',
    async (fn) => {
      const steps = fn(3)
      await steps.next()
      await steps.throw(boom)
      await steps.next()
    },
    'failed',
  ],
  ['read as a stream', (fn) => Readable.from(fn(3)).toArray(), 'finished'],
]

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const one of source) all.push(one)
  return all
}

function assertEnd(end: End): void {
  const spans = tracer.spans.map(({ name, error }) => [name, error])
  if (end === 'none' || end === 'open') assert.deepEqual(spans, [])
  else assert.deepEqual(spans, [['op', end === 'failed' ? 1 : 0]])
  assert.equal(started, end === 'none' ? 0 : 1)
}

describe('a wrapped generator function', () => {
  beforeEach(() => {
    tracer = new CountingTracer()
    started = 0
  })

  for (const [title, use, end] of sync) {
    it(`${title}, is seen as it was; its span: ${end}`, async () => {
      const plain = await observe(() => use(count))
      const traced = await observe(() => use(tracer.wrap('op', count)))
      assert.deepEqual(traced, plain)
      assertEnd(end)
    })
  }

  for (const [title, use, end] of later) {
    it(`that is async, ${title}, is seen as it was; its span: ${end}`, async () => {
      const plain = await observe(() => use(countLater))
      const traced = await observe(() => use(tracer.wrap('op', countLater)))
      assert.deepEqual(traced, plain)
      assertEnd(end)
    })
  }

  it('that throws has its error on the span', async () => {
    assert.throws(() => [...tracer.wrap('op', failing)()], boom)
    await assert.rejects(collect(tracer.wrap('op', failingLater)()), boom)
    assert.deepEqual(
      tracer.spans.map((span) => [span.error, tagsOf(span)['error.message']]),
      [
        [1, 'boom'],
        [1, 'boom'],
      ],
    )
  })

  it('whose rejection nobody handles is reported as often as without', async () => {
    const drop = (fn: typeof failingLater) => {
      const steps = fn()
      void steps.next()
      void steps.next()
    }
    const plain = await observe((probe) => [drop(failingLater), probe.unhandled()][1])
    const traced = await observe((probe) => [drop(tracer.wrap('op', failingLater)), probe.unhandled()][1])
    assert.deepEqual([traced, plain.unhandledRejections.length], [plain, 1])
  })

  it('returns what is still a generator, of its own kind', () => {
    const wrapped = tracer.wrap('op', count)
    const steps = wrapped(1)
    assert.ok(isGeneratorObject(steps) && steps instanceof wrapped && steps instanceof count)
    assert.equal(Object.getPrototypeOf(steps), count.prototype)
    assert.equal(steps[Symbol.iterator](), steps)
    assert.deepEqual([Object.keys(steps), wrapped.name, wrapped.length], [[], 'count', 1])
    const looks = (of: object) =>
      (['next', 'return', 'throw'] as const).map((step) => {
        const method = Reflect.get(of, step) as { name: string; length: number }
        return [method.name, method.length, 'prototype' in method]
      })
    assert.deepEqual(looks(steps), looks(count(1)))
    assert.equal(isAsyncFunction(wrapped), false)
  })

  it('is known whatever realm it is from', () => {
    const foreign = runInContext('(function* () { yield 1 })', createContext()) as () => Generator<number>
    assert.deepEqual([...tracer.wrap('op', foreign)()], [1])
    assert.deepEqual(tracer.names, [['op']])
    const named = Object.assign(() => 5, { [Symbol.toStringTag]: 'Something' })
    assert.equal(tracer.wrap('op', named)(), 5)
  })

  it('runs its body inside the span at each step, and who iterates outside of it', async () => {
    const seen: unknown[] = []
    const look = () => seen.push(tracer.activeSpan?.name)
    const steps = tracer.wrap('op', function* () {
      look()
      yield 1
      look()
      tracer.startSpan('inner').finish()
      yield 2
      look()
    })
    const lateSteps = tracer.wrap('late', async function* () {
      look()
      await turn()
      look()
      yield 1
      look()
    })
    await tracer.trace('consumer', async () => {
      for (const _ of steps()) look()
      for await (const _ of lateSteps()) look()
      look()
    })
    const around = ['op', 'consumer', 'op', 'consumer', 'op']
    assert.deepEqual(seen, [...around, 'late', 'late', 'consumer', 'late', 'consumer'])
    const [inner, op, late, consumer] = tracer.spans
    assert.deepEqual([op?.name, late?.name, consumer?.name], ['op', 'late', 'consumer'])
    assert.equal(inner?.parentLow, op?.idLow)
    assert.deepEqual([op?.parentLow, late?.parentLow], [consumer?.idLow, consumer?.idLow])
  })

  it('has its span below the one of the call, though it begins with the first step', async () => {
    const began = tracer.trace('caller', () => tracer.wrap('op', count)(1))
    assert.deepEqual(tracer.names, [['caller']])
    tracer.trace('consumer', () => [...began])
    const [caller, op] = tracer.spans
    assert.deepEqual([op?.name, op?.parentLow], ['op', caller?.idLow])
  })

  it('keeps interleaved iterations apart', () => {
    const wrapped = tracer.wrap('op', function* (): Generator<unknown> {
      for (;;) yield tracer.activeSpan
    })
    const [a, b] = [wrapped(), wrapped()]
    const [a1, b1, a2, b2] = [a, b, a, b].map((steps) => steps.next().value)
    assert.equal(a1, a2)
    assert.equal(b1, b2)
    assert.notEqual(a1, b1)
    assert.equal(tracer.activeSpan, undefined)
  })

  it('gets this and its arguments, its options those too, and a function among them is no callback', () => {
    const self = { table: 'users' }
    const wrapped = tracer.wrap(
      'op',
      function (this: unknown, id: number) {
        return { resource: `${(this as typeof self).table} ${id}` }
      },
      function* (this: unknown, id: number, map: (n: number) => number) {
        yield [this, id, map(id)]
      },
    )
    assert.deepEqual([...Reflect.apply(wrapped, self, [4, (n: number) => n * 2])], [[self, 4, 8]])
    assert.deepEqual(
      tracer.spans.map(({ resource }) => resource),
      ['users 4'],
    )
  })

  it('may be a decorated method', async () => {
    class Store {
      @tracer.wrap('rows')
      *rows(): Generator<unknown> {
        yield [this instanceof Store, tracer.activeSpan?.name]
      }
      @tracer.wrap()
      async *pages(): AsyncGenerator<unknown> {
        yield tracer.activeSpan?.name
      }
    }
    const store = new Store()
    assert.deepEqual([...store.rows()], [[true, 'rows']])
    assert.deepEqual(await collect(store.pages()), ['pages'])
    assert.deepEqual(tracer.names, [['rows'], ['pages']])
  })

  it('does no more than it did while the tracer is off', () => {
    const off = new Tracer()
    const steps = off.wrap('op', count)(2)
    assert.deepEqual(Reflect.ownKeys(steps), [])
    assert.deepEqual([...steps], [1, 2])
  })
})
