// A measured program of memory: makes 10,000 spans in one turn of the event loop, so that nothing can be sent meanwhile, and says how
// much memory there is before, then, and when they have been sent.

const adapters = require('./adapters.cjs')
const { footprintAtRest, footprintNow } = require('./footprint.cjs')

const TRACES = 1000
const SPANS_PER_TRACE = 10
/** Buffers grow to their size, and code is compiled, the first times. */
const WARM_UPS = 3

const peer = adapters[process.argv[2]]

function makeTraces() {
  for (let i = 0; i < TRACES; i++) adapters.makeTrace(peer, i)
}

async function main() {
  peer.start()
  for (let i = 0; i < WARM_UPS; i++) {
    makeTraces()
    await peer.flush()
  }
  const before = await footprintAtRest()
  makeTraces()
  const waiting = footprintNow()
  await peer.flush()
  const sent = await footprintAtRest()
  process.send({ before, waiting, sent, spans: TRACES * SPANS_PER_TRACE * (WARM_UPS + 1) })
}

process.on('disconnect', () => process.exit())
void main()
