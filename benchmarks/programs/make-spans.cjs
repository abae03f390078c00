// The measured program of span-cost: makes traces in a loop and reports its CPU time.
//
// The event loop gets a turn every 50 traces, as exporters can send only then, and every 1,000 traces all that waits is sent: a
// loop without rest outruns what buffers are for, and a span that is dropped costs nothing.

const { setImmediate: turn, setTimeout: wait } = require('node:timers/promises')
const adapters = require('./adapters.cjs')

const SPANS_PER_TRACE = 10
const TRACES_PER_TURN = 50
const TRACES_PER_FLUSH = 1000
/** Compilers go on improving hot code for a second or so, on threads of their own that would count. */
const WARM_UP_TRACES = 20_000
const TRACES = 50_000
/** Long enough for answers to payloads that were on their way before the last flush. */
const SETTLE_MS = 200

const peer = adapters[process.argv[2]]
const share = adapters.shareOf(process.argv[2])
const warmUpTraces = WARM_UP_TRACES * share
const traces = TRACES * share

async function makeTraces(count) {
  for (let i = 1; i <= count; i++) {
    adapters.makeTrace(peer, i)
    if (i % TRACES_PER_FLUSH === 0) await peer.flush()
    else if (i % TRACES_PER_TURN === 0) await (peer.pause ?? turn)()
  }
  await peer.flush()
  await wait(SETTLE_MS)
}

async function main() {
  peer.start()
  await makeTraces(warmUpTraces)
  const before = process.cpuUsage()
  await makeTraces(traces)
  const { user, system } = process.cpuUsage(before)
  process.send({
    cpuMicros: user + system,
    measuredSpans: traces * SPANS_PER_TRACE,
    allSpans: (traces + warmUpTraces) * SPANS_PER_TRACE,
  })
}

process.on('disconnect', () => process.exit())
main()
