// When stats leave by themselves, and that what an exit leaves behind is handed over: with a clock that is set, at the only part of
// the counting that looks at one.

import { strict as assert } from 'node:assert'
import { AgentClient } from '../../../src/export/agent-client'
import { AgentInfo } from '../../../src/export/agent-info'
import { ExportCounts } from '../../../src/export/export-counts'
import { ClientStats } from '../../../src/export/stats/client-stats'
import { INDEX } from '../../process/traced'
import { type FakeAgent, startAgent } from '../../support/agent'
import { rowsOf } from '../../support/decode-stats'
import { runNode } from '../../support/spawn'
import { madeChunk } from '../made-chunk'

const INFO = { endpoints: ['/v0.6/stats'], client_drop_p0s: true }
const BUCKET_MS = 10_000
const START_MS = 1_790_000_000_000

describe('stats of ten seconds', () => {
  let agent: FakeAgent
  beforeEach(async () => {
    agent = await startAgent()
    agent.info = INFO
  })
  afterEach(() => agent.close())

  it('leave shortly after their end, by themselves, and then nothing is waited for', async () => {
    let nowMs = START_MS + BUCKET_MS - 1
    const client = new AgentClient({ url: new URL(agent.url), tracerVersion: '1.0.0' })
    const info = new AgentInfo(client)
    info.refresh()
    await info.settled()
    const counts = new ExportCounts()
    const stats = new ClientStats({
      service: 'shop',
      tags: {},
      runtimeId: () => 'r',
      pid: 1,
      tracerVersion: '1.0.0',
      client,
      info,
      counts,
      mute: (fn) => fn(),
      nowMs: () => nowMs,
    })
    assert.equal(stats.isOn, true)
    const chunk = (endMs: number, idLow: number) => madeChunk([{ startUs: endMs * 1000, durationUs: 0, idLow }])
    assert.notEqual(stats.take(chunk(nowMs, 1)), undefined)
    // What comes between the end and the sending belongs to the next.
    nowMs = START_MS + BUCKET_MS
    stats.take(chunk(nowMs, 2))
    nowMs += 501
    await agent.waitForRequests(2)
    await stats.flush()
    assert.deepEqual(
      agent.stats.map(({ Stats }) => Stats.map(({ Start, Duration }) => [Start, Duration])),
      [[[BigInt(START_MS) * 1_000_000n, 1e10]], [[BigInt(START_MS + BUCKET_MS) * 1_000_000n, 1e10]]],
    )
    assert.deepEqual([rowsOf(agent.stats).map(({ Hits }) => Hits), counts.sentStatsPayloads], [[1, 1], 2])
    stats.stop()
    client.close()
  })

  it('keep no process alive, and are not lost when it exits', async () => {
    const code = `
      const { tracer } = require(${JSON.stringify(INDEX)})
      tracer.init({ service: 'shop', agentUrl: ${JSON.stringify(agent.url)}, flushIntervalMs: 60000, statsComputation: true })
      tracer.startSpan('first').finish()
      tracer.flush().then(() => {
        tracer.startSpan('last').finish()
        tracer.trace('rejected', (span) => span.setTag('manual.drop', true))
        END
      })`
    for (const [end, exitCode] of [
      ['', 0],
      ['process.exit(3)', 3],
      ["process.kill(process.pid, 'SIGTERM')", null],
    ] as const) {
      agent.clear()
      const run = await runNode({ code: code.replace('END', end), timeoutMs: 8000 })
      assert.deepEqual([run.code, run.stderr], [exitCode, ''], end)
      assert.deepEqual(
        rowsOf(agent.stats).map(({ Name, Hits }) => [Name, Hits]),
        [
          ['last', 1],
          ['rejected', 1],
        ],
        end,
      )
      assert.deepEqual(
        agent.spans().map(({ name }) => name),
        ['first', 'last'],
        end,
      )
      assert.deepEqual(agent.violations, [])
    }
  })
})
