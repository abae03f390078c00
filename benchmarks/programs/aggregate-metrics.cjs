// The measured program of aggregator-call: records counts or values of a histogram with three tags over and over, and reports nanoseconds
// of CPU per call, flushes included.
//
//   node aggregate-metrics.cjs <peer> <situation>

const { COMBINATIONS, bareCall, freshTags, isKept, prebuilt } = require('./metric-tags.cjs')

const WARM_UP_CALLS = 300_000
const CALLS = 1_500_000
const CALLS_PER_FLUSH = 100_000

const [peerName, situation] = [process.argv[2], process.argv[3]]
const method = situation.startsWith('histogram') ? 'histogram' : 'increment'
const isPrebuilt = situation.endsWith('prebuilt tags')

const peers = {
  bare: () => ({
    call: bareCall(isPrebuilt),
    flush() {},
  }),
  dd() {
    const { DogStatsApi } = require(`${process.env.BENCH_DD}/src/metrics/aggregator/dog-stats-api.js`)
    const { TagSet } = require(`${process.env.BENCH_DD}/src/metrics/tag-set.js`)
    const transport = { address: 'nowhere', send: async () => ({ status: 202, headers: {}, body: '' }) }
    const api = new DogStatsApi({ transport })
    api.start({ apiKey: 'bench', flushIn: 'manual' })
    const sets = prebuilt.map((tags) => TagSet.of(tags))
    return {
      call: isPrebuilt
        ? (n) => api[method]('shop.requests', n % 1000, { tags: sets[n % COMBINATIONS] })
        : (n) => api[method]('shop.requests', n % 1000, { tags: freshTags(n) }),
      flush: () => api.flush(Number.POSITIVE_INFINITY),
      lost() {
        const { recorded, linesSent, aggregated } = api.stats()
        return recorded - linesSent - aggregated
      },
    }
  },
  'datadog-metrics'() {
    const { BufferedMetricsLogger, reporters } = require('datadog-metrics')
    const client = new BufferedMetricsLogger({ reporter: new reporters.NullReporter(), flushIntervalSeconds: 0 })
    return {
      call: isPrebuilt
        ? (n) => client[method]('shop.requests', n % 1000, prebuilt[n % COMBINATIONS])
        : (n) => client[method]('shop.requests', n % 1000, freshTags(n)),
      flush: () => client.flush(),
    }
  },
}

async function run({ call, flush }, calls) {
  for (let n = 0; n < calls; ) {
    for (const end = n + CALLS_PER_FLUSH; n < end; n++) call(n)
    await flush()
  }
}

async function main() {
  const peer = peers[peerName]()
  await run(peer, WARM_UP_CALLS)
  const before = process.cpuUsage()
  await run(peer, CALLS)
  const { user, system } = process.cpuUsage(before)
  process.on('disconnect', () => process.exit())
  process.send({ nanos: ((user + system) * 1000) / CALLS, lost: peer.lost?.() ?? 0, kept: isKept() })
}

void main()
