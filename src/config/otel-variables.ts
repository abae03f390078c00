// Reads what OpenTelemetry's variables say, in the terms of this table: programs that come from there keep their deployment.
//
// Source: OpenTelemetry specification, "Environment Variable Specification" and "General SDK Configuration".

import type { Environment } from './option'

/** The attributes of a resource that have a name of their own here. */
const UNIFIED = new Map([
  ['service.name', 'service'],
  ['service.version', 'version'],
  ['deployment.environment', 'env'],
  ['deployment.environment.name', 'env'],
])

/** `OTEL_RESOURCE_ATTRIBUTES`: `key=value` pairs separated by commas, values percent-encoded. */
export function resourceTags(text: string): Record<string, string> | undefined {
  const tags: Record<string, string> = {}
  for (const pair of text.split(',')) {
    if (pair.trim() === '') continue
    const at = pair.indexOf('=')
    if (at < 1) return undefined
    const key = pair.slice(0, at).trim()
    tags[UNIFIED.get(key) ?? key] = decoded(pair.slice(at + 1).trim())
  }
  return tags
}

/** `OTEL_TRACES_SAMPLER` as the share of traces to keep; its argument is in a variable of its own, 1 where there is none. */
export function samplerRate(text: string, env: Environment): number | undefined {
  const name = text
    .trim()
    .toLowerCase()
    .replace(/^parentbased_/, '')
  if (name === 'always_on') return 1
  if (name === 'always_off') return 0
  if (name !== 'traceidratio') return undefined
  const rate = Number(env['OTEL_TRACES_SAMPLER_ARG'] || 1)
  return rate >= 0 && rate <= 1 ? rate : undefined
}

/** `OTEL_TRACES_EXPORTER`: no exporter, no tracing; everything else goes to the Agent all the same. */
export function exportsTraces(text: string): boolean | undefined {
  const name = text.trim().toLowerCase()
  return name === 'none' ? false : name === 'otlp' ? true : undefined
}

/** `OTEL_SDK_DISABLED`. */
export function isNotDisabled(text: string): boolean | undefined {
  const word = text.trim().toLowerCase()
  return word === 'true' ? false : word === 'false' ? true : undefined
}

const LEVELS = new Map([
  ['none', 'off'],
  ['error', 'error'],
  ['warn', 'warn'],
  ['info', 'info'],
  ['debug', 'debug'],
  ['verbose', 'debug'],
  ['all', 'debug'],
] as const)

/** `OTEL_LOG_LEVEL`, in the words of the option. */
export function logLevel(text: string): 'debug' | 'info' | 'warn' | 'error' | 'off' | undefined {
  return LEVELS.get(text.trim().toLowerCase() as 'none')
}

/** `OTEL_PROPAGATORS`: the names are the same. */
export function propagators(text: string): string[] {
  return text
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter(Boolean)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
