// What the span of a cache's operation says: which one, of which key, and whether there was something.
//
// A cache in the process is no service, so its spans are internal; what its store asks of a server is below them.

import type { Operation } from '../src/plugin'

/** Keys are built of what programs have at hand. */
export const MAX_KEY_LENGTH = 200

export const CACHE_RESULT = 'cache.result'
export const HIT = 'hit'
export const MISS = 'miss'

type IsHit = (found: unknown) => boolean

/** What a lookup finds, or the answer to whether there is something. */
export const isHit: IsHit = (found) => found !== undefined && found !== false

/** `hits`: for an operation that gives what it finds, or a list of that. */
export function cacheOperation(library: string, method: string, hits?: IsHit): Operation<object, unknown[]> {
  return {
    name: `${library}.${method}`,
    type: 'cache',
    kind: 'internal',
    start: (_, [key]) => ({
      resource: method,
      tags: {
        'cache.key': typeof key === 'string' ? key.slice(0, MAX_KEY_LENGTH) : undefined,
        'cache.keys': Array.isArray(key) ? key.length : undefined,
      },
    }),
    finish(span, value, [key]) {
      if (hits === undefined || span.error !== 0) return
      if (Array.isArray(key) && Array.isArray(value)) span.put('cache.hits', value.filter(hits).length)
      else span.put(CACHE_RESULT, hits(value) ? HIT : MISS)
    },
  }
}
