// `search_traces`: a line for each trace that matches.

import type { SummaryAnswer, TracesAnswer } from '../../agent-answers'
import { counted } from '../../counted'
import { fitting } from '../answer-text'
import { isoOfNanoseconds, microsText, millisOfNanoseconds } from '../figures'
import { limitSchema, number, QUERY_SYNTAX, schema, type Tool, text } from '../tool'

export const searchTraces: Tool = {
  name: 'search_traces',
  title: 'Search traces',
  description:
    'Finds traces (requests, jobs) of the programs under development, the latest first: time, service, what was asked, status, ' +
    'duration, spans, errors. Call it to find a request that failed or was slow; get_trace shows one whole.',
  inputSchema: schema({
    query: { type: 'string', description: `${QUERY_SYNTAX} All traces if left out.` },
    limit: limitSchema('traces', 20, 100),
    before: { type: 'integer', description: 'For more: the number that the answer before ended with.', minimum: 1 },
  }),
  async run(client, given, signal) {
    const query = text(given, 'query')
    const limit = number(given, 'limit', 20)
    const parameters = { query, limit, before: given['before'] }
    const {
      traces,
      matched = traces.length,
      total = matched,
    } = await client.get<TracesAnswer>('/api/traces', parameters, signal)
    if (traces.length === 0) return { text: nothing(query, total), structured: { traces: [], matched, total } }
    const { text: answer, shown } = fitting([headline(query, matched, total)], traces, lineOf, () => '')
    const last = shown.at(-1)?.revision
    const hasMore =
      last !== undefined && (shown.length < traces.length || traces.length === limit) && shown.length < matched
    return {
      text: hasMore ? `${answer.trimEnd()}\nFor older ones: before=${last}` : answer.trimEnd(),
      structured: { traces: shown.map(dataOf), matched, total, ...(hasMore && { before: last }) },
    }
  },
}

function headline(query: string, matched: number, total: number): string {
  return query === ''
    ? `${counted(total, 'trace')}, the latest first:`
    : `${matched} of ${counted(total, 'trace')} match, the latest first:`
}

function nothing(query: string, total: number): string {
  if (total === 0)
    return 'No traces have come yet. Make a request to the program; it must run under dog run, or send to the local agent.'
  return query === ''
    ? 'There are no older traces.'
    : `None of ${counted(total, 'trace')} matches ${query}. list_services tells how services are named.`
}

function lineOf({ id, start, service, title, statusCode, duration, spanCount, errorCount }: SummaryAnswer): string {
  const status = statusCode ? ` → ${statusCode}` : ''
  const errors = errorCount > 0 ? `, ${counted(errorCount, 'error')}` : ''
  const took = microsText(Number(duration) / 1000)
  return `- ${id} ${isoOfNanoseconds(start)} ${service}: ${title.slice(0, 200)}${status}, ${took}, ${counted(spanCount, 'span')}${errors}`
}

export function dataOf(summary: SummaryAnswer): object {
  const { id, start, service, name, title, statusCode, duration, spanCount, errorCount, services } = summary
  return {
    trace_id: id,
    time: isoOfNanoseconds(start),
    service,
    operation: name,
    title: title.slice(0, 300),
    ...(statusCode && { status_code: statusCode }),
    duration_ms: millisOfNanoseconds(duration),
    spans: spanCount,
    errors: errorCount,
    services: services.slice(0, 20),
  }
}
