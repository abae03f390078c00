// When a payload leaves for the Agent, and what it looks like to a strict one.

import { strict as assert } from 'node:assert'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { setImmediate as turn } from 'node:timers/promises'
import { MUTED_CONTEXT } from '../../src/trace/context'
import { AsyncLocalScope } from '../../src/trace/scope/async-local-scope'
import { agent, chunkCounts, exporterTo, MB, rawAgent, useAgent } from './agents-and-exporters'
import { madeChunk, uniqueChunk } from './made-chunk'

describe('the Agent exporter', () => {
  useAgent()
  describe('sends a payload', () => {
    it('that a strict Agent has nothing against', async () => {
      const exporter = exporterTo(agent.url)
      for (let i = 0; i < 3; i++) exporter.export(uniqueChunk())
      await exporter.flush()
      assert.deepEqual(agent.violations, [])
      assert.equal(agent.chunks.length, 3)
      const [{ method, url, headers, body }] = agent.requests as [(typeof agent.requests)[number]]
      assert.deepEqual([method, url, agent.requests.length], ['PUT', '/v0.4/traces', 1])
      const { host, connection, 'datadog-container-id': _id, 'datadog-entity-id': _entity, ...rest } = headers
      assert.deepEqual(
        { host, connection, ...rest },
        {
          host: new URL(agent.url).host,
          connection: 'keep-alive',
          'content-type': 'application/msgpack',
          'content-length': String(body.length),
          'x-datadog-trace-count': '3',
          'datadog-meta-lang': 'nodejs',
          'datadog-meta-lang-version': process.version,
          'datadog-meta-lang-interpreter': 'v8',
          'datadog-meta-tracer-version': '1.2.3',
          'datadog-client-computed-top-level': 'true',
          'datadog-send-real-http-status': 'true',
        },
      )
      assert.deepEqual(chunkCounts(exporter), { sentChunks: 3, sentPayloads: 1, droppedChunks: 0 })
    })

    it('with the external env, if there is one', async () => {
      const exporter = exporterTo(agent.url, { externalEnv: 'it-false,cn-app' })
      exporter.export(uniqueChunk())
      await exporter.flush()
      assert.equal(agent.requests[0]!.headers['datadog-external-env'], 'it-false,cn-app')
    })

    it('on the timer, all in one', async () => {
      let timers = 0
      const mute = <T>(fn: () => T): T => {
        const result = fn()
        if (!(result instanceof Promise)) timers++
        return result
      }
      const exporter = exporterTo(agent.url, { flushIntervalMs: 20, mute })
      for (let i = 0; i < 5; i++) exporter.export(uniqueChunk())
      await agent.waitForSpans(5)
      assert.deepEqual([agent.requests.length, timers], [1, 1])
      exporter.export(uniqueChunk())
      await agent.waitForSpans(6)
      assert.equal(agent.requests.length, 2)
      assert.deepEqual(agent.violations, [])
    })

    it('of each chunk at once where the interval is 0', async () => {
      const exporter = exporterTo(agent.url, { flushIntervalMs: 0 })
      exporter.export(uniqueChunk())
      await agent.waitForSpans(1)
      exporter.export(uniqueChunk())
      await agent.waitForSpans(2)
      assert.equal(agent.requests.length, 2)
    })

    it('that is large without waiting for the timer, and no smaller one', async () => {
      // What runs muted is setting a timer, or sending, which ends later.
      let begun = 0
      const mute = <T>(fn: () => T): T => {
        const result = fn()
        if (result instanceof Promise) begun++
        return result
      }
      const exporter = exporterTo(agent.url, { mute })
      for (let i = 0; i < 3; i++) exporter.export(uniqueChunk(MB))
      assert.equal(begun, 0)
      exporter.export(uniqueChunk(MB))
      assert.equal(begun, 1)
      await agent.waitForSpans(4)
      assert.ok(agent.requests[0]!.body.length >= 4 * MB)
      exporter.export(uniqueChunk())
      assert.equal(begun, 1)
      await exporter.flush()
      assert.deepEqual([begun, agent.requests.length, agent.violations], [2, 2, []])
    })

    it('only when there is one', async () => {
      const exporter = exporterTo(agent.url)
      await exporter.flush()
      await exporter.flush(true)
      assert.equal(agent.requests.length, 0)
    })

    it('one at a time, on one connection that is kept', async () => {
      let open = 0
      let most = 0
      const { url, requests, sockets } = await rawAgent((_request, response) => {
        most = Math.max(most, ++open)
        setImmediate(() => {
          open--
          response.end('{}')
        })
      })
      const exporter = exporterTo(url, { flushIntervalMs: 0 })
      const flushes: Promise<void>[] = []
      for (let i = 0; i < 10; i++) {
        exporter.export(uniqueChunk())
        flushes.push(exporter.flush())
        await turn()
      }
      await Promise.all(flushes)
      assert.deepEqual([exporter.counts.sentChunks, most, sockets.size], [10, 1, 1])
      assert.ok(requests.length > 1)
    })

    it('that gathers while another is under way', async () => {
      agent.mode = { slowMs: 20 }
      const exporter = exporterTo(agent.url, { flushIntervalMs: 0 })
      exporter.export(uniqueChunk())
      await agent.waitForRequests(1)
      for (let i = 0; i < 5; i++) exporter.export(uniqueChunk())
      await agent.waitForSpans(6)
      assert.deepEqual(
        agent.requests.map(({ chunks }) => chunks.length),
        [1, 5],
      )
    })

    it('that gathers while another takes longer than the timer', async () => {
      agent.mode = { slowMs: 30 }
      const exporter = exporterTo(agent.url, { flushIntervalMs: 5 })
      exporter.export(uniqueChunk())
      await agent.waitForRequests(1)
      exporter.export(uniqueChunk())
      await agent.waitForRequests(2)
      exporter.export(uniqueChunk())
      await agent.waitForSpans(3)
    })

    it('that has become large while another was under way, without waiting for the timer', async () => {
      agent.mode = { slowMs: 20 }
      const exporter = exporterTo(agent.url)
      exporter.export(uniqueChunk(4 * MB))
      assert.equal(agent.requests.length, 0)
      for (let i = 0; i < 4; i++) exporter.export(uniqueChunk(MB + 1000))
      await agent.waitForRequests(2)
      await exporter.flush()
      assert.equal(exporter.counts.sentChunks, 5)
    })
  })

  it('makes its requests where nothing is traced', async () => {
    const scope = new AsyncLocalScope()
    const muted: boolean[] = []
    const look = () => muted.push(scope.active().muted)
    subscribe('http.client.request.start', look)
    try {
      const mute = <T>(fn: () => T): T => scope.run(MUTED_CONTEXT, fn) as T
      agent.mode = 'close'
      const exporter = exporterTo(agent.url, { mute, flushIntervalMs: 1, limits: { retryDelaysMs: [1] } })
      exporter.export(uniqueChunk())
      await agent.waitForRequests(2)
      await exporter.flush()
      agent.mode = 'ok'
      exporter.export(uniqueChunk())
      await exporter.flush()
      assert.deepEqual(muted, [true, true, true])
    } finally {
      unsubscribe('http.client.request.start', look)
    }
  })

  it('sends real chunks of a trace that nobody has decided on', async () => {
    const exporter = exporterTo(agent.url)
    exporter.export(madeChunk([{}, { idLow: 3, parentLow: 2 }]))
    await exporter.flush()
    assert.deepEqual([agent.spans().length, agent.violations], [2, []])
  })
})
