// What is right where dogstatsd-collector does something else, by the ids of the vectors, with the reason.

import type { Quirks } from './run-vectors'

const m = (value: number, ...tags: string[]) => ['increment', 'm', value, { tags }]

export const quirks: Quirks['quirks'] = {
  'co-007': { expect: [m(1, 'a:1')], reason: 'a tag is sent once' },
  // The note asks for both modes: the sum is the default, and the other one is tested in test/metrics/dogstatsd-collector.test.ts.
  'co-009': { expect: [['histogram', 'h', 3.5, { tags: ['x'] }]], reason: 'the sum, unless samples are asked for' },
  'co-012': { expect: [m(1)], reason: 'a flush empties' },
  'co-013': { expect: [m(2), m(1)], reason: 'a flush empties' },
  'co-020': {
    expect: [
      ['increment', 'a', 1, { tags: [] }],
      ['increment', 'c', 1, { tags: [] }],
    ],
    reason: 'a series that cannot be sent does not stop the others',
  },
}

export const notFollowed: Quirks['notFollowed'] = {
  'co-018': 'a collector has gauges, as co-025 wants',
}
