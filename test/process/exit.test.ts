// How a process ends is the program's affair: same code, same signal, same output with `dd` as without; and the spans that have
// finished by then arrive, however it ends.

import { strict as assert } from 'node:assert'
import { type FakeAgent, startAgent } from '../support/agent'
import { runNode, startNode } from '../support/spawn'
import { INIT, oneRequest, outcomeOf, runBoth, traced } from './traced'

/** The second finds a handler that runs `end`. */
const twoRequests = (end: string) =>
  oneRequest({
    handler: `if (request.url === '/end') { ${end} }; response.end('hello')`,
    after: "http.get({ port, host: '127.0.0.1', path: '/end', agent: false }).on('error', () => {})",
  })

describe('a traced program', () => {
  let agent: FakeAgent
  before(async () => {
    agent = await startAgent()
  })
  beforeEach(() => {
    agent.mode = 'ok'
    agent.clear()
  })
  afterEach(() => assert.deepEqual(agent.violations, []))
  after(() => agent.close())
  const names = () =>
    agent
      .spans()
      .map(({ name }) => name)
      .sort()
  const BOTH = ['http.request', 'web.request']
  /** In the last event of a response its request is still open. */
  const SERVER = ['web.request']

  interface Exit {
    readonly name: string
    readonly code: string
    readonly module?: 'esm'
    readonly exitCode: number
    readonly spans: string[]
    /** An error comes through `dd`: the line of source that Node shows above it is not the program's. */
    readonly through?: boolean
  }
  const exits: Exit[] = [
    { name: 'when it has nothing left to do', code: oneRequest(), exitCode: 0, spans: BOTH },
    {
      name: 'with the exit code it has set',
      code: oneRequest({ after: 'process.exitCode = 7; server.close()' }),
      exitCode: 7,
      spans: BOTH,
    },
    {
      name: 'with the exit code set at the very end',
      code: oneRequest({ before: "process.on('exit', (code) => { console.log('exit', code); process.exitCode = 9 })" }),
      exitCode: 9,
      spans: BOTH,
    },
    {
      name: 'when it does more at `beforeExit`',
      code: oneRequest({
        before: "process.once('beforeExit', (code) => setTimeout(() => console.log('a last thing', code), 20))",
      }),
      exitCode: 0,
      spans: BOTH,
    },
    {
      name: 'when it counts its `beforeExit`, and does more at two of them',
      code: oneRequest({
        before: `let left = 2
          process.on('beforeExit', (code) => { console.log('before exit', code); if (left-- > 0) setTimeout(() => {}, 5) })
          process.on('exit', (code) => console.log('exit', code))`,
      }),
      exitCode: 0,
      spans: BOTH,
    },
    {
      name: 'by `process.exit` inside its only request',
      code: oneRequest({ handler: 'process.exit(3)' }),
      exitCode: 3,
      spans: [],
    },
    {
      name: 'by `process.exit` inside a later request',
      code: twoRequests('process.exit(3)'),
      exitCode: 3,
      spans: BOTH,
    },
    {
      name: 'by `process.exit` at the end',
      code: oneRequest({ after: "console.log('bye'); process.exit()" }),
      exitCode: 0,
      spans: SERVER,
    },
    {
      name: 'by `process.exit` in a listener for `exit`',
      code: oneRequest({ before: "process.on('exit', () => process.exit(6))", after: 'process.exit(5)' }),
      exitCode: 6,
      spans: SERVER,
    },
    {
      name: 'by an uncaught exception',
      code: oneRequest({ after: "setTimeout(() => { throw new TypeError('too bad') })" }),
      exitCode: 1,
      spans: BOTH,
    },
    {
      name: 'by an uncaught value',
      code: "require('http').get('http://127.0.0.1:1'); throw 7",
      exitCode: 1,
      spans: [],
    },
    {
      name: 'by an uncaught exception in a request',
      code: oneRequest({ handler: "throw new TypeError('too bad')" }),
      exitCode: 1,
      spans: [],
    },
    {
      name: 'by an uncaught exception in a later request',
      code: twoRequests("throw new TypeError('too bad')"),
      exitCode: 1,
      spans: BOTH,
    },
    {
      name: 'by an uncaught exception in a handler that is not asynchronous',
      code: oneRequest().replace('async (', '(').replace("response.end('hello')", "throw new TypeError('too bad')"),
      exitCode: 1,
      spans: SERVER,
      through: true,
    },
    {
      name: 'by an unhandled rejection',
      code: oneRequest({ after: "Promise.reject(new RangeError('too bad'))" }),
      exitCode: 1,
      spans: SERVER,
    },
    {
      name: 'by an error event that nobody listens for',
      code: oneRequest({ after: "http.get('http://127.0.0.1:1')" }),
      exitCode: 1,
      spans: ['http.request', ...BOTH],
    },
    {
      name: 'by an exception in its handler for exceptions',
      code: oneRequest({
        before: "process.on('uncaughtException', () => { throw new RangeError('worse') })",
        after: "setTimeout(() => { throw new TypeError('too bad') })",
      }),
      exitCode: 7,
      spans: BOTH,
    },
    {
      name: 'when it survives its exceptions',
      code: oneRequest({
        before: "process.on('uncaughtException', (error) => console.log('survived', error.message))",
        after: "setTimeout(() => { throw new Error('too bad') }); server.close()",
      }),
      exitCode: 0,
      spans: BOTH,
    },
    {
      name: 'with a promise that never settles at its top',
      module: 'esm',
      code: `${oneRequest().replace("const http = require('node:http')", "import http from 'node:http'")}
        await new Promise(() => {})`,
      exitCode: 13,
      spans: BOTH,
    },
    { name: 'without a span', code: "console.log('hello')", exitCode: 0, spans: [] },
  ]
  for (const { name, code, module, exitCode, spans, through = false } of exits) {
    it(`ends the same ${name}`, async () => {
      const visible = (stderr: string) => (through ? stderr.slice(stderr.search(/^\w*Error: /m)) : stderr)
      const run = await runBoth({ code, ...(module && { module }) }, agent.url, { visible })
      assert.equal(run.code, exitCode)
      assert.deepEqual(run.said, [])
      assert.deepEqual(names(), spans)
    })
  }

  describe('that gets a signal', () => {
    const serving = (before = '') => oneRequest({ before, after: "console.log('READY'); setInterval(() => {}, 1000)" })
    const handler = (body: string) =>
      serving(`process.on('SIGTERM', (signal) => { console.log('got', signal); ${body} })`)
    const once = (body: string) => handler(body).replace("process.on('SIGTERM'", "process.once('SIGTERM'")

    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
      it(`dies by ${signal} when it has no handler, and sends its spans before`, async () => {
        const run = await runBoth({ code: serving(), killAfterOutput: /READY/, signal }, agent.url)
        assert.deepEqual([run.code, run.signal, run.said], [null, signal, []])
        assert.deepEqual(names(), BOTH)
      })
    }

    const handlers: [name: string, code: string, exitCode: number | null][] = [
      ['exits at once', handler('process.exit(5)'), 5],
      ['throws', handler("throw new TypeError('too bad')"), 1],
      ['closes and lets the program end', handler('server.close(); clearInterval(busy)'), 0],
      ['takes long', handler('setTimeout(() => process.exit(6), 500)'), 6],
      ['runs once and takes long', once('setTimeout(() => process.exit(6), 500)'), 6],
      ['runs once and raises the signal again', once('setTimeout(() => process.kill(process.pid, signal), 20)'), null],
      ['ends only if it is the only one', handler('if (process.listenerCount(signal) === 1) process.exit(4)'), 4],
    ]
    for (const [name, code, exitCode] of handlers) {
      it(`leaves it to a handler that ${name}`, async () => {
        const busy = code.replace('setInterval(', 'globalThis.busy = setInterval(')
        const run = await runBoth({ code: busy, killAfterOutput: /READY/ }, agent.url)
        assert.deepEqual([run.code, run.signal], exitCode === null ? [null, 'SIGTERM'] : [exitCode, null])
        assert.equal(run.stdout.match(/got SIGTERM/g)?.length, 1, 'the handler runs once')
        assert.deepEqual(names(), BOTH)
      })
    }

    it('leaves it to a handler that was there first and runs once', async () => {
      const code = `
        process.once('SIGTERM', () => { console.log('got it'); setTimeout(() => process.exit(6), 200) })
        ${serving(`if (process.env.DD_INIT) require(process.env.DD_INIT)`)}`
      const env = { DD_INIT: INIT, DD_TRACE_AGENT_URL: agent.url }
      const run = await runNode({ code, env, killAfterOutput: /READY/ })
      assert.deepEqual([run.code, run.signal, run.stderr], [6, null, ''])
      assert.deepEqual(names(), BOTH)
    })

    it('goes on when its handler ignores it, and sends its spans each time', async () => {
      const code = serving(
        "process.on('SIGINT', () => http.get('http://127.0.0.1:1').on('error', () => console.log('again')))",
      )
      const child = await startNode({ ...traced({ code }, agent.url), ready: /READY/ })
      child.kill('SIGINT')
      await child.waitForOutput(/again/)
      await agent.waitForSpans(2)
      child.kill('SIGINT')
      await child.waitForOutput(/again\nagain/)
      await agent.waitForSpans(3)
      const run = await child.stop('SIGTERM')
      assert.equal(run.signal, 'SIGTERM')
      assert.equal(agent.spans().length, 4)
    })

    describe('while the Agent hangs', () => {
      beforeEach(() => {
        agent.mode = 'hang'
      })

      it('dies within 1.5 s', async () => {
        const child = await startNode({ ...traced({ code: serving() }, agent.url), ready: /READY/ })
        const startedAt = performance.now()
        const run = await child.stop('SIGTERM')
        const tookMs = performance.now() - startedAt
        assert.equal(run.signal, 'SIGTERM')
        assert.ok(tookMs > 800 && tookMs < 1800, `took ${tookMs} ms`)
      })

      for (const second of ['SIGINT', 'SIGTERM'] as const) {
        it(`dies at once by a ${second} after a first signal`, async () => {
          const child = await startNode({ ...traced({ code: serving() }, agent.url), ready: /READY/ })
          child.kill(second)
          await agent.waitForRequests(1)
          const startedAt = performance.now()
          const run = await child.stop(second)
          assert.equal(run.signal, second)
          assert.ok(performance.now() - startedAt < 800)
        })
      }

      it('runs its own handler at once', async () => {
        const code = handler("console.log('at', process.uptime()); process.exit(5)")
        const child = await startNode({ ...traced({ code }, agent.url), ready: /READY/ })
        const startedAt = performance.now()
        child.kill('SIGTERM')
        await child.waitForOutput(/at/)
        assert.ok(performance.now() - startedAt < 800)
        const run = outcomeOf(await child.waitForExit())
        assert.deepEqual([run.code, run.said.length], [5, 1])
        const tookMs = performance.now() - startedAt
        assert.ok(tookMs > 800 && tookMs < 2500, `took ${tookMs} ms`)
      })
    })
  })
})
