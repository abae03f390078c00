// The traces of `dog tail`: those that are there already, then each that changes, when it has been quiet for a moment.
//
// Live events bring summaries of all traces. What a query asks is told by the agent, which has the spans.

import type { SummaryAnswer, TraceAnswer, TracesAnswer } from '../agent-answers'
import type { AgentClient } from '../agent-client'
import { QuietTraces } from '../quiet-traces'
import { traceTree } from '../trace-tree'
import { fetchedTrace } from './fetched-trace'
import { traceLine } from './tail-lines'
import type { TailOutput } from './tail-output'

/** What the agent keeps at most. */
const ALL = 1000

interface TraceTailOptions {
  readonly query: string
  readonly isTree: boolean
  /** How many of those that are there already. */
  readonly last: number
  readonly signal: AbortSignal
}

export class TraceTail {
  readonly #quiet = new QuietTraces<SummaryAnswer>((trace) => this.#take(trace))
  /** Changed, quiet, and not looked at yet. */
  #due: SummaryAnswer[] = []
  #isBusy = false
  /** Of the last change that is known; live events up to it are no news. */
  #revision = 0

  constructor(
    private readonly client: AgentClient,
    private readonly output: TailOutput,
    private readonly options: TraceTailOptions,
  ) {}

  /** Prints the last ones. */
  async begin(): Promise<void> {
    const { query, last, signal } = this.options
    const answer = await this.client.get<TracesAnswer>('/api/traces', { query, limit: Math.max(last, 1) }, signal)
    const { traces, revision } = answer
    this.#revision = revision ?? Math.max(0, ...traces.map((trace) => trace.revision ?? 0))
    for (const trace of traces.slice(0, last).toReversed()) await this.#print(trace)
  }

  /** Another run of the agent counts from one. */
  restart(): void {
    this.#revision = 0
  }

  changed(summary: SummaryAnswer, revision: number): void {
    if (revision > this.#revision) this.#quiet.changed(summary)
  }

  stop(): void {
    this.#quiet.stop()
  }

  #take(summary: SummaryAnswer): void {
    this.#due.push(summary)
    if (!this.#isBusy) void this.#work()
  }

  /** One question at a time: what becomes due meanwhile is asked for together. */
  async #work(): Promise<void> {
    this.#isBusy = true
    while (this.#due.length > 0 && !this.options.signal.aborted) {
      const due = this.#due
      this.#due = []
      try {
        for (const trace of await this.#matching(due)) await this.#print(trace)
      } catch {
        // The agent went away in between, and what it had with it.
      }
    }
    this.#isBusy = false
  }

  async #matching(due: readonly SummaryAnswer[]): Promise<readonly SummaryAnswer[]> {
    const { query, signal } = this.options
    if (query === '') return due
    const { traces } = await this.client.get<TracesAnswer>('/api/traces', { query, limit: ALL }, signal)
    const matching = new Set(traces.map(({ id }) => id))
    return due.filter(({ id }) => matching.has(id))
  }

  async #print(summary: SummaryAnswer): Promise<void> {
    const { output, client } = this
    if (!this.options.isTree) {
      output.write('trace', summary, () => traceLine(summary, output.style))
      return
    }
    const trace = await client.get<TraceAnswer>(`/api/traces/${summary.id}`, {}, this.options.signal)
    const { paint, columns = 100 } = output.style
    output.write('trace', trace, () => {
      const lines = traceTree(fetchedTrace(trace), { columns, paint, url: `${client.url}/#/trace/${trace.id}` })
      return `${lines.join('\n')}\n`
    })
  }
}
