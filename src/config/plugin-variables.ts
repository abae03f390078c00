// The variables of single plugins, which are named after them and stand in no table: `DD_TRACE_<NAME>_ENABLED`, `DD_<NAME>_SERVICE`.

import { refuse } from './config'
import type { Environment } from './option'
import { options } from './options'
import { programEnvironment } from './program-environment'

/** What the environment says that may be about a plugin: read once for all of them, for it is the system that is asked each time. */
export function pluginVariables(env: Environment = programEnvironment()): Environment {
  return Object.fromEntries(Object.entries(env).filter(([name]) => /^DD_.+_(?:ENABLED|SERVICE)$/.test(name)))
}

/** The variable that turns a plugin on or off. */
export function enabledVariable(plugin: string): string {
  return `DD_TRACE_${variableName(plugin)}_ENABLED`
}

/** How variables call a plugin. */
function variableName(plugin: string): string {
  return plugin
    .replace(/^@/, '')
    .replace(/[^a-z0-9]/gi, '_')
    .toUpperCase()
}

/** `DD_TRACE_<NAME>_ENABLED`: undefined when not set or not understood. */
export function pluginEnabledByEnv(plugin: string, env: Environment): boolean | undefined {
  const variable = enabledVariable(plugin)
  const raw = env[variable]
  if (raw === undefined || raw === '') return undefined
  const value = options.enabled.parse(raw)
  if (value === undefined) refuse(variable, options.enabled, 'the default')
  return value
}

/** `DD_<NAME>_SERVICE` or `DD_TRACE_<NAME>_SERVICE`: the service of a plugin's spans; undefined when not set. */
export function pluginServiceByEnv(plugin: string, env: Environment): string | undefined {
  for (const variable of serviceVariables(plugin)) if (env[variable]) return env[variable]
  return undefined
}

/** The variables that name the service of a plugin's spans, the stronger one first. */
export function serviceVariables(plugin: string): string[] {
  const name = variableName(plugin)
  return [`DD_${name}_SERVICE`, `DD_TRACE_${name}_SERVICE`]
}
