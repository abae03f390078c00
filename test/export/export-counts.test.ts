// What is told of the fate of chunks and spans: by an exporter with a real Agent's refusals, and that reasons do not pile up.

import { strict as assert } from 'node:assert'
import { AgentExporter } from '../../src/export/agent-exporter'
import { ExportCounts } from '../../src/export/export-counts'
import { startAgent } from '../support/agent'
import { collectLog } from '../support/log-lines'
import { madeChunk, oddChunk, uniqueChunk } from './made-chunk'

describe('the counts of an exporter', () => {
  collectLog()

  it('say what was sent, what was dropped and why, and what sampling rejected', async () => {
    const agent = await startAgent()
    const exporter = new AgentExporter({
      service: 'shop',
      tags: {},
      runtimeId: () => 'r',
      pid: 1,
      url: new URL(agent.url),
      flushIntervalMs: 3_600_000,
      tracerVersion: '1.0.0',
      mute: (fn) => fn(),
      onRates: () => undefined,
      limits: { maxBytes: 20_000 },
    })
    exporter.export(madeChunk([{}, { idLow: 3 }, { idLow: 4 }], { priority: 0 }))
    exporter.export(uniqueChunk())
    exporter.export(oddChunk)
    exporter.export(uniqueChunk(40_000))
    await exporter.flush()
    agent.mode = { status: 503 }
    exporter.export(uniqueChunk())
    await exporter.flush()
    await exporter.shutdown()
    exporter.export(uniqueChunk())
    const { dropReasons, ...counts } = exporter.counts
    assert.deepEqual(counts, {
      sentPayloads: 1,
      sentChunks: 2,
      sentSpans: 4,
      droppedChunks: 4,
      droppedSpans: 5,
      rejectedChunks: 1,
      rejectedSpans: 3,
      withheldChunks: 0,
      withheldSpans: 0,
      sentStatsPayloads: 0,
      droppedStatsPayloads: 0,
    })
    const reasons = Object.entries(dropReasons).map(([why, chunks]) => [why.replace(/: .*/, ''), chunks])
    assert.deepEqual(reasons, [
      ['a span could not be encoded', 1],
      ['the buffer is full', 1],
      ['it answered 503', 1],
      ['shut down', 1],
    ])
    await agent.close()
  })

  for (const [reasons, others] of [
    [20, undefined],
    [21, 1],
  ] as const) {
    it(`tell ${reasons} reasons apart, up to 20`, () => {
      const counts = new ExportCounts()
      for (let i = 0; i < reasons; i++) counts.dropped(1, 2, `reason ${i}`)
      counts.dropped(4, 4, 'reason 0')
      const { dropReasons, droppedChunks, droppedSpans } = counts.snapshot()
      assert.deepEqual([dropReasons['reason 0'], dropReasons['other']], [5, others])
      assert.deepEqual([droppedChunks, droppedSpans], [reasons + 4, reasons * 2 + 4])
    })
  }
})
