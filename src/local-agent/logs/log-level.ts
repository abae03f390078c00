// How bad a log says that it is: by a number or a word in a field, or by a word in the text. Every logger has its own.

import type { LogLevel, LogStream } from './log'

/** Words of syslog, Java, Python, Google and others. */
const WORDS: Readonly<Record<string, LogLevel>> = {
  trace: 'trace',
  silly: 'trace',
  verbose: 'debug',
  debug: 'debug',
  http: 'info',
  info: 'info',
  information: 'info',
  log: 'info',
  notice: 'info',
  default: 'info',
  warn: 'warn',
  warning: 'warn',
  err: 'error',
  error: 'error',
  severe: 'error',
  fatal: 'fatal',
  crit: 'fatal',
  critical: 'fatal',
  alert: 'fatal',
  emerg: 'fatal',
  emergency: 'fatal',
  panic: 'fatal',
}

/** The levels of pino and bunyan, from ten to ten. */
const BY_TEN: readonly LogLevel[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal']

/** Where in a line a level stands. */
const HEAD_LENGTH = 160

const WORD = Object.keys(WORDS).join('|')

/** In capitals anywhere; in small letters only where it can be nothing else: behind `level=`, in brackets, before a colon at the start. */
const IN_TEXT = [
  new RegExp(`\\blevel["']?\\s?[=:]\\s?["']?(${WORD})\\b`, 'i'),
  new RegExp(`[[(<]\\s?(${WORD})\\s?[\\])>]`, 'i'),
  new RegExp(`^(${WORD}):`, 'i'),
  /(?:^|[^\w-])(TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|ERR|FATAL|CRITICAL|CRIT|ALERT|EMERG|PANIC)(?![\w-])/,
  /^(?:Uncaught )?[A-Z]\w{0,60}(Error)\b(?: \[\w{1,60}\])?(?::|$)/,
  /^\(node:\d{1,10}\) (?:\[\w{1,40}\] )?\w{0,60}(Warning):/,
]

/** Of a field of JSON; undefined for what is no level. */
export function levelOfField(value: unknown): LogLevel | undefined {
  if (typeof value === 'number') return value >= 10 ? BY_TEN[Math.min(5, Math.floor(value / 10) - 1)] : undefined
  return typeof value === 'string' ? levelOfWord(value) : undefined
}

/** Of OpenTelemetry: four numbers for each level, from 1 on. */
export function levelOfSeverity(number: number): LogLevel | undefined {
  return number >= 1 && number <= 24 ? BY_TEN[Math.floor((number - 1) / 4)] : undefined
}

/** What a line says of itself; else what Datadog takes its stream for. */
export function levelOfText(text: string, stream: LogStream): LogLevel {
  const head = text.length > HEAD_LENGTH ? text.slice(0, HEAD_LENGTH) : text
  for (const pattern of IN_TEXT) {
    const level = levelOfWord(pattern.exec(head)?.[1] ?? '')
    if (level !== undefined) return level
  }
  return stream === 'stderr' ? 'error' : 'info'
}

function levelOfWord(word: string): LogLevel | undefined {
  const small = word.toLowerCase()
  return Object.hasOwn(WORDS, small) ? WORDS[small] : undefined
}
