// What runs between `start` and `stop` of a DogStatsApi: the buckets, the flushes on a timer, and the last one when the process ends.

import { Pause } from '../../api-transport/pause'
import { monotonicMs } from '../../base/clock'
import type { UnsentRequest } from '../../base/exit-delivery'
import { flushOnExit } from '../../base/flush-on-exit'
import { later } from '../../base/later'
import type { ApiStats } from './api-stats'
import { Buckets } from './buckets'
import type { DogStatsApiSettings } from './dog-stats-options'
import { DueBatches } from './due-batches'
import { FlushCycle } from './flush-cycle'
import type { Sender } from './sender'
import { SeriesSender } from './series-sender'
import { SeriesApiTransport, type SeriesTransport } from './series-transport'

/** How long the end of the process is held up for an answer. */
const LAST_FLUSH_MS = 1000

interface DogStatsRunParts {
  readonly stats: ApiStats
  readonly nowMs: () => number
  readonly transport?: SeriesTransport | undefined
  readonly mute?: (<T>(fn: () => T) => T) | undefined
  readonly random?: (() => number) | undefined
}

export class DogStatsRun {
  readonly settings: DogStatsApiSettings
  readonly buckets: Buckets
  readonly due: DueBatches
  readonly #cycle: FlushCycle
  readonly #sender: Sender
  readonly #parts: DogStatsRunParts
  readonly #mute: <T>(fn: () => T) => T
  readonly #stopWatching: () => void
  #timer: NodeJS.Timeout | undefined
  /** How many lines there had been when the last flush before the end was done. */
  #linesTried = -1

  constructor(settings: DogStatsApiSettings, parts: DogStatsRunParts) {
    const { stats, nowMs, mute = (fn) => fn() } = parts
    this.settings = settings
    this.#parts = parts
    this.#mute = mute
    this.buckets = new Buckets({ ...settings, nowMs }, stats)
    this.#sender = mute(() => senderOf(settings, parts))
    this.due = new DueBatches(this.buckets, settings, stats)
    this.#cycle = new FlushCycle({ due: this.due, sender: this.#sender, mute, listener: stats })
    this.#stopWatching = flushOnExit({
      flush: () => this.#flushLast(),
      flushNow: (maxWaitMs) => this.#flushNow(maxWaitMs),
    })
    this.#arm()
  }

  /** @param seconds sends the intervals before the one of this time */
  flush(seconds: number): Promise<boolean> {
    return held(this.#cycle.flush(this.buckets.floor(seconds)))
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    await this.flush(Number.POSITIVE_INFINITY)
    this.#stopWatching()
    this.#sender.close()
    const { stats } = this.#parts
    stats.lost(stats.waiting)
  }

  /** Muted, so that the timer does not keep what started it in memory. */
  #arm(): void {
    const { flushIn, flushIntervalMs } = this.settings
    if (flushIn === 'manual') return
    this.#timer = this.#mute(() => later('sending metrics', () => this.#tick(), flushIntervalMs))
  }

  #tick(): void {
    this.#arm()
    // A flush that waits for Datadog is followed by the next, which has all that came meanwhile.
    if (!this.#cycle.isFlushing) void this.#cycle.flush(this.buckets.floor(this.#parts.nowMs() / 1000))
  }

  /** The process is about to end: nothing is waited for that may take long. */
  async #flushLast(): Promise<void> {
    const { stats } = this.#parts
    if (!this.#hasNews) return
    this.#sender.setPatience(false)
    const pause = new Pause()
    const isLate = pause.wait(LAST_FLUSH_MS)
    await Promise.race([this.#cycle.flush(Number.POSITIVE_INFINITY), isLate])
    pause.cut()
    this.#linesTried = stats.lines
    this.#sender.setPatience(true)
  }

  /** The process ends: no callback runs any more. */
  #flushNow(maxWaitMs: number): number {
    if (!this.#hasNews) return 0
    const startMs = monotonicMs()
    const unsent: UnsentRequest[] = this.#cycle.takeUnsent(maxWaitMs / 2)
    this.#linesTried = this.#parts.stats.lines
    const waitedMs = monotonicMs() - startMs
    if (unsent.length === 0) return waitedMs
    const { deliver } = require('../../base/exit-delivery') as typeof import('../../base/exit-delivery')
    return waitedMs + deliver(unsent, maxWaitMs - waitedMs, this.settings.threadEnv)
  }

  /** Whether there is more to send than Datadog has just not taken: to try that again would only hold up the end once more. */
  get #hasNews(): boolean {
    const { waiting, lines } = this.#parts.stats
    return waiting > 0 && lines !== this.#linesTried
  }
}

function senderOf(settings: DogStatsApiSettings, { transport, random }: DogStatsRunParts): Sender {
  const { flushIn, threadEnv: env, retries } = settings
  if (transport !== undefined || flushIn !== 'worker') {
    return new SeriesSender({ transport: transport ?? new SeriesApiTransport(settings), retries, random })
  }
  const { ThreadSender } = require('./thread-sender') as typeof import('./thread-sender')
  return new ThreadSender({ ...settings, env })
}

/** Keeps the process until `promise` is settled. */
async function held<T>(promise: Promise<T>): Promise<T> {
  const hold = setInterval(() => {}, 1000)
  try {
    return await promise
  } finally {
    clearInterval(hold)
  }
}
