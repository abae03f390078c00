// Plays what an Agent makes of a line: with the local agent's reader of DogStatsD.

import type { Line, MetricLine } from '../../../src/local-agent/dogstatsd/line'
import { parseLine } from '../../../src/local-agent/dogstatsd/parse-datagram'
import type { Player } from './vector'

export const play: Player = async ({ calls }) => {
  const items: unknown[] = []
  for (const [at, [method, args = []]] of calls.entries()) {
    if (method !== 'parse') throw new Error(`there is no method ${method}`)
    const line = parseLine(Buffer.from(args[0] as string))
    if (line.kind === 'rejected') return { items, thrown: { at, error: 'ParseError', message: line.reason } }
    items.push(shown(line))
  }
  return { items }
}

/** In the words of the vectors. */
function shown(line: Exclude<Line, { kind: 'rejected' }>): object {
  switch (line.kind) {
    case 'metric':
      return metric(line)
    case 'event': {
      const { title, text, timestamp, hostname, priority, tags } = line
      const { aggregationKey: aggregation_key, alertType: alert_type, sourceType: source_type_name } = line
      return { title, text, timestamp, hostname, priority, tags, aggregation_key, alert_type, source_type_name }
    }
    case 'check': {
      const { kind: _, ignored: __, ...check } = line
      return check
    }
  }
}

function metric({ name, type, values, setValue, rate, tags, timestamp }: MetricLine): object {
  return { name, type, values: setValue === undefined ? values : [setValue], rate, tags, timestamp }
}
