// Runs a Node program as a child process, for everything that only shows at the edge of a process: `--require`,
// `--import`, exit codes, signals, crashes, an unmodified application. The program is a file or a piece of source text;
// it starts in a folder where `dd` looks installed, with an environment that steers neither Node nor `dd`.
// Every wait ends by an event or with an error that shows what the child had written.

import { type ChildProcess, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { registerChild } from './child-registry'
import { cleanEnv } from './clean-env'
import { createProgramFolder } from './program-folder'

export type NodeProgram = ({ file: string } | { code: string; module?: 'cjs' | 'esm' }) & {
  args?: string[]
  execArgv?: string[]
  /** The child's NODE_OPTIONS. */
  nodeOptions?: string
  /** Added to a clean environment; undefined takes a variable away. */
  env?: Record<string, string | undefined>
  /** Where `--require dd/init` is resolved from. Default: a folder with `dd` in its node_modules. */
  cwd?: string
  /** Another Node than the one that runs the tests. */
  nodePath?: string
  /** For a run: until it must have ended; for a long-running program: until it must be ready. */
  timeoutMs?: number
}

export interface Finished {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
  durationMs: number
}

/** Runs the program to its end; with `killAfterOutput`, sends `signal` as soon as its stdout matches. */
export async function runNode(
  program: NodeProgram & { killAfterOutput?: RegExp; signal?: NodeJS.Signals },
): Promise<Finished> {
  const { killAfterOutput, signal = 'SIGTERM', timeoutMs = 15_000 } = program
  const child = new NodeChild(program)
  const deadline = performance.now() + timeoutMs
  if (killAfterOutput) {
    await child.waitForOutput(killAfterOutput, timeoutMs)
    child.kill(signal)
  }
  return child.waitForExit(deadline - performance.now())
}

/**
 * Starts a program that stays, such as a server, and waits until a line of its stdout matches `ready`. The first group
 * of the match, by default what follows `READY `, becomes its `url`.
 */
export async function startNode(program: NodeProgram & { ready?: RegExp }): Promise<NodeChild & { url: string }> {
  const child = new NodeChild(program)
  const match = await child.waitForOutput(program.ready ?? /^READY ?(.*)$/m, program.timeoutMs ?? 15_000)
  return Object.assign(child, { url: match[1] ?? '' })
}

export class NodeChild {
  stdout = ''
  stderr = ''
  /** And all that it wrote has come. */
  hasExited = false
  readonly #child: ChildProcess
  readonly #checks = new Set<() => void>()
  readonly #finished: Promise<Finished>

  constructor(program: NodeProgram) {
    const folder = createProgramFolder()
    const { args = [], execArgv = [], nodeOptions, env, cwd = folder.path, nodePath = process.execPath } = program
    let file: string
    if ('file' in program) file = program.file
    else {
      file = join(folder.path, program.module === 'esm' ? 'app.mjs' : 'app.cjs')
      writeFileSync(file, program.code)
    }
    const startedAt = performance.now()
    this.#child = spawn(nodePath, [...execArgv, file, ...args], {
      cwd,
      env: cleanEnv({ NODE_OPTIONS: nodeOptions, ...env }),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    registerChild(this.#child, folder.remove)
    for (const name of ['stdout', 'stderr'] as const) {
      this.#child[name]?.setEncoding('utf8').on('data', (text: string) => {
        this[name] += text
        this.#check()
      })
    }
    this.#finished = new Promise((resolve, reject) => {
      let durationMs = 0
      this.#child.once('error', reject)
      this.#child.once('exit', () => {
        durationMs = performance.now() - startedAt
      })
      this.#child.once('close', (code, signal) => {
        this.hasExited = true
        resolve({ code, signal, stdout: this.stdout, stderr: this.stderr, durationMs })
        this.#check()
      })
    })
    // A child that cannot be started is reported by whoever waits for it, not as an unhandled rejection.
    this.#finished.catch(() => {})
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  /** The first match in stdout or, failing that, stderr; an error if the program ends or `timeoutMs` pass before. */
  async waitForOutput(pattern: RegExp, timeoutMs = 5000): Promise<RegExpMatchArray> {
    let check = (): void => {}
    const match = new Promise<RegExpMatchArray>((resolve, reject) => {
      check = () => {
        const found = this.stdout.match(pattern) ?? this.stderr.match(pattern)
        if (found) resolve(found)
        else if (this.hasExited) reject(this.#error(`ended without writing ${pattern}`))
      }
    })
    this.#checks.add(check)
    check()
    try {
      return await this.#within(timeoutMs, `write ${pattern}`, match)
    } finally {
      this.#checks.delete(check)
    }
  }

  kill(signal: NodeJS.Signals = 'SIGTERM'): void {
    this.#child.kill(signal)
  }

  /** Kills the child if it has not ended by itself in time. */
  async waitForExit(timeoutMs = 5000): Promise<Finished> {
    return this.#within(timeoutMs, 'end', this.#finished)
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM', timeoutMs = 5000): Promise<Finished> {
    this.kill(signal)
    return this.waitForExit(timeoutMs)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill('SIGKILL')
    await this.#finished
  }

  #check(): void {
    for (const check of this.#checks) check()
  }

  async #within<T>(timeoutMs: number, what: string, promise: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined
    const expiry = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        this.#child.kill('SIGKILL')
        reject(this.#error(`did not ${what} within ${Math.round(timeoutMs)} ms`))
      }, timeoutMs)
    })
    try {
      return await Promise.race([promise, this.#finished.then(() => promise), expiry])
    } finally {
      clearTimeout(timer)
    }
  }

  #error(what: string): Error {
    const { exitCode, signalCode } = this.#child
    return new Error(
      `the child process (exit code ${exitCode}, signal ${signalCode}) ${what}; stdout:\n${this.stdout}\nstderr:\n${this.stderr}`,
    )
  }
}
