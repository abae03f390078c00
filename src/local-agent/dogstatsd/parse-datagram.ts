// Reads what DogStatsD clients send: lines of metrics, events and service checks. Each line stands for itself, so that one that the Agent
// would refuse costs nothing but itself.
// Source: datadog-agent, comp/dogstatsd/server (scanLines, parse.go); Datadog's page on the datagram format, versions 1.0 to 1.6.

import { type Line, rejected } from './line'
import { parseEvent } from './parse-event'
import { parseMetric } from './parse-metric'
import { parseServiceCheck } from './parse-service-check'

const NEWLINE = 0x0a
const RETURN = 0x0d
const UNDERSCORE = 0x5f

/** Reads every line and gives it to `take`, with its bytes. Empty lines are none. */
export function parseDatagram(datagram: Buffer, take: (line: Line, bytes: Buffer) => void): void {
  for (let start = 0; start < datagram.length; ) {
    const newline = datagram.indexOf(NEWLINE, start)
    const next = newline === -1 ? datagram.length : newline
    const end = next > start && datagram[next - 1] === RETURN ? next - 1 : next
    if (end > start) {
      const bytes = datagram.subarray(start, end)
      take(parseLine(bytes), bytes)
    }
    start = next + 1
  }
}

/** Reads one line. What is neither an event nor a service check is a metric, or nothing. */
export function parseLine(bytes: Buffer): Line {
  if (bytes.length === 0) return rejected('the line is empty')
  // Only these two begin so, apart from metrics with a strange name.
  if (bytes[0] === UNDERSCORE) {
    const head = bytes.toString('latin1', 0, 3)
    if (head === '_e{') return parseEvent(bytes)
    if (head === '_sc') return parseServiceCheck(bytes.toString())
  }
  return parseMetric(bytes.toString())
}
