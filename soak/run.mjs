// Proves that `dd` does no harm: `npm run soak -- [part…] [--requests <n>] [--node <major>] [--report <file>]`.
//
//   npm run soak                                    all parts, 1,000,000 requests, on the Node that runs this
//   npm run soak -- aborts crowd --node 24
//
// A real program with real servers is asked by other processes, with `dd` preloaded, and a real Agent reads each span that it sends. What is
// promised is checked (`promises.mjs`) and printed; the exit code is 1 if a promise is broken. `--phase-seconds` is how long each Agent
// misbehaves, `--agents absent,slow` leaves others out, `--seed` chooses what rude clients do, `--dd` is another build.

import { writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { AGENTS, agents } from './odd-agents.mjs'
import { aborts, clsHooked, crowd, soak, version05 } from './parts.mjs'
import { Promises } from './promises.mjs'
import { describeRun, markdown, tablesOf, verdict } from './report.mjs'
import { setStage } from './stage.mjs'

const PARTS = { soak, agents, crowd, aborts, 'v0.5': version05, 'cls-hooked': clsHooked }

const root = dirname(dirname(fileURLToPath(import.meta.url)))

const { values: flags, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: {
    requests: { type: 'string', default: '1000000' },
    node: { type: 'string' },
    report: { type: 'string' },
    'phase-seconds': { type: 'string', default: '12' },
    agents: { type: 'string' },
    seed: { type: 'string', default: '1' },
    dd: { type: 'string', default: join(root, 'dist') },
  },
})

/** Those of `known` that are wanted, in their order; all if none is named. */
function choose(what, known, names) {
  const unknown = names.filter((name) => !known.includes(name))
  if (unknown.length > 0) throw new Error(`no ${what} ${unknown.join(', ')}; there are: ${known.join(', ')}`)
  return known.filter((name) => names.length === 0 || names.includes(name))
}

function countOf(flag) {
  const count = Number(flags[flag])
  if (!Number.isInteger(count) || count < 1) throw new Error(`--${flag} is a whole number from 1, not ${flags[flag]}`)
  return count
}

function progressOf(name) {
  return (text) => {
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${name}: ${text}`)
  }
}

async function main() {
  const names = choose('part', Object.keys(PARTS), wanted)
  const settings = {
    requests: countOf('requests'),
    phaseMs: countOf('phase-seconds') * 1000,
    seed: countOf('seed'),
    agents: choose('Agent', AGENTS, flags.agents?.split(',') ?? []),
  }
  const began = performance.now()
  const stage = await setStage(resolve(flags.dd), flags.node)
  const promises = new Promises()
  const results = []
  const about = describeRun(stage, flags)
  console.log(about.join('\n'))
  let isInterrupted = false
  const interrupt = () => {
    isInterrupted = true
    stage.close().finally(() => process.exit(1))
  }
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, interrupt)
  try {
    for (const name of names) {
      const result = await PARTS[name]({ ...settings, stage, promises, progress: progressOf(name) })
      if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
      results.push(result)
      for (const table of tablesOf(result)) console.log(`\n${table}`)
    }
  } catch (error) {
    // What has been stopped fails, which says nothing.
    if (isInterrupted) return
    throw error
  } finally {
    if (!isInterrupted) await stage.close()
  }
  const seconds = Math.round((performance.now() - began) / 1000)
  console.log(`\n${verdict(promises)}\n\n${seconds} s`)
  if (flags.report !== undefined) writeFileSync(flags.report, markdown({ about, results, promises, seconds }))
  if (!promises.areKept) process.exitCode = 1
}

await main()
