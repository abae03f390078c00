// The end of a call that a library tells by settling an object of its own, as drivers do that queue their commands: the promise of a
// command is then nobody's to chain, because whoever sends it may drop it.

import { strict as assert } from 'node:assert'
import type { Operation } from '../../src/plugin/contract'
import { Patcher } from '../../src/plugin/patcher'
import { type CallStyle, describeCallStyles } from '../support/call-styles'
import { MadeTracer, tagsOf } from '../trace/made-tracer'

/** Settles its promise; what cannot be read is a rejection. */
class Command {
  readonly promise: Promise<unknown>
  resolve!: (value: unknown) => unknown
  reject!: (error: unknown) => unknown

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = (value) => {
        if (value === 'unreadable') this.reject(new Error('cannot be read'))
        else resolve(value)
        return 'told'
      }
      this.reject = reject
    })
  }
}

class Driver {
  send(command: Command, reply?: unknown): unknown {
    setImmediate(() => {
      if (reply instanceof Error) command.reject(reply)
      else command.resolve(reply)
      command.resolve('again')
    })
    return command.promise
  }

  sendAtOnce(command: Command): unknown {
    command.resolve(1)
    return command.promise
  }

  fail(_command: Command): unknown {
    throw new Error('not sent')
  }
}

interface Row extends CallStyle<Driver> {
  readonly error?: string
}

const rows: Row[] = [
  { name: 'a value', run: (driver) => driver.send(new Command(), 1) },
  { name: 'a value before the call returns', run: (driver) => driver.sendAtOnce(new Command()) },
  { name: 'an error', run: (driver) => driver.send(new Command(), new Error('no')), error: 'no' },
  {
    name: 'an error that nobody handles',
    run(driver, probe) {
      void driver.send(new Command(), new Error('no'))
      return probe.unhandled()
    },
    error: 'no',
  },
  {
    name: 'an error, with the promise dropped by who called and handled by who made the command',
    run(driver) {
      const command = new Command()
      void driver.send(command, new Error('no'))
      return command.promise
    },
    error: 'no',
  },
  {
    name: 'a value that cannot be read',
    run: (driver) => driver.send(new Command(), 'unreadable'),
    error: 'cannot be read',
  },
  {
    name: 'what its resolve returns',
    run(driver) {
      const command = new Command()
      void driver.send(command, 1)
      return command.resolve(2)
    },
  },
  { name: 'a throw', run: (driver) => driver.fail(new Command()), error: 'not sent' },
]

describe('a call that ends when an object is settled', () => {
  const operation: Operation<Driver, [Command]> = {
    name: 'driver.send',
    kind: 'client',
    start: (_driver, [command]) => ({ resource: 'send', deferred: command }),
  }
  let tracer: MadeTracer

  describeCallStyles<Driver, Row>('by', rows, {
    without: { open: () => new Driver() },
    with: {
      open() {
        tracer = new MadeTracer()
        const Traced = class extends Driver {}
        const patcher = new Patcher('driver', {}, tracer)
        for (const method of ['send', 'sendAtOnce', 'fail'] as const) patcher.trace(Traced.prototype, method, operation)
        return Object.setPrototypeOf(new Driver(), Traced.prototype) as Driver
      },
      check({ error }) {
        assert.deepEqual(tracer.names, [['driver.send']])
        const [span] = tracer.spans
        assert.equal(span!.error, error === undefined ? 0 : 1)
        assert.equal(tagsOf(span!)['error.message'], error)
      },
    },
  })
})
