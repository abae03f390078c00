// One metric with its tags: what has come of it in all, and in each of the last windows of ten seconds, as the Agent makes them.

import { type Gathered, Last, Points, type Sample, type Shown, Sum, Summary, Unique } from './gathered'

export type SeriesType = 'count' | 'gauge' | 'rate' | 'set' | 'histogram' | 'distribution' | 'timing'

/** Where it came from: what clients send to an Agent, by DogStatsD or OTLP, is added up; the API's points stand for themselves. */
type SeriesSource = 'dogstatsd' | 'api' | 'otlp'

export interface SeriesName {
  readonly source: SeriesSource
  readonly type: SeriesType
  readonly name: string
  /** Empty for this machine. */
  readonly host: string
  /** Sorted, each once. */
  readonly tags: readonly string[]
}

/** A series as it is shown. */
export interface ShownSeries extends SeriesName {
  /** Lines of DogStatsD, or points of the API or of OTLP. */
  readonly lines: number
  /** A line may hold several. */
  readonly values: number
  readonly total: Shown
  /** The earliest first; `start` in seconds since the Unix epoch. Those in which nothing came are left out. */
  readonly windows: readonly (Shown & { readonly start: number })[]
}

/** The Agent's. */
export const WINDOW_S = 10

/** Ten minutes. */
export const MAX_WINDOWS = 60

/** What a window takes in memory before it holds anything. */
const WINDOW_BYTES = 240

interface Window {
  /** Seconds since the Unix epoch. */
  readonly start: number
  readonly gathered: Gathered
  /** Of what it holds. */
  bytes: number
}

export class Series {
  lines = 0
  values = 0
  readonly #total: Gathered
  /** The earliest first. */
  readonly #windows: Window[] = []

  constructor(readonly of: SeriesName) {
    this.#total = gather(of, false)
  }

  /**
   * Adds one value.
   * @param isKept whether in a window too: what is too old or too new for one counts in all only
   * @returns how many bytes of memory it took, which may be less than none
   */
  add(sample: Sample, isKept: boolean): number {
    this.values++
    if (!isKept) return this.#total.add(sample)
    const before = this.#windows.length * WINDOW_BYTES
    const window = this.#windowAt(sample.second)
    if (window === undefined) return this.#total.add(sample)
    const replaced =
      window.gathered instanceof Points && this.of.type === 'count' ? window.gathered.at(sample.second) : 0
    const taken = window.gathered.add(sample)
    window.bytes += taken
    const total = this.#total.add(replaced === 0 ? sample : { ...sample, value: sample.value - replaced })
    const gone = this.#windows.length > MAX_WINDOWS ? this.#windows.shift() : undefined
    return total + taken + this.#windows.length * WINDOW_BYTES - before - (gone?.bytes ?? 0)
  }

  /** @param windows how many of the last ones to show */
  shown(windows: number): ShownSeries {
    const last = windows > 0 ? this.#windows.slice(-windows) : []
    return {
      ...this.of,
      lines: this.lines,
      values: this.values,
      total: this.#total.shown(),
      windows: last.map(({ start, gathered }) => ({ start, ...gathered.shown() })),
    }
  }

  /** The window of a time, a new one where there is none yet; undefined where it would be older than all that are kept. */
  #windowAt(second: number): Window | undefined {
    const start = Math.floor(second / WINDOW_S) * WINDOW_S
    // Nearly always the last one.
    let at = this.#windows.length - 1
    while (at >= 0 && this.#windows[at]!.start > start) at--
    const found = this.#windows[at]
    if (found?.start === start) return found
    if (at < 0 && this.#windows.length === MAX_WINDOWS) return undefined
    const window = { start, gathered: gather(this.of, true), bytes: 0 }
    this.#windows.splice(at + 1, 0, window)
    return window
  }
}

function gather({ type, source }: SeriesName, isWindow: boolean): Gathered {
  switch (type) {
    case 'set':
      return new Unique()
    case 'histogram':
    case 'distribution':
    case 'timing':
      return new Summary()
    case 'count':
      return source === 'api' && isWindow ? new Points(type) : new Sum()
    default:
      return source === 'api' && isWindow ? new Points(type) : new Last()
  }
}
