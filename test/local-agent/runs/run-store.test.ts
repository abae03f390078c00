// Runs in a file: what came is there in the next run, exactly; the file is bounded; and a file that is not ours, or not whole, stays as it is.

import assert from 'node:assert/strict'
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ReceivedSpan } from '../../../src/local-agent/received-span'
import { openDatabase, sqliteProblem } from '../../../src/local-agent/runs/sqlite'
import { type LocalAgent, type LocalAgentOptions, startLocalAgent } from '../../../src/local-agent/start-local-agent'
import { skipNamed } from '../../services'
import { received } from '../received'
import { put, send } from '../send'
import { v04, wireSpan } from '../wire-span'

describe('local agent, runs without SQLite', () => {
  it('are refused with a reason', async function () {
    const problem = sqliteProblem()
    if (problem === undefined) this.skip()
    assert.match(problem, /needs Node 22\.13 or newer, which has SQLite; this is Node 2\d\.\d+\.\d+$/)
    await assert.rejects(startLocalAgent({ port: 0, runs: { file: '/tmp/never' } }), { message: problem })
  })
})

describe('local agent, runs in a file', () => {
  let folder: string
  let file: string
  const agents: LocalAgent[] = []
  before(function () {
    if (sqliteProblem() !== undefined) skipNamed(this, 'no SQLite in this Node', sqliteProblem(), true)
  })
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'dd-runs-'))
    file = join(folder, 'runs.sqlite')
  })
  afterEach(async () => {
    for (const agent of agents.splice(0)) await agent.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const start = async (options: Partial<LocalAgentOptions['runs']> = {}): Promise<LocalAgent> => {
    const agent = await startLocalAgent({ port: 0, runs: { file, ...options } })
    agents.push(agent)
    return agent
  }
  const stop = async (agent: LocalAgent) => {
    agents.splice(agents.indexOf(agent), 1)
    await agent.close()
  }
  const get = async (agent: LocalAgent, path: string) => JSON.parse((await send(agent.url + path)).text)
  const runsOf = async (agent: LocalAgent) => (await get(agent, '/api/runs')).runs

  /** A run in which this happens, from its beginning to its end. */
  const run = async (what: (agent: LocalAgent) => unknown, options: Partial<LocalAgentOptions['runs']> = {}) => {
    const agent = await start(options)
    await what(agent)
    await stop(agent)
  }

  it('has the traces of an earlier run, exactly', async () => {
    const big = 0xffffffffffffffffn
    const spans = [
      wireSpan({
        trace_id: big,
        span_id: big - 1n,
        parent_id: 0n,
        meta: { '_dd.p.tid': 'fedcba9876543210', text: 'zähler ✓ \u0000', __proto__: null },
      }),
      wireSpan({
        trace_id: big,
        span_id: 5n,
        parent_id: big - 1n,
        error: 1,
        metrics: { a: 0.1, b: -1e300 },
        duration: 2n ** 62n,
      }),
    ]
    let whole: object = {}
    await run(async (agent) => {
      assert.equal((await put(`${agent.url}/v0.4/traces`, v04(spans))).status, 200)
      whole = await get(agent, `/api/traces/fedcba9876543210ffffffffffffffff`)
    })
    const agent = await start()
    const [earlier, ...none] = await runsOf(agent)
    assert.deepEqual([earlier.traces, earlier.spans, earlier.logs, earlier.isCurrent, none], [1, 2, 0, false, []])
    const { traces } = await get(agent, `/api/traces?run=${earlier.id}`)
    assert.equal(traces.length, 1)
    const again = await get(agent, `/api/traces/fedcba9876543210ffffffffffffffff?run=${earlier.id}`)
    assert.deepEqual({ ...again, revision: 0 }, { ...whole, revision: 0 })
    assert.equal((await get(agent, '/api/traces')).traces.length, 0)
    assert.equal((await get(agent, `/api/services?run=${earlier.id}`)).services.length > 0, true)
  })

  it('has logs and metrics too', async () => {
    await run(async (agent) => {
      agent.logs.add({ stream: 'stderr', service: 'app', text: 'Error: x\n    at f' })
      agent.logs.put({
        time: 1,
        stream: 'otlp',
        level: 'warn',
        service: 's',
        message: 'm',
        attributes: { a: [1, { b: null }] },
        traceId: 'a'.repeat(32),
        spanId: '7',
      })
      agent.metrics.take(Buffer.from('hits:3|c|#a:b\nlatency:5|h\nlatency:15|h'))
    })
    const agent = await start()
    const [{ id }] = await runsOf(agent)
    const { logs } = await get(agent, `/api/logs?run=${id}`)
    assert.deepEqual(
      logs.map(({ message, level }: { message: string; level: string }) => [message, level]),
      [
        ['m', 'warn'],
        ['Error: x\n    at f', 'error'],
      ],
    )
    assert.deepEqual(logs[0].attributes, { a: [1, { b: null }] })
    assert.equal((await get(agent, `/api/logs?run=${id}&trace=${'a'.repeat(32)}&span=7`)).logs.length, 1)
    const { series } = await get(agent, `/api/metrics?run=${id}&name=hits`)
    assert.deepEqual(
      series.map(({ name, tags, total, windows }: Record<string, unknown>) => [
        name,
        tags,
        total,
        (windows as object[]).length,
      ]),
      [['hits', ['a:b'], { value: 3 }, 1]],
    )
    const latency = (await get(agent, `/api/metrics?run=${id}&name=latency`)).series[0]
    assert.deepEqual([latency.total.sum, latency.windows[0].count], [20, 2])
  })

  it('makes no run of nothing, and shows the one that is under way', async () => {
    await run(() => {})
    const agent = await start()
    assert.deepEqual(await runsOf(agent), [])
    await put(`${agent.url}/v0.4/traces`, v04([wireSpan()]))
    const [current, ...none] = await runsOf(agent)
    assert.deepEqual([current.isCurrent, current.spans, none], [true, 1, []])
    assert.equal((await get(agent, `/api/traces?run=${current.id}`)).traces.length, 1)
    assert.equal((await send(`${agent.url}/api/traces?run=${current.id + 1}`)).status, 404)
    assert.equal((await send(`${agent.url}/api/traces?run=x`)).status, 400)
  })

  it('keeps every one of many traces, in batches, and a span that comes again once', async () => {
    await run(async (agent) => {
      for (let nth = 0; nth < 1000; nth += 10) {
        const chunks = Array.from({ length: 10 }, (_, at) =>
          Array.from({ length: 10 }, (_, of) =>
            wireSpan({ trace_id: BigInt(nth + at + 1), span_id: BigInt(of + 1), parent_id: BigInt(of) }),
          ),
        )
        await put(`${agent.url}/v0.4/traces`, v04(...chunks))
      }
      await put(`${agent.url}/v0.4/traces`, v04([wireSpan({ trace_id: 1n, span_id: 1n, resource: 'later' })]))
      assert.equal((await get(agent, '/api/status')).stores.runs.dropped, 0)
    })
    const agent = await start()
    const [{ id, traces, spans }] = await runsOf(agent)
    assert.deepEqual([traces, spans], [1000, 10_000])
    const again = await get(agent, `/api/traces?run=${id}&limit=5000`)
    assert.equal(again.total ?? again.traces.length, 1000)
    const { spans: ofFirst } = await get(agent, `/api/traces/1?run=${id}`)
    assert.equal(ofFirst[0].resource, 'later')
  })

  it('keeps so many runs: the oldest goes', async () => {
    for (let nth = 1; nth <= 4; nth++) {
      await run((agent) => agent.store.add([[received({ traceId: String(nth) })]]), { maxRuns: 3 })
    }
    const agent = await start({ maxRuns: 3 })
    const runs = await runsOf(agent)
    assert.deepEqual(
      runs.map(({ id }: { id: number }) => id),
      [4, 3, 2],
    )
    assert.equal((await send(`${agent.url}/api/traces?run=1`)).status, 404)
    assert.equal((await get(agent, '/api/traces?run=2')).traces[0].id, '2'.padStart(32, '0'))
  })

  it('keeps so many bytes: other runs go first, then the oldest traces of this one', async () => {
    const maxBytes = 2 * 1024 * 1024
    const long = (nth: number): ReceivedSpan =>
      received({ traceId: String(nth + 1), meta: { text: String(nth).padEnd(10_000, 'x') } })
    await run((agent) => agent.store.add([[long(0)]]), { maxBytes })
    await run(
      async (agent) => {
        for (let nth = 0; nth < 500; nth++) {
          agent.store.add([[long(nth)]])
          if (nth % 20 === 0) await agent.runs!.flush()
        }
      },
      { maxBytes },
    )
    assert.ok(statSync(file).size < 2 * maxBytes, String(statSync(file).size))
    const agent = await start({ maxBytes })
    const [{ id, traces }, ...none] = await runsOf(agent)
    assert.deepEqual([id, none], [2, []])
    assert.ok(traces > 50 && traces < 250, String(traces))
    // The latest are there.
    assert.equal((await get(agent, `/api/traces?run=2`)).traces[0].id, (500).toString(16).padStart(32, '0'))
    const { stores } = await get(agent, '/api/status')
    assert.ok(stores.runs.bytes <= maxBytes)
  })

  const refused = async (reason: RegExp, options: Partial<LocalAgentOptions['runs']> = {}) => {
    const before = readFileSync(options.file ?? file)
    await assert.rejects(start(options), reason)
    assert.ok(readFileSync(options.file ?? file).equals(before), 'the file was changed')
  }

  it('refuses a file that is not its own, and leaves it as it is', async () => {
    writeFileSync(file, 'my only copy of the novel')
    await refused(/runs\.sqlite is not a file of dog, and stays as it is/)
    writeFileSync(file, 'x')
    await refused(/not a file of dog/)
    rmSync(file)
    const foreign = openDatabase(file)
    foreign.exec('CREATE TABLE mine (a); INSERT INTO mine VALUES (1)')
    foreign.close()
    await refused(/not a file of dog/)
    mkdirSync(join(folder, 'd'))
    await assert.rejects(start({ file: join(folder, 'd') }), /is no file/)
    await assert.rejects(start({ file: join(folder, 'none', 'f') }), /there is no folder/)
  })

  it('refuses a file that is damaged, and leaves it as it is', async () => {
    await run((agent) =>
      agent.store.add([Array.from({ length: 500 }, (_, nth) => received({ spanId: String(nth + 1) }))]),
    )
    const { size } = statSync(file)
    const whole = join(folder, 'whole')
    copyFileSync(file, whole)
    truncateSync(file, size - 4096)
    await refused(/is damaged \(.+\), and stays as it is/)
    truncateSync(file, 1000)
    await refused(/is damaged/)
    const bytes = readFileSync(whole)
    bytes.fill(0xff, size / 2, size / 2 + 8192)
    writeFileSync(file, bytes)
    await refused(/is damaged/)
    copyFileSync(whole, file)
    const newer = openDatabase(file)
    newer.exec('PRAGMA user_version = 99')
    newer.close()
    await refused(/was written by a newer dog/)
    copyFileSync(whole, file)
    assert.equal((await runsOf(await start()))[0].spans, 500)
  })

  it('takes an empty file, and refuses one that is in use', async () => {
    writeFileSync(file, '')
    const agent = await start()
    agent.store.add([[received()]])
    await agent.runs!.flush()
    await assert.rejects(start(), /runs\.sqlite is in use by another dog/)
    assert.equal((await runsOf(agent))[0].spans, 1)
  })

  it('gives the port back where the file is refused', async () => {
    writeFileSync(file, 'x')
    await assert.rejects(startLocalAgent({ port: 0, runs: { file } }))
    rmSync(file)
    const other = await start()
    assert.equal((await send(`${other.url}/info`)).status, 200)
  })
})
