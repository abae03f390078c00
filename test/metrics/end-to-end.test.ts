// Real servers agree with what was sent: 100,000 mixed calls over each transport, the server killed in between and started again, and every
// call accounted for. What both servers have understood, what the client dropped and what it heard was refused are all there was.
//
// What a server that is killed has not read is gone, and nobody can know of it; so it is killed when it has read all. What is recorded while
// it is away waits, is dropped, or is refused: of a connected UDP socket the system of one machine refuses each packet, a little later.

import { strict as assert } from 'node:assert'
import { startLocalAgent } from '../../src/local-agent/start-local-agent'
import { DogStatsApi } from '../../src/metrics/aggregator/dog-stats-api'
import { DogStatsd } from '../../src/metrics/dogstatsd/dogstatsd'
import { StatsClient } from '../../src/metrics/statsd/statsd-client'
import { TCPStatsClient } from '../../src/metrics/statsd/tcp-stats-client'
import { UnixSocketStatsClient } from '../../src/metrics/statsd/unix-socket-stats-client'
import { skipNamed } from '../services'
import { etsyPackages } from '../support/etsy-statsd'
import { AgentReceiver, EtsyReceiver, type Receiver, StdinReceiver } from '../support/metric-receivers'
import { INSTALL_TIMEOUT_MS } from '../support/npm-packages'

const PHASES = { before: 40_000, away: 20_000, after: 40_000 }
type Phase = keyof typeof PHASES
/** Calls between which the server gets time to read: Linux has room for some 270 small packets of UDP. */
const BURST = 200

type StatsdClient = StatsClient | TCPStatsClient | UnixSocketStatsClient
type Client = StatsdClient | DogStatsd

/** What the counts must come to, by name. */
type Sums = Record<string, number>

const onError = () => {}
/** Keeps every second call of those that are sampled by a half. */
const everySecond = () => {
  let isKept = false
  return () => {
    isKept = !isKept
    return isKept ? 0.25 : 0.75
  }
}
const add = (sums: Sums, name: string, value: number) => {
  sums[name] = (sums[name] ?? 0) + value
}
/** The dice of a client and its records of what they left out. */
const sampled = (client: Client, sums: Sums, name: string, call: () => void) => {
  const { sampledOut } = client.stats()
  call()
  if (client.stats().sampledOut === sampledOut) add(sums, name, 2)
}

/** The calls from the `from`th to the `to`th of a phase, those of every second burst in a pipeline. */
function recordStatsd(client: StatsdClient, phase: Phase, from: number, to: number, sums: Sums): void {
  const pipe = (from / BURST) % 2 === 0 ? undefined : client.pipeline()
  const target = pipe ?? client
  for (let i = from; i < to; i++) {
    switch (i % 8) {
      case 0:
      case 1:
        target.incr(`${phase}.up`, 3)
        add(sums, `${phase}.up`, 3)
        break
      case 2:
        target.decr(`${phase}.down`)
        add(sums, `${phase}.down`, -1)
        break
      case 3:
        sampled(client, sums, `${phase}.sampled`, () => target.incr(`${phase}.sampled`, 1, { rate: 0.5 }))
        break
      case 4:
        target.gauge(`${phase}.level`, i)
        break
      case 5:
        target.gauge(`${phase}.delta`, -i, { delta: true })
        break
      case 6:
        target.set(`${phase}.users`, i % 50)
        break
      default:
        target.timing(`${phase}.time`, i / 7)
    }
  }
  pipe?.send()
}

function recordDog(client: DogStatsd, isDatadog: boolean, phase: Phase, from: number, to: number, sums: Sums): void {
  const tagSet = client.tagSet({ prebuilt: 'yes', env: 'test' })
  for (let i = from; i < to; i++) {
    const tags = isDatadog ? { tags: i % 2 === 0 ? tagSet : { user: i % 30, fresh: 'é' } } : undefined
    switch (i % 10) {
      case 0:
        client.increment(`${phase}.up`, 2, tags)
        add(sums, `${phase}.up`, 2)
        break
      case 1:
        client.decrement([`${phase}.down`, `${phase}.too`], 3)
        add(sums, `${phase}.down`, -3)
        add(sums, `${phase}.too`, -3)
        break
      case 2:
        client.gauge(`${phase}.level`, i / 3, tags)
        break
      case 3:
        if (isDatadog) client.histogram(`${phase}.size`, i, tags)
        else client.gaugeDelta(`${phase}.delta`, -i)
        break
      case 4:
        if (isDatadog) client.distribution(`${phase}.spread`, i, tags)
        else client.gauge(`${phase}.other`, i)
        break
      case 5:
        client.timing(`${phase}.time`, i / 7)
        break
      case 6:
        client.set(`${phase}.users`, `user ${i % 50}`)
        break
      case 7:
        sampled(client, sums, `${phase}.sampled`, () => client.increment(`${phase}.sampled`, 1, { rate: 0.5 }))
        break
      case 8:
        if (isDatadog && i % 100 === 8) client.event(`deploy ${i}`, 'with\nlines', { tags: ['a'] })
        else if (isDatadog && i % 100 === 18) client.serviceCheck('app.up', 0, { message: 'fine' })
        else {
          client.increment(`${phase}.one`)
          add(sums, `${phase}.one`, 1)
        }
        break
      default:
        client.count(`${phase}.count`, i % 3, tags)
        add(sums, `${phase}.count`, i % 3)
    }
  }
}

