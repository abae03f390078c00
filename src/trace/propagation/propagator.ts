// The extension point for carrying a span's identity over a wire.

import type { SpanContext } from '../span-context'

/** Headers to read: Node's shape, names in lower case. */
export type ReadableHeaders = Readonly<Record<string, string | readonly string[] | undefined>>

/** Headers to write. */
export type WritableHeaders = Record<string, string>

export interface Propagator {
  /** Adds what the next service needs to go on with the trace. */
  inject(context: SpanContext, headers: WritableHeaders): void
  /** Reads what the service before left; undefined when there is nothing usable. Never throws. */
  extract(headers: ReadableHeaders): SpanContext | undefined
}
