// What a call of a collector may say, and what of it is a mistake of the caller.

import type { Tags } from '../tag-set'
import type { MetricKind, MetricValue } from './metric-sink'

export interface CollectOptions {
  readonly tags?: Tags | undefined
}

/** Series have no rate, and no time but that of the flush. */
export function refuseOtherOptions(options: CollectOptions | undefined): void {
  for (const option in options) {
    if (option !== 'tags')
      throw new TypeError(`a collector knows the option tags, not ${option}: give that to the client itself`)
  }
}

/** The type is the caller's mistake, which a compiler sees; what a number may be is data. */
export function refuseOtherTypes(kind: MetricKind, name: unknown, value: unknown): asserts value is MetricValue {
  if (isNumber(value) || (kind === 'set' && typeof value === 'string')) return
  const type = value === null ? 'null' : typeof value
  throw new TypeError(
    `${kind} of ${String(name)}: the value is a number${kind === 'set' ? ' or a text' : ''}, not ${type}`,
  )
}

function isNumber(value: unknown): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint'
}
