// `npm run everyday`: popular programs from the npm registry, each started without and with `dd`, asked the same and compared; prints a table.

import { spawnSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { obtain, stopServices } from '../services'
import { isMissing } from '../services/service'
import { PackageSet } from '../support/npm-packages'
import type { EverydayProgram } from './program'
import { installDd, ProgramHome } from './program-home'
import { everydayPrograms } from './programs'
import { type Load, type Outcome, runProgram } from './run-program'

const USAGE = `npm run everyday -- [options] [program ...]

  --list               the programs, and what they are
  --node <file>        another Node to run them on
  --load <way>         require, import, or none: each program against itself, to see what varies without dd
  --show               print the output and the spans of each program`

/** What is wrong is mostly wrong in every request. */
const SHOWN_FAULTS = 10

interface Row {
  readonly program: EverydayProgram
  readonly load: Load
  readonly outcome: Outcome
}

export async function everyday(args: readonly string[]): Promise<boolean> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      list: { type: 'boolean' },
      help: { type: 'boolean' },
      node: { type: 'string' },
      load: { type: 'string' },
      show: { type: 'boolean' },
    },
  })
  const unknown = positionals.filter((name) => !everydayPrograms.some((program) => program.name === name))
  const isWrong = unknown.length > 0 || (values.load !== undefined && !/^(require|import|none)$/.test(values.load))
  if (values.help || isWrong) {
    if (unknown.length > 0) console.error(`there is no program ${unknown.join(', ')} here; --list has them`)
    console.error(USAGE)
    return !isWrong
  }
  if (values.list) {
    for (const { name, about } of everydayPrograms) console.log(`${name.padEnd(20)} ${about}`)
    return true
  }
  const nodePath = values.node ?? process.execPath
  console.log(`on Node ${spawnSync(nodePath, ['--version'], { encoding: 'utf8' }).stdout.trim()}`)
  const chosen = everydayPrograms.filter(({ name }) => positionals.length === 0 || positionals.includes(name))
  const folder = mkdtempSync(join(tmpdir(), 'dd-everyday-'))
  const rows: Row[] = []
  try {
    // In a folder of that name, which tools for coverage and the like know to leave out.
    installDd(join(folder, 'installed', 'node_modules'))
    const sets = chosen.map(
      ({ name, packages, overrides }) => new PackageSet(`everyday ${name}`, packages, [], overrides),
    )
    // Installing takes processor time, which would be taken for that of a program.
    await Promise.allSettled(sets.map((set) => set.install()))
    for (const [index, program] of chosen.entries()) {
      const load = (values.load ?? program.load ?? 'require') as Load
      const outcome = await outcomeOf(program, sets[index]!, { nodePath, load, folder })
      rows.push({ program, load, outcome })
      console.log(`\n${rowOf(rows.at(-1)!).join('  ')}`)
      for (const fault of outcome.faults.slice(0, SHOWN_FAULTS)) console.log(`  - ${fault.replace(/\n/g, '\n    ')}`)
      if (outcome.faults.length > SHOWN_FAULTS) console.log(`  and ${outcome.faults.length - SHOWN_FAULTS} more`)
      if (values.show) console.log(outcome.shown)
    }
  } finally {
    await stopServices()
    rmSync(folder, { recursive: true, force: true })
  }
  console.log(`\n${table(rows)}`)
  return rows.every(({ outcome }) => outcome.faults.length === 0)
}

async function outcomeOf(
  program: EverydayProgram,
  set: PackageSet,
  { nodePath, load, folder }: { nodePath: string; load: Load; folder: string },
): Promise<Outcome> {
  try {
    await set.install()
    const servers = await serversOf(program)
    const port = await quietPort()
    const makeHome = async () =>
      new ProgramHome(
        join(folder, program.name),
        port,
        join(folder, 'installed', 'node_modules', 'dd'),
        set.folder,
        program.app,
      )
    return await runProgram(program, { nodePath, load, servers, makeHome })
  } catch (error) {
    // The others are still worth seeing.
    const fault = `could not be run: ${(error as Error).stack}`
    return { requests: 0, same: 0, spans: 0, cpuMs: undefined, faults: [fault], shown: '' }
  }
}

async function serversOf({ servers = {} }: EverydayProgram): Promise<Record<string, string>> {
  const urls: Record<string, string> = {}
  for (const [variable, service] of Object.entries(servers)) {
    const found = await obtain(service)
    if (isMissing(found)) throw new Error(`no ${service.name}: ${found.missing}`)
    urls[variable] = found.url
  }
  return urls
}

/**
 * A port for both runs. In between nobody listens on it, so it is not one of those that systems give to outgoing connections, which
 * begin at 32768.
 */
async function quietPort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 30_000)
    const server = createServer().listen(port, '127.0.0.1')
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    )
    server.close()
    if (isFree) return port
  }
}

const HEAD = ['program', 'release', 'loaded by', 'same', 'spans', 'CPU without', 'CPU with', 'verdict']

function rowOf({ program, load, outcome }: Row): string[] {
  const { requests, same, spans, cpuMs, faults } = outcome
  const what = 'runs' in program ? 'runs' : 'requests'
  const verdict = faults.length === 0 ? 'ok' : `${faults.length} faults`
  const cpu = (ms: number | undefined) => (ms === undefined ? '?' : `${ms} ms`)
  const release = Object.values(program.packages)[0] ?? ''
  const counts = `${same} of ${requests} ${what}`
  return [program.name, release, load, counts, String(spans), cpu(cpuMs?.without), cpu(cpuMs?.with), verdict]
}

function table(rows: readonly Row[]): string {
  const lines = [HEAD, ...rows.map(rowOf)]
  const widths = HEAD.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)))
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
