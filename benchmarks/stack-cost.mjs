// How much CPU time and latency does a tracer add to a request of a whole small service?
//
// Express, a pool of PostgreSQL and Redis: three middlewares, a look-up in Redis, a query, a value set in Redis. The servers are
// real, started on loopback in temporary folders by what the tests start them with (test/services). CPU time is that of the
// program's process alone. As in request-cost, latency comes from a load at a fixed rate, a tenth of what the bare program serves.

import { capacity, RATE, startServer } from './measured-server.mjs'
import { requestHeadings, requestRows } from './request-table.mjs'
import { startServices } from './services.mjs'
import { addedRatio, times } from './summary.mjs'

export const name = 'stack-cost'
export const question = 'CPU time and latency added per request of an Express program with Redis and PostgreSQL'
export const rounds = 3

/** As in request-cost: fewer, and what is measured is the compiler. */
const WARM_UP_REQUESTS = 20_000
const REQUESTS = 4000
const server = { file: 'stack-server.cjs', path: '/api/users/42', warmUp: WARM_UP_REQUESTS }

export const targets = [
  {
    what: 'CPU added per request with Redis and PostgreSQL',
    goal: '≤ 1/3 of dd-trace',
    atMost: 1 / 3,
    value: (samples) => addedRatio(samples, 'cpu'),
    show: times,
  },
]

export async function open(setting) {
  const services = await startServices(setting.dd, ['redis', 'postgres'])
  if (services.missing !== undefined) return services
  try {
    const whole = await capacity({ ...setting, ...server, args: ['bare', ...services.urls] }, WARM_UP_REQUESTS)
    const perSecond = Math.round(whole * RATE)
    return { ...services, perSecond, about: `${services.about}; fixed rate: ${perSecond} requests per second` }
  } catch (error) {
    await services.close()
    throw error
  }
}

export async function measure({ shared, ...setting }) {
  const running = await startServer({ ...setting, ...server, args: [setting.peer.name, ...shared.urls] })
  try {
    const busy = await running.load(REQUESTS)
    const { p50, p99 } = await running.loadAt(shared.perSecond)
    return { ...busy, 'open p50': p50, 'open p99': p99 }
  } finally {
    await running.stop()
  }
}

export function report(samples, reference) {
  return { headings: requestHeadings(reference), rows: requestRows(samples, reference, 'redis + pg') }
}
