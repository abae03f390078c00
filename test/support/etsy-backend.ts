// A backend for statsd/statsd that says on stdout, after each flush that brought something, all that the server has understood so far.
// The server requires it by its path.

import type { EventEmitter } from 'node:events'
import type { EtsyTotals } from './etsy-statsd'

/** What the server hands to its backends. */
interface Flushed {
  readonly counters: Readonly<Record<string, number>>
  readonly gauges: Readonly<Record<string, number>>
  readonly timers: Readonly<Record<string, readonly number[]>>
  readonly sets: Readonly<Record<string, { values(): readonly string[] }>>
}

const totals: EtsyTotals = { counters: {}, gauges: {}, timers: {}, sets: {}, badLines: 0, metrics: 0 }
let said = ''

export function init(_startedAtS: number, _config: unknown, events: EventEmitter): boolean {
  events.on('flush', (_timeS: number, { counters, gauges, timers, sets }: Flushed) => {
    for (const [name, count] of Object.entries(counters)) {
      if (name === 'statsd.bad_lines_seen') totals.badLines += count
      else if (name === 'statsd.metrics_received') totals.metrics += count
      else if (name !== 'statsd.packets_received') totals.counters[name] = (totals.counters[name] ?? 0) + count
    }
    for (const [name, value] of Object.entries(gauges)) if (name !== 'statsd.timestamp_lag') totals.gauges[name] = value
    for (const [name, times] of Object.entries(timers)) {
      totals.timers[name] ??= { count: 0, sumMs: 0, first: [] }
      const timer = totals.timers[name]
      timer.count += times.length
      timer.sumMs += times.reduce((sum, ms) => sum + ms, 0)
      timer.first = [...timer.first, ...times].slice(0, 10)
    }
    for (const [name, set] of Object.entries(sets)) {
      totals.sets[name] = [...new Set([...(totals.sets[name] ?? []), ...set.values()])]
    }
    const line = JSON.stringify(totals)
    if (line === said) return
    said = line
    process.stdout.write(`TOTALS ${line}\n`)
  })
  process.stdout.write('READY\n')
  return true
}
