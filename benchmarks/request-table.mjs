// The table of the questions about requests: what each peer adds, and how long its answers take.

import { added, median, medianAndSpread, ratio } from './summary.mjs'

/** @param keys what the values are called in the samples: `<prefix>cpu`, `<prefix>p50` … */
export function requestRows({ bare, ...others }, reference, label, prefix = '') {
  const cpu = `${prefix}cpu`
  const cost = (samples) => added(samples[cpu], bare[cpu])
  const one = (samples, key, digits) => median(samples[`${prefix}${key}`]).toFixed(digits)
  const rest = (samples) => [
    medianAndSpread(samples[cpu], 1),
    `${one(samples, 'p50', 1)} / ${one(samples, 'p99', 1)}`,
    samples[`${prefix}open p50`] === undefined ? '' : `${one(samples, 'open p50', 2)} / ${one(samples, 'open p99', 2)}`,
    one(samples, 'spans', 2),
  ]
  return [
    [label, 'bare', '', '', ...rest(bare)],
    ...Object.entries(others).map(([peer, samples]) => [
      label,
      peer,
      medianAndSpread(cost(samples), 1),
      others[reference] === undefined ? '' : ratio(cost(samples), cost(others[reference])),
      ...rest(samples),
    ]),
  ]
}

export const requestHeadings = (reference) => [
  'route',
  'tracer',
  'µs CPU added',
  `of ${reference}`,
  'µs CPU in all',
  'busy: p50 / p99 ms',
  'fixed rate: p50 / p99 ms',
  'spans',
]
