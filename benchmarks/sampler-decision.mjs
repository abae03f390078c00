// How much CPU time does it take to decide whether a trace is kept?
//
// One process per peer and round makes traces of one span, and asks the peer's own sampler about each, in four situations. Making the
// spans is not counted, nothing is sent, and what is asked is the sampler that the peer's options built. A decision is made once
// per trace, so this is what a trace costs beyond its spans.

import { startProgram } from './measured-program.mjs'
import { tracers } from './peers.mjs'
import { median, medianAndSpread, ratio } from './summary.mjs'

export const name = 'sampler-decision'
export const question =
  'CPU time per decision on a trace: the rate of the Agent, a rule that fits, ten that do not, a limit that is reached'
export const rounds = 2
export const nodes = [24, 20]
export const peers = (ddFolder) => tracers(ddFolder).filter(({ name }) => name !== 'bare')
export const cannot = (peer) =>
  peer === 'opentelemetry' || peer === 'elastic'
    ? 'it has neither rules by service and tags nor rates from an Agent'
    : undefined

const CASES = ['agent rate', 'rule fits', 'rules do not fit', 'limited']

/** One sample: microseconds of CPU per decision for each case. */
export async function measure({ peer, node, env, nodeArgs }) {
  const costs = {}
  for (const situation of CASES) {
    const program = startProgram('decide-traces.cjs', { node, args: [peer.name, situation], env, nodeArgs })
    const { cpuMicros, decisions, kept } = await program.next()
    await program.stop()
    costs[situation] = cpuMicros / decisions
    costs[`kept: ${situation}`] = kept / decisions
  }
  return costs
}

export function report(samples, reference) {
  const rows = CASES.flatMap((situation) =>
    Object.entries(samples).map(([peer, costs]) => [
      situation,
      peer,
      medianAndSpread(costs[situation], 3),
      ratio(costs[situation], samples[reference][situation]),
      `${(median(costs[`kept: ${situation}`]) * 100).toFixed(1)} %`,
    ]),
  )
  return { headings: ['situation', 'tracer', 'µs CPU per decision', `of ${reference}`, 'kept'], rows }
}
