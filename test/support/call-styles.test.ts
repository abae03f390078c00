// The table runner on a small library of its own: a faithful wrapper must pass every row, and the hooks of both sides
// must run in the order that lets a patch be put on between them.

import { strict as assert } from 'node:assert'
import { type CallStyle, describeCallStyles } from './call-styles'

type Done = (error: Error | null, value?: number) => void
interface Library {
  double(value: number, done: Done): void
  double(value: number): Promise<number>
}
interface Row extends CallStyle<Library> {
  spans: number
}

class Doubler {
  double(value: number, done?: Done): Promise<number> | undefined {
    const error = value < 0 ? new RangeError('negative') : null
    if (!done) return error ? Promise.reject(error) : Promise.resolve(value * 2)
    setImmediate(() => done.call(this, error, error ? undefined : value * 2))
    return undefined
  }
}

const happened: string[] = []
const calls: number[] = []
const { double } = Doubler.prototype

const rows: Row[] = [
  { name: 'callback', spans: 1, run: (library, probe) => library.double(2, probe.callback()) },
  { name: 'promise', spans: 1, run: (library) => library.double(2) },
  { name: 'rejection', spans: 1, run: (library) => library.double(-1) },
  {
    name: 'dropped rejection',
    spans: 1,
    run: (library, probe) => {
      probe.note('result', library.double(-1))
      return probe.unhandled()
    },
  },
  {
    name: 'throwing callback',
    spans: 1,
    run: (library, probe) =>
      library.double(
        2,
        probe.callback('thrower', () => {
          throw new Error('of the program')
        }),
      ),
  },
]

describeCallStyles<Library, Row>('call styles of a small library', rows, {
  without: {
    before: () => happened.push('before'),
    open: () => new Doubler() as Library,
    after: () => happened.push('after'),
  },
  with: {
    before: () => {
      happened.push('patch')
      Doubler.prototype.double = function (...args) {
        calls.push(args[0])
        return double.apply(this, args)
      }
    },
    open: () => new Doubler() as Library,
    check: (row, observation) => {
      assert.equal(calls.splice(0).length, row.spans)
      assert.deepEqual(observation.missing, [])
    },
    after: () => {
      Doubler.prototype.double = double
      assert.deepEqual(happened, ['before', 'after', 'patch'])
    },
  },
})
