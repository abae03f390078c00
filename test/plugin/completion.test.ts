// The end of a call, on a library made for it: whichever of the five ways it ends, the program cannot tell that it was patched,
// there is one span, and it ends when the call does.

import { strict as assert } from 'node:assert'
import { EventEmitter, errorMonitor } from 'node:events'
import { Patcher } from '../../src/plugin/patcher'
import { type CallStyle, describeCallStyles } from '../support/call-styles'
import { collectLog } from '../support/log-lines'
import { MadeTracer, tagsOf } from '../trace/made-tracer'
import { type Callback, FAILURE, failure, failureOf, Library, type Method, operation, tracedLibrary } from './library'

interface Row extends CallStyle<Library> {
  readonly span: Method
  readonly error?: string
  /** What `finish` is told the call gave. */
  readonly value?: unknown
}

const listen = (emitter: EventEmitter, probe: { callback(name: string): (...args: unknown[]) => unknown }) =>
  emitter.on('end', probe.callback('end')).on('close', probe.callback('close'))

const rows: Row[] = [
  { name: 'a callback', span: 'callback', value: 42, run: (library, probe) => library.callback(21, probe.callback()) },
  {
    name: 'a callback before arguments left undefined',
    span: 'callback',
    value: 42,
    run: (library, probe) => library.callback(21, probe.callback(), undefined, undefined),
  },
  {
    name: 'a callback with an error',
    span: 'callback',
    error: 'no answer',
    run: (library, probe) => library.callback(failure(), probe.callback()),
  },
  {
    name: 'a callback with a falsy error, which is none',
    span: 'callback',
    run: (library, probe) => library.callback(false, probe.callback()),
  },
  {
    name: 'a callback that throws',
    span: 'callback',
    value: 42,
    run(library, probe) {
      const thrower = probe.callback('thrower', () => {
        throw new Error('from the callback')
      })
      library.callback(21, thrower)
      return probe.unhandled()
    },
  },
  { name: 'no callback where one could be', span: 'callback', value: 'queued', run: (library) => library.callback(21) },
  {
    name: 'a callback at once',
    span: 'callbackAtOnce',
    value: 42,
    run: (library, probe) => library.callbackAtOnce(21, probe.callback()),
  },
  {
    name: 'a callback that throws at once',
    span: 'callbackAtOnce',
    value: 42,
    run: (library) =>
      library.callbackAtOnce(21, () => {
        throw new Error('from the callback')
      }),
  },
  {
    name: 'a callback called twice',
    span: 'callbackTwice',
    value: 21,
    run: (library, probe) => library.callbackTwice(21, probe.callback()),
  },
  {
    name: 'a callback and a promise',
    span: 'callbackAndPromise',
    value: 21,
    run: (library, probe) => library.callbackAndPromise(21, probe.callback()),
  },
  { name: 'a promise', span: 'promise', value: 42, run: (library) => library.promise(21) },
  { name: 'a rejected promise', span: 'promise', error: 'no answer', run: (library) => library.promise(failure()) },
  {
    name: 'a rejected promise that nobody handles',
    span: 'promise',
    error: 'no answer',
    run(library, probe) {
      void library.promise(failure())
      return probe.unhandled()
    },
  },
  {
    name: 'a promise of a subclass',
    span: 'promiseOfSubclass',
    value: 42,
    run: (library) => library.promiseOfSubclass(21),
  },
  {
    name: 'a rejected promise of a subclass',
    span: 'promiseOfSubclass',
    error: 'no answer',
    run: (library) => library.promiseOfSubclass(failure()),
  },
  { name: 'a thenable', span: 'lazy', value: 42, run: (library) => library.lazy(21) },
  { name: 'a thenable built on', span: 'lazy', value: 42, run: (library) => library.lazy(21).where() },
  { name: 'a rejected thenable', span: 'lazy', error: 'no answer', run: (library) => library.lazy(failure()) },
  { name: 'an emitter', span: 'emitter', run: (library, probe) => listen(library.emitter(21), probe) },
  {
    name: 'an emitter with an error',
    span: 'emitter',
    error: 'no answer',
    run: (library, probe) => library.emitter(failure()).on('error', probe.callback('error')),
  },
  {
    name: 'an emitter with an error that nobody handles',
    span: 'emitter',
    error: 'no answer',
    run(library, probe) {
      library.emitter(failure())
      return probe.unhandled()
    },
  },
  {
    name: 'an emitter given',
    span: 'emitterGiven',
    run(library, probe) {
      const emitter = listen(new EventEmitter(), probe)
      return library.emitterGiven(emitter, 21)
    },
  },
  {
    name: 'an emitter given, with an error that nobody handles',
    span: 'emitterGiven',
    error: 'no answer',
    run(library, probe) {
      library.emitterGiven(new EventEmitter(), failure())
      return probe.unhandled()
    },
  },
  {
    name: 'an emitter given that ends before the call returns',
    span: 'emitterGivenAtOnce',
    run: (library, probe) => library.emitterGivenAtOnce(listen(new EventEmitter(), probe), 21),
  },
  {
    name: 'an emitter given that fails before the call returns',
    span: 'emitterGivenAtOnce',
    error: 'no answer',
    run: (library) => library.emitterGivenAtOnce(new EventEmitter(), failure()),
  },
  { name: 'the return', span: 'returns', value: 42, run: (library) => library.returns(21) },
  { name: 'a throw', span: 'returns', error: 'no answer', run: (library) => library.returns(failure()) },
]

