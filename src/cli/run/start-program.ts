// Starts the program of `dog run`: with the terminal to itself, or with its output passed on and kept as logs.

import type { ChildProcess } from 'node:child_process'
import { closeSync } from 'node:fs'
import { isatty } from 'node:tty'
import type { LocalAgent } from '../../local-agent/start-local-agent'
import { cannotRun, spawnCommand } from '../spawn-command'
import { OutputLogs } from './output-logs'
import { openPipes } from './output-pipe'
import { programEnvironment, terminalEnvironment } from './program-environment'
import { serviceOf } from './service-of'

export interface Program {
  readonly child: ChildProcess
  /** Undefined where the program has the terminal to itself. */
  readonly output: OutputLogs | undefined
}

export function startProgram(command: readonly string[], agent: LocalAgent, keepsLogs: boolean): Program {
  const { env } = process
  const environment = programEnvironment(env, { url: agent.url, dogstatsdPort: agent.dogstatsd.port })
  if (!keepsLogs) return { child: spawnCommand(command, { stdio: 'inherit', env: environment }), output: undefined }

  const pipes = openPipes()
  const [stdoutPipe, stderrPipe] = pipes ?? []
  try {
    const child = spawnCommand(command, {
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

export interface Ending {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export function endOf(child: ChildProcess): Promise<Ending> {
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(cannotRun(child.spawnfile, error)))
    child.once('exit', (code, signal) => resolve({ code, signal }))
  })
}
