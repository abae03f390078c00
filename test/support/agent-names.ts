// What Datadog's Agent makes of names, by its source (datadog-agent, pkg/trace/traceutil/normalize), for comparing what was sent with
// what it sends on. test/process/real-agent.test.ts holds this against the Agent itself.

import { agentService, serviceName, tagValue } from '../../src/export/normalize'
import { cutBytes } from '../../src/export/wire-limits'

const MAX_NAME_BYTES = 100

export function agentServiceName(service: string): string {
  return agentService(serviceName(service))
}

/** ASCII letters, digits, `_` and `.`, beginning with a letter, at most 100 bytes. */
export function agentSpanName(name: string): string {
  const text = cutBytes(name, MAX_NAME_BYTES)
  const begin = text.search(/[a-z]/i)
  if (begin < 0) return 'unnamed_operation'
  const rest = text.slice(begin)
  const isGood = /^[a-z0-9._]*$/i.test(rest) && !/_[._]/.test(rest)
  const clean = isGood ? rest : rest.replace(/[^a-z0-9.]+/gi, '_').replace(/_?\._?/g, '.')
  return clean.endsWith('_') ? clean.slice(0, -1) : clean
}

/** Tags that it rewrites. */
export function agentTag(key: string, value: string): string {
  if (key === 'env') return tagValue(value)
  return key === 'peer.service' || key === '_dd.base_service' ? agentService(value, '') : value
}
