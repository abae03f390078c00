// What is right where the clients of Datadog's API do something else.

import type { Quirks } from './run-vectors'

const own = (metric: string, type: string, time: number, value: unknown, more: object = {}) => ({
  metric,
  points: [[time, value]],
  type,
  host: 'h0',
  ...more,
})

const part = (ending: string, value: number) => own(`h.${ending}`, 'gauge', 100, value)

export const quirks: Quirks['quirks'] = {
  'ag-008': {
    expect: [
      [
        part('min', 1),
        part('max', 2),
        part('count', 2),
        part('avg', 1.5),
        part('75percentile', 2),
        part('85percentile', 2),
        part('95percentile', 2),
        part('99percentile', 2),
      ],
    ],
    reason: 'half is rounded up',
  },
  'ag-020': {
    expect: [[own('c', 'gauge', 90, 1)], [own('c', 'gauge', 90, 2)]],
    reason: 'the last point of a second counts, so that it has to be the whole',
  },
  'ag-025': { expect: [], reason: 'an empty list is no tags' },
  'ag-049': {
    expect: [[own('x', 'gauge', 1, 1, { host: 'h1', tags: [] }), own('x', 'gauge', 1, 2, { host: 'h2', tags: [] })]],
    reason: 'the host makes a series',
  },
  'ag-050': {
    expect: [
      [own('x', 'gauge', 1, 1, { host: '', tags: ['a.b'] }), own('x', 'gauge', 1, 2, { host: '', tags: ['a', 'b'] })],
    ],
    reason: 'a dot is a part of a tag',
  },
  'ag-051': { expect: [[]], reason: 'what is no number is not sent' },
}