interface Row {
  readonly title: string
  readonly needsStatsd?: boolean
  /** A stream ends with its reader. */
  readonly needsNewClient?: boolean
  readonly isDatadog?: boolean
  start(): Promise<{ receiver: Receiver & AsyncDisposable; open(): Client }>
}

const host = '127.0.0.1'
/** So few that some are dropped. */
const few = { maxWaitingPackets: 10 }

function row<T extends Receiver & AsyncDisposable>(
  title: string,
  make: () => T,
  open: (receiver: T, random: () => number) => Client,
  more: Partial<Row> = {},
): Row {
  const start = async () => {
    const receiver = make()
    const random = everySecond()
    await receiver.start()
    return { receiver, open: () => open(receiver, random) }
  }
  return { title, ...more, start }
}

const etsy = () => new EtsyReceiver()
const agent = () => new AgentReceiver()
const statsd = { needsStatsd: true }
const datadog = { isDatadog: true }
const rows: Row[] = [
  row(
    'StatsClient over UDP, statsd',
    etsy,
    ({ udpPort: port }, random) => new StatsClient({ host, port, random, onError }),
    statsd,
  ),
  row(
    'TCPStatsClient, statsd',
    etsy,
    ({ tcpPort: port }, random) => new TCPStatsClient({ host, port, random, onError }),
    statsd,
  ),
  row(
    'UnixSocketStatsClient, statsd',
    etsy,
    ({ socketPath }, random) => new UnixSocketStatsClient({ socketPath, random, onError }),
    statsd,
  ),
  row(
    'StatsClient over UDP, local agent',
    agent,
    ({ udpPort: port }, random) => new StatsClient({ host, port, random, onError }),
  ),
  row(
    'DogStatsd over TCP, statsd',
    etsy,
    ({ tcpPort }, random) =>
      new DogStatsd({ url: `tcp://${host}:${tcpPort}`, dialect: 'statsd', random, onError, ...few }),
    statsd,
  ),
  row(
    'DogStatsd over UDP, local agent',
    agent,
    ({ udpPort: port }, random) => new DogStatsd({ host, port, telemetry: false, random, onError }),
    datadog,
  ),
  row(
    'DogStatsd over UDP, a packet for each line, local agent',
    agent,
    ({ udpPort: port }, random) => new DogStatsd({ host, port, flushIntervalMs: 0, telemetry: false, random, onError }),
    datadog,
  ),
  row(
    'DogStatsd over a Unix socket, local agent',
    agent,
    ({ socketPath: path }, random) => new DogStatsd({ path, telemetry: false, random, onError, ...few }),
    datadog,
  ),
  row(
    'DogStatsd over a Writable, a program that reads its input',
    () => new StdinReceiver(),
    ({ stream }, random) => new DogStatsd({ stream, telemetry: false, random, onError }),
    { ...datadog, needsNewClient: true },
  ),
]

