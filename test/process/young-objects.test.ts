// What a request made dies young with `dd` as without: the quick collections free it. What they leave waits for one of the whole heap, and
// was once ten times what a program alone leaves (see `fresh-list.ts` and `linked-list.ts`, which this holds to their word).

import { strict as assert } from 'node:assert'
import { startAgent } from '../support/agent'
import { runNode } from '../support/spawn'
import { traced } from './traced'

/** A program alone leaves 30 to 50; with one literal too many it was 900. */
const MAX_BYTES_PER_REQUEST = 300

/** A server whose requests wait for something, as most do; prints what each of a few thousand left in the old space. */
const SERVER = `
  const express = require('express')
  const { Agent, get } = require('node:http')
  const { PerformanceObserver, constants } = require('node:perf_hooks')
  const { getHeapSpaceStatistics } = require('node:v8')
  let whole = 0
  new PerformanceObserver((list) => {
    for (const { detail } of list.getEntries()) if (detail.kind !== constants.NODE_PERFORMANCE_GC_MINOR) whole++
  }).observe({ entryTypes: ['gc'] })
  const oldBytes = () => getHeapSpaceStatistics().find(({ space_name: name }) => name === 'old_space').space_used_size
  const app = express()
  app.use((request, response, next) => next())
  app.use((request, response, next) => next())
  const api = express.Router()
  api.get('/:id', async (request, response) => {
    await new Promise((resolve) => setTimeout(resolve, 5))
    response.json({ id: request.params.id })
  })
  app.use('/api', api)
  const server = app.listen(0, '127.0.0.1', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 40 })
    const ask = () => new Promise((resolve, reject) => {
      get({ port: server.address().port, path: '/api/7', agent }, (response) => response.resume().on('end', resolve)).on('error', reject)
    })
    const askOften = (count) => Promise.all(Array.from({ length: 40 }, async () => {
      for (let i = 0; i < count / 40; i++) await ask()
    }))
    await askOften(8000)
    const left = []
    for (let window = 0; window < 8 && left.length < 3; window++) {
      const before = oldBytes()
      const wholeBefore = whole
      await askOften(3000)
      await new Promise((resolve) => setTimeout(resolve, 20))
      if (whole === wholeBefore) left.push((oldBytes() - before) / 3000)
    }
    console.log(JSON.stringify(left))
    process.exit()
  })`

describe('what a request leaves for collections of the whole heap', () => {
  it('is little', async function () {
    this.timeout(60_000)
    // Before, Node itself leaves a kilobyte for each.
    if (Number(process.versions.node.split('.', 1)[0]) < 24) return this.skip()
    const agent = await startAgent()
    try {
      const program = { code: SERVER, timeoutMs: 55_000 }
      const { stdout, stderr } = await runNode(traced(program, agent.url))
      const left = JSON.parse(stdout) as number[]
      assert.ok(left.length > 0, `there was a whole collection in each window ${stderr}`)
      const median = left.toSorted((a, b) => a - b)[left.length >> 1]!
      assert.ok(median < MAX_BYTES_PER_REQUEST, `${median} bytes a request`)
      assert.ok(agent.chunks.length > 10_000)
    } finally {
      await agent.close()
    }
  })
})
