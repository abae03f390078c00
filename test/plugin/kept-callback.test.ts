// Calls whose callback is kept on an object: drivers queue commands and call them back from wherever their socket was made.

import { strict as assert } from 'node:assert'
import { EventEmitter } from 'node:events'
import type { Bound, CallStart } from '../../src/plugin/contract'
import { Patcher } from '../../src/plugin/patcher'
import type { Span } from '../../src/trace/span'
import { MadeTracer } from '../trace/made-tracer'
import { FAILURE, operation } from './library'

class Command extends EventEmitter {
  constructor(
    readonly text: string | undefined,
    public done?: (this: unknown, ...results: unknown[]) => unknown,
  ) {
    super()
  }
}

class Connection {
  readonly queue: Command[] = []

  add(command: Command): Command {
    this.queue.push(command)
    return command
  }
}

describe('a callback that is kept on an object', () => {
  let tracer: MadeTracer
  let patcher: Patcher
  let caller: Span

  beforeEach(() => {
    tracer = new MadeTracer()
    patcher = new Patcher('driver', {}, tracer)
    patcher.bindEvents(Command.prototype)
    patcher.trace<Connection, [Command]>(Connection.prototype, 'add', {
      ...operation('query'),
      activate: false,
      start(_connection, [command]): CallStart | Bound {
        const bound: Bound = { bind: [command], callback: { of: command, key: 'done' } }
        if (command.text === undefined) return bound
        return { ...bound, resource: command.text, until: { emitter: command, events: ['end'] } }
      },
    })
    caller = tracer.startSpan('caller')
  })
  afterEach(() => patcher.undo())

  const add = (command: Command) => tracer.scope().activate(caller, () => new Connection().add(command))
  const queries = () => {
    caller.finish()
    return tracer.spans.filter(({ name }) => name === 'query')
  }

  it('ends the call, and runs in the context of its caller with what it was given', () => {
    const seen: unknown[] = []
    const command = new Command('select', function (...results) {
      seen.push(this, results, tracer.activeSpan)
      return 'returned'
    })
    add(command)
    const self = {}
    assert.equal(Reflect.apply(command.done!, self, [FAILURE, 1]), 'returned')
    assert.deepEqual(seen, [self, [FAILURE, 1], caller])
    command.emit('end')
    assert.deepEqual(
      queries().map(({ error }) => error),
      [1],
    )
  })

  it('is not needed where events tell the end, which belong to the caller too', () => {
    const command = new Command('select')
    let active: unknown
    command.on('end', () => {
      active = tracer.activeSpan
    })
    add(command)
    assert.equal('done' in command && command.done, undefined)
    command.emit('end')
    assert.equal(active, caller)
    assert.deepEqual(
      queries().map(({ error }) => error),
      [0],
    )
  })

  for (const [value, error] of [
    [FAILURE, 1],
    ['rows', 0],
  ] as const) {
    it(`is not needed to see that a call ${error ? 'failed' : 'went well'} by what comes with the end`, () => {
      add(new Command('select')).emit('end', value)
      assert.deepEqual(
        queries().map((span) => span.error),
        [error],
      )
    })
  }

  it('belongs to its caller when the call gets no span', () => {
    const seen: unknown[] = []
    const command = new Command(undefined, () => seen.push(tracer.activeSpan))
    command.on('ready', () => seen.push(tracer.activeSpan))
    add(command)
    command.done?.()
    command.emit('ready')
    assert.deepEqual(seen, [caller, caller])
    assert.deepEqual(queries(), [])
  })

  it('need not be there for events to belong to their caller', () => {
    patcher.trace<Connection, [Command]>(Connection.prototype, 'add', {
      ...operation('outer'),
      start: (_connection, [command]): Bound => ({ bind: [command] }),
    })
    const command = new Command('select')
    const seen: unknown[] = []
    command.on('ready', () => seen.push(tracer.activeSpan))
    add(command)
    command.emit('ready')
    command.emit('end')
    assert.deepEqual(seen, [caller])
  })

  it('need not come any more when the plugin knows that the call has failed', () => {
    const command = new Command('select')
    add(command)
    patcher.fail(command, FAILURE)
    command.emit('end')
    patcher.fail(new Command('unknown'), FAILURE)
    const spans = queries()
    assert.deepEqual(
      spans.map(({ error }) => error),
      [1],
    )
  })
})
