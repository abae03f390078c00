// What a pin makes of the spans of an operation, whatever the library.

import { strict as assert } from 'node:assert'
import { channel } from 'node:diagnostics_channel'
import { Pin } from '../../src'
import { listen } from '../../src/plugin/channels'
import type { Operation } from '../../src/plugin/contract'
import { HeldMethods } from '../../src/plugin/held-methods'
import { Patcher } from '../../src/plugin/patcher'
import { belongs } from '../../src/trace/pin'
import type { Span } from '../../src/trace/span'
import type { Tracer } from '../../src/trace/tracer'
import { MadeTracer, tagsOf } from '../trace/made-tracer'
import { type Library, tracedLibrary } from './library'

class OtherTracer extends MadeTracer {
  override get service(): string {
    return super.service === '' ? '' : 'other'
  }
}

describe('a pin on the object that is called', () => {
  let tracer: MadeTracer
  let library: Library
  const returning = (more: Partial<Operation<Library, unknown[]>> = {}, options = {}) => {
    library = tracedLibrary(tracer, { start: () => ({ resource: 'r', tags: { a: 1 } }), ...more }, options).library
    return library
  }
  const only = () => {
    assert.equal(tracer.spans.length, 1)
    return tracer.spans[0]!
  }
  beforeEach(() => {
    tracer = new MadeTracer()
  })

  it('names the service, and who did that', () => {
    Pin.override(returning(), { service: 'db' })
    library.returns(1)
    assert.equal(only().service, 'db')
    assert.equal(tagsOf(only())['_dd.svc_src'], 'm')
  })

  it('beats the options of the plugin, and what a call says', () => {
    Pin.override(returning({ start: () => ({ resource: 'r', service: 'call' }) }, { service: 'option' }), {
      service: 'db',
    })
    library.returns(1)
    assert.equal(only().service, 'db')
  })

  it('that names the service of the program leaves no source', () => {
    Pin.override(returning(), { service: 'shop' })
    library.returns(1)
    assert.equal(tagsOf(only())['_dd.svc_src'], undefined)
  })

  it('adds its tags, which beat those of the plugin', () => {
    Pin.override(returning(), { tags: { a: 2, team: 'x', nested: { b: true }, nothing: undefined } })
    library.returns(1)
    const { a, team, 'nested.b': nested } = tagsOf(only())
    assert.deepEqual([a, team, nested], [2, 'x', 'true'])
    assert.equal(only().service, 'shop-library')
  })

  it('does nothing to another object of the class', () => {
    const other = returning()
    const pinned = Object.assign(Object.create(Object.getPrototypeOf(other) as object), {}) as Library
    Pin.override(pinned, { service: 'db' })
    other.returns(1)
    assert.equal(only().service, 'shop-library')
    pinned.returns(1)
    assert.equal(tracer.spans[1]!.service, 'db')
  })

  it('holds again without, once it is removed', () => {
    const pin = Pin.override(returning(), { service: 'db' })
    pin.removeFrom(library)
    library.returns(1)
    assert.equal(only().service, 'shop-library')
  })

  it('holds for each of many calls at once', async () => {
    const other = returning()
    const { library: pinned } = tracedLibrary(tracer)
    Pin.override(pinned, { service: 'db' })
    await Promise.all([...Array(20)].flatMap((_, i) => [pinned.promise(i), other.promise(i)]))
    assert.deepEqual(tracer.spans.map(({ service }) => service).sort(), [
      ...Array(20).fill('db'),
      ...Array(20).fill('shop-library'),
    ])
  })

  it('is looked for first on what the operation points at', () => {
    const [agent, pool] = [{}, {}]
    returning({ pinOn: (_self, [given]) => (given === 1 ? agent : pool) })
    Pin.override(library, { service: 'self' })
    Pin.override(agent, { service: 'agent' })
    library.returns(1)
    library.returns(2)
    assert.deepEqual(
      tracer.spans.map(({ service }) => service),
      ['agent', 'self'],
    )
  })

  it('follows from what the object belongs to', () => {
    const pool = {}
    belongs(returning(), pool)
    Pin.override(pool, { service: 'pool', tags: { a: 3 } })
    library.returns(1)
    Pin.override(library, { service: 'connection' })
    library.returns(1)
    assert.deepEqual(
      tracer.spans.map((span) => [span.service, tagsOf(span)['a']]),
      [
        ['pool', 3],
        ['connection', 3],
      ],
    )
  })

  it('is found on what takes no fields, and with a fault of its own does no harm', () => {
    Pin.override(Object.freeze(returning()), { service: 'db' })
    library.returns(1)
    assert.equal(only().service, 'db')
    returning({
      pinOn() {
        throw new Error('a fault')
      },
    })
    assert.equal(library.returns(1), 2)
    assert.equal(tracer.spans.length, 1)
  })

  describe('with a tracer', () => {
    let other: OtherTracer
    const pinned = (options = {}) => {
      other = new OtherTracer()
      Pin.override(returning(options), { tracer: other })
    }

    it('makes the spans with that, and names them after it', () => {
      pinned()
      library.returns(1)
      assert.deepEqual(tracer.spans, [])
      assert.equal(other.spans[0]?.service, 'other-library')
      assert.equal(tagsOf(other.spans[0]!)['_dd.svc_src'], 'library')
    })

    it('goes on with the trace, which stays in two parts', () => {
      pinned()
      tracer.trace('request', () => library.returns(1))
      const [[request], [span]] = [tracer.spans, other.spans] as unknown as [Span[], Span[]]
      assert.deepEqual([tracer.names.flat(), other.names.flat()], [['request'], ['library.returns']])
      assert.equal(span!.trace.id, request!.trace.id)
      assert.equal(span!.parentLow, request!.idLow)
      assert.equal(span!.trace.priority, request!.trace.priority)
    })

    it('is the parent of what the library does inside, by whatever tracer', () => {
      pinned()
      const { library: inner } = tracedLibrary(tracer)
      Pin.override(inner, { tracer: other })
      const { library: plain } = tracedLibrary(tracer)
      class Outer {
        call(): void {
          inner.returns(1)
          plain.returns(1)
        }
      }
      const patcher = new Patcher('outer', {}, tracer)
      patcher.trace(Outer.prototype, 'call', { name: 'outer', kind: 'client', start: () => ({ resource: 'r' }) })
      const outer = new Outer()
      Pin.override(outer, { tracer: other })
      outer.call()
      assert.deepEqual(other.names, [['library.returns', 'library.returns', 'outer']])
      const [first, second, whole] = other.spans as unknown as Span[]
      assert.deepEqual([first!.parentLow, second!.parentLow], [whole!.idLow, whole!.idLow])
    })

    it('belongs below what is active in that one', () => {
      pinned()
      other.trace('of the other', () => library.returns(1))
      assert.deepEqual(other.names, [['library.returns', 'of the other']])
    })

    it('has no spans while that is off, and all the rest is as it was', async () => {
      pinned()
      await other.shutdown()
      assert.equal(library.returns(1), 2)
      assert.equal(await library.promise(1), 2)
      assert.throws(() => library.returns('no'))
      assert.deepEqual([...tracer.spans, ...other.spans], [])
    })
  })
})