describe('metrics from end to end', function () {
  this.timeout(120_000)

  before('install statsd', async function () {
    this.timeout(INSTALL_TIMEOUT_MS * 2)
    await etsyPackages.install().catch(() => {})
  })

  for (const { title, needsStatsd = false, needsNewClient = false, isDatadog = false, start } of rows) {
    it(`arrive or are counted: 100,000 calls, the server killed in between (${title})`, async function () {
      if (needsStatsd) {
        await etsyPackages
          .install()
          .catch((error: Error) => skipNamed(this, 'statsd could not be installed', error.message))
      }
      const { receiver, open } = await start()
      await using _ = receiver
      const clients = [open()]
      const stats = () => clients.map((client) => client.stats())
      const sum = (count: (stats: ReturnType<Client['stats']>) => number) =>
        stats().reduce((all, each) => all + count(each), 0)
      const delivered = () => sum(({ linesSent, linesRefused }) => linesSent - linesRefused)
      let calls = 0
      const record = async (phase: Phase): Promise<Sums> => {
        const client = clients.at(-1)!
        const sums: Sums = {}
        for (let from = 0; from < PHASES[phase]; from += BURST) {
          if (client instanceof DogStatsd) recordDog(client, isDatadog, phase, from, from + BURST, sums)
          else recordStatsd(client, phase, from, from + BURST, sums)
          if (phase === 'away') await turn()
          else {
            await client.flush(20_000)
            await receiver.isRead()
          }
        }
        calls += PHASES[phase] + (client instanceof DogStatsd ? PHASES[phase] / 10 : 0)
        return sums
      }

      const wantedBefore = await record('before')
      const before = await receiver.got(delivered())
      assert.equal(receiver.drops(), 0)
      assert.deepEqual(before.counts, wantedBefore)

      await receiver.kill()
      await turn()
      await turn()
      const wantedAway = await record('away')
      await turn()
      await turn()
      await receiver.start()
      if (needsNewClient) clients.push(open())
      await clients.at(-1)!.flush(20_000)

      const wantedAfter = await record('after')
      const after = await receiver.got(delivered() - before.lines)
      assert.equal(receiver.drops(), 0)
      const { away, counts } = apart(after.counts)
      assert.deepEqual(counts, wantedAfter)
      for (const [name, value] of Object.entries(away)) assert.ok(Math.abs(value) <= Math.abs(wantedAway[name]!), name)

      for (const client of clients) await client.close()
      const lost = sum(({ droppedQueue, droppedWriter, linesRefused }) => droppedQueue + droppedWriter + linesRefused)
      const recorded = sum((each) => each.recorded)
      assert.equal(recorded + sum(({ sampledOut }) => sampledOut), calls)
      assert.equal(before.lines + after.lines + lost, recorded)
      assert.deepEqual([before.bad, after.bad], [0, 0])
      assert.ok(lost > 0, 'that the server was away has cost nothing')
      assert.ok(sum(({ errors }) => errors) > 0, 'that the server was away was not noticed')
    })
  }
})

describe('metrics that are added up first', function () {
  this.timeout(120_000)

  it('come to the same at the local agent: 100,000 calls of DogStatsd', async () => {
    await using receiver = new AgentReceiver()
    await receiver.start()
    const aggregation = { extended: true, maxContexts: 10 }
    const { udpPort: port } = receiver
    const client = new DogStatsd({ host, port, telemetry: false, aggregation, random: everySecond(), onError })
    const sums: Sums = {}
    for (let from = 0; from < 100_000; from += 10_000) {
      recordDog(client, true, 'before', from, from + 10_000, sums)
      await client.flush()
      await receiver.isRead()
    }
    await client.close()
    const { linesSent, recorded, aggregated, contextsOverflowed } = client.stats()
    const { lines, bad, counts } = await receiver.got(linesSent)
    assert.deepEqual(counts, sums)
    assert.deepEqual([lines, bad, receiver.drops()], [linesSent, 0, 0])
    assert.equal(recorded, linesSent + aggregated)
    assert.ok(aggregated > 20_000 && contextsOverflowed > 0)
  })

  it('come to the same at the API of the local agent: 100,000 calls of DogStatsApi', async () => {
    for (const api of ['v1', 'v2'] as const) {
      await using agent = await localAgent()
      const stats = new DogStatsApi()
      stats.start({ apiHost: agent.url, flushIn: 'manual', api, host: 'h', onError })
      for (let i = 0; i < 100_000; i++) {
        switch (i % 5) {
          case 0:
            stats.increment('up', 2, { tags: [`user:${i % 30}`] })
            break
          case 1:
            stats.gauge('level', i)
            break
          case 2:
            stats.distribution('spread', i % 100)
            break
          case 3:
            stats.histogram('size', i % 100)
            break
          default:
            if (i % 1000 === 4) stats.event(`deploy ${i}`, 'text')
            else if (i % 1000 === 9) stats.serviceCheck('app.up', 0)
            else stats.decrement('down', 1)
        }
      }
      await stats.stop()
      const { droppedInvalid, recorded } = stats.stats()
      assert.deepEqual([recorded, droppedInvalid], [100_000, 0])
      const totals = new Map<string, number>()
      for (const { name, total } of agent.metrics.latest(1000, 0)) {
        totals.set(name, (totals.get(name) ?? 0) + (total.value ?? total.count ?? 0))
      }
      const of = (name: string) => totals.get(name)
      assert.deepEqual([of('up'), of('down'), of('level')], [40_000, -19_800, 99_996])
      assert.deepEqual([of('spread'), of('size.count')], [20_000, 20_000])
      const { events, checks } = agent.metrics.counters.api
      assert.deepEqual([events, checks], [100, 100])
    }
  })
})

async function localAgent() {
  const agent = await startLocalAgent({ port: 0 })
  return Object.assign(agent, { [Symbol.asyncDispose]: () => agent.close() })
}

const turn = () => new Promise<void>((resolve) => setTimeout(resolve, 1))

function apart(all: Readonly<Sums>): { away: Sums; counts: Sums } {
  const [away, counts]: [Sums, Sums] = [{}, {}]
  for (const [name, value] of Object.entries(all)) (name.startsWith('away.') ? away : counts)[name] = value
  return { away, counts }
}
