// The measured program of plugin-call: asks Redis for a value over and over, with a promise or a callback, inside a span for every
// fifty calls, and reports its CPU time. The tracer, if any, is preloaded.
//
//   node call-redis.cjs <peer> <promise | callback> <URL of Redis>

const { setTimeout: wait } = require('node:timers/promises')
const Redis = require('ioredis')
const adapters = require('./adapters.cjs')

const AT_A_TIME = 50
const WARM_UP_BATCHES = 1500
const BATCHES = 3000
const BATCHES_PER_FLUSH = 150
const SETTLE_MS = 200

const [, , peerName, style, url] = process.argv
const share = adapters.shareOf(peerName)
const warmUpBatches = WARM_UP_BATCHES * share
const batches = BATCHES * share
const redis = new Redis(url)

const styles = {
  promise: () => redis.get('dd-bench:none'),
  callback: () =>
    new Promise((resolve, reject) => {
      redis.get('dd-bench:none', (error, value) => (error ? reject(error) : resolve(value)))
    }),
}
const call = styles[style]
const batch = () => Promise.all(Array.from({ length: AT_A_TIME }, call))

/** Runs a function in a span of the program that ends when its promise does. */
const inSpan = {
  bare: (fn) => fn(),
  dd: (fn) => require(`${process.env.BENCH_DD}/src/index.js`).tracer.trace('bench.batch', fn),
  'dd-trace': (fn) => require('dd-trace').trace('bench.batch', fn),
  opentelemetry: (fn) =>
    require('@opentelemetry/api')
      .trace.getTracer('bench')
      .startActiveSpan('bench.batch', (span) => fn().finally(() => span.end())),
  elastic(fn) {
    const transaction = require('elastic-apm-node').startTransaction('bench.batch')
    return fn().finally(() => transaction.end())
  },
}[peerName]

async function run(count) {
  for (let i = 1; i <= count; i++) {
    await inSpan(batch)
    if (i % BATCHES_PER_FLUSH === 0) await adapters[peerName].flush()
  }
  await adapters[peerName].flush()
  await wait(SETTLE_MS)
}

async function main() {
  await redis.ping()
  await run(warmUpBatches)
  const before = process.cpuUsage()
  await run(batches)
  const { user, system } = process.cpuUsage(before)
  process.send({
    cpuMicros: user + system,
    calls: batches * AT_A_TIME,
    allCalls: (batches + warmUpBatches) * AT_A_TIME,
  })
}

process.on('disconnect', () => process.exit())
void main()
