// What a DogStatsD client and its children share: one way to the server, one buffer, one aggregation, one set of counters.

import { randomFraction } from '../../base/id'
import { ClientStats } from '../client-stats'
import type { ErrorReporter } from '../error-reporter'
import { environment } from '../metrics-environment'
import type { Transport } from '../transport/transport'
import type { Dialect } from './dialect'
import { type DogStatsdOptions, settingsOf } from './dogstatsd-options'
import { openWay } from './dogstatsd-way'
import { LineAggregation, type LineFrame } from './line-aggregation'
import { LineSender } from './line-sender'
import { seriesLines } from './series-lines'
import { CallCounts, Telemetry } from './telemetry'

/** Tags, origin and cardinality as they end a line; given one more tag, with it. */
type EndOfLine = (tags: readonly string[]) => string

export class DogStatsdCore {
  readonly dialect: Dialect
  readonly random: () => number
  readonly rate: number
  readonly stats: ClientStats
  readonly calls = new CallCounts()
  readonly sender: LineSender
  readonly aggregation: LineAggregation | undefined

  /**
   * @param endOfLine of the telemetry
   * @throws TypeError for options of a wrong kind
   */
  constructor(options: DogStatsdOptions, errors: ErrorReporter, endOfLine: EndOfLine) {
    const settings = settingsOf(options)
    const { dialect, aggregation, flushIntervalMs } = settings
    this.dialect = dialect
    this.rate = settings.rate
    this.random = options.random ?? randomFraction
    this.stats = new ClientStats(errors)
    if (settings.isAggregating) {
      const { maxContexts, extended: isExtended, maxSamplesPerContext } = aggregation
      const take = (...args: Parameters<DogStatsdCore['takeSeries']>) => this.takeSeries(...args)
      const { random, stats } = this
      const onOverflow = () => {
        stats.contextsOverflowed++
      }
      this.aggregation = new LineAggregation({
        maxContexts,
        isExtended,
        maxSamplesPerContext,
        random,
        take,
        onOverflow,
      })
    }
    const { transport, usualPacketBytes } = openWay(options, dialect)
    const { maxPacketBytes = usualPacketBytes, telemetryIntervalMs } = settings
    this.sender = new LineSender({
      transport,
      flushIntervalMs,
      maxPacketBytes,
      held: this.aggregation,
      heldIntervalMs: aggregation.flushIntervalMs,
      stats: this.stats,
      errors,
      telemetry:
        telemetryIntervalMs === undefined ? undefined : this.#telemetry(transport, telemetryIntervalMs, endOfLine),
    })
  }

  /** Sends what calls have become that were held together. */
  takeSeries(frame: LineFrame, values: readonly string[], rate: number, calls: number): void {
    const { dialect, sender, stats } = this
    const lines = seriesLines(frame, values, rate, dialect, sender.maxPacketBytes)
    stats.aggregated += calls - lines.length
    for (const line of lines) sender.add(line, Buffer.byteLength(line))
  }

  #telemetry(transport: Transport, intervalMs: number, endOfLine: EndOfLine): Telemetry {
    const tags = [
      'client:nodejs',
      `client_version:${environment().clientVersion ?? 'unknown'}`,
      `client_transport:${transport.kind}`,
    ]
    return new Telemetry({
      intervalMs,
      calls: this.calls,
      stats: this.stats,
      flushedSeries: this.aggregation?.flushed,
      endWith: (tag) => endOfLine(tag === undefined || tag === '' ? tags : [...tags, tag]),
      send: (lines) => this.sender.sendOwn(lines),
    })
  }
}
