// How long the garbage collector stopped the program, in all and by its kinds of work.

import {
  constants,
  createHistogram,
  type PerformanceEntry,
  PerformanceObserver,
  type RecordableHistogram,
} from 'node:perf_hooks'
import { type RuntimeSink, tellTimes } from './runtime-sink'

/** The names of Datadog's tracers for V8's kinds (`GCType` in v8-callbacks.h). */
const KINDS: Readonly<Record<number, string>> = {
  [constants.NODE_PERFORMANCE_GC_MINOR]: 'scavenge',
  // Without a constant: V8's young collector that marks.
  2: 'minor_mark_sweep',
  [constants.NODE_PERFORMANCE_GC_MAJOR]: 'mark_sweep_compact',
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL]: 'incremental_marking',
  [constants.NODE_PERFORMANCE_GC_WEAKCB]: 'process_weak_callbacks',
}

export class GcMetrics {
  readonly #all = createHistogram()
  readonly #byKind = new Map<string, RecordableHistogram>()
  readonly #observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) this.#record(entry)
  })

  constructor() {
    this.#observer.observe({ entryTypes: ['gc'] })
  }

  tell(sink: RuntimeSink): void {
    tellTimes(sink, 'runtime.node.gc.pause', this.#all)
    this.#all.reset()
    for (const [kind, pauses] of this.#byKind) {
      tellTimes(sink, 'runtime.node.gc.pause.by.type', pauses, 0, { gc_type: kind })
      pauses.reset()
    }
  }

  stop(): void {
    this.#observer.disconnect()
  }

  #record(entry: PerformanceEntry): void {
    const { duration, detail } = entry as PerformanceEntry & { readonly detail?: { readonly kind?: number } }
    // A histogram holds whole numbers above 0.
    const nanoseconds = Math.max(1, Math.round(duration * 1e6))
    const kind = KINDS[detail?.kind ?? 0] ?? 'other'
    const pauses = this.#byKind.get(kind) ?? createHistogram()
    this.#byKind.set(kind, pauses)
    pauses.record(nanoseconds)
    this.#all.record(nanoseconds)
  }
}
