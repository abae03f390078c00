// What the environment says of Datadog's API: its address, the keys, and the way to it.

import { OWN_VERSION } from '../base/own-version'
import { API_VARIABLES, type ApiVariable } from './api-variables'
import type { Config } from './config'

type ApiValues = Readonly<Partial<Record<ApiVariable, string | undefined>>>

/** As `src/api-transport/api-settings.ts` wants it, which may not be known here. */
export function apiEnvironmentOf(config: Pick<Config, ApiVariable | 'logLevel'>) {
  return { ...valuesBy((name) => config[name]), logLevel: config.logLevel }
}

/** The same without the table of options, which is larger than a whole client: for programs that have nothing but that. */
export function readApiEnvironment(env: Readonly<Record<string, string | undefined>> = process.env) {
  // An empty variable is how shells and compose files say "not set".
  const values = valuesBy((_name, variables) => env[variables.find((one) => env[one]) ?? ''])
  const level = /^(?:debug|info|warn|error|off)$/.exec(env['DD_TRACE_LOG_LEVEL'] ?? '')?.[0]
  return { ...values, logLevel: level as Config['logLevel'] | undefined }
}

function valuesBy(find: (name: ApiVariable, variables: readonly string[]) => string | undefined) {
  const values = Object.entries(API_VARIABLES).map(([name, variables]) => [name, find(name as ApiVariable, variables)])
  return { ...(Object.fromEntries(values) as ApiValues), clientVersion: OWN_VERSION }
}
