// What a call may have besides a name and a value.

import { TagSet, type Tags } from '../tag-set'
import type { Cardinality } from './origin'

export interface MetricOptions {
  /** A list, `['route:/']`, an object, `{ route: '/' }`, or, quickest, what `tagSet()` gave. */
  readonly tags?: Tags | undefined
  /** The part of the calls that is recorded, from 0 (none) to 1 (all); the server multiplies. Default: that of the client. */
  readonly rate?: number | undefined
  /** How many tags of its origin the Agent adds. Default: that of the client. */
  readonly cardinality?: Cardinality | undefined
}

export interface PointOptions extends MetricOptions {
  /** When it was so: seconds since the epoch, or a Date. The Agent passes such a point on as it is. Default: now. */
  readonly timestamp?: number | Date | undefined
}

/** Whether it is not what other clients take in the same place: tags, or a rate. */
export function areOptions(value: unknown): boolean {
  return typeof value === 'object' && !Array.isArray(value) && !(value instanceof TagSet)
}
