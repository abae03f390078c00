// Starts the program of `dog run`: with the terminal to itself, or with its output passed on and kept as logs.

import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync } from 'node:fs'
import { isatty } from 'node:tty'
import type { LocalAgent } from '../../local-agent/start-local-agent'
import { CliError } from '../cli-error'
import { OutputLogs } from './output-logs'
import { openPipes } from './output-pipe'
import { programEnvironment, terminalEnvironment } from './program-environment'
import { serviceOf } from './service-of'

/** What shells answer when there is no such command. */
const NOT_STARTED = 127

export interface Program {
  readonly child: ChildProcess
  /** Undefined where the program has the terminal to itself. */
  readonly output: OutputLogs | undefined
}

export function startProgram(command: readonly string[], agent: LocalAgent, keepsLogs: boolean): Program {
  const { env } = process
  const environment = programEnvironment(env, { url: agent.url, dogstatsdPort: agent.dogstatsd.port })
  if (!keepsLogs) return { child: spawned(command, { stdio: 'inherit', env: environment }), output: undefined }

  const pipes = openPipes()
  const [stdoutPipe, stderrPipe] = pipes ?? []
  try {
    const child = spawned(command, {
      stdio: ['inherit', stdoutPipe?.writeFd ?? 'pipe', stderrPipe?.writeFd ?? 'pipe'],
      env: { ...environment, ...terminal(env) },
    })
    const stdout = stdoutPipe?.reader ?? child.stdout
    const stderr = stderrPipe?.reader ?? child.stderr
    return { child, output: new OutputLogs({ stdout, stderr }, serviceOf(command, env), agent.logs) }
  } finally {
    // While they are open here, the pipes do not end with the program.
    for (const { writeFd } of pipes ?? []) closeSync(writeFd)
  }
}

/** `process.stdout` is not touched where it is no terminal: it would make the pipe behind it one that does not wait. */
function terminal(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return isatty(1) && isatty(2) ? terminalEnvironment(env, process.stdout) : {}
}

function spawned([file = '', ...args]: readonly string[], options: Parameters<typeof spawn>[2]): ChildProcess {
  try {
    return spawn(file, args, options)
  } catch (error) {
    throw cannotRun(file, (error as Error).message)
  }
}

export interface Ending {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export function endOf(child: ChildProcess): Promise<Ending> {
  return new Promise((resolve, reject) => {
    child.once('error', ({ code, message }: NodeJS.ErrnoException) => {
      reject(cannotRun(child.spawnfile, code === 'ENOENT' ? 'there is no such command' : message))
    })
    child.once('exit', (code, signal) => resolve({ code, signal }))
  })
}

function cannotRun(file: string, reason: string): CliError {
  return new CliError(`cannot run ${file}: ${reason}`, NOT_STARTED)
}
