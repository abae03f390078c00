// The exporter behind is made with the first chunk, once, and never after shutdown.

import { strict as assert } from 'node:assert'
import type { Exporter } from '../../src/export/exporter'
import { LazyExporter } from '../../src/export/lazy-exporter'
import { madeChunk } from './made-chunk'

describe('the lazy exporter', () => {
  let calls: string[]
  let lazy: LazyExporter
  beforeEach(() => {
    calls = []
    const made: Exporter = {
      export: () => calls.push('export'),
      flush: async (lastChance) => void calls.push(`flush ${lastChance}`),
      takeUnsent: () => {
        calls.push('takeUnsent')
        return []
      },
      shutdown: async () => void calls.push('shutdown'),
    }
    lazy = new LazyExporter(() => {
      calls.push('made')
      return made
    })
  })

  it('makes nothing as long as there is nothing to send', async () => {
    await lazy.flush()
    await lazy.shutdown()
    lazy.export(madeChunk())
    assert.deepEqual(calls, [])
  })

  it('makes one exporter and passes everything on', async () => {
    lazy.export(madeChunk())
    lazy.export(madeChunk())
    await lazy.flush(true)
    await lazy.shutdown()
    lazy.export(madeChunk())
    assert.deepEqual(calls, ['made', 'export', 'export', 'flush true', 'shutdown', 'export'])
  })
})
