// How much CPU time does a span cost that is made by hand?
//
// One process per peer and round makes traces of ten spans with seven tags each by the peer's own API, and really sends them.
// All its CPU time counts (user and system, all threads, the last flush included), divided by the spans. The same loop
// without a tracer is subtracted.

import { startProgram } from './measured-program.mjs'
import { added, addedRatio, median, medianAndSpread, ratio, times } from './summary.mjs'

export const name = 'span-cost'
export const question = 'CPU time per span made by hand: 10 spans per trace, 7 tags per span, encoded and sent'
export const rounds = 5

export const targets = [
  {
    what: 'CPU per span',
    goal: '≤ 1/4 of dd-trace',
    atMost: 0.25,
    value: (samples) => addedRatio(samples, 'cpu'),
    show: times,
  },
]

/** One sample: microseconds of CPU per span, and the share of spans that never arrived. */
export async function measure({ peer, node, env, sink, nodeArgs }) {
  await sink.take()
  const program = startProgram('make-spans.cjs', { node, args: [peer.name], env, nodeArgs })
  const { cpuMicros, measuredSpans, allSpans } = await program.next()
  await program.stop()
  const { spans, bytes, payloads } = await sink.take()
  return {
    cpu: cpuMicros / measuredSpans,
    lost: 1 - spans / allSpans,
    bytes: bytes / Math.max(1, spans),
    payloads,
  }
}

export function report({ bare, ...tracers }, reference) {
  const costs = Object.fromEntries(Object.entries(tracers).map(([peer, { cpu }]) => [peer, added(cpu, bare.cpu)]))
  return {
    headings: ['tracer', 'µs CPU per span', `of ${reference}`, 'bytes per span', 'payloads', 'spans lost'],
    rows: Object.entries(tracers).map(([peer, { lost, bytes, payloads }]) => [
      peer,
      medianAndSpread(costs[peer], 2),
      ratio(costs[peer], costs[reference]),
      median(bytes).toFixed(0),
      median(payloads).toFixed(0),
      `${(median(lost) * 100).toFixed(1)} %`,
    ]),
  }
}
