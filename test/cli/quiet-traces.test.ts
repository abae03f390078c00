// When traces are printed, with a clock that only moves when told to.

import assert from 'node:assert/strict'
import { QUIET_MS, QuietTraces } from '../../src/cli/quiet-traces'
import type { StoredTrace } from '../../src/local-agent/trace-store'
import { storedTrace } from '../local-agent/received'

/** Runs what is due when it is advanced. */
class FakeTimers {
  #nowMs = 0
  readonly #due = new Map<object, { atMs: number; callback: () => void }>()

  setTimeout(callback: () => void, delayMs: number): NodeJS.Timeout {
    const timer = {}
    this.#due.set(timer, { atMs: this.#nowMs + delayMs, callback })
    return timer as NodeJS.Timeout
  }

  clearTimeout(timer: NodeJS.Timeout): void {
    this.#due.delete(timer)
  }

  advance(ms: number): void {
    this.#nowMs += ms
    for (const [timer, { atMs, callback }] of [...this.#due]) {
      if (atMs > this.#nowMs) continue
      this.#due.delete(timer)
      callback()
    }
  }
}

describe('trace printer', () => {
  let timers: FakeTimers
  let printed: StoredTrace[]
  let printer: QuietTraces<StoredTrace>
  beforeEach(() => {
    timers = new FakeTimers()
    printed = []
    printer = new QuietTraces((trace) => printed.push(trace), timers)
  })

  it('prints a trace when nothing has come for a while', () => {
    const [one, two] = [storedTrace({}), { ...storedTrace({}), id: '2' }]
    printer.changed(one)
    timers.advance(QUIET_MS - 1)
    printer.changed(one)
    printer.changed(two)
    timers.advance(QUIET_MS - 1)
    assert.deepEqual(printed, [])
    printer.changed(two)
    timers.advance(1)
    assert.deepEqual(printed, [one])
    timers.advance(QUIET_MS)
    assert.deepEqual(printed, [one, two])
  })

  it('prints a trace that goes on again, and only then', () => {
    const trace = storedTrace({})
    printer.changed(trace)
    timers.advance(QUIET_MS)
    timers.advance(QUIET_MS)
    assert.equal(printed.length, 1)
    printer.changed(trace)
    timers.advance(QUIET_MS)
    assert.equal(printed.length, 2)
  })

  it('prints a trace as it was when it changed last', () => {
    const [before, after] = [storedTrace({}), storedTrace({ resource: 'GET /later' })]
    printer.changed(before)
    printer.changed(after)
    timers.advance(QUIET_MS)
    assert.deepEqual(printed, [after])
  })

  it('prints nothing any more when it is stopped', () => {
    printer.changed(storedTrace({}))
    printer.stop()
    timers.advance(QUIET_MS)
    assert.deepEqual(printed, [])
  })

  it('prints what waits when it is flushed, once', () => {
    printer.changed(storedTrace({}))
    printer.changed({ ...storedTrace({}), id: '2' })
    printer.flush()
    assert.equal(printed.length, 2)
    timers.advance(QUIET_MS)
    assert.equal(printed.length, 2)
  })
})
