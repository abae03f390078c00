// Compares dd with its peers: `npm run bench -- [question…] [flags]`.
//
//   npm run bench                                   all questions, on the Node that runs this; the tables are printed
//   npm run bench -- span-cost --node 24 --rounds 15
//   npm run bench:results                           all questions on Node 24, 20, 22 and 26, and the page RESULTS.md
//   npm run bench:results -- memory --node 20       one again; the page is made of this and of what was kept of the others
//   npm run bench:results -- --resume               only what has not been measured yet
//   npm run bench -- --page                         the page again, of what was kept
//
// In each round every peer has its turn, so that what disturbs the machine disturbs all. One table per question: medians over the
// rounds, in brackets the middle half of them, and the ratio to dd-trace. `--node` takes a path or one of the versions in
// package.json here, and may be repeated; `--peers dd,dd-trace` leaves others out; `--quick` is two rounds of each;
// `--dd <folder>` another build; `--node-args` is for profilers. How many rounds a question needs is its own affair:
// bench:results has them all on Node 24 and a third of them, but two at least, on the others.

import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { loadavg } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { MAJORS, nodeOf } from './nodes.mjs'
import { BASELINE, cleanEnv, describePeers, REFERENCE, tracers } from './peers.mjs'
import { QUESTIONS } from './questions.mjs'
import { writePage } from './results-page.mjs'
import { keep, kept, machine } from './samples.mjs'
import { startSink } from './sink.mjs'
import { table } from './summary.mjs'

const QUICK_ROUNDS = 2

const here = dirname(fileURLToPath(import.meta.url))
const root = dirname(here)

const { values: flags, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: {
    node: { type: 'string', multiple: true },
    rounds: { type: 'string' },
    quick: { type: 'boolean', default: false },
    results: { type: 'boolean', default: false },
    resume: { type: 'boolean', default: false },
    page: { type: 'boolean', default: false },
    dd: { type: 'string', default: join(root, 'dist') },
    peers: { type: 'string' },
    'node-args': { type: 'string', default: '' },
  },
})

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

/** Who takes part, and who cannot and why. */
function choosePeers({ peers = tracers, reference = REFERENCE, cannot = () => undefined }, node) {
  // Ratios need the reference, costs the baseline.
  const names = flags.peers === undefined ? undefined : [BASELINE, reference, ...flags.peers.split(',')]
  const all = peers(resolve(flags.dd)).filter(({ name }) => names === undefined || names.includes(name))
  const skipped = all
    .map(({ name }) => ({ peer: name, reason: cannot(name, node.major) }))
    .filter(({ reason }) => reason !== undefined)
  return { peers: all.filter(({ name }) => !skipped.some(({ peer }) => peer === name)), skipped }
}

/** A third of the rounds is enough where no target is judged by a tenth; `--quick` and `--rounds` beat that. */
function roundsOf({ rounds }, { major }) {
  if (flags.rounds !== undefined) return Number(flags.rounds)
  if (flags.quick) return QUICK_ROUNDS
  return !flags.results || major === MAJORS[0] ? rounds : Math.max(QUICK_ROUNDS, Math.ceil(rounds / 3))
}

/** All samples of a question: by peer, by what was measured, one value for each round. */
async function sample(question, peers, rounds, setting) {
  const samples = Object.fromEntries(peers.map(({ name }) => [name, {}]))
  const withEnv = peers.map((peer) => ({ peer, env: { ...cleanEnv(), ...peer.env(setting.sink.url) } }))
  const add = (name, result) => {
    for (const [key, value] of Object.entries(result)) {
      samples[name][key] ??= []
      samples[name][key].push(value)
    }
  }
  const needed = new Set([BASELINE, 'dd', question.reference ?? REFERENCE])
  const failed = new Map()
  // What all peers and rounds share: servers, a rate of requests.
  const shared = await question.open?.({ ...setting, ...withEnv.find(({ peer }) => peer.name === BASELINE) })
  if (shared?.missing !== undefined) return { missing: shared.missing }
  try {
    for (let round = 0; round < rounds; round++) {
      if (question.measureRound !== undefined) {
        const results = await question.measureRound({ ...setting, shared, peers: withEnv, round })
        for (const [name, result] of Object.entries(results)) add(name, result)
        continue
      }
      for (const { peer, env } of withEnv) {
        if (failed.has(peer.name)) continue
        if (process.stderr.isTTY)
          process.stderr.write(`\r${question.name} ${round + 1}/${rounds} ${peer.name}        \r`)
        try {
          add(peer.name, await question.measure({ ...setting, shared, peer, env }))
        } catch (error) {
          if (needed.has(peer.name)) throw error
          // A peer that cannot do it here is left out, aloud.
          failed.set(peer.name, `it failed: ${error.message}`)
          delete samples[peer.name]
        }
      }
    }
  } finally {
    await shared?.close()
  }
  return { samples, about: shared?.about, failed }
}

async function ask(question, node, sink) {
  const rounds = roundsOf(question, node)
  const { peers, skipped } = choosePeers(question, node)
  const nodeArgs = flags['node-args'].split(' ').filter(Boolean)
  const load = [loadavg()[0]]
  const beginMs = performance.now()
  const setting = { node: node.path, sink, nodeArgs, dd: resolve(flags.dd) }
  const { samples, about, missing, failed } = await sample(question, peers, rounds, setting)
  if (missing !== undefined) return console.log(`\n${question.name} cannot be asked: ${missing}`)
  for (const [peer, reason] of failed) skipped.push({ peer, reason })
  load.push(loadavg()[0])
  const seconds = Math.round((performance.now() - beginMs) / 1000)
  const { version, major } = node
  const measured = { question: question.name, node: version, major, rounds, seconds, load, samples, skipped, about }
  if (flags.results) keep(measured)
  const { headings, rows } = question.report(samples, question.reference ?? REFERENCE)
  console.log(`\n${question.name}: ${question.question}; Node ${version}, ${rounds} rounds in ${seconds} s\n`)
  console.log(table(headings, rows))
  for (const { peer, reason } of skipped) console.log(`not measured: ${peer}: ${reason}`)
}

async function main() {
  const questions = chooseQuestions()
  if (flags.page) return console.log(writePage())
  prepare()
  const nodes = (flags.node ?? (flags.results ? MAJORS.map(String) : [process.execPath])).map(nodeOf)
  const sink = await startSink()
  console.log(`${machine()}, load ${loadavg()[0].toFixed(2)} at the start`)
  for (const line of describePeers()) console.log(line)
  try {
    for (const node of nodes) {
      for (const question of questions) {
        const isAsked = flags.node !== undefined || !flags.results || question.nodes?.includes(node.major) !== false
        if (!isAsked || (flags.resume && kept(question.name, node.major) !== undefined)) continue
        try {
          await ask(question, node, sink)
        } catch (error) {
          // The others are still worth asking.
          console.error(`\n${question.name} on Node ${node.version} failed:`, error)
          process.exitCode = 1
        }
      }
    }
  } finally {
    sink.stop()
  }
  if (flags.results) console.log(writePage())
}

await main()
