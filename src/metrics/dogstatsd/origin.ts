// Tells the Agent which container a metric is from, so that it can add the container's tags: `|c:<container>|e:<external data>`.
//
// Source: datagram format 1.2 to 1.5 of DogStatsD (`c:ci-<id>` or `c:in-<inode of the cgroup>`; `e:` is what Datadog's admission
// controller has put into DD_EXTERNAL_ENV).

import { type Container, findContainer } from '../../base/container'
import { cleanField } from '../clean-text'

/** Found once for all clients. */
let found: Container | undefined

interface OriginOptions {
  /** Wins over what is found, and is written as it is. */
  readonly containerId?: string | undefined
  readonly externalEnv?: string | undefined
  /** Whether to look for the container. */
  readonly isDetecting: boolean
}

/** The fields of a line; empty where nothing is known. */
export function originFields({ containerId, externalEnv, isDetecting }: OriginOptions, find = findOnce): string {
  const container = containerId === undefined ? (isDetecting ? named(find()) : '') : cleanField(containerId)
  // The rule for external data: what cannot be printed goes, as does what ends the field.
  const external = (externalEnv ?? '').replace(/[\p{Cc}\p{Cf}\u2028\u2029|]/gu, '')
  return (container === '' ? '' : `|c:${container}`) + (external === '' ? '' : `|e:${external}`)
}

function findOnce(): Container {
  found ??= findContainer()
  return found
}

function named({ id, inode }: Container): string {
  if (id !== undefined) return `ci-${id}`
  return inode === undefined ? '' : `in-${inode}`
}

export type Cardinality = 'none' | 'low' | 'orchestrator' | 'high'

const CARDINALITIES: readonly string[] = ['none', 'low', 'orchestrator', 'high'] satisfies Cardinality[]

/** In lower case; undefined for what the Agent does not know. */
export function knownCardinality(value: unknown): Cardinality | undefined {
  if (typeof value !== 'string') return undefined
  const lower = value.toLowerCase()
  return CARDINALITIES.includes(lower) ? (lower as Cardinality) : undefined
}