describe('a pin for what a channel tells', () => {
  const name = { start: 'dd-test:start', finish: 'dd-test:finish', error: 'dd-test:error' }
  interface Message {
    readonly client: object
  }

  function told(tracer: Tracer, client: object): void {
    const message: Message = { client }
    const stop = listen(
      {
        module: 'library',
        channel: name,
        operation: {
          name: 'library.call',
          kind: 'client',
          system: 'library',
          start: () => ({ resource: 'r' }),
          pinOn: ({ client: pinned }: Message) => pinned,
        },
      },
      'library',
      {},
      tracer,
    )
    channel(name.start).publish(message)
    channel(name.finish).publish(message)
    stop()
  }

  it('holds for the object that the message names', async () => {
    const tracer = new MadeTracer()
    const [pinned, off] = [{}, {}]
    Pin.override(pinned, { service: 'db', tags: { team: 'x' } })
    told(tracer, pinned)
    told(tracer, {})
    const other = new MadeTracer()
    Pin.override(off, { tracer: other })
    await other.shutdown()
    told(tracer, off)
    assert.deepEqual(
      tracer.spans.map((span) => [span.service, tagsOf(span)['team']]),
      [
        ['db', 'x'],
        ['shop-library', undefined],
      ],
    )
  })
})

describe('a pin on what the plugin does not meet', () => {
  class Connection {
    async command(): Promise<string> {
      return 'done'
    }
  }
  class Cursor {
    constructor(private readonly connection: Connection) {}
    async next(): Promise<string> {
      await Promise.resolve()
      return this.connection.command()
    }
    async *[Symbol.asyncIterator](): AsyncGenerator<string> {
      yield await this.next()
    }
  }
  class Base {}
  class Collection extends Base {
    readonly connection = new Connection()
    async insert(): Promise<string> {
      await new Promise((resolve) => setImmediate(resolve))
      return this.connection.command()
    }
    find(): Cursor {
      return new Cursor(this.connection)
    }
    each(run: () => unknown): unknown {
      return run()
    }
  }

  function held(): { tracer: MadeTracer; patcher: Patcher; services(): string[] } {
    const tracer = new MadeTracer()
    const patcher = new Patcher('base', {}, tracer)
    const operation = { name: 'base.command', kind: 'client', system: 'base', activate: false } as const
    patcher.trace(Connection.prototype, 'command', { ...operation, start: () => ({ resource: 'command' }) })
    const methods = new HeldMethods(patcher, ['base'])
    methods.hold(Collection.prototype)
    return { tracer, patcher, services: () => tracer.spans.map(({ service }) => service) }
  }

  it('holds for its calls, wherever they lead, and for what it returns', async () => {
    const { patcher, services } = held()
    const [pinned, other] = [new Collection(), new Collection()]
    Pin.override(pinned, { service: 'db' })
    try {
      await Promise.all([pinned.insert(), other.insert()])
      const cursor = pinned.find()
      assert.equal(await cursor.next(), 'done')
      for await (const value of cursor) assert.equal(value, 'done')
      await pinned.each(() => other.insert())
      await pinned.connection.command()
    } finally {
      patcher.undo()
    }
    assert.deepEqual(services(), ['db', 'shop-base', 'db', 'db', 'shop-base', 'shop-base'])
  })

  it('leaves the classes of Node and of JavaScript alone', async () => {
    const { patcher } = held()
    const generator = Object.getPrototypeOf(Object.getPrototypeOf((async function* () {})())) as object
    const values = (): unknown[] =>
      Reflect.ownKeys(generator).map((key) => Object.getOwnPropertyDescriptor(generator, key)?.value)
    const before = values()
    for await (const value of new Collection().find()) assert.equal(value, 'done')
    assert.deepEqual(values(), before)
    patcher.undo()
    assert.equal(Object.getOwnPropertyDescriptor(Collection.prototype, 'find')?.value.name, 'find')
  })
})
