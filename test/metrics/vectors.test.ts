// All the cases of metrics that are written down for machines: what other clients do that is right, what servers read, and what we do
// beyond.

import { strict as assert } from 'node:assert'
import { join } from 'node:path'
import { repoRoot } from '../support/repo-root'
import { playVector, readVectors } from '../support/vectors/run-vectors'
import type { Vector } from '../support/vectors/vector'

const vectors = readVectors(join(repoRoot, 'test', 'vectors', 'metrics.json'))
const byClient = new Map<string, Vector[]>()
for (const vector of vectors) byClient.set(vector.given.client, [...(byClient.get(vector.given.client) ?? []), vector])

describe('the vectors of metrics', () => {
  for (const [client, own] of byClient) {
    it(`hold for ${client}: ${own.length}`, async function () {
      this.timeout(120_000)
      const wrong: string[] = []
      const skipped: string[] = []
      for (const vector of own) {
        const { result, reason } = await playVector(vector)
        if (result === 'failed') wrong.push(`${vector.id} ${vector.name}: ${reason}`)
        if (result === 'skipped') skipped.push(`${vector.id}: ${reason}`)
      }
      assert.deepEqual(wrong, [])
      if (skipped.length > 0) this.test!.title += ` (${skipped.length} not followed: ${skipped.join('; ')})`
    })
  }
})
