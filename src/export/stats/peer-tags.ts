// The tags that name the other side of a call, as one of the things by which spans are counted.
// Source: datadog-agent, pkg/trace/stats/span_concentrator.go, peerTagKeysToAggregateForSpan.

import { BASE_SERVICE } from '../../base/tags'
import { withoutAddresses } from './peer-address'

/** Kinds of spans that have a peer. */
const CALLS = new Set(['client', 'producer', 'consumer'])

/**
 * Of a call all that there are; of a part of this process that goes by another service's name, that.
 * @param found keys and values in turn
 * @param base the process's service, where the span has another one
 * @returns `key:value`, sorted
 */
export function peerTags(found: readonly string[], spanKind: string, base: string | undefined): readonly string[] {
  const kind = spanKind.toLowerCase()
  const isCall = CALLS.has(kind)
  if (!isCall && kind !== '' && kind !== 'internal') return []
  const tags = new Map<string, string>()
  if (base !== undefined) tags.set(BASE_SERVICE, base)
  for (let i = 0; i < found.length; i += 2) {
    if (isCall || found[i] === BASE_SERVICE) tags.set(found[i]!, found[i + 1]!)
  }
  const peers: string[] = []
  for (const [key, value] of tags) if (value !== '') peers.push(`${key}:${withoutAddresses(value)}`)
  return peers.sort()
}
