// Programs whose Agent misbehaves, for as long as they run: it is away, comes and goes, is slow or silent, answers errors or garbage, cuts off.
// Each runs beside one whose Agent works, and blocks of load go to them in turn, so that what disturbs the machine disturbs both.

import { checkAnswers, checkLeft, checkShapes, checkTrees, Promises, perRequest } from './promises.mjs'

const CONNECTIONS = 16
export const AGENTS = ['absent', 'flapping', 'slow', 'silent', 'error 500', 'error 413', 'garbage', 'cut off']
const BLOCK_MS = 400
/** Of fewer, on a busy machine, the medians say nothing, and are shown only. */
const MIN_BLOCKS = 10
const WARM_UP_REQUESTS = 600
/** What may be more than with an Agent that works, beside it at the same time: noise. */
const MAX_P50 = { ratio: 1.3, ms: 1 }
const MAX_P99 = { ratio: 1.6, ms: 10 }
const MAX_MORE_RSS_MIB = 64
const MAX_MORE_HEAP_MIB = 12
const MIB = 2 ** 20
/** A warning is repeated after so long. */
const REPEAT_MS = 60_000

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1]

export async function agents({ stage, promises, phaseMs, agents: wanted, progress }) {
  const rows = []
  for (const name of wanted) {
    progress(name)
    rows.push(await beside(stage, promises, name, phaseMs))
  }
  return { part: 'agents', rows }
}

async function beside(stage, promises, name, phaseMs) {
  const part = `Agent: ${name}`
  const began = performance.now()
  const sides = []
  for (const behaviour of ['healthy', name]) {
    const agent = stage.startAgent()
    const { url } = await agent.ask('begin', { name: behaviour })
    const program = await stage.startProgram({ agentUrl: url })
    sides.push({ agent, program, next: 0, blocks: [], answered: 0, faulty: 0, faults: [] })
  }
  const block = async (side, limit) => {
    const result = await stage.load.ask('steady', {
      port: side.program.port,
      from: side.next,
      connections: CONNECTIONS,
      ...limit,
    })
    side.next = result.next
    side.answered += result.answered
    side.faulty += result.faulty
    side.faults.push(...result.faults)
    return result.latencies
  }
  for (const side of sides) await block(side, { requests: WARM_UP_REQUESTS })
  for (const side of sides) side.before = { ...(await side.program.ask('measure')), requests: side.next }
  const until = performance.now() + phaseMs
  while (performance.now() < until)
    for (const side of sides) side.blocks.push(await block(side, { durationMs: BLOCK_MS }))
  for (const side of sides) {
    await side.program.ask('flush')
    side.after = { ...(await side.program.ask('measure')), requests: side.next }
    side.told = await side.program.ask('tell')
    side.received = await side.agent.ask('end')
    await stage.stop(side.program)
    await stage.stop(side.agent)
  }
  const [healthy, faulty] = sides
  const lines = faulty.program.stderr.split('\n').filter((line) => line !== '')
  const { told, received } = faulty
  const { sentSpans, droppedSpans, dropReasons } = told.diagnostics
  checkBeside(promises, part, healthy)
  checkAnswers(promises, part, faulty)
  promises.equal(part, 'spans made = sent + dropped', sentSpans + droppedSpans, told.counts.spans)
  if (name === 'flapping') {
    promises.check(
      part,
      'what was sent has arrived',
      received.spans >= sentSpans && sentSpans > 0,
      `${sentSpans} sent, ${received.spans} received, ${received.trees.again} traces twice`,
    )
  } else if (name !== 'garbage') promises.equal(part, 'spans sent', sentSpans, 0)
  checkShapes(promises, part, received)
  const most = 1 + Math.floor((performance.now() - began) / REPEAT_MS)
  const isSaid =
    lines.length <= most && lines.every((line) => line.startsWith('dd: ')) && lines.length > 0 === droppedSpans > 0
  promises.check(part, 'it is said, once a minute', isSaid, `${lines.length} lines: ${lines[0] ?? ''}`)
  checkLeft(promises, part, faulty.after)

  const figures = sides.map(({ blocks, before, after, answered }) => ({
    answered,
    p50: median(blocks.map(({ p50 }) => p50)),
    p99: median(blocks.map(({ p99 }) => p99)),
    cpu: perRequest(after, before),
    rss: after.largestRssBytes / MIB,
    heap: (after.heapBytes + after.externalBytes) / MIB,
  }))
  const [usual, here] = figures
  const isTelling = healthy.blocks.length >= MIN_BLOCKS
  for (const [key, { ratio, ms }] of Object.entries({ p50: MAX_P50, p99: MAX_P99 })) {
    promises.check(
      part,
      `${key} is as usual`,
      !isTelling || here[key] <= Math.max(ratio * usual[key], usual[key] + ms),
      `${here[key].toFixed(2)} ms, beside it ${usual[key].toFixed(2)} ms`,
    )
  }
  promises.check(
    part,
    'memory is bounded',
    here.rss <= usual.rss + MAX_MORE_RSS_MIB && here.heap <= usual.heap + MAX_MORE_HEAP_MIB,
    `RSS ${here.rss.toFixed(0)} MiB at most, beside it ${usual.rss.toFixed(0)}; ${here.heap.toFixed(1)} MiB after collection, beside it ${usual.heap.toFixed(1)}`,
  )
  return { name, usual, here, sentSpans, droppedSpans, dropReasons, lines: lines.length, again: received.trees.again }
}

/** That the program with the good Agent has kept everything. */
function checkBeside(promises, part, healthy) {
  const own = new Promises()
  checkAnswers(own, part, healthy)
  checkTrees(own, part, healthy.told, healthy.received)
  const broken = own.all.filter(({ isKept }) => !isKept).map(({ promise, figures }) => `${promise}: ${figures}`)
  promises.check(part, 'all is well beside it', own.areKept, broken.join('; ') || `${healthy.answered} answers`)
}
