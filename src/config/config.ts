// Reads the settings: `init()` beats the environment, which beats the default.
//
// A value that does not fit is named in a warning and its default used: a typo in a deployment must neither stop the
// program nor go unnoticed. Of what runs in a program, this folder alone reads `process.env`.

import { log } from '../base/log'
import type { Environment, Option } from './option'
import { options } from './options'
import { nearestPackage } from './package-json'
import { programEnvironment } from './program-environment'

type Values = { [K in keyof typeof options]: (typeof options)[K] extends Option<infer T> ? T : never }

/** What `init()` takes: any of the settings. */
export type InitOptions = { [K in keyof Values]?: Values[K] }

/** All settings with their values; the service is always known. */
export type Config = Readonly<
  Omit<Values, 'service'> & {
    service: string
    /** Whether somebody said it, so that it is not merely the package's name. */
    isServiceGiven: boolean
  }
>

function read<T>(name: string, option: Option<T>, given: unknown, env: Environment): T {
  const refused: string[] = []
  const found = [...sourcesOf(name, option, given, env, refused)]
  const values = found.map(({ value }) => value)
  const [first] = found
  const used = first === undefined ? option.default : (option.merge?.(values) ?? first.value)
  // What is used is said only where it is the default: any other value is the program's.
  for (const what of refused) refuse(what, option, first === undefined ? shown(option.default) : first.source)
  for (const { source, value } of option.merge === undefined ? found.slice(1) : []) {
    if (source in option.otel && value !== used) {
      log.once(`config ${source}`, `${source} has no effect, because ${first?.source} says something else`)
    }
  }
  return used
}

type Parse<T> = (raw: string, env: Environment) => T | undefined

interface Found<T> {
  /** The variable or option that says it. */
  readonly source: string
  readonly value: NonNullable<T>
}

/** What fits of all that is said, the strongest first; what does not is named in `refused`, up to the first that fits. */
function* sourcesOf<T>(
  name: string,
  option: Option<T>,
  given: unknown,
  env: Environment,
  refused: string[],
): Iterable<Found<T>> {
  let isFound = false
  const { env: variables, otel } = option
  const fromText = (variable: string, parse: Parse<T>): [string, unknown, Parse<T>] => [
    variable,
    textIn(env, variable, option),
    parse,
  ]
  const sources = [
    [`option ${name}`, given, option.check] as const,
    ...variables.map((variable) => fromText(variable, option.parse)),
    ...Object.keys(otel).map((variable) => fromText(variable, otel[variable]!)),
  ]
  for (const [source, raw, parse] of sources) {
    if (raw === undefined) continue
    const value = parse(raw as never, env)
    if (value !== undefined && value !== null) {
      isFound = true
      yield { source, value }
    } else if (!isFound) refused.push(source)
  }
}

/** An empty variable is how shells and compose files say "not set", but an empty pattern means "redact nothing". */
function textIn(env: Environment, variable: string, { type, emptyCounts }: Option<unknown>): string | undefined {
  const raw = env[variable]
  return raw === '' && type !== 'regular expression' && emptyCounts !== true ? undefined : raw
}

function shown(value: unknown): string {
  return value === undefined ? 'the default' : value instanceof RegExp ? String(value) : JSON.stringify(value)
}

/** Says that a value does not fit, and what is used instead. */
export function refuse(what: string, { type }: Option<unknown>, instead: string): void {
  log.once(`config ${what}`, `${what} has a value that is not a ${type}; ${instead} is used instead`)
}

/** How much may be said, known before anything is. */
export function readLogLevel(given?: InitOptions | null, env: Environment = programEnvironment()): Config['logLevel'] {
  const { debug, logLevel } = options
  return read('debug', debug, given?.debug, env) ? 'debug' : read('logLevel', logLevel, given?.logLevel, env)
}

/** Reads every setting once. Unknown names in `given` are warned about and ignored. Never throws. */
export function readConfig(given?: InitOptions | null, env: Environment = programEnvironment()): Config {
  const settings = given ?? {}
  for (const name of Object.keys(settings)) {
    if (!Object.hasOwn(options, name)) log.once(`config ${name}`, `init() knows no option ${name}; it is ignored`)
  }
  const values: Record<string, unknown> = {}
  for (const [name, option] of Object.entries<Option<unknown>>(options)) {
    values[name] = read(name, option, settings[name as keyof InitOptions], env)
  }
  warnOfOtel(env)
  const config = values as Values
  const tags = { ...config.tags }
  const found = config.service === undefined || config.version === undefined ? nearestPackage() : undefined
  const service = config.service ?? (tags['service'] || found?.name || 'node')
  // A version taken from package.json describes the program only while the service does too.
  const version = config.version ?? (tags['version'] || (service === found?.name ? found?.version : undefined))
  const isServiceGiven = config.service !== undefined || Boolean(tags['service'])
  const environment = config.env ?? (tags['env'] || undefined)
  for (const unified of ['service', 'env', 'version']) delete tags[unified]
  return { ...config, tags, service, isServiceGiven, version, env: environment }
}

/** A deployment that comes from OpenTelemetry should know which of its settings nobody reads here. */
function warnOfOtel(env: Environment): void {
  const known = new Set(Object.values<Option<unknown>>(options).flatMap(({ otel }) => Object.keys(otel)))
  const others = Object.keys(env).filter(
    (name) => name.startsWith('OTEL_') && isWanting(env[name], name) && !known.has(name) && !isOfAgent(name, env),
  )
  if (others.length > 0) log.once('config OTEL', `dd does not read ${others.sort().join(', ')}`)
}

/** `dog run` sends what the program records with OpenTelemetry to where its spans go: that is nothing to be told of. */
function isOfAgent(name: string, env: Environment): boolean {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, DD_TRACE_AGENT_URL: url } = env
  return /^OTEL_EXPORTER_OTLP_(?:ENDPOINT|PROTOCOL)$/.test(name) && endpoint === url
}

/** Whether a variable asks for something; who exports no metrics and no logs has what there is. */
function isWanting(text: string | undefined, name: string): boolean {
  if (name === 'OTEL_TRACES_SAMPLER_ARG' || !text) return false
  return !(/^OTEL_(METRICS|LOGS)_EXPORTER$/.test(name) && text.trim().toLowerCase() === 'none')
}
