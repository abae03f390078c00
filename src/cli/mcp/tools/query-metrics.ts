// `query_metrics`: which series there are, and what their last minutes were.

import type { MetricsAnswer, SeriesAnswer } from '../../agent-answers'
import { figuresText } from '../../tail/tail-lines'
import { fitting, MAX_ANSWER_BYTES } from '../answer-text'
import { isoTime } from '../figures'
import { limitSchema, number, schema, type Tool, text } from '../tool'

/** Series that are looked through for tags. */
const MOST = 1000

const MAX_SHOWN_WINDOWS = 120

export const queryMetrics: Tool = {
  name: 'query_metrics',
  title: 'Metrics',
  description:
    'Metrics that came by DogStatsD, by the API or from OpenTelemetry, by name and tags: in all, and in each of the last windows of ten seconds. ' +
    'Without a name it lists what series there are. Metrics of the process are called runtime.node.*.',
  inputSchema: schema({
    name: { type: 'string', description: 'A part of the name, such as runtime.node.mem. All if left out.' },
    tags: { type: 'string', description: 'Tags that a series must have, with commas between: env:dev,page:start' },
    windows: {
      type: 'integer',
      description: 'How many windows of ten seconds, 6 if left out.',
      minimum: 0,
      maximum: 60,
    },
    limit: limitSchema('series', 30, 200),
  }),
  async run(client, given, signal) {
    const parameters = { name: text(given, 'name'), windows: number(given, 'windows', 6), limit: MOST }
    const { series } = await client.get<MetricsAnswer>('/api/metrics', parameters, signal)
    const wanted = text(given, 'tags')
      .split(',')
      .map((tag) => tag.trim())
      .filter(Boolean)
    const matching = series.filter(({ tags }) => wanted.every((tag) => tags.includes(tag)))
    if (matching.length === 0) return { text: nothing(client.url, series.length), structured: { series: [] } }
    const limited = matching.slice(0, number(given, 'limit', 30))
    // One series may show all of its windows, many a few each.
    const windows = Math.max(1, Math.floor(MAX_SHOWN_WINDOWS / limited.length))
    const rows = limited.map((one) => ({ ...one, windows: one.windows.slice(-windows) }))
    const heading = `${matching.length} series, those that changed last first:`
    const { text: answer, shown } = fitting([heading], rows, lineOf, () => '', MAX_ANSWER_BYTES)
    const left = matching.length - shown.length
    const more = left === 0 ? '' : `\n… ${left} more. Give a longer name, tags, or fewer windows.`
    return { text: answer.trimEnd() + more, structured: { series: shown.map(dataOf), matched: matching.length } }
  },
}

function nothing(url: string, untagged: number): string {
  if (untagged > 0) return `No series has these tags; ${untagged} have that name. Call it without tags to see theirs.`
  return `No series of that name. DogStatsD goes to the local agent at ${url}; programs under dog run send there by themselves.`
}

function lineOf({ name, tags, type, total, windows }: SeriesAnswer): string {
  const last = windows.map(({ start, ...figures }) => `${isoTime(start * 1000).slice(11, 19)} ${figuresText(figures)}`)
  const series = tags.length > 0 ? `${name}{${tags.join(',')}}` : name
  return `- ${series} (${type}): in all ${figuresText(total)}${last.length > 0 ? `; by window ${last.join(' | ')}` : ''}`
}

function dataOf({ name, tags, type, host, source, total, windows }: SeriesAnswer): object {
  return {
    name,
    type,
    tags,
    ...(host && { host }),
    source,
    total,
    windows: windows.map(({ start, ...rest }) => ({ time: isoTime(start * 1000), ...rest })),
  }
}
