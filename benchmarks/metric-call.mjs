// What does it cost to record a metric?
//
// One process per client, situation and round counts requests with three tags in a loop, over UDP to a server on this machine that reads
// what comes, and its CPU time is divided by the calls, sending included. The loop without a client is subtracted. Tags are fresh, made for
// each call, or prebuilt: tag sets of dd, and lists that are made once for the others. Aggregated means one line per series and interval;
// datadog-metrics does nothing else, and sends nothing here.

import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { startProgram } from './measured-program.mjs'
import { added, median, medianAndSpread, ratio } from './summary.mjs'

export const name = 'metric-call'
export const question = 'CPU time per recorded metric with three tags'
export const rounds = 3
export const nodes = [24, 20]
export const reference = 'hot-shots'

const SITUATIONS = [
  'buffered, fresh tags',
  'buffered, prebuilt tags',
  'aggregated, fresh tags',
  'aggregated, prebuilt tags',
]

/** Clients of metrics, in the place of tracers. */
export function peers(ddFolder) {
  const names = ['bare', 'dd', 'hot-shots', 'statsd-client', 'datadog-metrics']
  return names.map((peer) => ({ name: peer, env: () => ({ BENCH_DD: ddFolder }) }))
}

/** Who can do what. */
const CANNOT = {
  'statsd-client': /^aggregated/,
  'datadog-metrics': /^buffered/,
}

/** One sample: nanoseconds of CPU by situation. */
export async function measure({ peer, node, env, nodeArgs }) {
  const server = createSocket('udp4').on('message', () => {})
  server.bind(0, '127.0.0.1')
  await once(server, 'listening')
  const costs = {}
  try {
    for (const situation of SITUATIONS) {
      if (CANNOT[peer.name]?.test(situation)) continue
      const args = [peer.name, situation, String(server.address().port)]
      const program = startProgram('record-metrics.cjs', { node, args, env, nodeArgs })
      const { nanos, lost } = await program.next()
      await program.stop()
      if (lost > 0) throw new Error(`${peer.name} lost ${lost} metrics: ${situation}`)
      costs[situation] = nanos
    }
  } finally {
    server.close()
  }
  return costs
}

export function report({ bare, ...clients }) {
  const rows = SITUATIONS.flatMap((situation) =>
    Object.entries(clients).map(([client, samples]) => {
      if (samples[situation] === undefined) return [situation, client, 'cannot', '']
      const cost = added(samples[situation], bare[situation])
      const other = clients[reference]?.[situation]
      const isComparable = other !== undefined && median(other) > 0
      return [
        situation,
        client,
        medianAndSpread(cost, 0),
        isComparable ? ratio(cost, added(other, bare[situation])) : '',
      ]
    }),
  )
  return { headings: ['situation', 'client', 'ns CPU', `of ${reference}`], rows }
}
