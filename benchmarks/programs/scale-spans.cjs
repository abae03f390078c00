// The measured program of span-scaling: makes spans in traces of a given size, a given number of them open at a time, and reports
// its CPU time. What waits is sent every 10,000 spans.
//
//   node scale-spans.cjs <peer> <spans per trace> <traces open at a time>

const { setImmediate: turn, setTimeout: wait } = require('node:timers/promises')
const adapters = require('./adapters.cjs')

/** Fewer, and what compilers do on their own threads would count. */
const WARM_UP_SPANS = 300_000
const SPANS = 600_000
const SPANS_PER_FLUSH = 10_000
const SPANS_PER_TURN = 500
const SETTLE_MS = 200

const peer = adapters[process.argv[2]]
/** dd-trace's cost settles earlier. */
const share = process.argv[2] === 'dd-trace' ? 0.25 : 1
const [spansPerTrace, openAtATime] = process.argv.slice(3).map(Number)

/** Traces that are open together: their spans begin and end in turn. */
function* makeTogether() {
  const roots = Array.from({ length: openAtATime }, (_, i) => peer.root(i))
  yield openAtATime
  for (let child = 1; child < spansPerTrace; child++) {
    for (let i = 0; i < openAtATime; i++) peer.finish(peer.child(roots[i], child), child)
    yield openAtATime
  }
  for (let i = 0; i < openAtATime; i++) peer.finish(roots[i], i)
}

async function makeSpans(count) {
  let sinceTurn = 0
  let sinceFlush = 0
  let made = 0
  while (made < count) {
    for (const spans of makeTogether()) {
      made += spans
      sinceTurn += spans
      sinceFlush += spans
      if (sinceFlush >= SPANS_PER_FLUSH) {
        sinceFlush = sinceTurn = 0
        await peer.flush()
      } else if (sinceTurn >= SPANS_PER_TURN) {
        sinceTurn = 0
        await turn()
      }
    }
  }
  await peer.flush()
  await wait(SETTLE_MS)
  return made
}

async function main() {
  peer.start()
  const warmUpSpans = await makeSpans(WARM_UP_SPANS * share)
  const before = process.cpuUsage()
  const measuredSpans = await makeSpans(SPANS * share)
  const { user, system } = process.cpuUsage(before)
  process.send({ cpuMicros: user + system, measuredSpans, allSpans: warmUpSpans + measuredSpans })
}

process.on('disconnect', () => process.exit())
void main()
