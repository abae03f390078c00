// Earlier runs, as the addresses of the agent show them: `?run=` behind one of them asks for what was kept instead of what is here now.

import type { BodyReader } from '../body-reader'
import type { ShownSeries } from '../dogstatsd/series'
import type { NewLog } from '../logs/log'
import { LogStore } from '../logs/log-store'
import { spanFromMap } from '../read-span'
import type { ReceivedSpan } from '../received-span'
import { Refusal } from '../refusal'
import { TraceRoutes } from '../trace-routes'
import { type StoreLimits, TraceStore } from '../trace-store'
import { isMap } from '../wire-value'
import type { RunContents, SeriesRecord } from './run-record'
import type { RunStore } from './run-store'

export interface RunView {
  readonly traces: TraceRoutes
  readonly logs: LogStore
  readonly series: readonly ShownSeries[]
}

/** Spans between which requests are answered. */
const SPANS_AT_ONCE = 1000

export class RunViews {
  /** The one that was asked for last: to page through a run reads it once. */
  #last: { readonly run: number; readonly view: Promise<RunView> } | undefined

  constructor(
    private readonly runs: RunStore,
    private readonly bodies: BodyReader,
    private readonly limits: StoreLimits,
  ) {}

  /** Undefined for the run that is under way; rejects with a `Refusal` where there is no such run. */
  async of(asked: string): Promise<RunView | undefined> {
    const run = /^\d{1,9}$/.test(asked) ? Number(asked) : 0
    if (run === 0) throw new Refusal(400, 'run is the number of a run, as /api/runs has it')
    if (run === this.runs.run) return undefined
    if (this.#last?.run !== run) this.#last = { run, view: this.#load(run) }
    try {
      return await this.#last.view
    } catch (error) {
      this.#last = undefined
      throw error
    }
  }

  async #load(run: number): Promise<RunView> {
    const contents = await this.runs.read(run)
    if (contents === undefined) throw new Refusal(404, `run ${run} is not here, or not any more`)
    const store = await tracesOf(contents, this.limits)
    const logs = new LogStore()
    for (const log of contents.logs) logs.put(parsed(log) as unknown as NewLog)
    return {
      traces: new TraceRoutes({ store, bodies: this.bodies, logs }),
      logs,
      series: contents.series.map(seriesOf),
    }
  }
}

async function tracesOf({ spans }: RunContents, limits: StoreLimits): Promise<TraceStore> {
  const store = new TraceStore(limits)
  for (let at = 0; at < spans.length; at += SPANS_AT_ONCE) {
    const byTrace = new Map<string, ReceivedSpan[]>()
    for (const { trace, body } of spans.slice(at, at + SPANS_AT_ONCE)) {
      const span = spanOf(parsed(body))
      if (span === undefined) continue
      const chunk = byTrace.get(trace)
      if (chunk) chunk.push(span)
      else byTrace.set(trace, [span])
    }
    store.add([...byTrace.values()])
    await new Promise((resolve) => setImmediate(resolve))
  }
  return store
}

/** By way of the reader of the wire, so that a file that somebody changed can do no more than a client. */
function spanOf(raw: Record<string, unknown>): ReceivedSpan | undefined {
  const { traceId, spanId, parentId, ...rest } = raw
  return spanFromMap({ ...rest, trace_id: traceId, span_id: spanId, parent_id: parentId })
}

function seriesOf({ body, windows }: SeriesRecord): ShownSeries {
  const shown = windows.map((window) => ({ start: window.start, ...parsed(window.body) }))
  return { ...parsed(body), windows: shown } as unknown as ShownSeries
}

function parsed(body: string): Record<string, unknown> {
  const value: unknown = JSON.parse(body)
  return isMap(value) ? value : {}
}
