// Whether a span of a rejected trace is to be sent all the same, because a single-span rule chose it (span-sampler.ts).
//
// Asked for every span of a rejected trace when such traces are not sent. The marks are the last things a span gets, so the
// search begins at the end and meets them at once.

import { SPAN_SAMPLING_MECHANISM } from '../../base/tags'
import type { FinishedSpan } from '../chunk'

/** True for a span that goes out although its trace is rejected; its chunk then has the priority 2. */
export function isSpanKept({ tags }: Pick<FinishedSpan, 'tags'>): boolean {
  for (let i = tags.length - 2; i >= 0; i -= 2) if (tags[i] === SPAN_SAMPLING_MECHANISM) return true
  return false
}
