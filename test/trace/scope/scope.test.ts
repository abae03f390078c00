// Every scope passes this one suite: a context set by `run` is seen by all that its function starts, in whatever way Node comes
// back to it, by nothing else, and what the function returns or throws passes through untouched.

import { strict as assert } from 'node:assert'
import { EventEmitter, once } from 'node:events'
import { readFile } from 'node:fs'
import { createServer, request } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { join } from 'node:path'
import { pipeline, Readable, Transform } from 'node:stream'
import { setTimeout as later, setImmediate as turn } from 'node:timers/promises'
import { deflate } from 'node:zlib'
import { Context, MUTED_CONTEXT, ROOT_CONTEXT } from '../../../src/trace/context'
import { AsyncLocalScope } from '../../../src/trace/scope/async-local-scope'
import { ClsScope } from '../../../src/trace/scope/cls-scope'
import type { Scope } from '../../../src/trace/scope/scope'
import { runNode } from '../../support/spawn'

const scopes: Record<string, () => Scope> = {
  AsyncLocalScope: () => new AsyncLocalScope(),
  ClsScope: () => new ClsScope(),
}

const fileOf: Record<string, string> = { AsyncLocalScope: 'async-local-scope', ClsScope: 'cls-scope' }

/** Ways in which Node comes back to a program: each calls its argument later. */
const detours: Record<string, (callback: () => void) => void> = {
  setTimeout: (callback) => void setTimeout(callback, 1),
  setImmediate: (callback) => void setImmediate(callback),
  'process.nextTick': (callback) => process.nextTick(callback),
  queueMicrotask: (callback) => queueMicrotask(callback),
  'the second call of setInterval': (callback) => {
    let calls = 0
    const timer = setInterval(() => {
      if (++calls < 2) return
      clearInterval(timer)
      callback()
    }, 1)
  },
  'Promise.then': (callback) => void Promise.resolve().then(callback),
  'Promise.catch': (callback) => void Promise.reject(new Error('x')).catch(callback),
  'Promise.finally': (callback) => void Promise.resolve().finally(callback),
  'await of a value': async (callback) => {
    await null
    callback()
  },
  'await of a timer, twice': async (callback) => {
    await later(1)
    await turn()
    callback()
  },
  'await of a rejection': async (callback) => {
    try {
      await Promise.reject(new Error('x'))
    } catch {
      callback()
    }
  },
  'await of a thenable': async (callback) => {
    // biome-ignore lint/suspicious/noThenProperty: thenables are what this is about
    await { then: (resolve: () => void) => setImmediate(resolve) }
    callback()
  },
  'Promise.all': async (callback) => {
    await Promise.all([later(1), turn(), 5])
    callback()
  },
  'async generators': async (callback) => {
    async function* numbers(): AsyncGenerator<number> {
      await turn()
      yield 1
    }
    for await (const _ of numbers()) callback()
  },
  'a file read': (callback) => readFile(__filename, callback),
  zlib: (callback) => deflate('text', callback),
  'events.once': async (callback) => {
    const emitter = new EventEmitter()
    setImmediate(() => emitter.emit('ready'))
    await once(emitter, 'ready')
    callback()
  },
  'the data of a stream': (callback) => void Readable.from(['a']).on('data', callback),
  'iteration over a stream': async (callback) => {
    for await (const _ of Readable.from(['a'])) callback()
  },
  'the end of a pipeline': (callback) => {
    const double = new Transform({
      objectMode: true,
      transform: (chunk, _encoding, next) => next(null, [chunk, chunk]),
    })
    pipeline(
      Readable.from(['a', 'b']),
      double,
      async (source) => {
        for await (const _ of source) await null
      },
      callback,
    )
  },
  'a socket and an HTTP response': (callback) => {
    const server = createServer((_, response) => response.end('ok')).listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      request({ port, host: '127.0.0.1', agent: false }, (response) => {
        response.resume().on('end', () => {
          connect({ port, host: '127.0.0.1' }, function (this: { destroy(): void }) {
            this.destroy()
            server.close()
            callback()
          })
        })
      }).end()
    })
  },
}

