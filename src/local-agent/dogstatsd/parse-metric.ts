// Reads the line of a metric: `name:value[:value…]|type[|@rate][|#tag,tag][|Ttimestamp]`. The fields behind the type come in any order, of
// two of a kind the last counts, and those that nobody knows are passed over. So are `c:`, `e:` and `card:`, as by an Agent in its default setting.
// Source: datadog-agent, comp/dogstatsd/server, parse.go and parse_metrics.go.

import { parseFloat64, parseInt64 } from './go-number'
import { type MetricLine, type MetricType, type RejectedLine, rejected, tagsOf } from './line'

const TYPES: ReadonlySet<string> = new Set(['c', 'g', 'ms', 'h', 's', 'd'] satisfies MetricType[])

const NO_VALUES: readonly number[] = []

export function parseMetric(line: string): MetricLine | RejectedLine {
  const pipe = line.indexOf('|')
  if (pipe === -1) return rejected('there is no type: name:value|type is expected')
  const colon = line.indexOf(':')
  if (colon === -1 || colon > pipe) return rejected('there is no value: name:value|type is expected')
  if (colon === 0) return rejected('the name is empty')
  if (colon + 1 === pipe) return rejected('the value is empty')
  const typeEnd = fieldEnd(line, pipe + 1)
  const type = line.slice(pipe + 1, typeEnd)
  if (!TYPES.has(type)) return rejected(`the type ${quoted(type)} is none of c, g, ms, h, s, d`)

  const rawValue = line.slice(colon + 1, pipe)
  const isSet = type === 's'
  const values = isSet ? NO_VALUES : numbersOf(rawValue)
  if (typeof values === 'string') return rejected(values)

  let rate = 1
  let tags: readonly string[] = []
  let timestamp: number | undefined
  for (let start = typeEnd + 1; start < line.length; ) {
    const end = fieldEnd(line, start)
    const mark = line[start]
    if (mark === '#') tags = tagsOf(line.slice(start + 1, end))
    else if (mark === '@') {
      const text = line.slice(start + 1, end)
      const given = parseFloat64(text)
      if (given === undefined) return rejected(`the rate ${quoted(text)} is no number`)
      rate = given
    } else if (mark === 'T') {
      const text = line.slice(start + 1, end)
      timestamp = parseInt64(text)
      if (timestamp === undefined || timestamp < 1) {
        return rejected(`the timestamp ${quoted(text)} is no whole number of seconds above 0`)
      }
    }
    start = end + 1
  }
  const name = line.slice(0, colon)
  return {
    kind: 'metric',
    name,
    type: type as MetricType,
    values,
    setValue: isSet ? rawValue : undefined,
    rate,
    tags,
    timestamp,
  }
}

/** Numbers between colons, without the empty ones; what is wrong with them, if they are not. */
function numbersOf(text: string): readonly number[] | string {
  const numbers: number[] = []
  for (const part of text.includes(':') ? text.split(':') : [text]) {
    if (part === '') continue
    const number = parseFloat64(part)
    if (number === undefined) return `the value ${quoted(part)} is no number`
    numbers.push(number)
  }
  return numbers.length === 0 ? 'the value is empty' : numbers
}

function fieldEnd(line: string, start: number): number {
  const pipe = line.indexOf('|', start)
  return pipe === -1 ? line.length : pipe
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text)
}
