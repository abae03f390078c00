// `dog` as a user runs it: a process of its own, with real signals, ports and exit codes.

import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { registerChild } from '../support/child-registry'
import { cleanEnv } from '../support/clean-env'

export const DOG = join(__dirname, '..', '..', 'src', 'cli', 'dog.js')
export const REGISTER = join(__dirname, '..', '..', 'src', 'register.js')

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface DogOptions {
  readonly env?: Record<string, string | undefined>
  readonly cwd?: string
  /** A program in front of it, such as `script`. */
  readonly command?: readonly string[]
}

/** A running `dog`. */
export class Dog {
  stdout = ''
  stderr = ''
  readonly process: ChildProcess
  readonly ended: Promise<Ended>

  constructor(args: readonly string[], { env = {}, cwd, command = [process.execPath, DOG] }: DogOptions = {}) {
    const [file = '', ...before] = command
    this.process = spawn(file, [...before, ...args], {
      // Tracing is off in the programs, unless a test is about it.
      env: cleanEnv({ FORCE_COLOR: undefined, NO_COLOR: undefined, CI: undefined, DD_TRACE_ENABLED: 'false', ...env }),
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(cwd !== undefined && { cwd }),
    })
    registerChild(this.process, () => {})
    this.process.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text
    })
    this.process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text
    })
    // One that ended early does not read any more.
    this.process.stdin?.on('error', () => {})
    this.ended = once(this.process, 'close').then(([code, signal]) => ({
      code: code as number | null,
      signal: signal as NodeJS.Signals | null,
      stdout: this.stdout,
      stderr: this.stderr,
    }))
  }

  /** Waits until `text` was printed. */
  async prints(text: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = text.exec(this.stdout) ?? text.exec(this.stderr)
      if (match) return match
      assert.equal(this.process.exitCode, null, `ended without printing ${text}:\n${this.stdout}${this.stderr}`)
      const looked = new AbortController()
      const { signal } = looked
      await Promise.race([
        once(this.process.stdout!, 'data', { signal }),
        once(this.process.stderr!, 'data', { signal }),
        once(this.process, 'close', { signal }),
      ])
      looked.abort()
    }
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Ended> {
    this.process.kill(signal)
    return await this.ended
  }
}

/** Runs it to its end. */
export function dog(args: readonly string[], options?: DogOptions): Promise<Ended> {
  const running = new Dog(args, options)
  running.process.stdin?.end()
  return running.ended
}

/** What a terminal would show, without its colours. */
export function plain(text: string): string {
  return stripVTControlCharacters(text)
}
