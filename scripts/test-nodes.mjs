// After `npm test`, which runs everything on the Node that is installed: the core suite on each other Node that `dd` supports, and on a
// newer one the tests of what asks for it. The Nodes come from the npm registry, into the cache of the tests; on a laptop where one
// cannot be had it only says so, where `CI` is set it fails. As many run at once as there are cores. Arguments: a build folder
// (default: dist), and the majors that are to be tested, which may be the installed one's: `node scripts/test-nodes.mjs dist 20 24`.

import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { availableParallelism, tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The newest release of each major that `dd` supports. */
const NODES = { 20: '20.20.2', 22: '22.23.3', 24: '24.21.0', 26: '26.10.0' }
/** All but the bundlers and the libraries with their servers. */
const CORE =
  /^(base|cli|config|export|local-agent|plugin|process|support|testing|trace)\/|^plugins\/(express|http|undici)|^start\./
/** These need servers, or test the runners of other programs, or ask 100,000 times what is the same on every Node. */
const NOT_CORE = /^process\/(all-stores|real-agent)|^testing\/(examples|vitest)|\/fuzz\./

/** What asks for Node 22, where the installed one is older: majors of libraries, and the tests they are in. */
const NEWER = 24
const LIBRARIES = [
  '@elastic/elasticsearch@9',
  '@nestjs/core@12',
  'better-sqlite3@13',
  'restify@12',
  'tedious@20',
  'undici@8',
]
const ASKING =
  /^plugins\/(better-sqlite3|elasticsearch|nestjs|node-sqlite|restify|tedious|undici-package)\.|^testing\/(examples|vitest)/

const RUN_TIMEOUT_MS = 1_200_000
/** Of what a run that did not end well has written. */
const SHOWN_LINES = 40

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const [built = 'dist', ...asked] = process.argv.slice(2)
const { PackageSet } = createRequire(import.meta.url)(join(root, built, 'test', 'support', 'npm-packages.js'))

const installed = process.versions.node.split('.', 1)[0]
const majors = asked.length > 0 ? asked : Object.keys(NODES).filter((major) => major !== installed)
const files = readdirSync(join(root, built, 'test'), { recursive: true }).filter((file) => file.endsWith('.test.js'))
const core = files.filter((file) => CORE.test(file) && !NOT_CORE.test(file))

const jobs = majors.map((major) => ({ major, about: 'core', tests: core, env: {} }))
if (Number(installed) < 22 && asked.length === 0) {
  const tests = files.filter((file) => ASKING.test(file))
  // The longest first.
  jobs.unshift({ major: NEWER, about: 'what asks for Node 22', tests, env: { DD_TEST_VERSIONS: LIBRARIES.join() } })
}

const sets = new Map(
  [...new Set(jobs.map(({ major }) => NODES[major]))].map((version) => [
    version,
    new PackageSet(`node ${version}`, { node: version }, ['node']),
  ]),
)
const reports = mkdtempSync(join(tmpdir(), 'dd-test-nodes-'))
const rows = []
try {
  const left = [...jobs]
  const lane = async () => {
    for (let job = left.shift(); job !== undefined; job = left.shift()) await run(job)
  }
  await Promise.all(Array.from({ length: availableParallelism() }, lane))
} finally {
  rmSync(reports, { recursive: true })
}
console.log(`\n${table(rows.sort((a, b) => Number.parseInt(a[0], 10) - Number.parseInt(b[0], 10)))}\n`)

async function run({ major, about, tests, env }) {
  const version = NODES[major]
  const set = sets.get(version)
  try {
    await set.install()
  } catch (error) {
    rows.push([version, about, 'not tested: this Node cannot be had'])
    console.error(error.message)
    if (process.env.CI) process.exitCode = 1
    return
  }
  const node = join(set.folder, 'node_modules', 'node', 'bin', 'node')
  const report = join(reports, `${version} ${about}.json`)
  const began = performance.now()
  const { status, written } = await mocha(node, report, tests, env)
  const seconds = Math.round((performance.now() - began) / 1000)
  const { stats, failures } = read(report)
  if (stats === undefined) rows.push([version, about, 'did not end'])
  else rows.push([version, about, stats.passes, stats.pending, stats.failures, `${seconds} s`])
  console.log(`Node ${rows.at(-1).join(', ')}`)
  for (const { fullTitle, err } of failures) {
    const cause = err.cause === undefined ? '' : `\nbecause of ${JSON.stringify(err.cause)}`
    console.log(`\n  ${fullTitle}\n${err.stack ?? err.message}${cause}`)
  }
  if (status === 0 && stats !== undefined) return
  process.exitCode = 1
  if (failures.length === 0) console.log(written.trimEnd().split('\n').slice(-SHOWN_LINES).join('\n'))
}

function mocha(node, report, tests, env) {
  const args = [
    join('node_modules', 'mocha', 'bin', 'mocha.js'),
    '--no-config',
    ...['--require', join(built, 'test', 'services', 'hooks.js'), '--timeout', '20000'],
    ...['--reporter', 'json', '--reporter-option', `output=${report}`],
    ...tests.map((file) => join(built, 'test', file)),
  ]
  // What the tests start by its name, npm and the compilers it starts included, is this Node too.
  const PATH = [dirname(node), process.env.PATH].join(delimiter)
  const child = spawn(node, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, PATH, ...env },
    timeout: RUN_TIMEOUT_MS,
  })
  let written = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      written += text
    })
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (status) => resolve({ status, written }))
  })
}

/** Nothing, if the run ended before its report. */
function read(report) {
  try {
    return JSON.parse(readFileSync(report, 'utf8'))
  } catch {
    return { failures: [] }
  }
}

function table(body) {
  const all = [['Node', 'tests', 'passing', 'pending', 'failing', 'took'], ...body]
  const width = (column) => Math.max(...all.map((row) => String(row[column] ?? '').length))
  const cell = (text, column) =>
    column < 2 ? String(text).padEnd(width(column)) : String(text).padStart(width(column))
  return all.map((row) => row.map(cell).join('  ').trimEnd()).join('\n')
}
