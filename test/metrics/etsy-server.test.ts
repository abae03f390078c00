// The server that StatsD comes from agrees with what was sent: 100,000 mixed calls over each transport, with the server killed and started
// again in between. What it has understood and what the client says it dropped are all there was.

import { strict as assert } from 'node:assert'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { StatsClient } from '../../src/metrics/statsd/statsd-client'
import { TCPStatsClient } from '../../src/metrics/statsd/tcp-stats-client'
import { UnixSocketStatsClient } from '../../src/metrics/statsd/unix-socket-stats-client'
import { skipNamed } from '../services'
import { type EtsyPlaces, EtsyStatsd, type EtsyTotals, etsyPackages } from '../support/etsy-statsd'
import { INSTALL_TIMEOUT_MS } from '../support/npm-packages'

type Client = StatsClient | TCPStatsClient | UnixSocketStatsClient

const onError = () => {}
const CALLS = 100_000
/** Calls between which the server gets time to read: Linux has room for some 270 small packets of UDP. */
const BURST = 200

const transports: [name: string, open: (places: Required<EtsyPlaces>) => Client][] = [
  ['UDP', ({ udpPort: port }) => new StatsClient({ host: '127.0.0.1', port, prefix: 'p', onError })],
  ['TCP', ({ tcpPort: port }) => new TCPStatsClient({ host: '127.0.0.1', port, prefix: 'p', onError })],
  ['a Unix socket', ({ socketPath }) => new UnixSocketStatsClient({ socketPath, prefix: 'p', onError })],
]

describe("statsd's own server", function () {
  this.timeout(60_000)

  before('install statsd', async function () {
    this.timeout(INSTALL_TIMEOUT_MS * 2)
    await etsyPackages
      .install()
      .catch((error: Error) => skipNamed(this, 'statsd could not be installed', error.message))
  })

  for (const [name, open] of transports) {
    it(`understands all that was sent over ${name}, before and after it was killed`, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'dd-etsy-'))
      const socketPath = join(folder, 'socket')
      let server = await EtsyStatsd.start({ socketPath })
      const { udpPort, tcpPort } = server
      const client = open({ udpPort, tcpPort, socketPath })
      const half = CALLS / 2

      await record(client, server, 0, half)
      const before = await allOf(server, client)
      assert.deepEqual(summary(before), expectedOf(0, half))

      await server.stop()
      rmSync(socketPath, { force: true })
      // While it is away: these are lost on UDP, and wait or are dropped on a connection.
      for (let i = 0; i < 100; i++) {
        client.incr('away')
        if (i % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 1))
      }
      const away = client.stats()
      server = await EtsyStatsd.start({ udpPort, tcpPort, socketPath })
      await client.flush(10_000)

      await record(client, server, half, CALLS)
      const after = await allOf(server, client)
      const { 'p.away': late = 0, ...counters } = after.counters
      assert.deepEqual(summary({ ...after, counters }), expectedOf(half, CALLS))

      const counts = client.stats()
      assert.equal(counts.recorded, counts.linesSent + counts.droppedQueue + counts.droppedWriter)
      assert.equal(counts.recorded, CALLS + 100 + 2 * 2)
      // What was recorded meanwhile has come late, or is told as lost.
      assert.equal(late + counts.linesRefused + counts.droppedWriter, 100)
      assert.ok(away.errors + counts.errors > 0, 'that it was away was not noticed')
      await client.close()
      await server.stop()
      rmSync(folder, { recursive: true })
    })
  }
})

/** The calls from the `from`th to the `to`th, some of them in pipelines. */
async function record(client: Client, server: EtsyStatsd, from: number, to: number): Promise<void> {
  for (let start = from; start < to; start += BURST) {
    const pipe = (start / BURST) % 2 === 0 ? undefined : client.pipeline()
    const target = pipe ?? client
    for (let i = start; i < start + BURST; i++) {
      switch (i % 5) {
        case 0:
          target.incr('up', 2)
          break
        case 1:
          target.decr('down')
          break
        case 2:
          target.gauge('level', -i)
          break
        case 3:
          target.set('users', i % 50)
          break
        default:
          target.timing('time', 1.5)
      }
    }
    pipe?.send()
    await client.flush()
    await server.hasReadUdp()
  }
}

/** All that the server has understood when the last of it is there. UDP keeps the order. */
async function allOf(server: EtsyStatsd, client: Client): Promise<EtsyTotals> {
  client.incr('end')
  client.incr('end')
  await client.flush()
  const totals = await server.totals(({ counters }) => counters['p.end'] === 2)
  const { 'p.end': _, 'dd.is_listening': __, ...counters } = totals.counters
  return { ...totals, counters }
}

const summary = ({ counters, gauges, timers, sets, badLines }: EtsyTotals) => ({
  counters,
  gauges,
  times: timers['p.time']?.count,
  sumMs: timers['p.time']?.sumMs,
  users: sets['p.users']?.length,
  badLines,
})

const expectedOf = (from: number, to: number) => ({
  counters: { 'p.up': ((to - from) / 5) * 2, 'p.down': -(to - from) / 5 },
  gauges: { 'p.level': -(to - 3) },
  times: (to - from) / 5,
  sumMs: ((to - from) / 5) * 1.5,
  users: 10,
  badLines: 0,
})
