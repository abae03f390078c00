// How much later does a program start with a tracer preloaded?
//
// Two programs are run to their end again and again: an empty one, and one that loads Express and pg. The wall time counts from
// the spawn to the exit; the CPU time is what the process says of itself at its end. There is no IPC channel and no
// debugger: both would load modules that the tracer would otherwise have to load itself.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { added, addedRatio, median, medianAndSpread, ratio, times } from './summary.mjs'

export const name = 'start-up'
export const question = 'time added to the start of a program (ms)'
/** Wall times are noisy and a run is short. */
export const rounds = 15

export const targets = [
  {
    what: 'start-up: time added to an empty program',
    goal: '≤ 30 ms',
    atMost: 30,
    value: ({ bare, dd }) => median(added(dd['node -e 0 wall'], bare['node -e 0 wall'])),
    show: (value) => `${value.toFixed(1)} ms`,
  },
  {
    what: 'start-up: time added to Express and pg',
    goal: '≤ 30 ms',
    atMost: 30,
    value: ({ bare, dd }) => median(added(dd['express + pg wall'], bare['express + pg wall'])),
    show: (value) => `${value.toFixed(1)} ms`,
  },
  {
    what: 'start-up: of an empty program',
    goal: '≤ 1/5 of dd-trace',
    atMost: 0.2,
    value: (samples) => addedRatio(samples, 'node -e 0 wall'),
    show: times,
  },
  {
    what: 'start-up: of Express and pg',
    goal: '≤ 1/5 of dd-trace',
    atMost: 0.2,
    value: (samples) => addedRatio(samples, 'express + pg wall'),
    show: times,
  },
]

/** What both programs end with. */
const REPORT_CPU = "process.on('exit', () => require('fs').writeSync(1, JSON.stringify(process.cpuUsage())))"

const PROGRAMS = [
  { program: 'node -e 0', args: ['-e', REPORT_CPU] },
  {
    program: 'express + pg',
    args: [fileURLToPath(new URL('programs/load-libraries.cjs', import.meta.url))],
  },
]

/** One sample for each program: milliseconds of wall and of CPU time. */
export async function measure({ peer, node, env, nodeArgs }) {
  const preload = peer.preload === undefined ? [] : ['--require', peer.preload]
  const sample = {}
  for (const { program, args } of PROGRAMS) {
    const { wall, cpu } = await run(node, [...nodeArgs, ...preload, ...args], env)
    sample[`${program} wall`] = wall
    sample[`${program} cpu`] = cpu
  }
  return sample
}

async function run(node, args, env) {
  const beginMs = performance.now()
  const child = spawn(node, args, { env, stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.on('data', (part) => {
    output += part
  })
  const ended = once(child, 'close')
  const [code] = await once(child, 'exit')
  const wall = performance.now() - beginMs
  await ended
  if (code !== 0) throw new Error(`node ${args.join(' ')} ended with ${code}`)
  const { user, system } = JSON.parse(output.slice(output.lastIndexOf('{')))
  return { wall, cpu: (user + system) / 1000 }
}

export function report({ bare, ...tracers }, reference) {
  const rows = PROGRAMS.flatMap(({ program }) => {
    const wall = `${program} wall`
    const cpu = `${program} cpu`
    const over = (samples, key) => added(samples[key], bare[key])
    return [
      [program, 'bare', '', '', '', '', medianAndSpread(bare[wall], 1), medianAndSpread(bare[cpu], 1)],
      ...Object.entries(tracers).map(([peer, samples]) => [
        program,
        peer,
        medianAndSpread(over(samples, wall), 1),
        ratio(over(samples, wall), over(tracers[reference], wall)),
        medianAndSpread(over(samples, cpu), 1),
        ratio(over(samples, cpu), over(tracers[reference], cpu)),
        medianAndSpread(samples[wall], 1),
        medianAndSpread(samples[cpu], 1),
      ]),
    ]
  })
  const of = `of ${reference}`
  return { headings: ['program', 'tracer', 'wall added', of, 'CPU added', of, 'wall', 'CPU'], rows }
}