describe('a traced call', () => {
  const said = collectLog()
  let tracer: MadeTracer
  beforeEach(() => {
    tracer = new MadeTracer()
  })

  const finished: unknown[] = []
  const failures: unknown[] = []
  describeCallStyles<Library, Row>('when a call ends by', rows, {
    without: { open: () => new Library() },
    with: {
      open() {
        finished.length = 0
        failures.length = 0
        const finish = (_span: unknown, value: unknown, _args: unknown, error: unknown) => {
          finished.push(value)
          failures.push(error)
        }
        return tracedLibrary(tracer, { finish }).library
      },
      check({ span: method, error, value }) {
        assert.deepEqual(tracer.names, [[`library.${method}`]])
        const [span] = tracer.spans
        assert.equal(span!.error, error === undefined ? 0 : 1)
        assert.equal(tagsOf(span!)['error.message'], error)
        assert.equal(finished.length, 1)
        if (value !== undefined) assert.deepEqual(finished, [value])
        assert.equal(failures[0] ? (failures[0] as Error).message : undefined, error)
        assert.deepEqual(said, [])
      },
    },
  })

  describe('sees errors of every kind and passes on the very same', () => {
    const throwing = Object.defineProperty(new Error(), 'message', {
      get() {
        throw new Error('from a getter')
      },
    })
    const failures: [name: string, error: unknown, message: string | undefined][] = [
      ['an Error', new Error('broken'), 'broken'],
      ['an error of a class', new RangeError('too far'), 'too far'],
      ['a frozen error', Object.freeze(new Error('cold')), 'cold'],
      [
        'an AggregateError with a code',
        Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' }),
        'ECONNREFUSED',
      ],
      ['a text', 'no', 'no'],
      ['an object', { message: 'like an error' }, 'like an error'],
      ['an object without a prototype', Object.create(null), ''],
      ['a symbol', Symbol('no'), 'Symbol(no)'],
      ['an error whose message cannot be read', throwing, undefined],
    ]
    for (const [name, error, message] of failures) {
      it(`${name}, thrown, rejected, called back or emitted`, async () => {
        const { library } = tracedLibrary(tracer)
        const seen = await Promise.all([
          failureOf(() => library.returns(error)),
          failureOf(() => library.promise(error)),
          failureOf(() => library.lazy(error)),
          new Promise((resolve) => library.callback(error, resolve)),
          new Promise((resolve) => library.emitter(error).on('error', resolve)),
        ])
        for (const one of seen) assert.ok(Object.is(one, error))
        assert.equal(tracer.spans.length, 5)
        for (const span of tracer.spans) {
          assert.equal(span.error, 1)
          assert.equal(tagsOf(span)['error.message'], message)
        }
        assert.deepEqual(said, [])
      })
    }

    it('even undefined, thrown or rejected', async () => {
      const patcher = new Patcher('library', {}, tracer)
      const target = {
        throws() {
          throw undefined
        },
        rejects: () => Promise.reject(),
      }
      for (const method of ['throws', 'rejects'] as const) {
        patcher.trace(target, method, { name: method, kind: 'client', start: () => ({ resource: method }) })
      }
      assert.equal(await failureOf(() => target.throws()), undefined)
      assert.equal(await failureOf(() => target.rejects()), undefined)
      assert.deepEqual(
        tracer.spans.map(({ name, error }) => [name, error]),
        [
          ['throws', 1],
          ['rejects', 1],
        ],
      )
    })
  })

  describe('counts the first end', () => {
    const ends: [name: string, run: (emitter: EventEmitter, done: Callback) => void, error: 0 | 1][] = [
      ['the callback, before the emitter', (emitter, done) => [done(null), emitter.emit('error', FAILURE)], 0],
      ['the emitter, before the callback', (emitter, done) => [emitter.emit('end'), done(FAILURE)], 0],
      ['the error, before the end', (emitter) => [emitter.emit('error', FAILURE), emitter.emit('end')], 1],
      ['the end, before the error', (emitter) => [emitter.emit('end'), emitter.emit('error', FAILURE)], 0],
      ['the first of two events', (emitter) => [emitter.emit('end'), emitter.emit('close')], 0],
    ]
    for (const [name, run, error] of ends) {
      it(`${name}, and stops listening`, () => {
        const emitter = new EventEmitter().on('error', () => {})
        let finishes = 0
        const target = { work: (_emitter: EventEmitter, done: Callback) => run(emitter, done) }
        new Patcher('library', {}, tracer).trace(target, 'work', {
          ...operation('work'),
          start: () => ({ resource: 'work', callback: 'last', until: { emitter, events: ['end', 'close'] } }),
          finish: () => void finishes++,
        })
        target.work(emitter, () => {})
        assert.deepEqual(
          tracer.spans.map((span) => span.error),
          [error],
        )
        assert.equal(finishes, 1)
        assert.deepEqual(emitter.eventNames(), ['error'])
      })
    }

    it('the callback at once, and does not listen to the emitter returned', () => {
      const emitter = new EventEmitter()
      const target = { work: (done: Callback) => [emitter, done(null)][0] }
      new Patcher('library', {}, tracer).trace(target, 'work', {
        ...operation('work'),
        start: () => ({ resource: 'work', callback: 'last', until: { emitter: 'result', events: ['end'] } }),
      })
      assert.equal(
        target.work(() => {}),
        emitter,
      )
      assert.deepEqual([tracer.spans.length, emitter.eventNames()], [1, []])
    })

    it('the throw, and stops listening to the emitter given', () => {
      const emitter = new EventEmitter()
      const target = {
        work() {
          throw FAILURE
        },
      }
      new Patcher('library', {}, tracer).trace(target, 'work', {
        ...operation('work'),
        start: () => ({ resource: 'work', until: { emitter, events: ['end'] } }),
      })
      assert.throws(() => target.work(), FAILURE)
      emitter.emit('end')
      assert.equal(tracer.spans.length, 1)
      assert.deepEqual(emitter.eventNames(), [])
    })

    it('not the return while a callback or an emitter is awaited', () => {
      const { library } = tracedLibrary(tracer)
      library.callback(1, () => {})
      const emitting = library.emitter(1)
      assert.equal(emitting.listenerCount(errorMonitor), 1)
      assert.deepEqual(tracer.spans, [])
    })

    it('the return where the emitter that should tell is none', async () => {
      const results = [undefined, null, 1, {}, { on() {} }, { on: 1, removeListener: 1 }]
      for (const result of results) {
        const target = { work: () => result }
        new Patcher('library', {}, tracer).trace(target, 'work', {
          ...operation('work'),
          start: () => ({ resource: 'work', until: { emitter: 'result', events: ['end'] } }),
        })
        assert.equal(target.work(), result)
      }
      assert.equal(tracer.spans.length, results.length)
      const target = { work: () => Promise.resolve(1) }
      new Patcher('library', {}, tracer).trace(target, 'work', {
        ...operation('work'),
        start: () => ({ resource: 'work', until: { emitter: 'result', events: ['end'] } }),
      })
      const promise = target.work()
      assert.equal(tracer.spans.length, results.length, 'a promise is awaited')
      await promise
      assert.equal(tracer.spans.length, results.length + 1)
    })
  })
})
