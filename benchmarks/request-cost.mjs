// How much CPU time does a tracer add to a request of an Express program, and how much latency?
//
// One server process per peer, route and round answers a fixed number of requests from 20 keep-alive connections. Its CPU time
// (user and system, all threads, the last flush included), divided by the requests, less that of the server without a
// tracer, is what the tracer adds. The load comes from this process, the upstream is another one. Latency is that of a
// saturated server: with so few clients in a closed loop it follows the CPU time.

import { applyLoad } from './load.mjs'
import { startProgram } from './measured-program.mjs'
import { added, median, medianAndSpread, quantile, ratio } from './summary.mjs'

export const name = 'request-cost'
export const question = 'CPU time added per Express request: 3 middlewares and a nested router'
export const rounds = 7

const ROUTES = [
  { route: 'json', path: '/api/users/42?verbose=1' },
  { route: 'json + outgoing request', path: '/api/users/42/orders' },
]

const CONNECTIONS = 20
/** Enough that the compiler has settled: after 6,000 requests the cost per request no longer falls. */
const WARM_UP_REQUESTS = 6000
const REQUESTS = 12_000

/** One sample for each route: microseconds of CPU per request, latencies in milliseconds, spans that arrived per request. */
export async function measure(setting) {
  const upstream = startProgram('upstream.cjs', { node: process.execPath, env: {} })
  const { port } = await upstream.next()
  try {
    const sample = {}
    for (const { route, path } of ROUTES) {
      const result = await measureRoute(setting, path, port)
      for (const [key, value] of Object.entries(result)) sample[`${route} ${key}`] = value
    }
    return sample
  } finally {
    await upstream.stop()
  }
}

async function measureRoute({ peer, node, env, sink, nodeArgs }, path, upstreamPort) {
  await sink.take()
  const { preload } = peer
  const server = startProgram('express-server.cjs', {
    node,
    preload,
    args: [peer.name, `${upstreamPort}`],
    env,
    nodeArgs,
  })
  try {
    const { port } = await server.next()
    const target = { port, path, connections: CONNECTIONS }
    await applyLoad({ ...target, requests: WARM_UP_REQUESTS })
    await ask(server, 'flush')
    const { spans: before } = await sink.take()
    if (before === 0 && preload !== undefined) throw new Error(`${peer.name} sent no spans`)
    await ask(server, 'begin')
    const latencies = await applyLoad({ ...target, requests: REQUESTS })
    const { cpuMicros } = await ask(server, 'end')
    const { spans } = await sink.take()
    return {
      cpu: cpuMicros / REQUESTS,
      p50: quantile(latencies, 0.5),
      p99: quantile(latencies, 0.99),
      spans: spans / REQUESTS,
    }
  } finally {
    await server.stop()
  }
}

function ask(server, what) {
  const answer = server.next()
  server.send(what)
  return answer
}

export function report({ bare, ...tracers }, reference) {
  const rows = ROUTES.flatMap(({ route }) => {
    const cpu = `${route} cpu`
    const costs = Object.fromEntries(
      Object.entries(tracers).map(([peer, samples]) => [peer, added(samples[cpu], bare[cpu])]),
    )
    const common = (samples) => [
      medianAndSpread(samples[cpu], 1),
      median(samples[`${route} p50`]).toFixed(1),
      median(samples[`${route} p99`]).toFixed(1),
      median(samples[`${route} spans`]).toFixed(2),
    ]
    return [
      [route, 'bare', '', '', ...common(bare)],
      ...Object.entries(tracers).map(([peer, samples]) => [
        route,
        peer,
        medianAndSpread(costs[peer], 1),
        ratio(costs[peer], costs[reference]),
        ...common(samples),
      ]),
    ]
  })
  return {
    headings: ['route', 'tracer', 'µs CPU added', `of ${reference}`, 'µs CPU in all', 'p50 ms', 'p99 ms', 'spans'],
    rows,
  }
}
