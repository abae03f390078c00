// `dog tail` beside a real local agent: what it prints for people and for programs, what it filters, and how it outlives the agent.

import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type LocalAgent, startLocalAgent } from '../../src/local-agent/start-local-agent'
import { put } from '../local-agent/send'
import { jsonSpan, type SpanFields } from '../local-agent/wire-span'
import { freePort } from '../support/free-port'
import { Dog, dog, plain } from './dog-process'

/** Sends one trace for each list of spans. */
async function deliver(agent: { url: string }, ...traces: SpanFields[][]): Promise<void> {
  const chunks = traces.map((spans) => `[${spans.map(jsonSpan).join(',')}]`)
  assert.equal((await put(`${agent.url}/v0.4/traces`, `[${chunks.join(',')}]`)).status, 200)
}

interface Line {
  kind: string
  id?: string
  title?: string
  spanCount?: number
  spans?: { name: string }[]
  message?: string
  name?: string
  value?: number
}

const jsonLines = (stdout: string) =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)

describe('dog tail', () => {
  let agent: LocalAgent
  beforeEach(async () => {
    agent = await startLocalAgent({ port: 0, heartbeatIntervalMs: 100, dogstatsdPort: 0 })
  })
  afterEach(() => agent.close())

  const tail = (...args: string[]) => new Dog(['tail', '--port', String(agent.port), ...args])
  const titled = (...titles: string[]) => titles.map((resource, at) => [{ trace_id: BigInt(at + 1), resource }])

  it('prints a line for each trace, errors marked', async () => {
    await deliver(agent, [{ trace_id: 1n, resource: 'GET /users/:id', meta: { 'http.status_code': '200' } }])
    await deliver(agent, [
      {
        trace_id: 0xabcn,
        service: 'shop',
        resource: 'GET /\u001b[31mboom',
        error: 1,
        meta: { 'http.status_code': '500' },
      },
      { trace_id: 0xabcn, span_id: 2n, parent_id: 1n, name: 'pg.query' },
    ])
    const { code, stdout, stderr } = await tail('--limit', '2').ended
    assert.equal(code, 0)
    assert.equal(stderr, '')
    const [fine = '', failed = '', ...rest] = stdout.split('\n')
    assert.match(
      fine,
      /^2023-11-14 \d\d:\d\d:\d\d\.000 {2}web {9} {4}GET \/users\/:id → 200 +1\.00 ms {2}1 span {2}0{15}1$/,
    )
    assert.match(
      failed,
      /^2023-11-14 \S+ {2}shop {8} {2}✗ GET \/ \[31mboom → 500 +1\.00 ms {2}2 spans, 1 error {2}0{13}abc$/,
    )
    assert.deepEqual(rest, [''])
  })

  it('prints what is there, the last ones, and then what comes', async () => {
    await deliver(agent, ...titled('one', 'two', 'three'))
    const running = tail('--last', '2', '--json')
    await running.prints(/three/)
    await deliver(agent, [{ trace_id: 9n, resource: 'four' }])
    await running.prints(/four/)
    const { code, signal, stdout, stderr } = await running.stop('SIGINT')
    assert.deepEqual([code, signal, stderr], [0, null, ''])
    assert.deepEqual(
      jsonLines(stdout).map(({ kind, title }) => `${kind} ${title}`),
      ['trace two', 'trace three', 'trace four'],
    )
  })

  it('prints a trace once however its parts come', async () => {
    await deliver(agent, ...titled('old'))
    const running = tail('--limit', '2', '--json')
    await running.prints(/old/)
    await deliver(agent, [{ trace_id: 5n, resource: 'new' }])
    await deliver(agent, [{ trace_id: 5n, span_id: 2n, parent_id: 1n }])
    const lines = jsonLines((await running.ended).stdout)
    assert.deepEqual(
      lines.map(({ title, spanCount }) => [title, spanCount]),
      [
        ['old', 1],
        ['new', 2],
      ],
    )
  })

  it('prints nothing old with --last 0', async () => {
    await deliver(agent, ...titled('old'))
    const running = tail('--last', '0', '--limit', '1', '--json')
    let isOver = false
    void running.ended.then(() => {
      isOver = true
    })
    for (let id = 5n; !isOver; id++) await deliver(agent, [{ trace_id: id, resource: 'new' }])
    assert.deepEqual(
      jsonLines((await running.ended).stdout).map(({ title }) => title),
      ['new'],
    )
  })

  it('filters by the query, which may begin with a minus and have several words', async () => {
    await deliver(agent, ...titled('alpha', 'beta', 'gamma'))
    const running = tail('-resource_name:alpha', '-resource_name:beta', '--json')
    await running.prints(/gamma/)
    await deliver(agent, [{ trace_id: 7n, resource: 'beta' }], [{ trace_id: 8n, resource: 'delta' }])
    await running.prints(/delta/)
    const { stdout } = await running.stop()
    assert.deepEqual(
      jsonLines(stdout).map(({ title }) => title),
      ['gamma', 'delta'],
    )
  })

  it('prints whole traces with --tree, also as JSON', async () => {
    await deliver(agent, [
      { trace_id: 1n },
      { trace_id: 1n, span_id: 2n, parent_id: 1n, name: 'pg.query', resource: 'SELECT 1' },
    ])
    const { stdout } = await tail('--tree', '--limit', '1').ended
    assert.match(
      stdout,
      /^── GET \/ · 1\.00 ms · 2 spans ─+\nweb\.request {2}GET \/ .*\n└─ pg\.query {2}SELECT 1 .*\n■ web http:\/\/localhost:\d+\/#\/trace\/0{31}1\n\n$/,
    )
    const [trace] = jsonLines((await tail('--tree', '--json', '--limit', '1').ended).stdout)
    assert.deepEqual(
      trace?.spans?.map(({ name }) => name),
      ['web.request', 'pg.query'],
    )
  })

  it('prints log lines, and these alone if told to', async () => {
    await deliver(agent, ...titled('a trace'))
    const add = (text: string) => agent.logs.add({ stream: 'stdout', service: 'shop', text })
    add('one')
    const running = tail('--logs', '--no-traces', '-message:*hidden*')
    await running.prints(/one/)
    add('this is hidden')
    add('Error: two\n    at there (file.js:1:2)')
    await running.prints(/two/)
    const { stdout } = await running.stop()
    assert.match(
      stdout,
      /^\d\d:\d\d:\d\d\.\d{3} {2}shop {10}info {3}one\n\d\d:\S+ {2}shop {10}error {2}Error: two\n {35}at there \(file\.js:1:2\)\n$/,
    )
  })

  it('prints a line for each series and ten seconds', async () => {
    await deliver(agent, ...titled('there'))
    const running = tail('--metrics', '--json')
    await running.prints(/there/)
    await deliver(agent, [{ trace_id: 7n, resource: 'new' }])
    // It looks at what is over by now before it takes anything new.
    await running.prints(/new/)
    const udp = createSocket('udp4')
    // A window that is over, which clients may send.
    const second = Math.floor(Date.now() / 1000) - 10
    udp.send(`page.views:3|c|#env:dev|T${second}`, agent.dogstatsd.port!, '127.0.0.1')
    await running.prints(/page\.views/)
    udp.close()
    const line = jsonLines((await running.stop()).stdout).at(-1)
    assert.deepEqual([line?.kind, line?.name, line?.value], ['metric', 'page.views', 3])
  })

  it('waits for an agent, says when it goes, and goes on with the next', async () => {
    const port = await freePort()
    const running = new Dog(['tail', '--port', String(port), '--json'])
    await running.prints(
      /^dog: no local agent answers at http:\/\/localhost:\d+ \(ECONNREFUSED\)\. dog agent starts one\. Waiting for it\.\n/,
    )
    let own = await startLocalAgent({ port })
    await deliver(own, ...titled('first'))
    await running.prints(/the local agent at http:\/\/localhost:\d+ answers\n/)
    await running.prints(/"first"/)
    await own.close()
    await running.prints(/the local agent at http:\/\/localhost:\d+ has gone\. Waiting for it\.\n/)
    own = await startLocalAgent({ port })
    await deliver(own, ...titled('second'))
    await running.prints(/"second"/)
    const { code, stdout } = await running.stop()
    await own.close()
    assert.equal(code, 0)
    assert.deepEqual(
      jsonLines(stdout).map(({ title }) => title),
      ['first', 'second'],
    )
  })

  it('ends quietly when nobody reads any more', async () => {
    await deliver(agent, ...titled('one'))
    const file = require.resolve('../../src/cli/dog.js')
    const piped = new Dog(['-c', `'${process.execPath}' '${file}' tail --port ${agent.port} | head -1`], {
      command: ['sh'],
    })
    // It learns of it when it writes.
    let isOver = false
    void piped.ended.then(() => {
      isOver = true
    })
    for (let id = 5n; !isOver; id++) await deliver(agent, [{ trace_id: id, resource: 'more' }])
    const { stdout, stderr, code } = await piped.ended
    assert.equal(code, 0)
    assert.match(stdout, /^.* (one|more) .*\n$/)
    assert.equal(stderr, '')
  })

  it('tells what listens there if that is no local agent', async () => {
    const server = createServer((request, response) => {
      if (request.url === '/info') response.end(JSON.stringify({ version: '7.52.0', endpoints: ['/v0.4/traces'] }))
      else response.writeHead(404).end()
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const { code, stderr } = await dog(['tail', '--url', `http://127.0.0.1:${port}`])
    server.closeAllConnections()
    server.close()
    assert.equal(code, 1)
    assert.match(
      stderr,
      /^dog: at http:\/\/127\.0\.0\.1:\d+ there is no local agent of dd but a Datadog Agent 7\.52\.0, which shows nothing\. Another address: dog tail --url <url>\n$/,
    )
  })

  it('says what is wrong with a command line', async () => {
    const wrong: [string[], RegExp][] = [
      [['service:web', 'AND', '('], /the query is wrong: a term is missing here\n {2}service:web AND \(\n {19}\^\n$/],
      [['--limit', '0'], /--limit takes a number from 1 to \d+, not 0/],
      [['--last', 'x'], /--last takes a number from 0 to 1000, not x/],
      [['--port', '99999'], /--port takes a number/],
      [['--port', '1', '--url', 'http://localhost:1'], /give one/],
      [['--url', 'localhost:8126'], /--url takes an address such as http:\/\/localhost:8126, not localhost:8126/],
      [['--no-traces'], /add --logs or --metrics/],
      [['--frobnicate'], /--frobnicate/],
    ]
    for (const [args, message] of wrong) {
      const { code, stdout, stderr } = await dog(['tail', ...args])
      assert.equal(code, 2, args.join(' '))
      assert.equal(stdout, '')
      assert.match(stderr, message)
    }
  })

  describe('in a terminal', () => {
    before(async function () {
      if ((await once(new Dog([], { command: ['sh', '-c', 'command -v script'] }).process, 'exit'))[0] !== 0)
        this.skip()
    })

    const inTerminal = (args: string, env: Record<string, string> = {}) => {
      const file = require.resolve('../../src/cli/dog.js')
      return new Dog(['-qec', `stty cols 80; '${process.execPath}' '${file}' tail ${args}`, '/dev/null'], {
        command: ['script'],
        env: { TERM: 'xterm-256color', ...env },
      })
    }

    it('has colours, and lines that fit', async () => {
      await deliver(agent, [
        {
          trace_id: 1n,
          error: 1,
          start: BigInt(Date.now()) * 1_000_000n,
          resource: 'GET /a/very/long/path/that/does/not/fit/into/the/line',
        },
      ])
      const { stdout } = await inTerminal(`--port ${agent.port} --limit 1`).ended
      assert.ok(stdout.includes('\x1b[1;31m✗ GET /a/very/'))
      const line = plain(stdout).split('\r').at(-2)?.trim() ?? ''
      assert.match(line, /✗ GET \/a\/very\/\S+…/)
      assert.ok(line.length <= 80, line)
      assert.ok(
        !(await inTerminal(`--port ${agent.port} --limit 1`, { NO_COLOR: '1' }).ended).stdout.includes('\x1b[1;31m'),
      )
    })

    it('shows what it waits for, and takes that away', async () => {
      const running = inTerminal(`--port ${await freePort()}`)
      await running.prints(/⠋|⠙ waiting for a local agent at http:\/\/localhost:\d+/)
      running.process.stdin?.write('\x03')
      const { stdout } = await running.ended
      assert.ok(stdout.endsWith('\r\x1b[2K'))
    })
  })
})
