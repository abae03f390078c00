// Compares dd with its peers: `npm run bench -- [question…] [--node <version or path>] [--rounds <n>] [--dd <folder>]`.
//
//   npm run bench                                   all questions, on the Node that runs this
//   npm run bench -- span-cost --node 24 --rounds 15
//
// In each round every peer has its turn, so that what disturbs the machine disturbs all. One table per question: medians over the
// rounds, in brackets the middle half of them, and the ratio to dd-trace. `--node` takes a path or one of the versions in
// package.json here, and may be repeated; `--peers dd,dd-trace` leaves others out; `--node-args` is for profilers.

import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cpus, loadavg, release, type } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import * as aggregatorCall from './aggregator-call.mjs'
import * as metricCall from './metric-call.mjs'
import { BASELINE, cleanEnv, describePeers, peersOf, REFERENCE } from './peers.mjs'
import * as propagationCost from './propagation-cost.mjs'
import * as requestCost from './request-cost.mjs'
import * as samplerDecision from './sampler-decision.mjs'
import { startSink } from './sink.mjs'
import * as spanCost from './span-cost.mjs'
import * as startUp from './start-up.mjs'
import { table } from './summary.mjs'

const QUESTIONS = [spanCost, requestCost, startUp, samplerDecision, propagationCost, metricCall, aggregatorCall]

const here = dirname(fileURLToPath(import.meta.url))
const root = dirname(here)

const { values: flags, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: {
    node: { type: 'string', multiple: true },
    rounds: { type: 'string' },
    dd: { type: 'string', default: join(root, 'dist') },
    peers: { type: 'string' },
    'node-args': { type: 'string', default: '' },
  },
})

/** The program to run for a version (`24`: the package node24) or a path. */
function nodeOf(versionOrPath) {
  if (!/^\d+$/.test(versionOrPath)) return resolve(versionOrPath)
  const binary = join(here, 'node_modules', `node${versionOrPath}`, 'bin', 'node')
  if (!existsSync(binary)) {
    throw new Error(
      `${binary} is missing; \`npm rebuild node${versionOrPath}\` in benchmarks/ makes it, or give a path`,
    )
  }
  return binary
}

function prepare() {
  if (!existsSync(join(here, 'node_modules'))) npm(['ci'], here)
  if (!existsSync(join(flags.dd, 'src', 'init.js'))) npm(['run', 'build'], root)
}

function npm(args, folder) {
  console.log(`npm ${args.join(' ')} in ${folder}`)
  const { status } = spawnSync('npm', args, { cwd: folder, stdio: 'inherit', shell: process.platform === 'win32' })
  if (status !== 0) process.exit(status ?? 1)
}

function chooseQuestions() {
  const unknown = wanted.filter((name) => !QUESTIONS.some((question) => question.name === name))
  if (unknown.length > 0) {
    throw new Error(`no question ${unknown.join(', ')}; there are: ${QUESTIONS.map(({ name }) => name).join(', ')}`)
  }
  return wanted.length === 0 ? QUESTIONS : QUESTIONS.filter(({ name }) => wanted.includes(name))
}

/** Those of a question that is not about tracers are its own. */
function choosePeers({ ownPeers = peersOf, reference = REFERENCE }) {
  const peers = ownPeers(resolve(flags.dd))
  const names = flags.peers?.split(',')
  // Ratios need the reference, costs the baseline.
  return names === undefined ? peers : peers.filter(({ name }) => [BASELINE, reference, ...names].includes(name))
}

/** All samples of a question: by peer, by what was measured, one value for each round. */
async function sample(question, peers, rounds, setting) {
  const samples = Object.fromEntries(peers.map(({ name }) => [name, {}]))
  for (let round = 0; round < rounds; round++) {
    for (const peer of peers) {
      const env = { ...cleanEnv(), ...peer.env(setting.sink.url) }
      const result = await question.measure({ ...setting, peer, env })
      for (const [key, value] of Object.entries(result)) {
        samples[peer.name][key] ??= []
        samples[peer.name][key].push(value)
      }
      if (process.stderr.isTTY) process.stderr.write(`\r${question.name} ${round + 1}/${rounds} ${peer.name}        \r`)
    }
  }
  return samples
}

async function main() {
  const questions = chooseQuestions()
  prepare()
  const nodes = (flags.node ?? [process.execPath]).map(nodeOf)
  const sink = await startSink()
  const load = loadavg()[0].toFixed(2)
  console.log(`${type()} ${release()}, ${cpus().length} × ${cpus()[0].model.trim()}, load ${load} at the start`)
  for (const line of describePeers()) console.log(line)
  try {
    for (const node of nodes) {
      const version = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim()
      for (const question of questions) {
        const rounds = Number(flags.rounds ?? question.rounds)
        const nodeArgs = flags['node-args'].split(' ').filter(Boolean)
        const samples = await sample(question, choosePeers(question), rounds, { node, sink, nodeArgs })
        const { headings, rows } = question.report(samples, question.reference ?? REFERENCE)
        console.log(
          `\n${question.name}: ${question.question}; Node ${version}, ${rounds} rounds\n\n${table(headings, rows)}`,
        )
      }
    }
  } finally {
    sink.stop()
  }
}

await main()
