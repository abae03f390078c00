// How much CPU time does a tracer add to a request of an Express program, and how much latency?
//
// One server process per peer, route and round answers a fixed number of requests from 20 keep-alive connections. Its CPU time
// (user and system, all threads, the last flush included), divided by the requests, less that of the server without a
// tracer, is what the tracer adds. The load comes from this process, the upstream is another one. Then requests come at a
// fixed rate, a tenth of what the bare server serves: latency says something only there (measured-server.mjs).

import { startProgram } from './measured-program.mjs'
import { capacity, RATE, startServer } from './measured-server.mjs'
import { requestHeadings, requestRows } from './request-table.mjs'
import { addedRatio, times } from './summary.mjs'

export const name = 'request-cost'
export const question = 'CPU time added per Express request: 3 middlewares and a nested router'
export const rounds = 3

const ROUTES = [
  { route: 'json', path: '/api/users/42?verbose=1', requests: 10_000, atRate: true },
  { route: 'json + outgoing request', path: '/api/users/42/orders', requests: 5000, atRate: false },
]

/** Enough that the compiler has settled: after 6,000 requests its threads still take a third of what a tracer adds. */
const WARM_UP_REQUESTS = 20_000

export const targets = [
  {
    what: 'CPU added per Express request',
    goal: '≤ 1/3 of dd-trace',
    atMost: 1 / 3,
    value: (samples) => addedRatio(samples, 'json cpu'),
    show: times,
  },
]

export async function open(setting) {
  const upstream = startProgram('upstream.cjs', { node: process.execPath, env: {} })
  try {
    const { port } = await upstream.next()
    const args = ['bare', `${port}`]
    const whole = await capacity(
      { ...setting, file: 'express-server.cjs', args, path: ROUTES[0].path },
      WARM_UP_REQUESTS,
    )
    const perSecond = Math.round(whole * RATE)
    return { port, perSecond, about: `fixed rate: ${perSecond} requests per second`, close: () => upstream.stop() }
  } catch (error) {
    await upstream.stop()
    throw error
  }
}

/** One sample for each route. */
export async function measure({ shared, ...setting }) {
  const sample = {}
  for (const { route, path, requests, atRate } of ROUTES) {
    const args = [setting.peer.name, `${shared.port}`]
    const server = await startServer({ ...setting, file: 'express-server.cjs', args, path, warmUp: WARM_UP_REQUESTS })
    try {
      const busy = await server.load(requests)
      for (const [key, value] of Object.entries(busy)) sample[`${route} ${key}`] = value
      if (!atRate) continue
      const { p50, p99 } = await server.loadAt(shared.perSecond)
      sample[`${route} open p50`] = p50
      sample[`${route} open p99`] = p99
    } finally {
      await server.stop()
    }
  }
  return sample
}

export function report(samples, reference) {
  return {
    headings: requestHeadings(reference),
    rows: ROUTES.flatMap(({ route }) => requestRows(samples, reference, route, `${route} `)),
  }
}
