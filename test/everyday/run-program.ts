// Runs a program without and with `dd`, in the same place, and says what came of it.

import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { inspect } from 'node:util'
import { type FakeAgent, startAgent } from '../support/agent'
import { outline } from '../support/received-span'
import { NodeChild } from '../support/spawn'
import { type Ending, endingDifferences, exchangeDifferences } from './answer-differences'
import { Asker } from './asker'
import { childCpuMs } from './child-cpu'
import type { CommandProgram, EverydayProgram, Launch, ServerProgram } from './program'
import type { ProgramHome } from './program-home'
import { haveCome, spanFaults } from './span-faults'

const START_TIMEOUT_MS = 60_000
const END_TIMEOUT_MS = 15_000
/** Spans are sent every two seconds, and those of a trace with an open span only after a minute. */
const SPANS_TIMEOUT_MS = 20_000
const LOGGING_MS = 250
const COMMAND_TIMEOUT_MS = 180_000
/** Of processor time that `dd` may take in a process of a command. */
export const EXTRA_CPU_MS = 400

/** How `dd` comes into a program; `none` compares the program with itself, to find what varies without `dd`. */
export type Load = 'require' | 'import' | 'none'

export interface Outcome {
  readonly requests: number
  readonly same: number
  readonly spans: number
  readonly cpuMs: { readonly without: number; readonly with: number } | undefined
  readonly faults: readonly string[]
  /** What it printed with dd, and the forest of all spans, for who wants to see it. */
  readonly shown: string
}

interface Run {
  readonly asker: Asker
  readonly endings: readonly Ending[]
  readonly files: readonly [name: string, text: string][]
  readonly cpuMs: number | undefined
}

interface Setting {
  readonly nodePath: string
  readonly load: Load
  /** Where the servers are that the program works with, for its environment. */
  readonly servers: Readonly<Record<string, string>>
  makeHome(): Promise<ProgramHome>
}

export async function runProgram(program: EverydayProgram, setting: Setting): Promise<Outcome> {
  const agent = await startAgent()
  try {
    const once = async (load: Load): Promise<Run> => {
      const home = await setting.makeHome()
      const launcher = new Launcher(setting, load, home, agent)
      try {
        await program.prepare?.(home)
        home.setTimes()
        return 'runs' in program
          ? await runCommand(program, home, launcher)
          : await runServer(program, home, launcher, load === 'none' ? undefined : agent)
      } finally {
        home.remove()
      }
    }
    const without = await once('none')
    const with_ = await once(setting.load)
    return judge(program, without, with_, setting.load === 'none' ? undefined : agent)
  } finally {
    await agent.close()
  }
}

class Launcher {
  constructor(
    readonly setting: Setting,
    readonly load: Load,
    readonly home: ProgramHome,
    readonly agent: FakeAgent,
  ) {}

  /** All through NODE_OPTIONS, so that the processes it starts have it as well. */
  start({ args: [file = '', ...args], env }: Launch): NodeChild {
    const { path: cwd } = this.home
    const nodeOptions = { none: undefined, require: '--require dd/init', import: '--import dd/register' }[this.load]
    const own = { HOME: cwd, DD_TRACE_AGENT_URL: this.load === 'none' ? undefined : this.agent.url }
    return new NodeChild({
      file,
      args,
      cwd,
      nodePath: this.setting.nodePath,
      nodeOptions: nodeOptions!,
      env: { ...this.setting.servers, ...env, ...own },
    })
  }
}

async function runServer(
  program: ServerProgram,
  home: ProgramHome,
  launcher: Launcher,
  agent: FakeAgent | undefined,
): Promise<Run> {
  const cpuBefore = childCpuMs()
  const asker = new Asker(home.port)
  if (await takes(home.port)) throw new Error(`somebody else listens on ${home.port}`)
  await using child = launcher.start(program.start(home))
  if (program.ready !== undefined) await child.waitForOutput(program.ready, START_TIMEOUT_MS)
  await portTakes(home.port, child)
  try {
    await program.ask(asker, home)
    // Programs log a request when its answer has left, which the client may have before.
    await pause(LOGGING_MS)
    // Before it is told to end, which would send what is open as well.
    await agent?.waitForSpans((spans) => haveCome(spans, asker.asked), SPANS_TIMEOUT_MS).catch(() => {})
  } catch (error) {
    throw new Error(`${(error as Error).stack}\nstdout:\n${child.stdout}\nstderr:\n${child.stderr}`)
  } finally {
    asker.close()
  }
  const ending = await child.stop('SIGTERM', END_TIMEOUT_MS)
  return { asker, endings: [ending], files: [], cpuMs: since(cpuBefore) }
}

async function runCommand(program: CommandProgram, home: ProgramHome, launcher: Launcher): Promise<Run> {
  const cpuBefore = childCpuMs()
  const endings: Ending[] = []
  for (const launch of program.runs(home)) {
    await using child = launcher.start(launch)
    const ending = await child.waitForExit(COMMAND_TIMEOUT_MS)
    if (ending.code !== (launch.code ?? 0)) throw new Error(`${launch.args.join(' ')} ended so: ${inspect(ending)}`)
    endings.push(ending)
  }
  const files = (program.writes ?? []).map((name): [string, string] => [name, home.read(name)])
  return { asker: new Asker(0), endings, files, cpuMs: since(cpuBefore) }
}

function judge(program: EverydayProgram, without: Run, with_: Run, agent: FakeAgent | undefined): Outcome {
  const varies = program.varies ?? {}
  const answers = exchangeDifferences(without.asker.exchanges, with_.asker.exchanges, varies)
  const endings = without.endings.map((ending, index) => endingDifferences(ending, with_.endings[index]!, varies))
  const files = without.files.filter(([, text], index) => with_.files[index]![1] !== text)
  const faults = [...answers, ...endings.flat(), ...files.map(([name]) => `${name} is another file`)]
  const cpuMs =
    without.cpuMs === undefined || with_.cpuMs === undefined ? undefined : { without: without.cpuMs, with: with_.cpuMs }
  if ('runs' in program && cpuMs !== undefined && cpuMs.with - cpuMs.without > program.processes * EXTRA_CPU_MS)
    faults.push(`dd took ${cpuMs.with - cpuMs.without} ms of processor time, in ${program.processes} processes at most`)
  const spans = agent?.spans() ?? []
  if (agent !== undefined) {
    const wanted = { service: 'service' in program ? program.service : '', besides: program.besides }
    faults.push(...spanFaults(spans, with_.asker.asked, wanted), ...agent.violations)
  }
  const compared = 'runs' in program ? without.endings.length : without.asker.exchanges.length
  const differing = 'runs' in program ? endings.filter((one) => one.length > 0).length : answers.length
  const printed = with_.endings.map(({ stdout, stderr }) => stdout + stderr)
  const shown = [...printed, outline(spans)].join('\n')
  return { requests: compared, same: compared - differing, spans: spans.length, cpuMs, faults, shown }
}

/** Resolves when the port takes connections. */
async function portTakes(port: number, child: NodeChild): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_MS
  while (!(await takes(port))) {
    if (performance.now() > deadline || child.hasExited) {
      throw new Error(`it does not listen on ${port}; stdout:\n${child.stdout}\nstderr:\n${child.stderr}`)
    }
    await pause(20)
  }
}

function takes(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true))
    socket.on('error', () => resolve(false)).on('connect', () => socket.destroy())
  })
}

function since(before: number | undefined): number | undefined {
  const now = childCpuMs()
  return before === undefined || now === undefined ? undefined : now - before
}
