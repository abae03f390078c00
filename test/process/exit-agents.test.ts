// What waits when a process ends at once, by `process.exit`, arrives all the same: whatever way leads to the Agent, whatever is
// under way already, and never twice. An Agent that does not answer holds the end up for a second at most.

import { strict as assert } from 'node:assert'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type AgentMode, absentAgentUrl, type FakeAgent, startAgent } from '../support/agent'
import { selfSigned } from '../support/certificate'
import { decodeTraces } from '../support/decode-traces'
import { runNode } from '../support/spawn'
import { INDEX, INIT, outcomeOf, REGISTER, traced } from './traced'

const [major = 0] = process.versions.node.split('.').map(Number)

/** A program with one finished span, then what it does. */
const work = (then = 'process.exit(4)', before = '') => `
  const { tracer } = require(${JSON.stringify(INDEX)})
  ${before}
  tracer.trace('work', () => {})
  ${then}`

/** Shows how long it took from here to the very end, in ms. */
const TIMED = `
  const startMs = performance.now()
  const { reallyExit } = process
  process.reallyExit = (code) => {
    console.log(Math.round(performance.now() - startMs))
    reallyExit.call(process, code)
  }`

describe('a program that exits at once', () => {
  const agents: FakeAgent[] = []
  const start = async (options: Parameters<typeof startAgent>[0] = {}, mode: AgentMode = 'ok') => {
    const agent = await startAgent(options)
    agents.push(agent)
    agent.mode = mode
    return agent
  }
  after(() => Promise.all(agents.map((agent) => agent.close())))
  const names = (agent: FakeAgent) =>
    agent
      .spans()
      .map(({ name }) => name)
      .sort()
  const run = async (code: string, url: string, more: Partial<Parameters<typeof traced>[0]> = {}) =>
    outcomeOf(await runNode(traced({ code, ...more }, url, more.env)))

  interface Row {
    readonly name: string
    readonly mode?: AgentMode
    readonly url?: () => Promise<string> | string
    /** What it says is the matter; nothing, if all arrives. */
    readonly why?: string
    readonly atLeastMs?: number
    readonly withinMs?: number
  }
  const rows: Row[] = [
    { name: 'takes all', mode: 'ok' },
    { name: 'answers garbage', mode: 'garbage' },
    { name: 'is slow', mode: { slowMs: 300 }, atLeastMs: 300 },
    { name: 'is absent', url: absentAgentUrl, why: 'ECONNREFUSED' },
    { name: 'is at a socket that does not exist', url: () => 'unix:///tmp/dd-test-no-such.sock', why: 'ENOENT' },
    { name: 'hangs', mode: 'hang', why: 'TIMEOUT', atLeastMs: 1000, withinMs: 1500 },
    { name: 'answers 500', mode: { status: 500 }, why: 'it answered 500' },
    { name: 'closes the connection', mode: 'close', why: 'ECONNRESET' },
  ]
  for (const { name, mode = 'ok', url, why, atLeastMs = 0, withinMs = 1000 } of rows) {
    it(`keeps its code, and its time, when the Agent ${name}`, async () => {
      const agent = url === undefined ? await start({}, mode) : undefined
      const { code, stdout, stderr, said } = await run(
        work(`${TIMED}; process.exit(4)`),
        agent?.url ?? (await url?.()) ?? '',
      )
      assert.deepEqual([code, stderr], [4, ''])
      const tookMs = Number(stdout)
      assert.ok(tookMs >= atLeastMs && tookMs < withinMs, `ended after ${tookMs} ms`)
      if (why === undefined) {
        assert.deepEqual(said, [])
        assert.deepEqual(names(agent!), ['work'])
      } else {
        assert.equal(said.length, 1)
        assert.ok(said[0]?.endsWith(` (${why}); 1 dropped so far`), said[0])
      }
      assert.deepEqual(agent?.violations ?? [], [])
    })
  }

  it('does not wait again for an Agent that has just not answered', async () => {
    const agent = await start({}, 'hang')
    const code = work(
      "tracer.flush().then(() => { tracer.trace('later', () => {}); const t = performance.now(); process.on('exit', () => console.log(performance.now() - t < 100)); process.exit(4) })",
    )
    const ended = await run(code, agent.url)
    assert.deepEqual([ended.code, ended.stdout, ended.said.length], [4, 'true\n', 1])
  })

  it('waits for a second in all, also when its listeners for `exit` finish spans', async () => {
    const agent = await start({}, 'hang')
    const before = "process.on('exit', () => tracer.trace('late', () => {}))"
    const ended = await run(work(`${TIMED}; process.exit(4)`, before), agent.url)
    assert.equal(ended.code, 4)
    const tookMs = Number(ended.stdout)
    assert.ok(tookMs >= 1000 && tookMs < 1500, `ended after ${tookMs} ms`)
  })

  it('loads nothing and starts no thread when nothing waits', async () => {
    const agent = await start()
    const code = `
      const { tracer } = require(${JSON.stringify(INDEX)})
      const loaded = () => Object.keys(require.cache).filter((file) => /exit-(delivery|sender)/.test(file))
      tracer.trace('work', () => {})
      tracer.flush().then(() => {
        process.on('exit', () => process.on('exit', () => {}))
        const { reallyExit } = process
        process.reallyExit = (code) => { console.log(loaded().length); reallyExit.call(process, code) }
        process.exit(4)
      })`
    const ended = await run(code, agent.url)
    assert.deepEqual([ended.code, ended.stdout, names(agent)], [4, '0\n', ['work']])
  })

  it('sends what its listeners for `exit` finish', async () => {
    const agent = await start()
    const before = "process.on('exit', () => tracer.trace('late', () => {}))"
    assert.equal((await run(work('process.exit(4)', before), agent.url)).code, 4)
    assert.deepEqual(names(agent), ['late', 'work'])
  })

  it('sends the finished spans of a trace that still runs', async () => {
    const agent = await start()
    await run(
      work(
        "const open = tracer.startSpan('open'); tracer.startSpan('done', { childOf: open }).finish(); process.exit(4)",
      ),
      agent.url,
    )
    assert.deepEqual(names(agent), ['done', 'work'])
  })

  describe('while a request is under way', () => {
    const moments: [name: string, code: string][] = [
      ['that has no connection yet', 'void tracer.flush(); process.exit(4)'],
      ['after a turn', 'void tracer.flush(); setImmediate(() => process.exit(4))'],
      [
        'after some turns',
        'void tracer.flush(); let n = 5; setImmediate(function turn() { if (n-- === 0) process.exit(4); setImmediate(turn) })',
      ],
      ['after 2 ms', 'void tracer.flush(); setTimeout(() => process.exit(4), 2)'],
      ['after 10 ms', 'void tracer.flush(); setTimeout(() => process.exit(4), 10)'],
      [
        'over a connection that is open',
        "tracer.flush().then(() => { tracer.trace('second', () => {}); void tracer.flush(); process.exit(4) })",
      ],
      ['and more waits', "void tracer.flush(); tracer.trace('second', () => {}); setTimeout(() => process.exit(4), 3)"],
    ]
    for (const [name, then] of moments) {
      for (const size of [1, 1000]) {
        it(`${name}, loses and doubles nothing, with ${size} spans`, async () => {
          const agent = await start()
          const more = `for (let n = 1; n < ${size}; n++) tracer.trace('work', { resource: 'r'.repeat(400) + n }, () => {})`
          assert.equal((await run(work(then, more), agent.url)).code, 4)
          const wanted = size + (then.includes('second') ? 1 : 0)
          assert.equal((await agent.waitForSpans(wanted)).length, wanted)
          assert.deepEqual(agent.violations, [])
        })
      }
    }

    it('loses nothing to an Agent that takes its time to read', async () => {
      const bodies: Buffer[] = []
      const server = createServer((request, response) => {
        request.pause()
        setTimeout(
          () =>
            void take(request).then(
              (body) => {
                bodies.push(body)
                response.end('{}')
              },
              () => {},
            ),
          100,
        )
      }).listen(0, '127.0.0.1')
      await once(server, 'listening')
      const more = "for (let n = 0; n < 12_000; n++) tracer.trace('work', { resource: 'r'.repeat(400) + n }, () => {})"
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
      const ended = await run(work('void tracer.flush(); setTimeout(() => process.exit(4), 40)', more), url)
      server.close()
      server.closeAllConnections()
      assert.deepEqual([ended.code, ended.said], [4, []])
      const ids = bodies.flatMap((body) =>
        decodeTraces(body)
          .chunks.flat()
          .map(({ span_id: id }) => String(id)),
      )
      assert.deepEqual([ids.length, new Set(ids).size], [12_001, 12_001])
    })
  })

  describe('finds the Agent', () => {
    it('at a unix socket', async () => {
      const socketPath = join(tmpdir(), `dd-exit-${process.pid}.sock`)
      const agent = await start({ socketPath })
      const ended = await run(work(), `unix://${socketPath}`)
      assert.deepEqual([ended.code, ended.said, names(agent)], [4, [], ['work']])
    })

    it('behind https and a path', async () => {
      const bodies: [string | undefined, Buffer][] = []
      const server = createTlsServer(selfSigned(), (request, response) => {
        void take(request).then((body) => {
          bodies.push([request.url, body])
          response.end('{}')
        })
      }).listen(0, '127.0.0.1')
      await once(server, 'listening')
      const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/proxy/`
      const trusting = await run(work(), url, { env: { NODE_TLS_REJECT_UNAUTHORIZED: '0' } })
      const strict = await run(work(), url)
      server.close()
      assert.deepEqual([trusting.code, trusting.said], [4, []])
      assert.deepEqual(
        bodies.map(([path, body]) => [path, decodeTraces(body).chunks.flat().length]),
        [['/proxy/v0.4/traces', 1]],
      )
      assert.equal(strict.code, 4)
      assert.match(strict.said[0] ?? '', /DEPTH_ZERO_SELF_SIGNED_CERT/)
    })
  })

  describe('is started', () => {
    const permission = major >= 24 ? '--permission' : '--experimental-permission'
    const ways: [name: string, program: Partial<Parameters<typeof runNode>[0]>, why?: string][] = [
      ['with --import', { execArgv: ['--import', REGISTER] }],
      ['with NODE_OPTIONS', { nodeOptions: `--require ${INIT}` }],
      [
        'with flags that make Node strict',
        {
          execArgv: [
            '--throw-deprecation',
            '--pending-deprecation',
            '--trace-warnings',
            '--unhandled-rejections=strict',
          ],
        },
      ],
      ['with little memory', { execArgv: ['--max-old-space-size=32'] }],
      [
        'without the permission for threads',
        { execArgv: [permission, '--allow-fs-read=*', '--no-warnings'] },
        'ERR_ACCESS_DENIED',
      ],
    ]
    for (const [name, program, why] of ways) {
      it(`${name}, and ends the same`, async () => {
        const agent = await start()
        const ended = await run(work(), agent.url, program)
        assert.deepEqual([ended.code, ended.stdout, ended.stderr], [4, '', ''])
        assert.deepEqual(names(agent), why === undefined ? ['work'] : [])
        assert.deepEqual(
          ended.said.map((line) => /\((.*)\)/.exec(line)?.[1]),
          why === undefined ? [] : [why],
        )
      })
    }
  })
})

async function take(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return Buffer.concat(parts)
}
