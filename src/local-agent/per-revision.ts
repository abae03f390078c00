// Remembers what was computed of a trace until the trace changes.
//
// The memory is bounded by the store's: what was computed goes when the trace is put out.

import type { StoredTrace } from './trace-store'

export function perRevision<T>(compute: (trace: StoredTrace) => T): (trace: StoredTrace) => T {
  const kept = new WeakMap<StoredTrace, { readonly revision: number; readonly value: T }>()
  return (trace) => {
    const known = kept.get(trace)
    if (known?.revision === trace.revision) return known.value
    const value = compute(trace)
    kept.set(trace, { revision: trace.revision, value })
    return value
  }
}
