// Variables of the environment that look like settings but change nothing here: those of products that `dd` does not have, and
// misspelt ones. Only `dog doctor` asks.

import { editDistance } from '../base/edit-distance'
import type { Environment, Option } from './option'
import { options } from './options'
import { enabledVariable, serviceVariables } from './plugin-variables'

/** What Datadog's other tracers and the Agent read; part of a name stands for all that begin with it. */
const OF_OTHERS = [
  'DD_APP_KEY',
  'DD_LOGS_',
  'DD_RUNTIME_METRICS_NATIVE',
  'DD_INSTRUMENTATION_',
  'DD_REMOTE_CONFIG',
  'DD_APPSEC_',
  'DD_IAST_',
  'DD_PROFILING_',
  'DD_DYNAMIC_INSTRUMENTATION_',
  'DD_DATA_STREAMS_',
  'DD_CIVISIBILITY_',
  'DD_LLMOBS_',
  'DD_INJECT',
  'DD_TRACE_OTEL_ENABLED',
  'DD_TRACE_SPAN_LEAK_DEBUG',
  // Names of ddtrace, Datadog's tracer for Python, for what has another name here.
  'DD_PATCH_MODULES',
  'DD_TRACE_API_VERSION',
  'DD_TRACE_PARTIAL_FLUSH_ENABLED',
  'DD_TRACE_WRITER_INTERVAL_SECONDS',
]

/** Whether a variable is known to be another's: it changes nothing here, and is no mistake. */
export function isOfOthers(name: string): boolean {
  return OF_OTHERS.some((other) => name.startsWith(other))
}

export interface OtherVariable {
  readonly name: string
  /** The setting that was probably meant. */
  readonly meant: string | undefined
}

/** The variables that are set and that nothing here reads. */
export function otherVariables(env: Environment, plugins: readonly string[]): OtherVariable[] {
  const ofPlugins = plugins.flatMap((plugin) => [enabledVariable(plugin), ...serviceVariables(plugin)])
  const known = [...Object.values<Option<unknown>>(options).flatMap((option) => option.env), ...ofPlugins]
  return Object.keys(env)
    .filter((name) => /^DD_[A-Z]/.test(name) && env[name] && !known.includes(name))
    .sort()
    .map((name) => {
      return { name, meant: isOfOthers(name) ? undefined : known.find((one) => isMisspelt(name, one)) }
    })
}

/** Whether one is the other with up to two letters added, left out or changed, or two neighbours swapped. */
function isMisspelt(name: string, meant: string): boolean {
  return Math.abs(name.length - meant.length) <= 2 && editDistance(name, meant) <= 2
}
