// From a call to a line: the path that every metric takes, and therefore the one that counts. A usual call finds its name and its tags
// made, rolls the dice if it has a rate, and either adds to a series or joins a few strings.

import { cleanField } from '../clean-text'
import type { ErrorReporter } from '../error-reporter'
import { MetricsError } from '../metrics-error'
import { numberText, timeText } from '../number-text'
import type { Tags } from '../tag-set'
import { secondsOf } from '../timestamp'
import { COUNT, GAUGE, KIND_NAMES, type Kind, notInDialect, SET, TIMING, TYPES } from './dialect'
import type { DogStatsdCore } from './dogstatsd-core'
import { type EventOptions, eventLine } from './event-line'
import type { MetricName, MetricNames } from './metric-name'
import { areOptions, type PointOptions } from './metric-options'
import { knownCardinality } from './origin'
import { gaugeLine } from './series-lines'
import { type ServiceCheckOptions, type ServiceStatus, serviceCheckLine } from './service-check-line'
import type { TagWriter, WrittenTags } from './written-tags'

/** What a call has besides the usual: `|T…` and `|card:…`. */
interface Special {
  readonly time: string
  readonly cardinality: string
}

/** Of `1|c`. */
const ONE_BYTES = 1 + TYPES[COUNT].length

export class MetricRecorder {
  readonly #core: DogStatsdCore
  readonly #names: MetricNames
  readonly #tags: TagWriter
  readonly #errors: ErrorReporter

  constructor(core: DogStatsdCore, names: MetricNames, tags: TagWriter, errors: ErrorReporter) {
    this.#core = core
    this.#names = names
    this.#tags = tags
    this.#errors = errors
  }

  /**
   * @param name or names, each of which is recorded
   * @param isDelta whether a gauge is changed by the value
   * @throws TypeError for what the dialect has not
   */
  record(
    kind: Kind,
    name: string | readonly string[],
    value: unknown,
    options: PointOptions | undefined,
    isDelta = false,
  ): void {
    const core = this.#core
    if (core.dialect.knows[kind] !== true) throw notInDialect(`${KIND_NAMES[kind]}s`, core.dialect)
    if (isDelta && !core.dialect.hasGaugeDeltas) throw notInDialect('gauge deltas', core.dialect)
    const found = this.#names.find(name as string)
    if (found === undefined) {
      this.#recordEach(kind, name, value, options, isDelta)
      return
    }
    let tags = this.#tags.none
    let special: Special | undefined
    let asked: number | undefined
    if (options !== undefined && options !== null) {
      asked = options.rate
      if (options.tags === undefined) {
        if (!areOptions(options)) {
          this.#refuse('options are an object, { tags: [...], rate: 0.5 }')
          return
        }
      } else {
        const written = this.#write(options.tags)
        if (written === undefined) return
        tags = written
      }
      if (options.timestamp !== undefined || options.cardinality !== undefined) {
        special = this.#special(kind, options)
        if (special === undefined) return
      }
    }
    const isUsual = typeof value === 'number' && value >= 0 && value < Number.POSITIVE_INFINITY && kind !== SET
    const right = isUsual ? value : this.#rightValue(kind, value)
    if (right === undefined) return
    const { aggregation, stats, sender } = core
    const isHeld = aggregation?.holds(kind) === true && !isDelta && (special === undefined || special.time === '')
    const rate = asked ?? (isHeld ? 1 : core.rate)
    if (rate < 1 && !(rate > 0 && core.random() <= rate)) {
      stats.sampledOut++
      return
    }
    if (sender.isClosed) {
      this.#refuseClosed()
      return
    }
    stats.recorded++
    core.calls.add(kind)
    if (isHeld && aggregation.add(kind, found, tags, right, rate < 1 ? rate : 1, special?.cardinality)) sender.hold()
    else this.#send(kind, found, tags, right, rate, special, isDelta)
  }

  /** @throws TypeError for an event that there is not, or where the dialect has none */
  event(title: string, text: string | undefined, options: EventOptions | undefined): void {
    const { dialect, sender } = this.#core
    if (!dialect.isDatadog) throw notInDialect('events', dialect)
    const end = this.#endOf(options)
    if (end === undefined) return
    const line = eventLine(title, text, options, end, sender.maxPacketBytes)
    this.#sendLine('events', line, title)
  }

  /** @throws TypeError for a service check that there is not, or where the dialect has none */
  serviceCheck(name: string, status: ServiceStatus, options: ServiceCheckOptions | undefined): void {
    const { dialect, sender } = this.#core
    if (!dialect.isDatadog) throw notInDialect('service checks', dialect)
    const end = this.#endOf(options)
    if (end === undefined) return
    const line = serviceCheckLine(name, status, options, end, sender.maxPacketBytes)
    this.#sendLine('serviceChecks', line, name)
  }

