// Plays what statsd/statsd makes of a line: with that server itself.

import { createSocket } from 'node:dgram'
import { EtsyStatsd, type EtsyTotals, etsyPackages } from '../etsy-statsd'
import type { Player } from './vector'
import { NotFollowed } from './vector-case'

export const play: Player = async ({ calls }) => {
  await etsyPackages.install().catch((error: Error) => {
    throw new NotFollowed(`the server could not be installed: ${error.message}`)
  })
  const items: unknown[] = []
  for (const [at, [method, args = []]] of calls.entries()) {
    if (method !== 'parse') throw new Error(`there is no method ${method}`)
    const totals = await understood(args[0] as string)
    const found = metricsIn(totals)
    if (found.length === 0) return { items, thrown: { at, error: 'ParseError' } }
    items.push(...found)
  }
  return { items }
}

async function understood(line: string): Promise<EtsyTotals> {
  const server = await EtsyStatsd.start()
  const socket = createSocket('udp4')
  try {
    socket.send(`${line}\ndd.end:1|c`, server.udpPort, '127.0.0.1')
    return await server.totals(({ counters }) => counters['dd.end'] !== undefined)
  } finally {
    socket.close()
    await server.stop()
  }
}

function metricsIn({ counters, gauges, timers, sets }: EtsyTotals): object[] {
  const own = Object.entries(counters).filter(([name]) => !name.startsWith('dd.'))
  return [
    ...own.map(([name, value]) => ({ name, type: 'c', value })),
    ...Object.entries(gauges).map(([name, value]) => ({ name, type: 'g', value })),
    ...Object.entries(timers).flatMap(([name, { first }]) => first.map((value) => ({ name, type: 'ms', value }))),
    ...Object.entries(sets).flatMap(([name, values]) => values.map((value) => ({ name, type: 's', value }))),
  ]
}
