// The log lines of `dog tail`. A live event only says that there are new ones: the agent knows which of them the query wants.

import type { LogAnswer, LogsAnswer } from '../agent-answers'
import type { AgentClient } from '../agent-client'
import { logLine } from './tail-lines'
import type { TailOutput } from './tail-output'

/** At a time. A program that writes more between two looks is read by nobody. */
const MOST = 1000

export class LogTail {
  /** Of the newest that was printed. */
  #newest: LogAnswer['id'] | undefined
  #isBusy = false
  #isDue = false

  constructor(
    private readonly client: AgentClient,
    private readonly output: TailOutput,
    private readonly options: { readonly query: string; readonly last: number; readonly signal: AbortSignal },
  ) {}

  /** Prints the last ones. */
  async begin(): Promise<void> {
    const { last } = this.options
    const logs = await this.#newestLogs(Math.max(last, 1))
    this.#print(logs.slice(0, last))
    this.#newest = logs[0]?.id
  }

  /** Another run of the agent counts anew. */
  restart(): void {
    this.#newest = undefined
  }

  async look(): Promise<void> {
    this.#isDue = true
    if (this.#isBusy) return
    this.#isBusy = true
    while (this.#isDue && !this.options.signal.aborted) {
      this.#isDue = false
      try {
        const logs = await this.#newestLogs(MOST)
        const known = logs.findIndex(({ id }) => id === this.#newest)
        this.#newest = logs[0]?.id ?? this.#newest
        this.#print(known < 0 ? logs : logs.slice(0, known))
      } catch {
        // The agent went away in between, and what it had with it.
      }
    }
    this.#isBusy = false
  }

  async #newestLogs(limit: number): Promise<readonly LogAnswer[]> {
    const { query, signal } = this.options
    return (await this.client.get<LogsAnswer>('/api/logs', { query, limit }, signal)).logs
  }

  #print(logs: readonly LogAnswer[]): void {
    for (const log of logs.toReversed()) this.output.write('log', log, () => logLine(log, this.output.style))
  }
}