for (const [name, make] of Object.entries(scopes)) {
  describe(name, () => {
    let scope: Scope
    const a = new Context(undefined)
    const b = new Context(undefined)

    before(() => {
      scope = make()
    })
    afterEach(() => assert.equal(scope.active(), ROOT_CONTEXT, 'something is left active'))

    it('begins with the root context', () => {
      assert.equal(scope.active(), ROOT_CONTEXT)
      assert.deepEqual([ROOT_CONTEXT.span, ROOT_CONTEXT.muted, MUTED_CONTEXT.muted], [undefined, false, true])
    })

    it('runs a function inside a context and gives back its value', () => {
      assert.equal(
        scope.run(a, () => scope.active()),
        a,
      )
    })

    it('passes this and arguments', () => {
      const self = {}
      function method(this: unknown, ...args: unknown[]) {
        return [this, ...args]
      }
      assert.deepEqual(scope.run(a, method, self, [1, 2]), [self, 1, 2])
      assert.deepEqual(scope.run(a, method), [undefined])
    })

    it('nests, and comes back level by level', () => {
      scope.run(a, () => {
        scope.run(b, () => {
          scope.run(a, () => assert.equal(scope.active(), a))
          scope.run(ROOT_CONTEXT, () => assert.equal(scope.active(), ROOT_CONTEXT))
          assert.equal(scope.active(), b)
        })
        assert.equal(scope.active(), a)
      })
    })

    it('lets a throw through, as it is, and comes back', () => {
      const error = Object.freeze(new Error('x'))
      const keys = Reflect.ownKeys(new Error('x'))
      scope.run(a, () => {
        assert.throws(
          () =>
            scope.run(b, () => {
              throw error
            }),
          (caught) => caught === error,
        )
        assert.equal(scope.active(), a)
        const plain = new Error('x')
        assert.throws(() =>
          scope.run(b, () => {
            throw plain
          }),
        )
        assert.deepEqual(Reflect.ownKeys(plain), keys, 'the error was written to')
      })
      for (const thrown of [undefined, null, 'text']) {
        let caught: unknown = error
        try {
          scope.run(a, () => {
            throw thrown
          })
        } catch (what) {
          caught = what
        }
        assert.equal(caught, thrown)
      }
    })

    for (const [title, detour] of Object.entries(detours)) {
      it(`follows ${title}, and its caller does not`, async () => {
        const seen = await new Promise((resolve) => {
          scope.run(a, () => detour(() => resolve(scope.active())))
          assert.equal(scope.active(), ROOT_CONTEXT)
        })
        assert.equal(seen, a)
      })

      it(`brings nothing through ${title} from outside of a context`, async () => {
        const seen = new Promise((resolve) => detour(() => resolve(scope.active())))
        scope.run(a, () => {})
        assert.equal(await seen, ROOT_CONTEXT)
      })
    }

    it('is the one of the caller again after an await of what ran in another', async () => {
      await scope.run(a, async () => {
        const inner = await (scope.run(b, async () => {
          await turn()
          return scope.active()
        }) as Promise<Context>)
        assert.equal(inner, b)
        assert.equal(scope.active(), a)
      })
    })

    it('runs listeners where the event is emitted, not where they were added', () => {
      const emitter = new EventEmitter()
      const seen: Context[] = []
      scope.run(a, () => emitter.on('event', () => seen.push(scope.active())))
      scope.run(b, () => emitter.emit('event'))
      emitter.emit('event')
      assert.deepEqual(
        seen.map((context) => [a, b, ROOT_CONTEXT].indexOf(context)),
        [1, 2],
      )
    })

    it('binds a function to a context, by default to the active one', async () => {
      const self = {}
      function method(this: unknown, ...args: unknown[]) {
        return [scope.active(), this, ...args]
      }
      const [now, given] = scope.run(a, () => [scope.bind(method), scope.bind(method, b)]) as ReturnType<
        Scope['bind']
      >[]
      assert.deepEqual(Reflect.apply(now!, self, [1, 2]), [a, self, 1, 2])
      scope.run(b, () => {
        assert.equal((now!() as unknown[])[0], a)
        assert.equal(scope.active(), b)
      })
      assert.equal((given!() as unknown[])[0], b)
      const outside = scope.bind(method)
      scope.run(a, () => assert.equal((outside() as unknown[])[0], ROOT_CONTEXT))
      const late = await (scope.run(b, async () => {
        await turn()
        return now!()
      }) as Promise<unknown[]>)
      assert.equal(late[0], a)
    })

    it('works again after it was left', async () => {
      const scope = make()
      const a = new Context(undefined)
      scope.run(a, () => {})
      scope.leave()
      assert.equal(scope.active(), ROOT_CONTEXT)
      await scope.run(a, async () => {
        await null
        assert.equal(scope.active(), a)
      })
    })

    it('keeps a hundred concurrent flows apart', async () => {
      const ways = Object.values(detours).slice(0, 10)
      const flow = async (index: number) => {
        const context = new Context(undefined)
        await scope.run(context, async () => {
          for (let step = 0; step < 5; step++) {
            await new Promise<void>((resolve) => ways[(index + step) % ways.length]!(resolve))
            assert.equal(scope.active(), context, `flow ${index}, step ${step}`)
          }
        })
      }
      await Promise.all(Array.from({ length: 100 }, (_, index) => flow(index)))
    })

    it('keeps the context of a stream that is read elsewhere with its reader', async () => {
      const source = scope.run(a, () => Readable.from(['x', 'y'])) as Readable
      await scope.run(b, async () => {
        for await (const _ of source) assert.equal(scope.active(), b)
      })
    })

    it('lets go of the contexts of a job that reschedules itself for ever', async () => {
      const from = (file: string) => JSON.stringify(join(__dirname, '../../../src/trace', file))
      const { stdout, stderr } = await runNode({
        execArgv: ['--expose-gc'],
        code: `
          const { ${name} } = require(${from(`scope/${fileOf[name]}.js`)})
          const { Context } = require(${from('context.js')})
          const scope = new ${name}()
          const refs = []
          async function job() {
            if (refs.length === 100) {
              await new Promise(setImmediate)
              gc()
              await new Promise(setImmediate)
              gc()
              console.log(refs.filter((ref) => ref.deref() !== undefined).length)
              return
            }
            const context = new Context(undefined)
            refs.push(new WeakRef(context))
            scope.run(context, () => setImmediate(job))
          }
          job()`,
      })
      assert.equal(stderr, '')
      assert.ok(Number(stdout) < 10, `${stdout.trim()} of 100 contexts are still in memory`)
    })
  })
}
