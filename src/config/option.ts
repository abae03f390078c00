// What one setting is: its environment names, its type, its default, its one line of documentation.
//
// The makers below are the only types a setting can have. Each reads the environment's text and checks a value given
// in code; what does not fit is undefined, and `config.ts` says so by name and takes the default.

export interface Option<T> {
  /** Environment variables, the first one set wins. */
  readonly env: readonly string[]
  /** The type in words, for the README's table and for warnings. */
  readonly type: string
  readonly default: T
  readonly doc: string
  /** Reads the text of the environment. */
  parse(text: string): T | undefined
  /** Checks a value given to `init()`. */
  check(value: unknown): T | undefined
  /** Whether an empty variable is a value and not one that is not set. */
  readonly emptyCounts?: boolean
  /** OpenTelemetry's variables that say the same, each with what reads its text. Datadog's own win. */
  readonly otel: OtelVariables<T>
  /** Puts together what all sources say, the strongest first. Default: the first one alone counts. */
  merge?(values: readonly NonNullable<T>[]): T
}

/** Reads the text of a variable; some need to see another one. */
type OtelVariables<T> = Readonly<Record<string, (text: string, env: Environment) => T | undefined>>

export type Environment = Readonly<Record<string, string | undefined>>

type Described<T> = {
  env: string | readonly string[]
  default: T
  doc: string
  otel?: OtelVariables<NonNullable<T>>
  emptyCounts?: boolean
}

function option<T>(
  { env, default: fallback, doc, otel = {}, emptyCounts = false }: Described<T>,
  type: string,
  parse: (text: string) => NonNullable<T> | undefined,
  check: (value: unknown) => NonNullable<T> | undefined,
  merge?: (values: readonly NonNullable<T>[]) => T,
): Option<T> {
  const made = {
    env: typeof env === 'string' ? [env] : env,
    type,
    default: fallback,
    doc,
    parse,
    check,
    otel,
    emptyCounts,
  }
  return merge === undefined ? made : { ...made, merge }
}

export function text(described: Described<string>): Option<string>
export function text(described: Described<string | undefined>): Option<string | undefined>
export function text(described: Described<string | undefined>): Option<string | undefined> {
  const check = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined)
  return option(described, 'text', check, check)
}

