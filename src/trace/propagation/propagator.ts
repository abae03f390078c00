// The extension point for carrying a span's identity over a wire: one implementation for each style of headers.

import type { SpanContext } from '../span-context'

/** Headers to read: Node's shape, names in lower case. */
export type ReadableHeaders = Readonly<Record<string, string | readonly string[] | undefined>>

/** Headers to write. */
export type WritableHeaders = Record<string, string>

export interface Propagator {
  /** The style's name, as in `DD_TRACE_PROPAGATION_STYLE`. */
  readonly style: string
  /**
   * Adds what the next service needs to go on with the trace. What could not be written is returned, in the words of the tag
   * `_dd.propagation_error`.
   */
  inject(context: SpanContext, headers: WritableHeaders): string | undefined
  /** Reads what the service before left; undefined when there is nothing usable. Never throws. */
  extract(headers: ReadableHeaders): SpanContext | undefined
}
