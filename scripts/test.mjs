// `npm test`: everything on the Node that is installed; the core suite on each other Node that `dd` supports; and on a newer one the tests of
// what asks for it. One more mocha runs at a time than there are cores, since tests often wait, for children and for time to pass. The Nodes
// come from the npm registry, into the cache of the tests; on a laptop where one cannot be had it only says so, where `CI` is set it fails.
// Majors as arguments run the core suite on these only, the installed one's if it is named: `npm test -- 20 24`. `DD_TEST_BUILD` is the build
// folder, by default dist.

import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { availableParallelism, tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { NODES } from './nodes.mjs'

/** All but the bundlers, the libraries with their servers, and the tests of the tests. */
const CORE =
  /^(api|base|cli|config|export|local-agent|metrics|plugin|process|testing|trace)\/|^api-transport\/exchanges|^plugins\/(express|http|undici)|^start\./
/** What needs servers, or is the same on every Node and takes long: on the installed one only. */
const NOT_CORE = new RegExp(
  [
    // Need servers.
    '^process/(all-stores|real-agent|soak)',
    // Test the runners and compilers of other programs.
    '^testing/(examples|types|vitest)',
    '^api/types',
    // Look at pages in Chromium.
    '^local-agent/(viewer/|ten-thousand)',
    // Ask 100,000 times, or make each of 800 functions fail.
    'fuzz\\.',
    '^local-agent/hostile',
    '^metrics/end-to-end',
    '^process/faults',
    // Start a hundred processes for the words that they say; how processes start, write and end is in the other tests of the command line.
    '^cli/(api-command|mcp|tail)',
    // Try cases of bodies and answers, which api-transport carries.
    '^api/(metrics|vectors)',
  ].join('|'),
)

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
  /^plugins\/(better-sqlite3|elasticsearch|nestjs|node-sqlite|restify|tedious|undici-package)\.|^testing\/(examples|vitest)|^local-agent\/viewer\/runs\./

/** For a run that installs what it needs, on a slow machine. */
const RUN_TIMEOUT_MS = 3_600_000

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const built = process.env.DD_TEST_BUILD ?? 'dist'
const { PackageSet } = createRequire(import.meta.url)(join(root, built, 'test', 'support', 'npm-packages.js'))

const asked = process.argv.slice(2)
const unknown = asked.filter((major) => !Object.hasOwn(NODES, major))
if (unknown.length > 0) {
  console.error(
    `no Node ${unknown.join()} here; there are ${Object.keys(NODES).join(', ')}. Single files: see CONTRIBUTING.md`,
  )
  process.exit(1)
}
const installed = process.versions.node.split('.', 1)[0]
const files = readdirSync(join(root, built, 'test'), { recursive: true }).filter((file) => file.endsWith('.test.js'))
const core = files.filter((file) => CORE.test(file) && !NOT_CORE.test(file))
/** Of the installed Node: parts that take about as long as each other. */
const PARTS = {
  // With the test of the README's table, which sees what the tests of plugins have declared.
  plugins: /^plugins\/|^readme-tables\./,
  programs: /^(bundle|cli|process|testing)\//,
}
const partOf = (file) => Object.keys(PARTS).find((part) => PARTS[part].test(file)) ?? 'the rest'

/** The longest first. */
const jobs = []
if (asked.length === 0) {
  for (const about of [...Object.keys(PARTS), 'the rest']) {
    jobs.push({ about, tests: files.filter((file) => partOf(file) === about) })
  }
}
const majors = asked.length > 0 ? asked : Object.keys(NODES).filter((major) => major !== installed)
jobs.push(...majors.map((major) => ({ major, about: 'core', tests: core })))
if (asked.length === 0 && Number(installed) < NEWER) {
  const tests = files.filter((file) => ASKING.test(file))
  jobs.push({ major: NEWER, about: 'what asks for it', tests, env: { DD_TEST_VERSIONS: LIBRARIES.join() } })
}

const sets = new Map(
  [...new Set(jobs.flatMap(({ major }) => NODES[major] ?? []))].map((version) => [
    version,
    new PackageSet(`node ${version}`, { node: version }, ['node']),
  ]),
)
const reports = mkdtempSync(join(tmpdir(), 'dd-test-'))
const rows = []
const skips = new Map()
const failures = []
try {
  const left = [...jobs]
  const lane = async () => {
    for (let job = left.shift(); job !== undefined; job = left.shift()) await run(job)
  }
  await Promise.all(Array.from({ length: availableParallelism() }, lane))
} finally {
  rmSync(reports, { recursive: true })
}
for (const [reason, count] of skips) console.log(`${count} skipped: ${reason}`)
// Once more at the end: a log may be kept in part.
if (failures.length > 0) console.log(`\nWhat failed:\n\n${failures.join('\n\n')}`)
console.log(`\n${table(rows.sort((a, b) => Number.parseInt(a[0], 10) - Number.parseInt(b[0], 10)))}\n`)

async function run({ major, about, tests, env }) {
  const version = major === undefined ? process.versions.node : NODES[major]
  const node = major === undefined ? process.execPath : await obtain(version)
  if (node === undefined) return rows.push([version, about, 'not tested: this Node cannot be had'])
  const output = join(reports, `${version} ${about}.json`)
  const began = performance.now()
  const status = await mocha(node, tests, { label: `Node ${version}, ${about}`, output }, env)
  const seconds = Math.round((performance.now() - began) / 1000)
  if (status !== 0) process.exitCode = 1
  const totals = read(output)
  if (totals === undefined) return rows.push([version, about, 'did not end'])
  rows.push([version, about, totals.passing, totals.pending, totals.failing, `${seconds} s`])
  failures.push(...totals.failures.map((failure) => `Node ${version}, ${about}: ${failure}`))
  for (const [reason, count] of Object.entries(totals.skips)) skips.set(reason, (skips.get(reason) ?? 0) + count)
}

async function obtain(version) {
  const set = sets.get(version)
  try {
    await set.install()
    return join(set.folder, 'node_modules', 'node', 'bin', 'node')
  } catch (error) {
    console.error(error.message)
    if (process.env.CI) process.exitCode = 1
  }
}

/** Resolves with the exit code. */
function mocha(node, tests, { label, output }, env) {
  const args = [
    join('node_modules', 'mocha', 'bin', 'mocha.js'),
    '--no-config',
    ...['--require', join(built, 'test', 'services', 'hooks.js'), '--timeout', '20000'],
    ...['--reporter', join('scripts', 'test-reporter.cjs')],
    ...['--reporter-option', `label=${label}`, '--reporter-option', `output=${output}`],
    ...tests.map((file) => join(built, 'test', file)),
  ]
  // What the tests start by its name, npm and the compilers it starts included, is this Node too.
  const PATH = [dirname(node), process.env.PATH].join(delimiter)
  const child = spawn(node, args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, PATH, ...env },
    timeout: RUN_TIMEOUT_MS,
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
}

/** Nothing, if the run ended before its report. */
function read(report) {
  try {
    return JSON.parse(readFileSync(report, 'utf8'))
  } catch {}
}

function table(body) {
  const all = [['Node', 'tests', 'passing', 'pending', 'failing', 'took'], ...body]
  const width = (column) => Math.max(...all.map((row) => String(row[column] ?? '').length))
  const cell = (text, column) =>
    column < 2 ? String(text).padEnd(width(column)) : String(text).padStart(width(column))
  return all.map((row) => row.map(cell).join('  ').trimEnd()).join('\n')
}
