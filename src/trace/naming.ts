// How services, operations and peers are named: what `DD_TRACE_SPAN_ATTRIBUTE_SCHEMA` and its kin say. The names themselves are made
// in `plugin/service-name` and `plugin/peer-name`.

export interface Naming {
  /** `v0`: the names that have grown; `v1`: those that Datadog's tracers agreed on, and one service for all spans of a program. */
  readonly schema: 'v0' | 'v1'
  /** With `v0` too, the spans of clients belong to the program's service. */
  readonly removesIntegrationNames: boolean
  /** From the name of a service, or of a plugin, to the one that is used instead. */
  readonly services: Readonly<Record<string, string>> | undefined
  /** Where `peer.service` is worked out: from a peer's name to the one that is used instead. */
  readonly peers: Readonly<Record<string, string>> | undefined
}

export const DEFAULT_NAMING: Naming = {
  schema: 'v0',
  removesIntegrationNames: false,
  services: undefined,
  peers: undefined,
}

/** The service that is used for `service`. */
export function renamed(service: string, { services }: Naming): string {
  return services !== undefined && Object.hasOwn(services, service) ? (services[service] as string) : service
}
