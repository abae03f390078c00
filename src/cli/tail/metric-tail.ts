// The metrics of `dog tail`: what came of each series in ten seconds, once these are over.

import { wallMs } from '../../base/clock'
import type { MetricsAnswer, SeriesAnswer } from '../agent-answers'
import type { AgentClient } from '../agent-client'
import { metricLine } from './tail-lines'
import type { TailOutput } from './tail-output'

const WINDOW_MS = 10_000

/** A minute, which is more than lies between two looks. */
const WINDOWS = 6

/** Series that changed last. */
const MOST = 1000

type Window = SeriesAnswer['windows'][number]

export class MetricTail {
  /** The last window that was printed, by series. */
  #printed = new Map<string, number>()
  #isBusy = false

  constructor(
    private readonly client: AgentClient,
    private readonly output: TailOutput,
    private readonly signal: AbortSignal,
    private readonly now: () => number = wallMs,
  ) {}

  /** What is over by now is not news. */
  async begin(): Promise<void> {
    this.#take(await this.#series(), () => {})
  }

  async look(): Promise<void> {
    if (this.#isBusy) return
    this.#isBusy = true
    try {
      this.#take(await this.#series(), (series, window) => this.#print(series, window))
    } catch {
      // The agent went away in between, and what it had with it.
    }
    this.#isBusy = false
  }

  async #series(): Promise<readonly SeriesAnswer[]> {
    const parameters = { limit: MOST, windows: WINDOWS }
    return (await this.client.get<MetricsAnswer>('/api/metrics', parameters, this.signal)).series
  }

  #take(all: readonly SeriesAnswer[], print: (series: SeriesAnswer, window: Window) => void): void {
    const printed = new Map<string, number>()
    for (const series of all) {
      const { source, type, name, host, tags, windows } = series
      const key = [source, type, name, host, ...tags].join('\0')
      let last = this.#printed.get(key) ?? Number.NEGATIVE_INFINITY
      for (const window of windows) {
        if (window.start <= last || window.start * 1000 + WINDOW_MS > this.now()) continue
        last = window.start
        print(series, window)
      }
      printed.set(key, last)
    }
    // Of those that the agent gave up nothing is remembered.
    this.#printed = printed
  }

  #print(series: SeriesAnswer, window: Window): void {
    const { windows: _, total: __, ...which } = series
    this.output.write('metric', { ...which, ...window }, () => metricLine(series, window, this.output.style))
  }
}
