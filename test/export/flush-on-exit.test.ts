// The last spans are sent when a process ends, and it still ends the way it would have: the same code, the same signal, not later
// than the program itself wanted. Each row is a process.

import { strict as assert } from 'node:assert'
import { join } from 'node:path'
import { runNode } from '../support/spawn'

const program = (flush: string, body: string) => `
  const { flushOnExit } = require(${JSON.stringify(join(__dirname, '../../src/export/flush-on-exit.js'))})
  const stop = flushOnExit(() => { console.log('flush'); return ${flush} })
  ${body}`

const stays = "setInterval(() => {}, 1000); console.log('READY')"
const soon = "new Promise((resolve) => setImmediate(resolve)).then(() => console.log('flushed'))"

describe('flushing at the exit', () => {
  it('happens before the exit of a program that is done, once', async () => {
    const { code, stdout } = await runNode({ code: program('Promise.resolve()', "console.log('done')") })
    assert.deepEqual([code, stdout], [0, 'done\nflush\n'])
  })

  it('keeps the exit code', async () => {
    const { code } = await runNode({ code: program('Promise.resolve()', 'process.exitCode = 3') })
    assert.equal(code, 3)
  })

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`holds ${signal} up until it is done, then ends by it`, async () => {
      const run = await runNode({ code: program(soon, stays), killAfterOutput: /READY/, signal })
      assert.deepEqual([run.signal, run.code, run.stdout], [signal, null, 'READY\nflush\nflushed\n'])
    })

    it(`leaves ${signal} to a program that listens for it`, async () => {
      const own = `process.on('${signal}', () => { console.log('own'); setTimeout(() => process.exit(7), 50) }); ${stays}`
      const run = await runNode({ code: program(soon, own), killAfterOutput: /READY/, signal })
      assert.deepEqual([run.signal, run.code], [null, 7])
      assert.deepEqual(run.stdout.trim().split('\n').sort(), ['READY', 'flush', 'flushed', 'own'])
    })
  }

  it('holds a signal up for a second at most', async () => {
    const clock =
      "(setTimeout(() => console.log('early'), 300), setTimeout(() => console.log('late'), 5000), new Promise(() => {}))"
    const run = await runNode({ code: program(clock, stays), killAfterOutput: /READY/ })
    assert.deepEqual([run.signal, run.stdout], ['SIGTERM', 'READY\nflush\nearly\n'])
  })

  it('lets a second signal through at once', async () => {
    const clock =
      "(setTimeout(() => process.kill(process.pid, 'SIGTERM'), 10), setTimeout(() => console.log('late'), 500), new Promise(() => {}))"
    const run = await runNode({ code: program(clock, stays), killAfterOutput: /READY/ })
    assert.deepEqual([run.signal, run.stdout], ['SIGTERM', 'READY\nflush\n'])
  })

  it('flushes at every signal that a program survives', async () => {
    const own = `
      let seen = 0
      process.on('SIGTERM', () => { if (++seen === 3) process.exit(0); else setImmediate(() => process.kill(process.pid, 'SIGTERM')) })
      ${stays}`
    const { code, stdout } = await runNode({ code: program('Promise.resolve()', own), killAfterOutput: /READY/ })
    assert.deepEqual([code, stdout.match(/flush/g)?.length], [0, 3])
  })

  it('does not come back when it is stopped by a listener for the signal', async () => {
    const count = "console.log(process.listenerCount('SIGTERM'))"
    const own = `process.on('SIGTERM', () => { stop(); setTimeout(() => { ${count}; process.exit() }, 20) }); ${stays}`
    const { stdout } = await runNode({ code: program(soon, own), killAfterOutput: /READY/ })
    assert.equal(stdout, 'READY\nflush\nflushed\n1\n')
  })

  it('can be stopped, and leaves no listener behind', async () => {
    const count = "['beforeExit', 'SIGTERM', 'SIGINT'].map((event) => process.listenerCount(event)).join()"
    const { stdout } = await runNode({ code: program('0', `console.log(${count}); stop(); console.log(${count})`) })
    assert.equal(stdout, '1,1,1\n0,0,0\n')
  })
})
