// What is sent to the Agent once more and what is not: a lost connection is tried again, an answer is final, and of an Agent that does not
// answer in time nothing more is expected.

import { strict as assert } from 'node:assert'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { setImmediate as turn } from 'node:timers/promises'
import { HeldTimers } from '../support/held-timers'
import { collectLog } from '../support/log-lines'
import { agent, chunkCounts, droppingAgent, exporterTo, HOUR_MS, rawAgent, useAgent } from './agents-and-exporters'
import { uniqueChunk } from './made-chunk'

describe('the Agent exporter tries again', () => {
  useAgent()
  const lines = collectLog()
  const deadlines = HeldTimers.declare()

  const attempts = 3
  const limits = { retryDelaysMs: [1, 1] }

  it('when the connection is lost, as often as it has delays, then gives up', async () => {
    const { url, connections } = await droppingAgent()
    const exporter = exporterTo(url, { limits })
    exporter.export(uniqueChunk())
    await exporter.flush()
    assert.deepEqual([connections(), exporter.counts.droppedChunks], [attempts, 1])
  })

  it('and succeeds at the last attempt', async () => {
    const { url, requests } = await rawAgent((request, response, count) =>
      count < attempts ? request.socket.destroy() : response.end('{}'),
    )
    const exporter = exporterTo(url, { limits })
    exporter.export(uniqueChunk())
    await exporter.flush()
    assert.deepEqual(
      [requests.length, chunkCounts(exporter), lines],
      [attempts, { sentChunks: 1, sentPayloads: 1, droppedChunks: 0 }, []],
    )
  })

  it('with the very same payload, while new chunks gather', async () => {
    agent.mode = 'close'
    const exporter = exporterTo(agent.url, { limits })
    exporter.export(uniqueChunk())
    const flushed = exporter.flush()
    await agent.waitForRequests(1)
    agent.mode = 'ok'
    exporter.export(uniqueChunk())
    await flushed
    assert.deepEqual(
      agent.requests.slice(0, 2).map(({ chunks }) => chunks.length),
      [1, 1],
    )
    assert.deepEqual(agent.requests[0]!.body, agent.requests[1]!.body)
    await exporter.flush()
    assert.deepEqual([exporter.counts.sentChunks, agent.violations], [2, []])
  })

  it('without a wait when it is the last chance, and then no more', async () => {
    const { url, connections } = await droppingAgent()
    const exporter = exporterTo(url, { limits: { retryDelaysMs: [HOUR_MS, HOUR_MS] } })
    exporter.export(uniqueChunk())
    const patient = exporter.flush()
    while (connections() === 0) await turn()
    // Long enough for the loss to be noticed, so that what is cut short is the wait.
    for (let i = 0; i < 50; i++) await turn()
    await Promise.all([exporter.flush(true), patient])
    assert.deepEqual([connections(), exporter.counts.droppedChunks], [2, 1])
    exporter.export(uniqueChunk())
    await exporter.flush(true)
    assert.equal(exporter.counts.droppedChunks, 2)
  })

  it('still has patience after a last chance is over', async () => {
    const { url, requests } = await rawAgent((request, response, count) =>
      count === 2 ? request.socket.destroy() : response.end('{}'),
    )
    const exporter = exporterTo(url, { limits: { retryDelaysMs: [1] } })
    exporter.export(uniqueChunk())
    await exporter.flush(true)
    exporter.export(uniqueChunk())
    await exporter.flush()
    assert.deepEqual([requests.length, exporter.counts.sentChunks], [3, 2])
  })

  for (const status of [300, 302, 400, 404, 413, 429, 500, 503]) {
    it(`not when the Agent answers ${status}`, async () => {
      agent.mode = { status }
      const exporter = exporterTo(agent.url, { limits })
      exporter.export(uniqueChunk())
      await exporter.flush()
      assert.deepEqual(
        [agent.requests.length, chunkCounts(exporter)],
        [1, { sentChunks: 0, sentPayloads: 0, droppedChunks: 1 }],
      )
      assert.match(lines[0]!, new RegExp(`\\(it answered ${status}\\); 1 dropped`))
    })
  }

  for (const status of [200, 202, 299]) {
    it(`not when the Agent answers ${status}, which is well`, async () => {
      agent.mode = { status }
      const exporter = exporterTo(agent.url, { limits })
      exporter.export(uniqueChunk())
      await exporter.flush()
      assert.deepEqual([agent.requests.length, exporter.counts.sentChunks], [1, 1])
    })
  }

  it('when the answer breaks off', async () => {
    const { url, requests } = await rawAgent((request, response, count) => {
      if (count > 1) return void response.end('{}')
      response.writeHead(200, { 'content-length': 100 }).write('{', () => request.socket.destroy())
    })
    const exporter = exporterTo(url, { limits })
    exporter.export(uniqueChunk())
    await exporter.flush()
    assert.deepEqual([requests.length, exporter.counts.sentChunks], [2, 1])
  })

  it('not when the Agent hangs: the time is up', async () => {
    agent.mode = 'hang'
    const exporter = exporterTo(agent.url, { limits: { ...limits, timeoutMs: deadlines.ms } })
    exporter.export(uniqueChunk())
    const flushed = exporter.flush()
    await agent.waitForRequests(1)
    deadlines.goOff()
    await flushed
    assert.deepEqual([agent.requests.length, exporter.counts.droppedChunks], [1, 1])
    assert.match(lines[0]!, /\(TIMEOUT\); 1 dropped so far$/)
  })

  it('not when only the end of the answer never comes', async () => {
    const begun = new Promise<void>((resolve) => {
      const note = () => {
        unsubscribe('http.client.response.finish', note)
        resolve()
      }
      subscribe('http.client.response.finish', note)
    })
    const { url, requests } = await rawAgent((_request, response) => void response.writeHead(200).write('{'))
    const exporter = exporterTo(url, { limits: { ...limits, timeoutMs: deadlines.ms } })
    exporter.export(uniqueChunk())
    const flushed = exporter.flush()
    await begun
    deadlines.goOff()
    await flushed
    assert.deepEqual([requests.length, exporter.counts.droppedChunks], [1, 1])
  })

  for (const [title, lastChance, requests] of [
    ['sends what waits behind a payload that was not answered', false, 2],
    ['gives that up when the process ends', true, 1],
  ] as const) {
    it(`not when the Agent hangs: ${title}`, async () => {
      agent.mode = 'hang'
      const exporter = exporterTo(agent.url, { flushIntervalMs: 0, limits: { timeoutMs: deadlines.ms } })
      exporter.export(uniqueChunk())
      await agent.waitForRequests(1)
      exporter.export(uniqueChunk())
      const flushed = exporter.flush(lastChance)
      deadlines.goOff()
      if (!lastChance) {
        await agent.waitForRequests(2)
        deadlines.goOff()
      }
      await flushed
      assert.deepEqual([agent.requests.length, exporter.counts.droppedChunks], [requests, 2])
      agent.mode = 'ok'
      for (const isLast of [false, true]) {
        exporter.export(uniqueChunk())
        await exporter.flush(isLast)
      }
      assert.equal(exporter.counts.sentChunks, 2, 'it recovers')
    })
  }

  it("not after a timely answer, and its time is nobody else's", async () => {
    const running: number[] = []
    const { url } = await rawAgent((_request, response) => {
      running.push(deadlines.count)
      response.end('{}')
    })
    const exporter = exporterTo(url, { limits: { timeoutMs: deadlines.ms } })
    for (let i = 0; i < 2; i++) {
      exporter.export(uniqueChunk())
      await exporter.flush()
      running.push(deadlines.count)
    }
    assert.deepEqual(running, [1, 0, 1, 0])
    assert.deepEqual([exporter.counts.sentChunks, lines], [2, []])
  })
})
