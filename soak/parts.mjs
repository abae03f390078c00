// The parts of the soak: each starts the program, lets clients ask it, and checks what has come of that.

import { checkAnswers, checkLeft, checkTrees, memoryOf, perRequest } from './promises.mjs'

const WINDOWS = 20
const CONNECTIONS = 16
const LONG_MS = 600_000
/** Requests of the program alone, of those of the soak. */
const CONTROL_SHARE = 0.1

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
  const external = `${memory.externalMib.toFixed(1)} MiB more at most in the second half than in the first`
  promises.check(part, 'buffers outside of the heap are flat', memory.isExternalFlat, external)
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
export async function version05(run) {
  const part = 'version 0.5'
  const env = { DD_TRACE_AGENT_PROTOCOL_VERSION: '0.5' }
  return { part, ...(await withClients(run, part, { env }, steadily(run))) }
}

/** The other scope. */
export async function clsHooked(run) {
  const part = 'cls-hooked'
  return { part, ...(await withClients(run, part, { env: { DD_TRACE_SCOPE: 'cls-hooked' } }, steadily(run))) }
}
