// `search_logs`: what the programs wrote, by words, trace or span.

import type { LogAnswer, LogsAnswer } from '../../agent-answers'
import { counted } from '../../counted'
import { fitting, short } from '../answer-text'
import { isoTime } from '../figures'
import { findTrace } from '../find-trace'
import { limitSchema, number, schema, type Tool, text } from '../tool'

export const searchLogs: Tool = {
  name: 'search_logs',
  title: 'Search logs',
  description:
    'Log lines: what a program under dog run wrote to stdout and stderr, and logs sent by OpenTelemetry, the latest first. Those of loggers ' +
    'with trace ids can be asked for by trace. Call it to see what a program said around an error.',
  inputSchema: schema({
    query: {
      type: 'string',
      description: 'Words of the line, or service:web status:error (the level) and so on. All lines if left out.',
    },
    trace_id: {
      type: 'string',
      description: 'Only of this trace: its id, or at least 4 digits of its beginning or end.',
    },
    span_id: { type: 'string', description: 'Only of this span of the trace.' },
    limit: limitSchema('lines', 50, 200),
    before: { type: 'string', description: 'For more: what the answer before ended with.' },
  }),
  async run(client, given, signal) {
    const asked = text(given, 'trace_id')
    const limit = number(given, 'limit', 50)
    const trace = asked === '' ? undefined : await findTrace(client, asked, signal)
    const parameters = { query: given['query'], trace, span: given['span_id'], before: given['before'], limit }
    const { logs } = await client.get<LogsAnswer>('/api/logs', parameters, signal)
    if (logs.length === 0) return { text: nothing(trace), structured: { logs: [] } }
    const { text: answer, shown } = fitting(
      [`${counted(logs.length, 'line')}, the latest first:`],
      logs,
      lineOf,
      () => '',
    )
    const last = shown.at(-1)?.id
    const hasMore = shown.length < logs.length || logs.length === limit
    return {
      text: hasMore ? `${answer.trimEnd()}\nFor older ones: before=${last}` : answer,
      structured: { logs: shown.map(dataOf), ...(hasMore && { before: String(last) }) },
    }
  },
}

function nothing(trace: string | undefined): string {
  return trace === undefined
    ? 'No log lines. A program started with dog run -- <command> has its output kept as logs.'
    : `No log lines of trace ${trace}. Lines belong to a trace when a logger (pino, winston, bunyan) writes trace ids.`
}

function lineOf({ time, service, level, stream, message, traceId }: LogAnswer): string {
  const trace = traceId === undefined ? '' : ` [trace ${traceId}]`
  return `- ${isoTime(time)} ${service} ${level || stream}: ${message.slice(0, 300)}${trace}`
}

function dataOf({ id, time, service, level, stream, message, traceId, spanId }: LogAnswer): object {
  return {
    id,
    time: isoTime(time),
    service,
    level,
    stream,
    message: short(message, 300),
    trace_id: traceId,
    span_id: spanId,
  }
}
