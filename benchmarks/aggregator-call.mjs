// What does it cost to record a metric that the process adds up itself, to post it to Datadog's API?
//
// One process per client, situation and round records with three tags in a loop and flushes every hundred thousand calls; its CPU time is
// divided by the calls. The loop without a client is subtracted. Nothing leaves the process: dd writes out and compresses what it would
// post, datadog-metrics works out its series and drops them. Tags are fresh, made for each call, or prebuilt: tag sets of dd, and
// lists that are made once for datadog-metrics.

import { startProgram } from './measured-program.mjs'
import { added, medianAndSpread, ratio } from './summary.mjs'

export const name = 'aggregator-call'
export const question = 'CPU time per metric that is aggregated in the process, with three tags'
export const rounds = 2
export const nodes = [24, 20]
export const reference = 'datadog-metrics'

const SITUATIONS = ['count, fresh tags', 'count, prebuilt tags', 'histogram, fresh tags', 'histogram, prebuilt tags']

/** Clients of metrics, in the place of tracers. */
export function peers(ddFolder) {
  return ['bare', 'dd', reference].map((peer) => ({ name: peer, env: () => ({ BENCH_DD: ddFolder }) }))
}

/** One sample: nanoseconds of CPU by situation. */
export async function measure({ peer, node, env, nodeArgs }) {
  const costs = {}
  for (const situation of SITUATIONS) {
    const program = startProgram('aggregate-metrics.cjs', { node, args: [peer.name, situation], env, nodeArgs })
    const { nanos, lost } = await program.next()
    await program.stop()
    if (lost > 0) throw new Error(`${peer.name} lost ${lost} metrics: ${situation}`)
    costs[situation] = nanos
  }
  return costs
}

export function report({ bare, ...clients }) {
  const rows = SITUATIONS.flatMap((situation) => {
    const other = added(clients[reference][situation], bare[situation])
    return Object.entries(clients).map(([client, samples]) => {
      const cost = added(samples[situation], bare[situation])
      return [situation, client, medianAndSpread(cost, 0), ratio(cost, other)]
    })
  })
  return { headings: ['situation', 'client', 'ns CPU', `of ${reference}`], rows }
}
