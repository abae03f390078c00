// Every call of the aggregator became a line that was sent, waits or was dropped, or part of one.

import { strict as assert } from 'node:assert'
import type { ApiCounts } from '../../src/metrics/aggregator/api-stats'

export function assertAccounted({ recorded, linesSent, waiting, aggregated, ...counts }: ApiCounts): void {
  const dropped = Object.entries(counts).reduce((sum, [key, n]) => (key.startsWith('dropped') ? sum + n : sum), 0)
  assert.equal(recorded, linesSent + waiting + aggregated + dropped, 'every call is accounted for')
  assert.ok(aggregated >= 0)
}
