// The parts of the soak: each starts the program, lets clients ask it, and checks what has come of that.

import { checkLeft, checkShapes, checkTrees, memoryOf } from './promises.mjs'

const WINDOWS = 20
const CONNECTIONS = 16
const LONG_MS = 600_000
/** Requests of the program alone, of those of the soak. */
const CONTROL_SHARE = 0.15

const perRequest = (sample, before) => (sample.cpuMicros - before.cpuMicros) / (sample.requests - before.requests)

function checkAnswers(promises, part, { answered, faulty, faults }) {
  promises.check(
    part,
    'every answer is right',
    faulty === 0 && answered > 0,
    faulty === 0 ? `${answered} answers` : `${faulty} wrong: ${faults.join('; ')}`,
  )
}

/** Windows of steady load, and what the program keeps after each. */
async function windows(stage, program, requests, progress) {
  const samples = []
  const sum = { answered: 0, faulty: 0, faults: [] }
  for (let window = 1, next = 0; window <= WINDOWS; window++) {
    const upTo = Math.round((requests * window) / WINDOWS)
    progress(`${next} of ${requests} requests`)
    const result = await stage.load.ask(
      'steady',
      { port: program.port, from: next, requests: upTo - next, connections: CONNECTIONS },
      LONG_MS,
    )
    next = result.next
    sum.answered += result.answered
    sum.faulty += result.faulty
    sum.faults.push(...result.faults)
    await program.ask('flush')
    const sample = await program.ask('measure')
    samples.push({ ...sample, requests: next, latencies: result.latencies })
  }
  return { samples, ...sum }
}

/** Many requests, with memory flat, and each span at the Agent. */
export async function soak({ stage, promises, requests, progress }) {
  const part = 'soak'
  const control = await stage.startProgram()
  const alone = await windows(stage, control, Math.round(requests * CONTROL_SHARE), (text) =>
    progress(`alone: ${text}`),
  )
  await stage.stop(control)
  checkAnswers(promises, 'soak, without dd', alone)

  const agent = stage.startAgent()
  const { url } = await agent.ask('begin', { name: 'healthy' })
  const program = await stage.startProgram({ agentUrl: url })
  const result = await windows(stage, program, requests, progress)
  const told = await program.ask('tell')
  const received = await agent.ask('end')
  await stage.stop(program)
  await stage.stop(agent)

  checkAnswers(promises, part, result)
  checkTrees(promises, part, told, received)
  checkLeft(promises, part, result.samples.at(-1))
  const memory = memoryOf(result.samples)
  const kb = `${memory.kbPer100000.toFixed(1)} kB per 100,000 requests, ${memory.grownMib.toFixed(2)} MiB in all`
  promises.check(part, 'memory after collection is flat', memory.isFlat, kb)
  promises.check(
    part,
    'RSS is flat',
    memory.isRssFlat,
    `the largest of the second half is ${memory.rssMib.toFixed(1)} MiB above that of the first`,
  )
  promises.check(part, 'no handle is left', memory.areHandlesFlat, memory.handles)
  promises.equal(part, 'lines said', program.stderr, '')
  const cpu = ({ samples }) => perRequest(samples.at(-1), samples[Math.floor(samples.length / 4)])
  return {
    part,
    samples: result.samples,
    memory,
    alone: { samples: alone.samples, memory: memoryOf(alone.samples) },
    cpuMicros: { dd: cpu(result), alone: cpu(alone) },
    received,
  }
}

const AGENTS = ['absent', 'flapping', 'slow', 'silent', 'error 500', 'error 413', 'garbage', 'cut off']
const BLOCK_MS = 400
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

/** Programs whose Agent misbehaves, each beside one whose Agent works: blocks of load go to them in turn. */
export async function agents({ stage, promises, phaseMs, progress }) {
  const rows = []
  for (const name of AGENTS) {
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
  for (const side of sides) checkAnswers(promises, side === healthy ? `${part}, beside it` : part, side)
  checkTrees(promises, `${part}, beside it`, healthy.told, healthy.received)
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
  for (const [key, { ratio, ms }] of Object.entries({ p50: MAX_P50, p99: MAX_P99 })) {
    promises.check(
      part,
      `${key} is as usual`,
      here[key] <= Math.max(ratio * usual[key], usual[key] + ms),
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

/** One program with a healthy Agent, clients that `ask`, and every span at its place afterwards. */
async function withClients({ stage, promises }, part, { env, mayBeCut = false }, ask) {
  const agent = stage.startAgent()
  const { url } = await agent.ask('begin', { name: 'healthy', mayBeCut })
  const program = await stage.startProgram({ agentUrl: url, env })
  const result = await ask(program)
  checkAnswers(promises, part, result)
  await program.ask('settle')
  await program.ask('flush')
  const sample = await program.ask('measure')
  const told = await program.ask('tell')
  const received = await agent.ask('end')
  await stage.stop(program)
  await stage.stop(agent)
  checkTrees(promises, part, told, received)
  checkLeft(promises, part, sample)
  promises.equal(part, 'lines said', program.stderr, '')
  return { ...result, counts: told.counts, received }
}

const CROWDS = 5
const CROWD = 1000

/** A thousand clients that ask at the same time. */
export async function crowd(run) {
  const part = `${CROWD} at once`
  const { latencies, received } = await withClients(run, part, {}, async (program) => {
    const sum = { answered: 0, faulty: 0, faults: [] }
    for (let next = 0, round = 1; round <= CROWDS; round++) {
      run.progress(`round ${round}`)
      const result = await run.stage.load.ask('atOnce', { port: program.port, from: next, requests: CROWD })
      next = result.next
      sum.answered += result.answered
      sum.faulty += result.faulty
      sum.faults.push(...result.faults)
      sum.latencies = result.latencies
    }
    return sum
  })
  return { part, latencies, received }
}

const RUDE_CONNECTIONS = 40

/** Clients that go away at any time, send half a request, several at once, or read slowly. */
export async function aborts(run) {
  const part = 'clients that abort'
  const { requests, seed } = run
  const limit = { requests: Math.max(2000, Math.min(20_000, requests / 50)), connections: RUDE_CONNECTIONS, seed }
  const { done, counts, received } = await withClients(run, part, { mayBeCut: true }, (program) =>
    run.stage.load.ask('rude', { port: program.port, from: 0, ...limit }, LONG_MS),
  )
  return { part, done, counts, received }
}

const short = ({ requests }) => Math.max(2000, Math.min(20_000, requests / 50))

const steadily = (run) => (program) =>
  run.stage.load.ask('steady', { port: program.port, from: 0, requests: short(run), connections: CONNECTIONS }, LONG_MS)

/** Traces of version 0.5. */
export async function table(run) {
  const part = 'version 0.5'
  const env = { DD_TRACE_AGENT_PROTOCOL_VERSION: '0.5' }
  return { part, ...(await withClients(run, part, { env }, steadily(run))) }
}

/** The other scope. */
export async function cls(run) {
  const part = 'cls-hooked'
  return { part, ...(await withClients(run, part, { env: { DD_TRACE_SCOPE: 'cls-hooked' } }, steadily(run))) }
}
