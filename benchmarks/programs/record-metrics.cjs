// The measured program of metric-call: records a count with three tags over and over, and reports nanoseconds of CPU per call, with what it
// takes to send them to a server on this machine.
//
//   node record-metrics.cjs <peer> <situation> <port of the server>

const { COMBINATIONS, bareCall, freshObject, freshTags, isKept, prebuilt } = require('./metric-tags.cjs')

const WARM_UP_CALLS = 300_000
const CALLS = 1_500_000
/** Calls in one turn of the event loop, as a busy server has them. */
const CALLS_PER_TURN = 200
const BUFFER_BYTES = 1432

const [peerName, situation, port] = [process.argv[2], process.argv[3], Number(process.argv[4])]
const isAggregated = situation.startsWith('aggregated')
const isPrebuilt = situation.endsWith('prebuilt tags')

const peers = {
  bare: () => ({
    call: bareCall(isPrebuilt),
    close() {},
  }),
  dd() {
    const { DogStatsd } = require(`${process.env.BENCH_DD}/src/metrics/dogstatsd/dogstatsd.js`)
    const client = new DogStatsd({ host: '127.0.0.1', port, aggregation: isAggregated, telemetry: false })
    const sets = prebuilt.map((tags) => client.tagSet(tags))
    return {
      call: isPrebuilt
        ? (n) => client.increment('shop.requests', 1, { tags: sets[n % COMBINATIONS] })
        : (n) => client.increment('shop.requests', 1, { tags: freshTags(n) }),
      close: () => client.close(),
      lost: () => {
        const { droppedQueue, droppedWriter } = client.stats()
        return droppedQueue + droppedWriter
      },
    }
  },
  'hot-shots'() {
    const StatsD = require('hot-shots')
    const client = new StatsD({
      host: '127.0.0.1',
      port,
      maxBufferSize: BUFFER_BYTES,
      bufferFlushInterval: 100,
      aggregation: isAggregated,
      includeDatadogTelemetry: false,
      errorHandler() {},
    })
    return {
      call: isPrebuilt
        ? (n) => client.increment('shop.requests', 1, prebuilt[n % COMBINATIONS])
        : (n) => client.increment('shop.requests', 1, freshTags(n)),
      close: () => new Promise((resolve) => client.close(resolve)),
    }
  },
  'statsd-client'() {
    const StatsdClient = require('statsd-client')
    const client = new StatsdClient({ host: '127.0.0.1', port, maxBufferSize: BUFFER_BYTES })
    const objects = prebuilt.map((_, n) => freshObject(n))
    return {
      call: isPrebuilt
        ? (n) => client.increment('shop.requests', 1, objects[n % COMBINATIONS])
        : (n) => client.increment('shop.requests', 1, freshObject(n)),
      close: () => client.close(),
    }
  },
  'datadog-metrics'() {
    const { BufferedMetricsLogger, reporters } = require('datadog-metrics')
    const client = new BufferedMetricsLogger({ reporter: new reporters.NullReporter(), flushIntervalSeconds: 0 })
    return {
      call: isPrebuilt
        ? (n) => client.increment('shop.requests', 1, prebuilt[n % COMBINATIONS])
        : (n) => client.increment('shop.requests', 1, freshTags(n)),
      close: () => client.flush(),
    }
  },
}

async function run(call, calls) {
  for (let n = 0; n < calls; ) {
    for (const end = n + CALLS_PER_TURN; n < end; n++) call(n)
    await new Promise(setImmediate)
  }
}

async function main() {
  const { call, close, lost } = peers[peerName]()
  await run(call, WARM_UP_CALLS)
  const before = process.cpuUsage()
  await run(call, CALLS)
  await close()
  const { user, system } = process.cpuUsage(before)
  process.on('disconnect', () => process.exit())
  process.send({ nanos: ((user + system) * 1000) / CALLS, lost: lost?.() ?? 0, kept: isKept() })
}

void main()
