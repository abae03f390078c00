// Reads the settings: `init()` beats the environment, which beats the default.
//
// A value that does not fit is named in a warning and its default used: a typo in a deployment must neither stop the
// program nor go unnoticed. With config/option.ts and package-json.ts, the only reader of `process.env`.

import { log } from '../base/log'
import type { Option } from './option'
import { options } from './options'
import { nearestPackage } from './package-json'

type Values = { [K in keyof typeof options]: (typeof options)[K] extends Option<infer T> ? T : never }

/** What `init()` takes: any of the settings. */
export type InitOptions = { [K in keyof Values]?: Values[K] }

/** All settings with their values; the service is always known. */
export type Config = Readonly<Omit<Values, 'service'> & { service: string }>

type Environment = Readonly<Record<string, string | undefined>>

function read<T>(name: string, option: Option<T>, given: unknown, env: Environment): T {
  const refused: string[] = []
  const value = find(name, option, given, env, refused) ?? option.default
  for (const what of refused) refuse(what, option, value)
  return value
}

/** The first value that fits; what does not is named in `refused`. */
function find<T>(name: string, option: Option<T>, given: unknown, env: Environment, refused: string[]): T | undefined {
  if (given !== undefined) {
    const value = option.check(given)
    if (value !== undefined) return value
    refused.push(`option ${name}`)
  }
  for (const variable of option.env) {
    const raw = env[variable]
    // An empty variable is how shells and compose files say "not set", but an empty pattern means "redact nothing".
    if (raw === undefined || (raw === '' && option.type !== 'regular expression')) continue
    const value = option.parse(raw)
    if (value !== undefined) return value
    refused.push(variable)
  }
  return undefined
}

function refuse<T>(what: string, { type }: Option<T>, used: T): void {
  const instead = used === undefined ? 'the default' : used instanceof RegExp ? String(used) : JSON.stringify(used)
  log.once(`config ${what}`, `${what} has a value that is not a ${type}; ${instead} is used instead`)
}

/** Reads every setting once. Unknown names in `given` are warned about and ignored. Never throws. */
export function readConfig(given?: InitOptions | null, env: Environment = process.env): Config {
  const settings = given ?? {}
  for (const name of Object.keys(settings)) {
    if (!Object.hasOwn(options, name)) log.once(`config ${name}`, `init() knows no option ${name}; it is ignored`)
  }
  const values: Record<string, unknown> = {}
  for (const [name, option] of Object.entries<Option<unknown>>(options)) {
    values[name] = read(name, option, settings[name as keyof InitOptions], env)
  }
  const config = values as Values
  const tags = { ...config.tags }
  const found = config.service === undefined || config.version === undefined ? nearestPackage() : undefined
  const service = config.service ?? (tags['service'] || found?.name || 'node')
  // A version taken from package.json describes the program only while the service does too.
  const version = config.version ?? (tags['version'] || (service === found?.name ? found?.version : undefined))
  const environment = config.env ?? (tags['env'] || undefined)
  for (const unified of ['service', 'env', 'version']) delete tags[unified]
  return { ...config, tags, service, version, env: environment }
}

/** `DD_TRACE_<NAME>_ENABLED`: undefined when not set or not understood. */
export function pluginEnabledByEnv(plugin: string, env: Environment = process.env): boolean | undefined {
  const variable = `DD_TRACE_${plugin
    .replace(/^@/, '')
    .replace(/[^a-z0-9]/gi, '_')
    .toUpperCase()}_ENABLED`
  const raw = env[variable]
  if (raw === undefined || raw === '') return undefined
  const value = options.enabled.parse(raw)
  if (value === undefined) refuse(variable, options.enabled, undefined)
  return value
}
