// What the Agent exporter drops, and that it says so, once a minute and without secrets.

import { strict as assert } from 'node:assert'
import { absentAgentUrl } from '../support/agent'
import { collectLog } from '../support/log-lines'
import { agent, chunkCounts, exporterTo, HOUR_MS, reopenAgent, useAgent } from './agents-and-exporters'
import { oddChunk, uniqueChunk } from './made-chunk'

describe('the Agent exporter drops', () => {
  useAgent()
  const lines = collectLog()

  it('and says so once a minute, with the count and without secrets', async () => {
    const url = new URL(await absentAgentUrl())
    const exporter = exporterTo(`http://user:secret@${url.host}/path`, { limits: { retryDelaysMs: [] } })
    for (let i = 0; i < 3; i++) {
      exporter.export(uniqueChunk())
      exporter.export(uniqueChunk())
      await exporter.flush()
    }
    assert.deepEqual(lines, [
      `traces cannot be sent to the Agent at http://${url.host} (ECONNREFUSED); 2 dropped so far`,
    ])
    assert.equal(exporter.counts.droppedChunks, 6)
  })

  it('what no longer fits while the Agent is away, and nothing of what fits', async () => {
    agent.mode = 'hang'
    const exporter = exporterTo(agent.url, { limits: { maxBytes: 11_000, timeoutMs: HOUR_MS, retryDelaysMs: [] } })
    exporter.export(uniqueChunk())
    const flushed = exporter.flush()
    await agent.waitForRequests(1)
    for (let i = 0; i < 4; i++) exporter.export(uniqueChunk(3000))
    assert.equal(exporter.counts.droppedChunks, 1)
    assert.match(lines[0]!, /\(the buffer is full\); 1 dropped so far$/)
    exporter.export(uniqueChunk())
    assert.equal(exporter.counts.droppedChunks, 1, 'a small one still fits')
    await agent.close()
    await flushed
    await reopenAgent()
    await exporter.flush()
    assert.deepEqual([agent.violations, agent.chunks.length, exporter.counts.droppedChunks], [[], 4, 2])
  })

  it('a chunk that is too large for any payload', async () => {
    const exporter = exporterTo(agent.url, { limits: { maxBytes: 1000 } })
    exporter.export(uniqueChunk(2000))
    exporter.export(uniqueChunk())
    await exporter.flush()
    assert.deepEqual(
      [chunkCounts(exporter), agent.violations],
      [{ sentChunks: 1, sentPayloads: 1, droppedChunks: 1 }, []],
    )
  })

  it('a chunk that cannot be written, alone', async () => {
    const exporter = exporterTo(agent.url)
    exporter.export(uniqueChunk())
    exporter.export(oddChunk)
    exporter.export(uniqueChunk())
    await exporter.flush()
    assert.deepEqual(
      [chunkCounts(exporter), agent.violations],
      [{ sentChunks: 2, sentPayloads: 1, droppedChunks: 1 }, []],
    )
    assert.match(lines[0]!, /\(a span could not be encoded: TypeError/)
  })
})
