// What the environment says of metrics: the table's settings, and names of other clients that deployments may have.

import { OWN_VERSION } from '../base/own-version'
import { clientEnvironment } from './client-environment'
import type { Config } from './config'
import { type Environment, whole } from './option'
import { programEnvironment } from './program-environment'

/** As `src/metrics/metrics-environment.ts` wants it, which may not be known here. */
export function metricsEnvironment(config: Config, env: Environment = programEnvironment()) {
  const { agentHost, dogstatsdHost, dogstatsdPort, dogstatsdUrl, dogstatsdDisabled, tags, externalEnv } = config
  return {
    dogstatsdUrl,
    host: dogstatsdHost ?? agentHost,
    port: dogstatsdPort,
    isDisabled: dogstatsdDisabled,
    tags: {
      ...(config.env !== undefined && { env: config.env }),
      ...(config.isServiceGiven && { service: config.service }),
      // A version taken from package.json says nothing without the service.
      ...(config.version !== undefined && (config.isServiceGiven || env['DD_VERSION']) && { version: config.version }),
      ...given(env['DATADOG_TAGS']).keyed,
      ...tags,
      ...(config.entityId !== undefined && { 'dd.internal.entity_id': config.entityId }),
    } as Record<string, string>,
    bareTags: [...new Set([...given(env['DD_TAGS']).bare, ...given(env['DATADOG_TAGS']).bare])],
    clientVersion: OWN_VERSION,
    originDetection: config.originDetection,
    externalEnv,
    cardinality: config.cardinality,
    statsd: {
      host: env['STATSD_HOST'] || undefined,
      port: port.parse(env['STATSD_PORT'] ?? ''),
      prefix: env['STATSD_PREFIX'] || undefined,
      maxUdpSize: size.parse(env['STATSD_MAXUDPSIZE'] ?? ''),
      isIpv6: Boolean(Number(env['STATSD_IPV6'] ?? 0)),
    },
    threadEnv: clientEnvironment(env),
  }
}

const port = whole({ env: 'STATSD_PORT', min: 1, max: 65_535, default: 8125, doc: '' })
const size = whole({ env: 'STATSD_MAXUDPSIZE', min: 1, max: 65_467, default: 512, doc: '' })

/** Metrics can have tags that are words, which spans cannot. */
function given(text = ''): { keyed: Record<string, string>; bare: string[] } {
  const tags = text.split(text.includes(',') ? ',' : /\s+/).map((tag) => tag.trim())
  const pairs = tags.map((tag) => [tag, tag.indexOf(':')] as const).filter(([, colon]) => colon > 0)
  return {
    keyed: Object.fromEntries(pairs.map(([tag, colon]) => [tag.slice(0, colon), tag.slice(colon + 1)])),
    bare: tags.filter((tag) => tag !== '' && !tag.includes(':')),
  }
}
