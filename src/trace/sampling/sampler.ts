// The extension point for deciding which traces are kept.

import type { Span } from '../span'

/** What `tracer.sampler` takes. */
export interface Sampler {
  /** True keeps the trace whose first span in this process is `root`. Asked once per trace, as late as possible. */
  sample(root: Span): boolean
  /** The rate it keeps, 0 to 1, if it has one: recorded on the trace. */
  readonly rate?: number
}
