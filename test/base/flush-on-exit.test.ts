// The last spans are sent when a process ends, and it still ends the way it would have: the same code, the same signal, not later
// than the program itself wanted, and without a listener that it has not put there. Each row is a process.

import { strict as assert } from 'node:assert'
import { join } from 'node:path'
import { runNode } from '../support/spawn'

const program = (flush: string, body: string, before = '') => `
  ${before}
  const { flushOnExit } = require(${JSON.stringify(join(__dirname, '../../src/base/flush-on-exit.js'))})
  const stop = flushOnExit({
    flush: () => { console.log('flush'); return ${flush} },
    flushNow: (maxWaitMs) => { console.log('now', maxWaitMs); return 400 },
  })
  ${body}`

/** What a program that ends by itself, or by `process.exit`, shows after its last line. */
const EXIT = 'now 1000\nnow 600\n'
const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const
const EVENTS = ['beforeExit', 'exit', ...SIGNALS]

const stays = "setInterval(() => {}, 1000); console.log('READY')"
const soon = "new Promise((resolve) => setImmediate(resolve)).then(() => console.log('flushed'))"

describe('flushing at the exit', () => {
  it('happens before the exit of a program that is done, once', async () => {
    const { code, stdout } = await runNode({ code: program('Promise.resolve()', "console.log('done')") })
    assert.deepEqual([code, stdout], [0, `done\nflush\n${EXIT}`])
  })

  it('keeps the exit code', async () => {
    const { code } = await runNode({ code: program('Promise.resolve()', 'process.exitCode = 3') })
    assert.equal(code, 3)
  })

  it('lets the program hear each of its `beforeExit` once, after the flush', async () => {
    const own = `
      let left = 2, waits = true
      process.on('beforeExit', (code) => { console.log('own', code); if (left-- > 0) setTimeout(() => { waits = true; console.log('more') }, 1) })`
    const { stdout } = await runNode({ code: program(`waits ? ((waits = false), ${soon}) : Promise.resolve()`, own) })
    const turn = 'flush\nflushed\nflush\nown 0\n'
    assert.equal(stdout, `${turn}more\n${turn}more\n${turn}${EXIT}`)
  })

  it('lets the program hear `beforeExit` when the flush has nothing to do', async () => {
    const { stdout } = await runNode({
      code: program('Promise.resolve()', "process.on('beforeExit', () => console.log('own'))"),
    })
    assert.equal(stdout, `flush\nown\n${EXIT}`)
  })

  it('lets a program go on that waited for a flush', async () => {
    const own = `
      const wait = () => new Promise((resolve) => setTimeout(resolve, 10_000).unref() && waiting.push(resolve))
      const waiting = []
      async function main() { for (let n = 0; n < 3; n++) { await wait(); console.log('on'); await null } }
      main()
      process.on('beforeExit', () => console.log('own'))`
    const flush = `waiting.length > 0 ? ${soon}.then(() => waiting.pop()()) : Promise.resolve()`
    const { stdout, durationMs } = await runNode({ code: program(flush, own) })
    assert.equal(stdout, `${'flush\nflushed\non\n'.repeat(3)}flush\nown\n${EXIT}`)
    assert.ok(durationMs < 9000)
  })

  it('keeps `beforeExit` back for a second at most, however much there is to flush', async () => {
    const slow = 'new Promise((resolve) => setTimeout(resolve, 450))'
    const { stdout } = await runNode({ code: program(slow, "process.on('beforeExit', () => console.log('own'))") })
    // A busy machine gets to two.
    assert.match(stdout, new RegExp(`^(flush\n){2,3}own\n${EXIT}$`))
  })

  const exits: [name: string, body: string, exitCode: number, stdout: string][] = [
    ['`process.exit`', 'process.exit(5)', 5, EXIT],
    ['an uncaught exception', "throw new Error('bad')", 1, EXIT],
    ['an unhandled rejection', "Promise.reject(new Error('bad'))", 1, EXIT],
    [
      'an exit with listeners, before and after them',
      "process.on('exit', (code) => { console.log('own', code); process.exitCode = 6 }); process.exit(5)",
      6,
      'now 1000\nown 5\nnow 600\n',
    ],
    [
      'an exit whose listener exits',
      "process.on('exit', () => { console.log('own'); process.exit(8) }); process.exit(5)",
      8,
      'now 1000\nown\n',
    ],
    [
      'an exit whose listener throws',
      "process.on('exit', () => { throw new Error('bad') }); process.exit(5)",
      5,
      'now 1000\nnow 600\n',
    ],
  ]
  for (const [name, body, exitCode, shown] of exits) {
    it(`happens at ${name}`, async () => {
      const without = await runNode({ code: body.replace(/console\.log\([^)]*\)/g, '0') })
      const { code, stdout } = await runNode({ code: program('Promise.resolve()', body) })
      assert.deepEqual([code, stdout], [without.code, shown])
      assert.equal(code, exitCode)
    })
  }

  it('takes a second in all', async () => {
    const again =
      "process.on('exit', () => {}); for (let n = 0; n < 3; n++) process.emit('exit', 0); process.reallyExit(0)"
    const { stdout } = await runNode({ code: program('Promise.resolve()', again) })
    assert.deepEqual(stdout.match(/\d+/g), ['1000', '600', '200', '0', '0', '0'])
  })

  for (const signal of SIGNALS) {
    it(`holds ${signal} up until it is done, then ends by it`, async () => {
      const run = await runNode({ code: program(soon, stays), killAfterOutput: /READY/, signal })
      assert.deepEqual([run.signal, run.code, run.stdout], [signal, null, 'READY\nflush\nflushed\n'])
    })

    it(`leaves ${signal} to a program that listens for it`, async () => {
      const own = `process.on('${signal}', (...args) => { console.log('own', ...args); setTimeout(() => process.exit(7), 50) }); ${stays}`
      const without = await runNode({ code: own, killAfterOutput: /READY/, signal })
      const run = await runNode({ code: program(soon, own), killAfterOutput: /READY/, signal })
      assert.deepEqual([run.signal, run.code], [null, 7])
      assert.equal(run.stdout.replace(/^(flush(ed)?|now \d+)\n/gm, ''), without.stdout)
      assert.match(run.stdout, /^flush\n(.|\n)*^flushed\n/m)
    })

    it(`leaves ${signal} to a program that listened before`, async () => {
      const own = `process.on('${signal}', () => { console.log('own'); process.exit(7) })`
      const run = await runNode({ code: program(soon, stays, own), killAfterOutput: /READY/, signal })
      assert.deepEqual([run.signal, run.code, run.stdout], [null, 7, `READY\nown\n${EXIT}`])
    })

    it(`takes ${signal} again when the program listens no more`, async () => {
      for (const before of [true, false]) {
        const own = `process.once('${signal}', () => { console.log('own'); setImmediate(() => process.kill(process.pid, '${signal}')) })`
        const code = before ? program(soon, stays, own) : program(soon, `${own}; ${stays}`)
        const run = await runNode({ code, killAfterOutput: /READY/, signal })
        assert.deepEqual([run.signal, run.code], [signal, null])
        assert.match(run.stdout, /own\n(.|\n)*flush\nflushed\n$/)
      }
    })
  }

  it('takes no signal for one that the program only plays', async () => {
    const own =
      "console.log(process.emit('SIGTERM')); process.once('SIGTERM', () => {}); console.log(process.emit('SIGTERM'))"
    const { code, stdout } = await runNode({ code: program('Promise.resolve()', own) })
    assert.deepEqual([code, stdout], [0, `false\ntrue\nflush\n${EXIT}`])
  })

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

  describe('shows a program', () => {
    const count = `console.log(JSON.stringify([${JSON.stringify(EVENTS)}.map((event) => process.listenerCount(event)), process.eventNames()]))`
    const rows: [name: string, body: string][] = [
      ['no listener', count],
      ['its own listeners only', `process.on('SIGTERM', () => {}).on('exit', () => {}); ${count}`],
      [
        'its own listeners only, when some have gone',
        `const own = () => {}; process.on('SIGTERM', own).on('SIGINT', own).off('SIGTERM', own).removeAllListeners('SIGINT'); ${count}`,
      ],
      [
        'which listeners of its own come and go',
        `process.on('newListener', (event) => console.log('+', event)).on('removeListener', (event) => console.log('-', event))
         process.once('usr', () => {}).emit('usr'); process.on('SIGTERM', () => {})`,
      ],
      [
        'no warning of too many',
        "for (let n = 0; n < 10; n++) for (const event of ['exit', 'SIGTERM', 'SIGINT']) process.on(event, () => {})",
      ],
    ]
    for (const [name, body] of rows) {
      it(name, async () => {
        const without = await runNode({ code: body })
        const run = await runNode({ code: program('Promise.resolve()', body) })
        assert.deepEqual([run.stdout, run.stderr], [`${without.stdout}flush\n${EXIT}`, without.stderr])
      })
    }
  })

  describe('can be stopped', () => {
    it('and leaves nothing behind', async () => {
      const { stdout } = await runNode({
        code: program('0', "stop(); console.log(Object.hasOwn(process, 'emit'), process.listenerCount('SIGTERM'))"),
      })
      assert.equal(stdout, 'false 0\n')
    })

    it('and gives signals back', async () => {
      const run = await runNode({ code: program('0', `stop(); ${stays}`), killAfterOutput: /READY/ })
      assert.deepEqual([run.signal, run.stdout], ['SIGTERM', 'READY\n'])
    })

    it('and leaves a program its listeners', async () => {
      const own = `process.on('SIGTERM', () => { console.log('own'); process.exit(2) }); stop(); ${stays}`
      const run = await runNode({ code: program('0', own), killAfterOutput: /READY/ })
      assert.deepEqual([run.code, run.stdout], [2, 'READY\nown\n'])
    })

    it('by a listener for the signal, and does not come back', async () => {
      const gone = "console.log(process.listenerCount('SIGTERM'), Object.hasOwn(process, 'emit'))"
      const own = `process.on('SIGTERM', () => { stop(); setTimeout(() => { ${gone}; process.exit() }, 20) }); ${stays}`
      const { stdout } = await runNode({ code: program(soon, own), killAfterOutput: /READY/ })
      assert.equal(stdout, 'READY\nflush\nflushed\n1 false\n')
    })

    it('below others that put their own `emit` above', async () => {
      const own =
        'const { emit } = process; process.emit = function () { return Reflect.apply(emit, this, arguments) }; stop()'
      const { code, stdout } = await runNode({
        code: program('0', `${own}; process.on('exit', () => console.log('own'))`),
      })
      assert.deepEqual([code, stdout], [0, 'own\n'])
    })
  })
})
