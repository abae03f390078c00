// What the soak has measured, as tables for people, and as a page for the repository.

import { execFileSync } from 'node:child_process'
import { cpus, release, totalmem, type } from 'node:os'
import { table } from '../benchmarks/summary.mjs'
import { ownVersion } from './stage.mjs'

const MIB = 2 ** 20
const MAX_CELL = 110
const mib = (bytes) => (bytes / MIB).toFixed(1)
const ms = (value) => value.toFixed(1)
const sum = (counts) => Object.values(counts).reduce((all, each) => all + each, 0)

/** Lines that say where and with what. */
export function describeRun({ node, versions }, { requests, 'phase-seconds': phaseSeconds, seed }) {
  const nodeVersion = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim()
  const others = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  return [
    `${type()} ${release()}, ${cpus().length} × ${cpus()[0].model.trim()}, ${Math.round(totalmem() / 1024 ** 3)} GiB`,
    `dd ${ownVersion()}, Node ${nodeVersion}, ${others.join(', ')}`,
    `${Number(requests).toLocaleString('en')} requests, ${phaseSeconds} s for each Agent, seed ${seed}`,
  ]
}

export function tablesOf(result) {
  if (result.samples !== undefined) return soakTables(result)
  if (result.rows !== undefined) return [agentTable(result)]
  if (result.done !== undefined) return [abortTable(result)]
  return [shapeTable(result)]
}

function soakTables({ samples, memory, alone, cpuMicros, received }) {
  const rows = (some) =>
    some.map(({ requests, heapBytes, externalBytes, rssBytes, largestRssBytes, handles, live, latencies }) => [
      requests.toLocaleString('en'),
      mib(heapBytes),
      mib(externalBytes),
      mib(rssBytes),
      mib(largestRssBytes),
      `${sum(handles)}`,
      `${live.request ?? '?'}`,
      `${live.span ?? '-'}`,
      ms(latencies.p50),
      ms(latencies.p99),
    ])
  const headings = [
    'requests',
    'heap MiB',
    'outside',
    'RSS',
    'largest RSS',
    'handles',
    'requests left',
    'spans left',
    'p50 ms',
    'p99 ms',
  ]
  const slope = ({ kbPer100000 }) => `${kbPer100000.toFixed(1)} kB`
  return [
    `With dd, after each window and a collection:\n\n${table(headings, rows(samples))}`,
    `Without dd:\n\n${table(headings, rows(alone.samples))}`,
    table(
      ['', 'with dd', 'without'],
      [
        ['memory per 100,000 requests, after the first quarter', slope(memory), slope(alone.memory)],
        ['CPU per request', `${cpuMicros.dd.toFixed(0)} µs`, `${cpuMicros.alone.toFixed(0)} µs`],
        ['spans received', received.spans.toLocaleString('en'), ''],
        ['bytes received', `${mib(received.bytes)} MiB in ${received.payloads} payloads`, ''],
      ],
    ),
  ]
}

function agentTable({ rows }) {
  const headings = ['Agent', 'answers', 'p50 ms', 'p99 ms', 'CPU µs', 'largest RSS', 'sent', 'dropped', 'why', 'lines']
  const both = (name, digits, { usual, here }) => `${here[name].toFixed(digits)} (${usual[name].toFixed(digits)})`
  const cells = rows.map((row) => [
    row.name,
    `${row.here.answered}`,
    both('p50', 2, row),
    both('p99', 1, row),
    both('cpu', 0, row),
    both('rss', 0, row),
    `${row.sentSpans}`,
    `${row.droppedSpans}`,
    Object.entries(row.dropReasons)
      .map(([why, chunks]) => `${why}: ${chunks}`)
      .join(', '),
    `${row.lines}`,
  ])
  return `In brackets the same program beside it at the same time, with an Agent that works:\n\n${table(headings, cells)}`
}

function abortTable({ done, received: { trees } }) {
  const rows = Object.entries(done).map(([name, count]) => [name, `${count}`])
  return `${table(['a client that', 'times'], rows)}\n\n${trees.whole} whole traces, ${trees.cut} cut off.`
}

function shapeTable({ part, latencies, received: { trees, spans } }) {
  return table(
    ['', 'traces', 'spans', 'p50 ms', 'p99 ms'],
    [[part, `${trees.whole}`, `${spans}`, ms(latencies.p50), ms(latencies.p99)]],
  )
}

/** A line for each promise, and in full what broke one. */
export function verdict({ all, areKept }) {
  const broken = all.filter(({ isKept }) => !isKept)
  const rows = all.map(({ part, promise, isKept, figures }) => [
    isKept ? 'kept' : 'BROKEN',
    part,
    promise,
    cell(figures),
  ])
  const details = broken.map(({ part, promise, figures }) => `BROKEN: ${part}: ${promise}: ${figures}`)
  const end = areKept
    ? `All ${all.length} promises are kept.`
    : `${broken.length} of ${all.length} promises are BROKEN.`
  return [table(['', 'part', 'promise', 'figures'], rows), ...details, end].join('\n\n')
}

/** Short enough for a table, and nothing that ends a cell. */
function cell(text) {
  const line = text.replaceAll('|', '/').replaceAll('\n', ' ')
  return line.length > MAX_CELL ? `${line.slice(0, MAX_CELL)} …` : line
}

/** The page is made by the run, so nothing in it is written by hand. */
export function markdown({ about, results, promises, seconds }) {
  const sections = results.map((result) => `## ${result.part}\n\n${tablesOf(result).join('\n\n')}`)
  return `# Soak

Made by \`npm run soak -- --report soak/RESULTS.md\`; CONTRIBUTING.md says what it does.

${about.map((line) => `- ${line}`).join('\n')}
- ${seconds} s

## Promises

${verdict(promises)}

${sections.join('\n\n')}
`
}
