// Names the service that a span belongs to, and the span: one file, so that all plugins follow the same convention. The names of `v1`
// are those of Datadog's tracers ("service-naming/schemas/v1" of dd-trace-js).

import { DEFAULT_NAMING, type Naming, renamed } from '../trace/naming'
import type { SpanTemplate } from './contract'

/**
 * The plugin's own option wins; a client of a system gets `<service>-<system>` unless the naming has one service for all (`v1`, or
 * integration names removed); everything else belongs to the tracer's service. What comes out may be renamed.
 */
export function serviceName(
  tracerService: string,
  system: string | undefined,
  option: unknown,
  naming: Naming = DEFAULT_NAMING,
): string {
  if (typeof option === 'string' && option !== '') return renamed(option, naming)
  const isOne = system === undefined || naming.schema === 'v1' || naming.removesIntegrationNames
  return isOne ? tracerService : renamed(`${tracerService}-${system}`, naming)
}

/** The name of an operation's spans. */
export function spanName({ name, v1Name }: SpanTemplate, { schema }: Naming): string {
  return schema === 'v1' ? (v1Name ?? name) : name
}
