// Whatever the Agent does or does not, the program goes on as if `dd` were not there, ends in time, and its author reads one line
// about it at most.

import { strict as assert } from 'node:assert'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { type AgentMode, absentAgentUrl, type FakeAgent, startAgent } from '../support/agent'
import { runNode } from '../support/spawn'
import { INDEX, oneRequest, runBoth, traced } from './traced'

const SECRET = 'hunter2'

/** On an idle machine; the slower this one is just now, as a program without `dd` shows, the longer it may take. */
function assertWithin(limitMs: number, durationMs: number, plainMs: number): void {
  assert.ok(durationMs < limitMs + 4 * plainMs, `ended after ${durationMs} ms, without dd after ${plainMs} ms`)
}

describe('a traced program whose Agent', () => {
  const agents: FakeAgent[] = []
  after(() => Promise.all(agents.map((agent) => agent.close())))
  const start = async (mode: AgentMode) => {
    const agent = await startAgent()
    agents.push(agent)
    agent.mode = mode
    return agent
  }
  const withSecret = (url: string) => url.replace('http://', `http://user:${SECRET}@`)

  interface Row {
    readonly name: string
    readonly mode?: AgentMode
    readonly url?: () => Promise<string> | string
    /** What it says is the matter; nothing, if all arrives. */
    readonly why?: string
    readonly withinMs?: number
  }
  const rows: Row[] = [
    { name: 'is there', mode: 'ok' },
    { name: 'is absent', url: absentAgentUrl, why: 'ECONNREFUSED' },
    { name: 'is at a socket that does not exist', url: () => 'unix:///tmp/dd-test-no-such.sock', why: 'ENOENT' },
    { name: 'is slow', mode: { slowMs: 300 } },
    { name: 'hangs', mode: 'hang', why: 'TIMEOUT', withinMs: 3000 },
    { name: 'answers 500', mode: { status: 500 }, why: 'it answered 500' },
    { name: 'answers 413', mode: { status: 413 }, why: 'it answered 413' },
    { name: 'answers 429', mode: { status: 429 }, why: 'it answered 429' },
    { name: 'answers 404', mode: { status: 404 }, why: 'it answered 404' },
    { name: 'redirects', mode: { status: 302 }, why: 'it answered 302' },
    { name: 'answers garbage', mode: 'garbage' },
    { name: 'closes the connection', mode: 'close', why: 'ECONNRESET' },
  ]
  for (const { name, mode, url, why, withinMs = 1500 } of rows) {
    it(`${name} runs and ends as ever`, async () => {
      const agentUrl = url === undefined ? (await start(mode!)).url : await url()
      const run = await runBoth(
        { code: oneRequest({ after: 'server.close(); process.exitCode = 4' }) },
        withSecret(agentUrl),
      )
      assert.deepEqual([run.code, run.stdout], [4, 'got hello\n'])
      assertWithin(withinMs, run.durationMs, run.plainMs)
      if (why === undefined) return assert.deepEqual(run.said, [])
      assert.equal(run.said.length, 1, run.said.join('\n'))
      const shown = agentUrl.replace(/[/.]/g, '\\$&')
      assert.match(
        run.said[0]!,
        new RegExp(`^dd: traces cannot be sent to the Agent at ${shown} \\(${why}\\); 2 dropped so far$`),
      )
      return undefined
    })
  }

  it('is absent all the time is told of it once, however much there is to send', async () => {
    const code = `
      const { tracer } = require(${JSON.stringify(INDEX)})
      let left = 30
      const timer = setInterval(() => {
        tracer.trace('work', () => {})
        if (--left === 0) clearInterval(timer)
      }, 10)`
    const program = traced({ code }, withSecret(await absentAgentUrl()), { DD_TRACE_FLUSH_INTERVAL: '5' })
    const { code: exitCode, stdout, stderr } = await runNode(program)
    assert.deepEqual([exitCode, stdout], [0, ''])
    assert.match(stderr, /^dd: traces cannot be sent [^\n]*\n$/)
    assert.ok(!stderr.includes(SECRET))
  })

  it('hangs ends in time, also with one request under way and more to send', async () => {
    const code = `
      const { tracer } = require(${JSON.stringify(INDEX)})
      tracer.trace('first', () => {})
      setTimeout(() => tracer.trace('second', () => {}), 300)`
    const agent = await start('hang')
    const [run, plain] = await Promise.all([
      runNode(traced({ code }, agent.url, { DD_TRACE_FLUSH_INTERVAL: '1' })),
      runNode({ code: 'setTimeout(() => {}, 300)' }),
    ])
    assert.equal(run.code, 0)
    assertWithin(3000, run.durationMs, plain.durationMs)
  })

  it('has nothing to get is not even connected to, and dd says nothing', async () => {
    let connections = 0
    const server = createServer((socket) => {
      connections++
      socket.destroy()
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const code = "require('http').createServer().listen(0, function () { this.close(() => console.log('closed')) })"
    const run = await runBoth({ code }, `http://127.0.0.1:${port}`)
    assert.deepEqual([run.said, run.stdout, connections], [[], 'closed\n', 0])
    server.close()
  })

  it('is absent provokes neither a rejection nor a deprecation, however strict Node is', async () => {
    const execArgv = [
      '--unhandled-rejections=strict',
      '--pending-deprecation',
      '--throw-deprecation',
      '--trace-warnings',
    ]
    const run = await runBoth({ code: oneRequest(), execArgv }, await absentAgentUrl())
    assert.equal(run.code, 0)
    assert.equal(run.said.length, 1)
  })
})