/** The name or address of a host: what fits into a URL, an IPv6 address without its brackets. */
export function host(described: Described<string>): Option<string> {
  const check = (value: unknown) =>
    typeof value === 'string' && /^[^\s/?#@[\]]+$/.test(value) && URL.canParse(`http://${urlHost(value)}:1`)
      ? value
      : undefined
  return option(described, 'host name or address', check, check)
}

/** `host` as it stands in a URL. */
function urlHost(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}

const flagWords = new Map([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
])

export function flag(described: Described<boolean>): Option<boolean>
export function flag(described: Described<boolean | undefined>): Option<boolean | undefined>
export function flag(described: Described<boolean | undefined>): Option<boolean | undefined> {
  return option(
    described,
    'true or false',
    (raw) => flagWords.get(raw.trim().toLowerCase()),
    (value) => (typeof value === 'boolean' ? value : undefined),
  )
}

/** A whole number from `min` to `max`. */
export function whole(described: Described<number> & { min: number; max: number }): Option<number> {
  const { min, max } = described
  const check = (value: unknown) =>
    typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max ? value : undefined
  const parse = (raw: string) => (raw.trim() === '' ? undefined : check(Number(raw)))
  return option(described, `whole number from ${min} to ${max}`, parse, check)
}

/** A share, from 0 to 1. */
export function rate(described: Described<number | undefined>): Option<number | undefined> {
  const check = (value: unknown) => (typeof value === 'number' && value >= 0 && value <= 1 ? value : undefined)
  const parse = (raw: string) => (raw.trim() === '' ? undefined : check(Number(raw)))
  return option(described, 'number from 0 to 1', parse, check)
}

/** Sampling rules: JSON in the environment, an array in code. What each one says is checked where it is compiled. */
export function rules<R>(described: Described<readonly R[]>): Option<readonly R[]> {
  const check = (value: unknown) => (Array.isArray(value) ? (value as readonly R[]) : undefined)
  const parse = (raw: string) => {
    try {
      return check(JSON.parse(raw))
    } catch {
      return undefined
    }
  }
  return option(described, 'JSON array', parse, check)
}

/** One of the given words, in any case. */
export function choice<const W extends string>(words: readonly W[], described: Described<NoInfer<W>>): Option<W> {
  const parse = (raw: string) => words.find((word) => word === raw.trim().toLowerCase()) as NonNullable<W> | undefined
  return option<W>(described, words.join(' or '), parse, (value) =>
    typeof value === 'string' ? parse(value) : undefined,
  )
}

/** Words separated by commas; an array in code. */
export function list(described: Described<readonly string[]>): Option<readonly string[]> {
  return option(
    described,
    'list, comma separated',
    (raw) =>
      raw
        .split(',')
        .map((word) => word.trim())
        .filter(Boolean),
    (value) =>
      Array.isArray(value) && value.every((word) => typeof word === 'string') ? (value as string[]) : undefined,
  )
}

/** `key:value` pairs separated by commas or spaces; an object of strings in code. */
export function tags(described: Described<Readonly<Record<string, string>>>): Option<Readonly<Record<string, string>>> {
  const parse = (raw: string) => {
    const pairs: Record<string, string> = {}
    for (const pair of raw.split(raw.includes(',') ? ',' : /\s+/)) {
      const colon = pair.indexOf(':')
      if (colon > 0) pairs[pair.slice(0, colon).trim()] = pair.slice(colon + 1).trim()
    }
    return pairs
  }
  const check = (value: unknown) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
    const given = Object.entries(value).filter(([, tag]) => tag !== undefined && tag !== null)
    return Object.fromEntries(given.map(([key, tag]) => [key, String(tag)]))
  }
  // What is said of all programs of a host and what is said of this one add up.
  const merge = (all: readonly Readonly<Record<string, string>>[]) => Object.assign({}, ...[...all].reverse())
  return option(described, 'key:value pairs', parse, check, merge)
}

/** A regular expression; empty text turns it off. */
export function pattern(described: Described<RegExp | undefined> & { none: RegExp }): Option<RegExp | undefined> {
  const parse = (raw: string) => {
    if (raw === '') return described.none
    try {
      return new RegExp(raw, 'gi')
    } catch {
      return undefined
    }
  }
  // The whole text is searched, whatever its case; flags that give the pattern its meaning stay.
  const everywhere = ({ source, flags }: RegExp) => new RegExp(source, `${flags.replace(/[giy]/g, '')}gi`)
  return option(described, 'regular expression', parse, (value) =>
    value instanceof RegExp ? everywhere(value) : typeof value === 'string' ? parse(value) : undefined,
  )
}

/** Status codes and ranges such as `500-599,429`. */
export function statuses(described: Described<StatusRanges>): Option<StatusRanges> {
  return codeRanges(described, 'status codes and ranges', /^\s*(\d{3})(?:\s*-\s*(\d{3}))?\s*$/)
}

/** The codes of gRPC, 0 to 16, and ranges such as `2-16`. */
export function grpcStatuses(described: Described<StatusRanges>): Option<StatusRanges> {
  return codeRanges(described, 'gRPC status codes and ranges', /^\s*(\d|1[0-6])(?:\s*-\s*(\d|1[0-6]))?\s*$/)
}

function codeRanges(described: Described<StatusRanges>, type: string, range: RegExp): Option<StatusRanges> {
  const parse = (raw: string) => {
    const ranges = raw.split(',').map((text) => range.exec(text))
    if (!ranges.every((range) => range !== null)) return undefined
    const read = ranges.map(([, from, to]) => [Number(from), Number(to ?? from)] as const)
    return read.every(([from, to]) => from <= to) ? read : undefined
  }
  const asText = (range: unknown) => (Array.isArray(range) ? range.join('-') : range)
  return option(described, type, parse, (value) =>
    typeof value === 'string' ? parse(value) : Array.isArray(value) ? parse(value.map(asText).join(',')) : undefined,
  )
}

/** Inclusive ranges of status codes. */
export type StatusRanges = readonly (readonly [from: number, to: number])[]
