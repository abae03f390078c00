// What stands on the command line after `dog api <method>`, as the arguments of the method.
//
// What an argument may be decides how it is read, and not how it looks: the name of a host stays `1234` or `true`, and an id keeps all
// of its digits. JSON is asked for only where a text cannot say it.

import { METHODS, type MethodName } from '../api/api-methods'
import { parseExact } from '../api/exact-json'
import { CliError, USAGE } from './cli-error'

interface Kind {
  /** For the help. */
  readonly about: string
  /** @returns undefined for what it cannot be */
  read(text: string): unknown
}

const TEXT: Kind = { about: 'a text', read: (text) => quoted(text) ?? text }
const HANDLE: Kind = { about: 'a text; null for nobody', read: (text) => (text === 'null' ? null : TEXT.read(text)) }
const LIST: Kind = {
  about: 'a text, or a JSON list of texts',
  read: (text) => (text.trimStart().startsWith('[') ? json(text) : TEXT.read(text)),
}
const TIME: Kind = { about: 'seconds since the epoch, or a date such as 2030-01-01T12:00:00Z', read: time }
const NUMBER: Kind = { about: 'a number', read: json }
const JSON_LIST: Kind = { about: 'a JSON list', read: json }
const POINTS: Kind = { about: 'a number, or JSON: [seconds, number], or a list of those', read: json }
const VALUES: Kind = { about: 'a number, or JSON: a list of them, or of [seconds, [numbers]]', read: json }
const OBJECT: Kind = { about: 'a JSON object', read: (text) => objectIn(text) }

/** Names mean the same wherever they stand; those that are not here are texts. */
const KINDS: Readonly<Record<string, Kind>> = {
  handle: HANDLE,
  tags: LIST,
  scope: LIST,
  emails: LIST,
  start: TIME,
  end: TIME,
  status: { ...NUMBER, about: '0 OK, 1 warning, 2 critical, 3 unknown' },
  points: POINTS,
  series: JSON_LIST,
  checks: JSON_LIST,
  graphs: JSON_LIST,
  graphDef: OBJECT,
  'distribution points': VALUES,
  'createScreenboard description': OBJECT,
  'updateScreenboard description': OBJECT,
}

/** Options that are times, in JSON, which has no dates. */
const TIME_OPTIONS = ['start', 'end', 'dateHappened', 'timestamp', 'silencedTimeoutTs']

export interface Parameter {
  readonly name: string
  readonly about: string
}

/** `hostId tags {source}`: the names before the braces, and those in them. */
function namesOf(method: MethodName): { readonly required: readonly string[]; readonly options: readonly string[] } {
  const [before = '', within = ''] = METHODS[method].usage.split('{')
  return { required: before.match(/\w+/g) ?? [], options: within.match(/\w+/g) ?? [] }
}

/** What a method takes, for its help. */
export function parametersOf(method: MethodName): Parameter[] {
  const { required, options } = namesOf(method)
  const all = required.map((name) => ({ name, about: kindOf(method, name).about }))
  return options.length === 0
    ? all
    : [...all, { name: '{…}', about: `a JSON object with any of ${options.join(', ')}` }]
}

/** @throws CliError for what the method cannot be called with */
export function readArguments(method: MethodName, given: readonly string[]): unknown[] {
  const { required, options } = namesOf(method)
  const missing = required.slice(given.length)
  if (missing.length > 0) throw wrong(method, `${missing.join(' and ')} ${missing.length > 1 ? 'are' : 'is'} missing`)
  const most = required.length + (options.length > 0 ? 1 : 0)
  if (given.length > most) throw wrong(method, `there is more than it takes: ${given.slice(most).join(' ')}`)
  return given.map((text, at) => {
    const name = required[at]
    if (name === undefined) return readOptions(method, text)
    const kind = kindOf(method, name)
    const value = kind.read(text)
    if (value === undefined) throw wrong(method, `${name} is ${kind.about}, not ${text}`)
    return value
  })
}

export function usageOf(method: MethodName): string {
  return `dog api ${method} ${METHODS[method].usage}`.trim()
}

/** @param about what is wrong */
export function wrong(method: MethodName, about: string): CliError {
  return new CliError(`${about}\nusage: ${usageOf(method)}`, USAGE)
}

function kindOf(method: MethodName, name: string): Kind {
  return KINDS[`${method} ${name}`] ?? KINDS[name] ?? TEXT
}

function readOptions(method: MethodName, text: string): unknown {
  const options = objectIn(text, parseExact)
  if (options === undefined) throw wrong(method, `the options are a JSON object, not ${text}`)
  for (const name of TIME_OPTIONS) {
    const value = options[name]
    if (typeof value === 'string') options[name] = time(value) ?? value
  }
  return options
}

/** A JSON string: what it says; quotes that are meant are quoted once more. */
function quoted(text: string): string | undefined {
  const value = /^\s*"/.test(text) ? json(text) : undefined
  return typeof value === 'string' ? value : undefined
}

function json(text: string, parse: (text: string) => unknown = JSON.parse): unknown {
  try {
    return parse(text)
  } catch {
    return undefined
  }
}

function objectIn(text: string, parse?: (text: string) => unknown): Record<string, unknown> | undefined {
  const value = json(text, parse)
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined
}

function time(text: string): number | Date | undefined {
  const said = quoted(text) ?? text
  if (/^-?\d+(?:\.\d+)?$/.test(said)) return Number(said)
  // A date begins with its year; JavaScript would also take `web-1` for one.
  const date = new Date(said)
  return /^\d{4}-/.test(said) && !Number.isNaN(date.getTime()) ? date : undefined
}
