// The end of the Agent exporter: that a flush comes to one, what a shutdown does, and that no process lives longer for it.

import { strict as assert } from 'node:assert'
import { once } from 'node:events'
import { type AgentMode, absentAgentUrl } from '../support/agent'
import { collectLog } from '../support/log-lines'
import { runNode } from '../support/spawn'
import { agent, childWith, chunkCounts, exporterTo, HOUR_MS, ok, rawAgent, useAgent } from './agents-and-exporters'
import { uniqueChunk } from './made-chunk'

describe('the Agent exporter', () => {
  useAgent()
  const lines = collectLog()

  describe('when flushed', () => {
    it('sends what is under way and what waits behind it', async () => {
      agent.mode = { slowMs: 5 }
      const exporter = exporterTo(agent.url, { flushIntervalMs: 0 })
      for (let i = 0; i < 4; i++) exporter.export(uniqueChunk())
      await exporter.flush()
      assert.deepEqual([agent.spans().length, exporter.counts.sentChunks], [4, 4])
    })

    it('comes to an end though new chunks never stop coming', async () => {
      const { url, requests } = await rawAgent((_request, response) => {
        exporter.export(uniqueChunk())
        response.end('{}')
      })
      const exporter = exporterTo(url)
      exporter.export(uniqueChunk())
      await exporter.flush()
      assert.ok(requests.length <= 2, `${requests.length} requests`)
    })

    it('serves all who asked', async () => {
      const exporter = exporterTo(agent.url)
      exporter.export(uniqueChunk())
      await Promise.all([exporter.flush(), exporter.flush(), exporter.flush(true)])
      assert.deepEqual([agent.requests.length, agent.spans().length], [1, 1])
    })

    it('never rejects', async () => {
      agent.mode = 'close'
      const exporter = exporterTo(agent.url, { limits: { retryDelaysMs: [] } })
      exporter.export(uniqueChunk())
      assert.equal(await exporter.flush(), undefined)
    })
  })

  describe('when shut down', () => {
    it('sends what it has, closes the connection, and drops what comes later without a word', async () => {
      const { url, requests, sockets } = await rawAgent(ok)
      const exporter = exporterTo(url, { flushIntervalMs: 0 })
      exporter.export(uniqueChunk())
      await exporter.shutdown()
      const [socket] = [...sockets]
      if (!socket!.destroyed) await once(socket!, 'close')
      exporter.export(uniqueChunk())
      await exporter.flush()
      await exporter.shutdown()
      assert.deepEqual(
        [requests.length, chunkCounts(exporter), lines],
        [1, { sentChunks: 1, sentPayloads: 1, droppedChunks: 1 }, []],
      )
    })

    it('does not wait for an Agent that is away', async () => {
      const exporter = exporterTo(await absentAgentUrl(), { limits: { retryDelaysMs: [HOUR_MS] } })
      exporter.export(uniqueChunk())
      await exporter.shutdown()
      assert.equal(exporter.counts.droppedChunks, 1)
    })
  })

  describe('keeps no process alive', () => {
    const modes: [title: string, mode: AgentMode, body: string, stdout: string][] = [
      ['with a timer that runs', 'ok', '', ''],
      ['with a connection that is kept', 'ok', "exporter.flush().then(() => console.log('sent'))", 'sent\n'],
      ['with a wait before the next attempt', 'close', "exporter.flush().then(() => console.log('never'))", ''],
    ]
    for (const [title, mode, body, stdout] of modes) {
      it(title, async () => {
        agent.mode = mode
        const run = await runNode({ code: childWith(agent.url) + body })
        assert.deepEqual([run.code, run.signal, run.stdout, run.stderr], [0, null, stdout, ''])
      })
    }

    it('but is waited for when it is asked to flush before the exit', async () => {
      agent.mode = { slowMs: 50 }
      const run = await runNode({
        code: `${childWith(agent.url)}process.once('beforeExit', () => exporter.flush(true))`,
      })
      assert.deepEqual([run.code, agent.spans().length], [0, 1])
    })
  })
})