  #recordEach(kind: Kind, names: unknown, value: unknown, options: PointOptions | undefined, isDelta: boolean): void {
    for (const name of Array.isArray(names) ? names : [undefined]) {
      if (typeof name === 'string' && name !== '') this.record(kind, name, value, options, isDelta)
      else this.#refuse('a metric has no name')
    }
  }

  #send(
    kind: Kind,
    name: MetricName,
    tags: WrittenTags,
    value: number | bigint | string,
    rate: number,
    special: Special | undefined,
    isDelta: boolean,
  ): void {
    const { aggregation, dialect, sender } = this.#core
    if (value === 1 && kind === COUNT && rate >= 1 && special === undefined) {
      sender.add(tags.lineOfOne(name), name.bytes + tags.bytes + ONE_BYTES)
      return
    }
    const text = typeof value === 'string' ? value : kind === TIMING ? timeText(value) : numberText(value)
    const type = TYPES[kind]
    const sampled = rate < 1 ? `|@${numberText(rate)}` : ''
    if (special === undefined && kind !== SET && !(kind === GAUGE && dialect.hasGaugeDeltas)) {
      const bytes = name.bytes + tags.bytes + text.length + type.length + sampled.length
      sender.add(name.start + tags.before + text + type + sampled + tags.end, bytes)
      return
    }
    const start = name.start + tags.before
    const end = special === undefined ? tags.end : tags.fields + special.time + special.cardinality
    let line: string
    if (isDelta) {
      aggregation?.releaseGauge(name, tags)
      line = `${start}${text.startsWith('-') ? text : `+${text}`}${type}${sampled}${end}`
    } else if (kind === GAUGE && dialect.hasGaugeDeltas) line = gaugeLine(start, text, sampled, end)
    else line = start + text + type + sampled + end
    sender.add(line, Buffer.byteLength(line))
  }

  #write(tags: Tags): WrittenTags | undefined {
    try {
      const written = this.#tags.write(tags)
      const { dialect } = this.#core
      if (dialect.tags !== 'none' || written.key === '') return written
      return this.#refuse(`the dialect '${dialect.name}' has no tags`)
    } catch {
      return this.#refuse('a tag cannot be made a text')
    }
  }

  /** @throws TypeError for a timestamp on what can have none */
  #special(kind: Kind, { timestamp, cardinality }: PointOptions): Special | undefined {
    const { dialect } = this.#core
    const ending = this.#cardinality(cardinality)
    if (timestamp === undefined) return { time: '', cardinality: ending }
    if (kind !== GAUGE && kind !== COUNT)
      throw new TypeError(`a ${KIND_NAMES[kind]} has no timestamp: gauges and counts can`)
    if (!dialect.isDatadog) return this.#refuse(`the dialect '${dialect.name}' has no timestamps`)
    const seconds = secondsOf(timestamp)
    if (seconds === undefined) return this.#refuse(`the timestamp ${String(timestamp)} is none`)
    return { time: `|T${seconds}`, cardinality: ending }
  }

  /** Advice to the Agent, which others do without; one that it does not know is no reason to lose the metric. */
  #cardinality(given: unknown): string {
    const known = this.#core.dialect.isDatadog ? knownCardinality(given) : undefined
    return known === undefined ? this.#tags.cardinality : `|card:${known}`
  }

  #endOf(options: EventOptions | ServiceCheckOptions | undefined): string | undefined {
    const { tags, cardinality } = options ?? {}
    const written = tags === undefined ? this.#tags.none : this.#write(tags)
    return written === undefined ? undefined : written.fields + this.#cardinality(cardinality)
  }

  /** What a line can have of it; undefined for what it cannot. */
  #rightValue(kind: Kind, value: unknown): number | bigint | string | undefined {
    const { isPlain } = this.#core.dialect
    if (kind === SET) return this.#setValue(value)
    if (typeof value === 'number' ? !Number.isFinite(value) : typeof value !== 'bigint') {
      return this.#refuse(
        typeof value === 'number' ? `the value ${value}` : `a value that is no number (${typeof value})`,
      )
    }
    if (isPlain && kind > COUNT && (value as number) < 0) return this.#refuse(`a ${KIND_NAMES[kind]} below zero`)
    return value as number | bigint
  }

  #setValue(value: unknown): string | undefined {
    if (typeof value === 'bigint' || Number.isFinite(value)) return numberText(value as number | bigint)
    if (typeof value !== 'string' || value === '') {
      return this.#refuse(value === '' ? 'an empty value in a set' : `a value that is no text (${typeof value})`)
    }
    const clean = cleanField(value)
    return this.#core.dialect.isPlain ? clean.replaceAll(':', '_') : clean
  }

  /** @param line undefined if it is too long */
  #sendLine(what: 'events' | 'serviceChecks', line: string | undefined, title: string): void {
    const { calls, sender, stats } = this.#core
    if (sender.isClosed) {
      this.#refuseClosed()
      return
    }
    stats.recorded++
    calls[what]++
    if (line === undefined) sender.refuseTooLong(title, Buffer.byteLength(title))
    else sender.add(line, Buffer.byteLength(line))
  }

  #refuse(what: string): undefined {
    const { stats } = this.#core
    stats.recorded++
    stats.droppedInvalid++
    this.#errors.report('invalid', () => new MetricsError('invalid', `a metric was not sent: ${what}`))
  }

  #refuseClosed(): void {
    const { stats } = this.#core
    stats.recorded++
    stats.droppedClosed++
    const what = 'the client is closed: what is recorded now is not sent'
    this.#errors.report('closed', () => new MetricsError('closed', what))
  }
}
