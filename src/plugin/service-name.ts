// Names the service of a span: one function, so that all plugins follow the same convention.

/**
 * The plugin's own option wins; a client of a system gets `<service>-<system>` (Datadog's default schema, "v0"); everything
 * else belongs to the tracer's service.
 */
export function serviceName(tracerService: string, system: string | undefined, option: unknown): string {
  if (typeof option === 'string' && option !== '') return option
  return system === undefined ? tracerService : `${tracerService}-${system}`
}
