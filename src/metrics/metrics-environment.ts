// What the environment says of metrics, for what a program leaves out. A layer does not read it: `dd/metrics` and the composition root put
// the reader here.

import { SettingsSource } from '../base/settings-source'

export interface MetricsEnvironment {
  /** `DD_DOGSTATSD_URL`: `udp://host:port`, `unix:///path`, `unixstream:///path`, `tcp://host:port`, `\\.\pipe\name`. */
  readonly dogstatsdUrl?: string | undefined
  /** `DD_AGENT_HOST`, and `DD_DOGSTATSD_HOST` before it. */
  readonly host?: string | undefined
  /** `DD_DOGSTATSD_PORT`. */
  readonly port?: number | undefined
  /** `DD_DOGSTATSD_DISABLE`. */
  readonly isDisabled?: boolean | undefined
  /** `DD_TAGS`, with `env`, `service` and `version` where they are known, and `dd.internal.entity_id` of `DD_ENTITY_ID`. */
  readonly tags?: Readonly<Record<string, string>> | undefined
  /** Words among `DD_TAGS`. */
  readonly bareTags?: readonly string[] | undefined
  /** Of this package, for the telemetry of clients. */
  readonly clientVersion?: string | undefined
  /** `DD_ORIGIN_DETECTION_ENABLED`. */
  readonly originDetection?: boolean | undefined
  /** `DD_EXTERNAL_ENV`. */
  readonly externalEnv?: string | undefined
  /** `DD_CARDINALITY`. */
  readonly cardinality?: string | undefined
  /** `STATSD_HOST`, `STATSD_PORT`, `STATSD_PREFIX`, `STATSD_MAXUDPSIZE`, `STATSD_IPV6`. */
  readonly statsd?:
    | {
        readonly host?: string | undefined
        readonly port?: number | undefined
        readonly prefix?: string | undefined
        readonly maxUdpSize?: number | undefined
        readonly isIpv6?: boolean | undefined
      }
    | undefined
  /** What a thread that sends is to have of the environment; it gets nothing else. */
  readonly threadEnv?: Readonly<Record<string, string>> | undefined
}

const source = new SettingsSource<MetricsEnvironment>()

/** As `SettingsSource.use`. They are read when a client is made. */
export function useEnvironment(reader: () => MetricsEnvironment, isLastResort = false): void {
  source.use(reader, isLastResort)
}

export function environment(): MetricsEnvironment {
  return source.read()
}
