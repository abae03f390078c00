// What does it cost to write the headers of a request that goes out, and to read those of one that comes in?
//
// One process per peer, style and round asks the peer's own API, for spans of many traces, in a loop, and its CPU time is divided by
// the turns. The loop without a tracer is subtracted. What is read is what the peer itself has written, among eight headers of a
// browser; `no trace` is a request that brings nothing.

import { startProgram } from './measured-program.mjs'
import { added, median, medianAndSpread, ratio } from './summary.mjs'

export const name = 'propagation-cost'
export const question = 'CPU time per request for the headers of its trace, by style'
export const rounds = 2
export const nodes = [24, 20]
export const cannot = (peer) =>
  peer === 'opentelemetry' || peer === 'elastic' ? "it does not know Datadog's headers" : undefined

const STYLES = ['datadog,tracecontext,baggage', 'datadog', 'tracecontext', 'b3', 'b3multi']
const STEPS = ['inject', 'extract', 'extract (no trace)']

/** One sample: nanoseconds of CPU by style and step. */
export async function measure({ peer, node, env, nodeArgs }) {
  const sample = {}
  for (const style of STYLES) {
    const program = startProgram('carry-headers.cjs', {
      node,
      args: [peer.name],
      env: { ...env, DD_TRACE_PROPAGATION_STYLE: style },
      nodeArgs,
    })
    const nanos = await program.next()
    await program.stop()
    for (const step of STEPS) sample[`${style} ${step}`] = nanos[step]
  }
  return sample
}

export function report({ bare, ...others }, reference) {
  const rows = STYLES.flatMap((style) =>
    STEPS.flatMap((step) => {
      const key = `${style} ${step}`
      const costs = Object.fromEntries(
        Object.entries(others).map(([peer, samples]) => [peer, added(samples[key], bare[key])]),
      )
      return Object.entries(costs).map(([peer, cost]) => [
        style,
        step,
        peer,
        medianAndSpread(cost, 0),
        median(costs[reference]) > 0 ? ratio(cost, costs[reference]) : '',
      ])
    }),
  )
  return { headings: ['style', 'step', 'tracer', 'ns CPU', `of ${reference}`], rows }
}
