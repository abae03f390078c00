// What does it cost to carry the active span along?
//
// One process per peer and round makes a span active and then does, in loops: run a function with the span active; bind a function
// and call it; `await`, ten functions deep; a hop through setImmediate, a hundred under way at a time. Each step asks for the active
// span, and a wrong one ends the run. The same loops without a tracer are subtracted. dd has two scopes, AsyncLocalStorage and
// cls-hooked; the others have AsyncLocalStorage.

import { startProgram } from './measured-program.mjs'
import { tracers } from './peers.mjs'
import { added, median, medianAndSpread, ratio } from './summary.mjs'

export const name = 'context-switch'
export const question = 'CPU time added per step with an active span (ns)'
export const rounds = 4
export const nodes = [24, 20]

const STEPS = ['run', 'bind and call', 'await', 'setImmediate']

export function peers(ddFolder) {
  const all = tracers(ddFolder)
  const dd = all.find((peer) => peer.name === 'dd')
  const cls = {
    ...dd,
    name: 'dd, cls-hooked',
    program: 'dd',
    env: (sinkUrl) => ({ ...dd.env(sinkUrl), DD_TRACE_SCOPE: 'cls-hooked' }),
  }
  return all.flatMap((peer) => (peer === dd ? [dd, cls] : [peer]))
}

/** One sample: nanoseconds of CPU by step. */
export async function measure({ peer, node, env, nodeArgs }) {
  const program = startProgram('switch-context.cjs', { node, args: [peer.program ?? peer.name], env, nodeArgs })
  const nanos = await program.next()
  await program.stop()
  return nanos
}

export function report({ bare, ...others }, reference) {
  const rows = STEPS.flatMap((step) => [
    [step, 'bare', '', '', medianAndSpread(bare[step], 0)],
    ...Object.entries(others)
      .filter(([, samples]) => samples[step] !== undefined)
      .map(([peer, samples]) => {
        const cost = added(samples[step], bare[step])
        const other = added(others[reference][step], bare[step])
        return [
          step,
          peer,
          medianAndSpread(cost, 0),
          median(other) > 0 ? ratio(cost, other) : '',
          medianAndSpread(samples[step], 0),
        ]
      }),
  ])
  return { headings: ['step', 'tracer', 'ns CPU added', `of ${reference}`, 'ns CPU in all'], rows }
}
