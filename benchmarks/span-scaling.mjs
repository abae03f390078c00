// Does a span cost the same in a large trace as in a small one, and with many traces under way as with one?
//
// One process per peer, situation and round makes the spans of span-cost: first in traces of 10 to 10,000 spans, one trace after the
// other; then in traces of ten spans of which 1 to 1,000 are open at a time, their spans begun and ended in turn. The same loop
// without a tracer is subtracted.

import { startProgram } from './measured-program.mjs'
import { tracers } from './peers.mjs'
import { added, median, medianAndSpread, ratio, times } from './summary.mjs'

export const name = 'span-scaling'
export const question =
  'CPU time per span made by hand, by the size of the trace and by the number of traces open at a time'
export const rounds = 3
export const nodes = [24, 20]

const LARGE = [10, 100, 1000, 10_000].map((spans) => ({ label: `${spans} spans per trace`, spans, open: 1 }))
const MANY = [LARGE[0], ...[10, 100, 1000].map((open) => ({ label: `${open} traces open`, spans: 10, open }))]
/** The first of both is the same. */
const SITUATIONS = [...new Set([...LARGE, ...MANY])]

export const peers = (ddFolder) => tracers(ddFolder, ['bare', 'dd', 'dd-trace'])

/** Flat: the dearest costs this much of the first. */
const FLAT = 1.15
const flatness = (situations) => ({
  value({ bare, dd }) {
    const costs = situations.map(({ label }) => median(added(dd[label], bare[label])))
    return Math.max(...costs) / costs[0]
  },
  goal: `≤ ${FLAT}×`,
  atMost: FLAT,
  show: times,
})

export const targets = [
  { what: 'cost per span, 10 → 10,000 spans per trace: the dearest to the first', ...flatness(LARGE) },
  { what: 'cost per span, 1 → 1,000 open traces: the dearest to the first', ...flatness(MANY) },
]

/** One sample: microseconds of CPU per span by situation. */
export async function measure({ peer, node, env, sink, nodeArgs }) {
  const sample = {}
  for (const { label, spans, open } of SITUATIONS) {
    await sink.take()
    const args = [peer.name, `${spans}`, `${open}`]
    const program = startProgram('scale-spans.cjs', { node, args, env, nodeArgs })
    const { cpuMicros, measuredSpans, allSpans } = await program.next()
    await program.stop()
    const { spans: arrived } = await sink.take()
    sample[label] = cpuMicros / measuredSpans
    sample[`${label}: lost`] = peer.name === 'bare' ? 0 : 1 - arrived / allSpans
  }
  return sample
}

export function report({ bare, ...others }, reference) {
  const rows = Object.entries(others).flatMap(([peer, samples]) => {
    const cost = ({ label }, of = samples) => added(of[label], bare[label])
    return SITUATIONS.map((situation) => [
      situation.label,
      peer,
      medianAndSpread(cost(situation), 2),
      ratio(cost(situation), cost(SITUATIONS[0])),
      ratio(cost(situation), cost(situation, others[reference])),
      `${(median(samples[`${situation.label}: lost`]) * 100).toFixed(1)} %`,
    ])
  })
  return {
    headings: ['situation', 'tracer', 'µs CPU per span', 'of its first', `of ${reference}`, 'spans lost'],
    rows,
  }
}
