// The one voice of `dd` inside somebody else's program, and the only file below the CLI that touches the console.
//
// It speaks on stderr, never throws, says a thing once, and says nothing about the program's data. Warnings appear unless
// DD_TRACE_LOG_LEVEL forbids them, debug lines only when DD_TRACE_DEBUG asks for them.

import { join } from 'node:path'
import { monotonicMs } from './clock'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

const RANK: Readonly<Record<LogLevel | 'off', number>> = { debug: 0, info: 1, warn: 2, error: 3, off: 4 }

/** Where lines go; tests put their own. */
type LogSink = (level: LogLevel, line: string) => void

/** Repeated trouble (an Agent that is away) is said again after this long. */
const REPEAT_MS = 60_000

/** Keys remembered by `once`; beyond it new warnings are dropped rather than remembered for ever. */
const MAX_KEYS = 1000

function toStderr(level: LogLevel, line: string): void {
  console.error(level === 'debug' ? `dd debug: ${line}` : `dd: ${line}`)
}

class Log {
  #sink: LogSink = toStderr
  #level: LogLevel | 'off' = 'warn'
  readonly #saidAtMs = new Map<string, number>()

  /** @param options.level the least that is said; default: warn */
  configure(options: { level?: LogLevel | 'off' | undefined; sink?: LogSink }): void {
    if (options.level !== undefined) this.#level = options.level
    if (options.sink !== undefined) this.#sink = options.sink
  }

  /** Says `line` only when debugging is on; pass a function where the text is costly. */
  debug(line: string | (() => string)): void {
    this.#say('debug', line)
  }

  /** Says `line` whatever the level: for what was asked for by a setting of its own. */
  asked(line: string): void {
    this.#write('info', line)
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
    this.#level = 'warn'
  }

  #say(level: LogLevel, line: string | (() => string)): void {
    if (RANK[level] >= RANK[this.#level]) this.#write(level, line)
  }

  #write(level: LogLevel, line: string | (() => string)): void {
    try {
      this.#sink(level, typeof line === 'function' ? line() : line)
    } catch {
      // A closed stderr, or a text that cannot be made, must not hurt the program.
    }
  }
}

export const log = new Log()

/** What to say of an unknown thrown value that holds nothing of the program's data, without ever throwing itself. */
export function describe(error: unknown): string {
  try {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  } catch {
    return 'an error that cannot be described'
  }
}

/** Where the files of `dd` are. */
const HOME = join(__dirname, '..', '..')

/**
 * What to say of an error that may come from the program or its data, whose message may hold a secret: its class, its code, and where in
 * `dd` it came up. Never throws.
 */
export function kindOf(error: unknown): string {
  try {
    if (!(error instanceof Error)) return typeof error
    const { name, code, stack } = error as Error & { code?: unknown }
    const kind = typeof name === 'string' && /^[A-Z]\w{0,40}(?:Error|Exception)$/.test(name) ? name : 'Error'
    const reason = typeof code === 'string' && /^[A-Z][A-Z\d_]{0,40}$/.test(code) ? ` ${code}` : ''
    const frame = String(stack)
      .split('\n')
      .find((line) => line.startsWith('    at ') && line.includes(HOME))
    const place = /^[\\/]([\w.\\/-]+:\d+):\d+\)?$/.exec(frame?.slice(frame.lastIndexOf(HOME) + HOME.length) ?? '')?.[1]
    return kind + reason + (place === undefined ? '' : ` at ${place}`)
  } catch {
    return 'an error that cannot be described'
  }
}
