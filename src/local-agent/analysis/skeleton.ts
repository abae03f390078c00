// A trace without its tags: all that is needed to draw it, and a tenth of the bytes.
//
// Texts that repeat stand once in a list, and spans are columns of positions in these lists. What else a span says is asked
// for span by span.

import { spanTitle } from '../span-title'
import type { StoredTrace } from '../trace-store'
import { summarize, type TraceSummary } from '../trace-summary'
import { type CriticalSection, criticalPath } from './critical-path'
import { selfTimes } from './self-times'
import { type ServiceShare, serviceShares } from './service-shares'
import { milliseconds, type TraceColumns, traceColumns, wholeNanoseconds } from './trace-columns'

export interface Skeleton {
  readonly id: string
  readonly revision: number
  /** Milliseconds since the Unix epoch. */
  readonly start: number
  /** Microseconds, as all times below. */
  readonly duration: number
  readonly summary: TraceSummary
  readonly names: readonly string[]
  readonly services: readonly string[]
  /** Cut at MAX_TEXT characters. */
  readonly resources: readonly string[]
  readonly types: readonly string[]
  /** What to write on spans instead of their resource, where `title` is not −1. */
  readonly titles: readonly string[]
  readonly spans: SkeletonColumns
  readonly critical: readonly CriticalSection[]
  readonly serviceTable: readonly ServiceShare[]
}

/** One item for each span, in reading order. */
interface SkeletonColumns {
  /** Decimal. */
  readonly id: readonly string[]
  /** Position of the parent, −1 at the top. */
  readonly parent: readonly number[]
  readonly depth: readonly number[]
  /** From the start of the trace. */
  readonly start: readonly number[]
  readonly duration: readonly number[]
  /** Not covered by children. */
  readonly self: readonly number[]
  readonly name: readonly number[]
  readonly service: readonly number[]
  readonly resource: readonly number[]
  readonly type: readonly number[]
  readonly title: readonly number[]
  readonly error: readonly number[]
}

/** Nobody reads more on a bar, and statements can have 5000. */
export const MAX_TEXT = 300

/** @param columns of the same trace, if they are at hand */
export function skeleton(trace: StoredTrace, columns: TraceColumns = traceColumns(trace)): Skeleton {
  const { spans, traceStart } = columns
  const self = selfTimes(columns)
  const [names, services, resources, types, titles] = [0, 0, 0, 0, 0].map(() => new TextTable()) as FiveTables
  const title = spans.map((span) => {
    const text = spanTitle(span)
    return text === span.resource ? -1 : titles.add(text)
  })
  const summary = summarize(trace)
  return {
    id: trace.id,
    revision: trace.revision,
    start: milliseconds(traceStart),
    duration: wholeNanoseconds(Number(summary.duration) / 1e3),
    summary,
    spans: {
      id: spans.map(({ spanId }) => spanId),
      parent: Array.from(columns.parent),
      depth: Array.from(columns.depth),
      start: Array.from(columns.start),
      duration: Array.from(columns.duration),
      self: Array.from(self),
      name: spans.map((span) => names.add(span.name)),
      service: spans.map((span) => services.add(span.service)),
      resource: spans.map((span) => resources.add(span.resource)),
      type: spans.map((span) => types.add(span.type)),
      title,
      error: spans.map(({ error }) => error),
    },
    names: names.texts,
    services: services.texts,
    resources: resources.texts,
    types: types.texts,
    titles: titles.texts,
    critical: criticalPath(columns),
    serviceTable: serviceShares(columns, self),
  }
}

type FiveTables = [TextTable, TextTable, TextTable, TextTable, TextTable]

/** Gives each text its position. */
class TextTable {
  readonly #positions = new Map<string, number>()

  add(text: string): number {
    const shown = text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text
    const known = this.#positions.get(shown)
    if (known !== undefined) return known
    this.#positions.set(shown, this.#positions.size)
    return this.#positions.size - 1
  }

  get texts(): string[] {
    return [...this.#positions.keys()]
  }
}
