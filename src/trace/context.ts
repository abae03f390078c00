// What the async scope carries from call to call: the active span, and whether `dd` must keep quiet.
//
// Immutable, so that a callback that runs later sees what was true when it was created.

import type { Span } from './span'

export class Context {
  constructor(
    readonly span: Span | undefined,
    /** True inside `dd`'s own traffic: plugins then call straight through. */
    readonly muted = false,
  ) {}
}

/** No span is active. */
export const ROOT_CONTEXT = new Context(undefined)

/** `dd`'s own work: nothing it does is traced. */
export const MUTED_CONTEXT = new Context(undefined, true)
