// The one voice of `dd` inside somebody else's program, and the only file below the CLI that touches the console.
//
// It speaks on stderr, never throws, says a thing once, and says nothing about the program's data. Debug lines
// appear only when DD_TRACE_DEBUG asks for them.

import { monotonicMs } from './clock'

export type LogLevel = 'debug' | 'warn' | 'error'

/** Where lines go; tests put their own. */
export type LogSink = (level: LogLevel, line: string) => void

/** Repeated trouble (an Agent that is away) is said again after this long. */
const REPEAT_MS = 60_000

/** Keys remembered by `once`; beyond it new warnings are dropped rather than remembered for ever. */
const MAX_KEYS = 1000

function toStderr(level: LogLevel, line: string): void {
  console.error(level === 'debug' ? `dd debug: ${line}` : `dd: ${line}`)
}

class Log {
  #sink: LogSink = toStderr
  #debug = false
  readonly #saidAtMs = new Map<string, number>()

  configure(options: { debug?: boolean; sink?: LogSink }): void {
    if (options.debug !== undefined) this.#debug = options.debug
    if (options.sink !== undefined) this.#sink = options.sink
  }

  /** Says `line` only when debugging is on; pass a function where the text is costly. */
  debug(line: string | (() => string)): void {
    if (this.#debug) this.#say('debug', line)
  }

  /** Warns once in the life of the process for each `key`. */
  once(key: string, line: string): void {
    if (this.#saidAtMs.has(key) || this.#saidAtMs.size >= MAX_KEYS) return
    this.#saidAtMs.set(key, monotonicMs())
    this.#say('warn', line)
  }

  /** Warns for `key` at most once a minute; returns whether it spoke. */
  atMostEveryMinute(key: string, line: () => string): boolean {
    const nowMs = monotonicMs()
    const saidAtMs = this.#saidAtMs.get(key)
    if (saidAtMs !== undefined && nowMs - saidAtMs < REPEAT_MS) return false
    this.#saidAtMs.set(key, nowMs)
    this.#say('warn', line)
    return true
  }

  /** Forgets what was said: for tests. */
  reset(): void {
    this.#saidAtMs.clear()
    this.#sink = toStderr
    this.#debug = false
  }

  #say(level: LogLevel, line: string | (() => string)): void {
    try {
      this.#sink(level, typeof line === 'function' ? line() : line)
    } catch {
      // A closed stderr, or a text that cannot be made, must not hurt the program.
    }
  }
}

export const log = new Log()

/** What to say of an unknown thrown value, without ever throwing itself. */
export function describe(error: unknown): string {
  try {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  } catch {
    return 'an error that cannot be described'
  }
}
